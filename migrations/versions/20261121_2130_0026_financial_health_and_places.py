"""financial health and places

Revision ID: 0026
Revises: 0025
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# As revision 0016 has them: who a supplier's people are, and what they see.
ROLE = "mainstay_supplier"
OWN = "string_to_array(nullif(current_setting('app.supplier_ids', true), ''), ',')::bigint[]"
NAMES_WAY = sa.text("port IS NOT NULL OR mode IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "financial_proxy",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("observed", sa.String(length=20), nullable=False),
        sa.Column("observed_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(length=500)),
        sa.Column("entered_by", sa.String(length=200), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_by", sa.String(length=200)),
        sa.Column("withdrawn_because", sa.String(length=500)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('rating', 'payment', 'media')", name=op.f("ck_financial_proxy_kind")
        ),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)",
            name=op.f("ck_financial_proxy_withdrawal"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_financial_proxy_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_financial_proxy")),
        sa.UniqueConstraint("public_id", name=op.f("uq_financial_proxy_public_id")),
    )
    op.create_index(
        "ix_financial_proxy_supplier_id", "financial_proxy", ["supplier_id", "observed_on"]
    )
    op.add_column("financial_statement", sa.Column("evidence_file", sa.Uuid()))
    op.add_column(
        "financial_statement",
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
    )
    op.add_column(
        "supplier",
        sa.Column("is_emerging_market", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("site", sa.Column("region", sa.String(length=100)))
    op.add_column("site", sa.Column("latitude", sa.Double()))
    op.add_column("site", sa.Column("longitude", sa.Double()))
    op.create_index(
        "ix_receipt_way",
        "receipt",
        ["line_id", "port", "mode"],
        sqlite_where=NAMES_WAY,
        postgresql_where=NAMES_WAY,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE financial_proxy ENABLE ROW LEVEL SECURITY")
        op.execute(
            "CREATE POLICY suppliers ON financial_proxy "
            f"USING (current_user <> '{ROLE}' OR supplier_id = ANY ({OWN}))"
        )


def downgrade() -> None:
    # Proxies, flags, regions and coordinates are lost; statements stay.
    op.drop_index("ix_receipt_way", "receipt")
    for column in ("longitude", "latitude", "region"):
        op.drop_column("site", column)
    op.drop_column("supplier", "is_emerging_market")
    op.drop_column("financial_statement", "version")
    op.drop_column("financial_statement", "evidence_file")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP POLICY suppliers ON financial_proxy")
    op.drop_index("ix_financial_proxy_supplier_id", "financial_proxy")
    op.drop_table("financial_proxy")
