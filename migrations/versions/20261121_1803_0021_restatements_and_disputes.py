"""restatements and disputes

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# As revision 0016 has them: who a supplier's people are, and what they see.
ROLE = "mainstay_supplier"
OWN = "string_to_array(nullif(current_setting('app.supplier_ids', true), ''), ',')::bigint[]"
OF_SUPPLIER = f"supplier_id = ANY ({OWN})"
POLICIES = {
    "touched_month": OF_SUPPLIER,
    "prior_period_line": OF_SUPPLIER,
    "dispute": OF_SUPPLIER,
    "dispute_ruling": "EXISTS (SELECT 1 FROM dispute d WHERE d.id = dispute_ruling.dispute_id)",
    "line_ruling": "EXISTS (SELECT 1 FROM schedule_line l WHERE l.id = line_ruling.line_id)",
}


def upgrade() -> None:
    create_touched_months()
    create_disputes()
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, condition in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY suppliers ON {table} USING (current_user <> '{ROLE}' OR {condition})"
        )


def create_touched_months() -> None:
    op.create_table(
        "touched_month",
        sa.Column("id", BIG, nullable=False),
        sa.Column("supplier_id", BIG, nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=10), nullable=False),
        sa.Column("cause_id", BIG),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_touched_month")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "prior_period_line",
        sa.Column("id", BIG, nullable=False),
        sa.Column("supplier_id", BIG, nullable=False),
        sa.Column("snapshot_id", BIG, nullable=False),
        sa.Column("period_kind", sa.String(length=12), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("carried_to", sa.Date(), nullable=False),
        sa.Column("score_before", sa.Double()),
        sa.Column("score_after", sa.Double()),
        sa.Column("otif_before", sa.Double()),
        sa.Column("otif_after", sa.Double()),
        sa.Column("because", sa.String(length=500), nullable=False),
        sa.Column("input_digest", sa.String(length=64), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["snapshot_id"],
            ["scorecard_snapshot.id"],
            name=op.f("fk_prior_period_line_snapshot_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_prior_period_line_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prior_period_line")),
        sa.UniqueConstraint(
            "snapshot_id",
            "input_digest",
            name=op.f("uq_prior_period_line_snapshot_id_input_digest"),
        ),
    )
    op.create_index(op.f("ix_prior_period_line_supplier_id"), "prior_period_line", ["supplier_id"])


def create_disputes() -> None:
    op.create_table(
        "dispute",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", BIG, nullable=False),
        sa.Column("site_id", BIG, nullable=False),
        sa.Column("line_id", BIG, nullable=False),
        sa.Column("ground", sa.String(length=12), nullable=False),
        sa.Column("claim", sa.String(length=1000), nullable=False),
        sa.Column("said_by", sa.String(length=200)),
        sa.Column("opened_by", sa.String(length=200), nullable=False),
        sa.Column("opened_by_id", BIG),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "ground IN ('date', 'quantity', 'receipt', 'cause', 'not_ours')",
            name=op.f("ck_dispute_ground"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'upheld', 'partly', 'refused', 'withdrawn')",
            name=op.f("ck_dispute_state"),
        ),
        sa.CheckConstraint("length(trim(claim)) > 0", name=op.f("ck_dispute_claim_given")),
        sa.ForeignKeyConstraint(["line_id"], ["schedule_line.id"], name=op.f("fk_dispute_line_id")),
        sa.ForeignKeyConstraint(
            ["opened_by_id"], ["user.id"], name=op.f("fk_dispute_opened_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_dispute_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
        sa.UniqueConstraint("public_id", name=op.f("uq_dispute_public_id")),
    )
    op.create_index("ix_dispute_line_id", "dispute", ["line_id"])
    op.create_index("ix_dispute_supplier_id", "dispute", ["supplier_id"])
    op.create_index(
        "uq_dispute_open",
        "dispute",
        ["line_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "dispute_ruling",
        sa.Column("id", BIG, nullable=False),
        sa.Column("dispute_id", BIG, nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("effect", sa.String(length=10), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True)),
        sa.Column("after", sa.JSON(none_as_null=True)),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=False),
        sa.Column("decided_by_id", BIG),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "effect IN ('none', 'exclude', 'reference', 'cause', 'receipt')",
            name=op.f("ck_dispute_ruling_effect"),
        ),
        sa.CheckConstraint(
            "outcome IN ('open', 'upheld', 'partly', 'refused', 'withdrawn')",
            name=op.f("ck_dispute_ruling_outcome"),
        ),
        sa.CheckConstraint("length(trim(reason)) > 0", name=op.f("ck_dispute_ruling_reason_given")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["user.id"], name=op.f("fk_dispute_ruling_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["dispute_id"], ["dispute.id"], name=op.f("fk_dispute_ruling_dispute_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute_ruling")),
    )
    op.create_index("ix_dispute_ruling_dispute_id", "dispute_ruling", ["dispute_id"])
    op.create_table(
        "line_ruling",
        sa.Column("line_id", BIG, autoincrement=False, nullable=False),
        sa.Column("ruling_id", BIG, nullable=False),
        sa.Column("is_excluded", sa.Boolean(), nullable=False),
        sa.Column("reference_on", sa.Date()),
        sa.CheckConstraint(
            "is_excluded OR reference_on IS NOT NULL", name=op.f("ck_line_ruling_says_something")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["schedule_line.id"], name=op.f("fk_line_ruling_line_id")
        ),
        sa.ForeignKeyConstraint(
            ["ruling_id"], ["dispute_ruling.id"], name=op.f("fk_line_ruling_ruling_id")
        ),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_line_ruling")),
    )


def downgrade() -> None:
    # Disputes and rulings are lost, and which corrections were carried to a next card.
    for table in ("line_ruling", "dispute_ruling", "dispute", "prior_period_line", "touched_month"):
        op.drop_table(table)
