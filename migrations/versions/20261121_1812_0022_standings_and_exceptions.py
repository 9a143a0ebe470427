"""standings and exceptions

Revision ID: 0022
Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# As revision 0016 has them: who a supplier's people are, and what they see.
ROLE = "mainstay_supplier"
OWN = "string_to_array(nullif(current_setting('app.supplier_ids', true), ''), ',')::bigint[]"
TABLES = ("supplier_standing", "order_exception")


def upgrade() -> None:
    op.create_table(
        "supplier_standing",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", BIG, nullable=False),
        sa.Column("standing", sa.String(length=20), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date()),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("grade", sa.String(length=2)),
        sa.Column("score", sa.Float()),
        sa.Column("card", sa.Uuid()),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("status_before", sa.String(length=20)),
        sa.Column("decided_by", sa.String(length=200), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.String(length=200)),
        sa.Column("approved_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "standing IN ('preferred', 'approved', 'improvement_plan', 'restricted', 'blocked')",
            name=op.f("ck_supplier_standing_standing"),
        ),
        sa.CheckConstraint(
            "origin IN ('grade', 'override')", name=op.f("ck_supplier_standing_origin")
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'confirmed', 'refused')", name=op.f("ck_supplier_standing_state")
        ),
        sa.CheckConstraint(
            "until_on IS NULL OR until_on >= from_on", name=op.f("ck_supplier_standing_days")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_supplier_standing_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_standing")),
        sa.UniqueConstraint("public_id", name=op.f("uq_supplier_standing_public_id")),
    )
    op.create_index(
        "ix_supplier_standing_supplier_id", "supplier_standing", ["supplier_id", "from_on"]
    )
    op.create_table(
        "order_exception",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", BIG, nullable=False),
        sa.Column("buyer", sa.String(length=200), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_by", sa.String(length=200), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.String(length=200)),
        sa.Column("approved_at", sa.DateTime(timezone=True)),
        sa.Column("ended_on", sa.Date()),
        sa.Column("ended_by", sa.String(length=200)),
        sa.Column("ended_because", sa.String(length=500)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('proposed', 'confirmed', 'refused')", name=op.f("ck_order_exception_state")
        ),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_order_exception_days")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_order_exception_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_exception")),
        sa.UniqueConstraint("public_id", name=op.f("uq_order_exception_public_id")),
    )
    op.create_index("ix_order_exception_supplier_id", "order_exception", ["supplier_id", "from_on"])
    if op.get_bind().dialect.name == "sqlite":
        return
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY suppliers ON {table} "
            f"USING (current_user <> '{ROLE}' OR supplier_id = ANY ({OWN}))"
        )


def downgrade() -> None:
    # Standings and exceptions are lost; the status that suppliers have stays.
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            op.execute(f"DROP POLICY suppliers ON {table}")
    for table in reversed(TABLES):
        op.drop_index(f"ix_{table}_supplier_id", table)
        op.drop_table(table)
