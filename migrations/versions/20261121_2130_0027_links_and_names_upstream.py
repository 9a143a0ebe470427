"""links and names upstream

Revision ID: 0027
Revises: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# As revision 0016 has it: the role that a supplier's people take.
ROLE = "mainstay_supplier"
TOLD = ("supplier_id", "upstream_name", "upstream_site", "material")
BEFORE = "uq_sub_tier_link_supplier_id_upstream_name_upstream_site_material"


def upgrade() -> None:
    with op.batch_alter_table("sub_tier_link") as batch:
        batch.add_column(
            sa.Column("via_name", sa.String(length=200), nullable=False, server_default="")
        )
        batch.add_column(
            sa.Column("via_site", sa.String(length=200), nullable=False, server_default="")
        )
        batch.add_column(sa.Column("upstream_supplier_id", BIG))
        batch.create_foreign_key(
            "fk_sub_tier_link_upstream_supplier_id", "supplier", ["upstream_supplier_id"], ["id"]
        )
        batch.drop_constraint(op.f(BEFORE), type_="unique")
        batch.create_unique_constraint("uq_sub_tier_link_told", [*TOLD, "via_name", "via_site"])
    # The default was for the rows that were there.
    with op.batch_alter_table("sub_tier_link") as batch:
        for name in ("via_name", "via_site"):
            batch.alter_column(name, existing_type=sa.String(length=200), server_default=None)
    op.create_index("ix_sub_tier_link_upstream_name", "sub_tier_link", ["upstream_name"])
    op.create_table(
        "upstream_spelling",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("company", sa.String(length=200), nullable=False),
        sa.Column("spelling", sa.String(length=200), nullable=False),
        sa.Column("means", sa.String(length=200), nullable=False),
        sa.Column("is_same", sa.Boolean(), nullable=False),
        sa.Column("score", sa.SmallInteger()),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('company', 'plant', 'material')", name=op.f("ck_upstream_spelling_kind")
        ),
        sa.CheckConstraint("spelling <> means", name=op.f("ck_upstream_spelling_two_spellings")),
        sa.CheckConstraint(
            "score IS NULL OR score BETWEEN 0 AND 100", name=op.f("ck_upstream_spelling_score")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upstream_spelling")),
        sa.UniqueConstraint(
            "kind",
            "company",
            "spelling",
            "means",
            name=op.f("uq_upstream_spelling_kind_company_spelling_means"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_upstream_spelling_public_id")),
    )
    if op.get_bind().dialect.name == "sqlite":
        return
    op.execute("ALTER TABLE upstream_spelling ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY suppliers ON upstream_spelling USING (current_user <> '{ROLE}')")


def downgrade() -> None:
    # Decisions on spellings are lost, and of links that differ only in the plant that they
    # deliver to all but the first.
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP POLICY suppliers ON upstream_spelling")
    op.drop_table("upstream_spelling")
    op.drop_index("ix_sub_tier_link_upstream_name", "sub_tier_link")
    link = sa.table("sub_tier_link", sa.column("id"), *(sa.column(name) for name in TOLD))
    first = sa.select(sa.func.min(link.c.id)).group_by(*(link.c[name] for name in TOLD))
    op.execute(link.delete().where(link.c.id.not_in(first)))
    with op.batch_alter_table("sub_tier_link") as batch:
        batch.drop_constraint("uq_sub_tier_link_told", type_="unique")
        batch.create_unique_constraint(op.f(BEFORE), list(TOLD))
        batch.drop_constraint("fk_sub_tier_link_upstream_supplier_id", type_="foreignkey")
        for column in ("upstream_supplier_id", "via_site", "via_name"):
            batch.drop_column(column)
