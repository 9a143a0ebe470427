"""index methods and overrides

Revision ID: 0029
Revises: 0028
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# As revision 0016 has them: who a supplier's people are, and what they see.
ROLE = "mainstay_supplier"
OWN = "string_to_array(nullif(current_setting('app.supplier_ids', true), ''), ',')::bigint[]"
TABLES = ("index_override", "risk_range")
COLUMNS = ("reason", "author", "writers", "revision")


def upgrade() -> None:
    op.add_column("index_method", sa.Column("reason", sa.String(length=500)))
    op.add_column("index_method", sa.Column("author", sa.String(length=200)))
    op.add_column("index_method", sa.Column("writers", sa.JSON(none_as_null=True)))
    op.add_column(
        "index_method",
        sa.Column("revision", sa.Integer(), server_default=sa.text("1"), nullable=False),
    )
    op.create_table(
        "index_override",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", BIG, nullable=False),
        sa.Column("band", sa.String(length=10), nullable=False),
        sa.Column("value", sa.Double()),
        sa.Column("computed_band", sa.String(length=10)),
        sa.Column("computed_value", sa.Double()),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.String(length=200)),
        sa.Column("approved_at", sa.DateTime(timezone=True)),
        sa.Column("ended_on", sa.Date()),
        sa.Column("ended_by", sa.String(length=200)),
        sa.Column("ended_because", sa.String(length=500)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "band IN ('low', 'medium', 'high', 'critical')",
            name=op.f("ck_index_override_band"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'confirmed', 'refused')", name=op.f("ck_index_override_state")
        ),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_index_override_days")),
        sa.CheckConstraint(
            "value IS NULL OR value BETWEEN 0 AND 100", name=op.f("ck_index_override_value")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_index_override_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_index_override")),
        sa.UniqueConstraint("public_id", name=op.f("uq_index_override_public_id")),
    )
    op.create_index("ix_index_override_supplier_id", "index_override", ["supplier_id", "from_on"])
    op.create_table(
        "risk_range",
        sa.Column("id", BIG, nullable=False),
        sa.Column("supplier_id", BIG, nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("method_id", BIG, nullable=False),
        sa.Column("input_digest", sa.String(length=64), nullable=False),
        sa.Column("low", sa.Double(), nullable=False),
        sa.Column("high", sa.Double(), nullable=False),
        sa.Column("rank_low", sa.Integer(), nullable=False),
        sa.Column("rank_high", sa.Integer(), nullable=False),
        sa.Column("ranked", sa.Integer(), nullable=False),
        sa.Column("bands", sa.JSON(), nullable=False),
        sa.Column("draws", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("generator", sa.String(length=80), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["method_id"], ["index_method.id"], name=op.f("fk_risk_range_method_id")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_risk_range_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_range")),
        sa.UniqueConstraint(
            "supplier_id", "period_end", name=op.f("uq_risk_range_supplier_id_period_end")
        ),
    )
    if op.get_bind().dialect.name == "sqlite":
        return
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY suppliers ON {table} "
            f"USING (current_user <> '{ROLE}' OR supplier_id = ANY ({OWN}))"
        )


def downgrade() -> None:
    # Overrides are lost; drafts of index methods stay, without author and reason.
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            op.execute(f"DROP POLICY suppliers ON {table}")
    op.drop_table("risk_range")
    op.drop_index("ix_index_override_supplier_id", "index_override")
    op.drop_table("index_override")
    for column in reversed(COLUMNS):
        op.drop_column("index_method", column)
