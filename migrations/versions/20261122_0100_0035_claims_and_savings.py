"""claims and savings

Revision ID: 0035
Revises: 0034
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# As revision 0016 has it: whoever a supplier's people are sees none of this.
ROLE = "mainstay_supplier"
TABLES = ("contract_claim", "contract_relief", "claim_item", "contract_saving")


def upgrade() -> None:
    op.create_table(
        "contract_claim",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", BIG, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("drawn_by", sa.String(length=200), nullable=False),
        sa.Column("drawn_by_id", BIG),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.String(length=200)),
        sa.Column("issued_at", sa.DateTime(timezone=True)),
        sa.Column("settled_amount", sa.BigInteger()),
        sa.Column("ended_by", sa.String(length=200)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("ended_because", sa.String(length=500)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'settled') = (settled_amount IS NOT NULL)",
            name=op.f("ck_contract_claim_settled"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'issued', 'settled', 'withdrawn')",
            name=op.f("ck_contract_claim_state"),
        ),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_contract_claim_days")),
        sa.CheckConstraint(
            "settled_amount IS NULL OR settled_amount >= 0",
            name=op.f("ck_contract_claim_settled_amount"),
        ),
        sa.CheckConstraint("total > 0", name=op.f("ck_contract_claim_total")),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_contract_claim_contract_id")
        ),
        sa.ForeignKeyConstraint(
            ["drawn_by_id"], ["user.id"], name=op.f("fk_contract_claim_drawn_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_claim")),
        sa.UniqueConstraint(
            "contract_id", "sequence", name=op.f("uq_contract_claim_contract_id_sequence")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_contract_claim_public_id")),
    )
    op.create_table(
        "contract_relief",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("entered_by", sa.String(length=200), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_by", sa.String(length=200)),
        sa.Column("withdrawn_because", sa.String(length=500)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('force_majeure', 'buyer')", name=op.f("ck_contract_relief_kind")
        ),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_contract_relief_days")),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_contract_relief_contract_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_relief")),
        sa.UniqueConstraint("public_id", name=op.f("uq_contract_relief_public_id")),
    )
    op.create_index("ix_contract_relief_contract_id", "contract_relief", ["contract_id"])

    op.create_table(
        "claim_item",
        sa.Column("id", BIG, nullable=False),
        sa.Column("claim_id", BIG, nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("line_id", BIG),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("counts_for_cap", sa.Boolean(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_claim_item_amount")),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["contract_claim.id"], name=op.f("fk_claim_item_claim_id")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["schedule_line.id"], name=op.f("fk_claim_item_line_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_item")),
        sa.UniqueConstraint("claim_id", "key", name=op.f("uq_claim_item_claim_id_key")),
    )
    op.create_index("ix_claim_item_line_id", "claim_item", ["line_id"])

    op.create_table(
        "contract_saving",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("gain_share_id", BIG, nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("actual_cost", sa.BigInteger(), nullable=False),
        sa.Column("investment", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("entered_by", sa.String(length=200), nullable=False),
        sa.Column("entered_by_id", BIG),
        sa.Column("ended_by", sa.String(length=200)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("ended_because", sa.String(length=500)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('entered', 'verified', 'withdrawn')", name=op.f("ck_contract_saving_state")
        ),
        sa.CheckConstraint("actual_cost >= 0", name=op.f("ck_contract_saving_actual_cost")),
        sa.CheckConstraint("investment >= 0", name=op.f("ck_contract_saving_investment")),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_contract_saving_days")),
        sa.ForeignKeyConstraint(
            ["entered_by_id"], ["user.id"], name=op.f("fk_contract_saving_entered_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["gain_share_id"], ["gain_share.id"], name=op.f("fk_contract_saving_gain_share_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_saving")),
        sa.UniqueConstraint("public_id", name=op.f("uq_contract_saving_public_id")),
    )
    op.create_index("ix_contract_saving_gain_share_id", "contract_saving", ["gain_share_id"])
    if op.get_bind().dialect.name == "sqlite":
        return
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY suppliers ON {table} USING (current_user <> '{ROLE}')")


def downgrade() -> None:
    # Claims, days off and savings are lost.
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            op.execute(f"DROP POLICY suppliers ON {table}")
    for table in reversed(TABLES):
        op.drop_table(table)
