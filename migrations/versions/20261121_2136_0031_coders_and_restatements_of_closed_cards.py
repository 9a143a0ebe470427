"""coders of misses, restatements of closed cards, care of contacts

Revision ID: 0031
Revises: 0030
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# As revision 0016 has them: who a supplier's people are, and what they see.
ROLE = "mainstay_supplier"
OWN = "string_to_array(nullif(current_setting('app.supplier_ids', true), ''), ',')::bigint[]"


def upgrade() -> None:
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE miss_attribution ADD COLUMN attributed_by_id {kind} "
        'CONSTRAINT fk_miss_attribution_attributed_by_id REFERENCES "user" (id)'
    )
    op.add_column("contact", sa.Column("last_verified_on", sa.Date()))
    op.add_column("contact", sa.Column("keep_until", sa.Date()))
    for name, kind, default in (
        ("is_emergency", sa.Boolean(), sa.false()), ("version", sa.Integer(), sa.text("1")),
    ):  # fmt: skip
        op.add_column("contact", sa.Column(name, kind, server_default=default, nullable=False))
    create_proposed_restatements()
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("ALTER TABLE proposed_restatement ENABLE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY suppliers ON proposed_restatement "
        f"USING (current_user <> '{ROLE}' OR supplier_id = ANY ({OWN}))"
    )


def create_proposed_restatements() -> None:
    op.create_table(
        "proposed_restatement",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", BIG, nullable=False),
        sa.Column("snapshot_id", BIG, nullable=False),
        sa.Column("period_kind", sa.String(length=12), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("carried_to", sa.Date(), nullable=False),
        sa.Column("score_before", sa.Double()),
        sa.Column("score_after", sa.Double()),
        sa.Column("grade_before", sa.String(length=2)),
        sa.Column("grade_after", sa.String(length=2)),
        sa.Column("otif_before", sa.Double()),
        sa.Column("otif_after", sa.Double()),
        sa.Column("because", sa.String(length=500), nullable=False),
        sa.Column("input_digest", sa.String(length=64), nullable=False),
        sa.Column("card", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=200)),
        sa.Column("decided_by_id", BIG),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decided_because", sa.String(length=500)),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'refused', 'outdated')",
            name=op.f("ck_proposed_restatement_state"),
        ),
        sa.CheckConstraint(
            "(state IN ('approved', 'refused')) = (decided_by IS NOT NULL)",
            name=op.f("ck_proposed_restatement_decided"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_proposed_restatement_supplier_id")
        ),
        sa.ForeignKeyConstraint(
            ["snapshot_id"],
            ["scorecard_snapshot.id"],
            name=op.f("fk_proposed_restatement_snapshot_id"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["user.id"], name=op.f("fk_proposed_restatement_decided_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposed_restatement")),
        sa.UniqueConstraint("public_id", name=op.f("uq_proposed_restatement_public_id")),
        sa.UniqueConstraint(
            "snapshot_id",
            "input_digest",
            name=op.f("uq_proposed_restatement_snapshot_id_input_digest"),
        ),
    )
    op.create_index(
        op.f("ix_proposed_restatement_supplier_id"), "proposed_restatement", ["supplier_id"]
    )
    op.create_index(
        "ix_proposed_restatement_state", "proposed_restatement", ["state", "period_end"]
    )


def downgrade() -> None:
    op.drop_table("proposed_restatement")
    for name in ("version", "is_emergency", "keep_until", "last_verified_on"):
        op.drop_column("contact", name)
    op.drop_column("miss_attribution", "attributed_by_id")
