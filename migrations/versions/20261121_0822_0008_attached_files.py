"""attached files

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("id", KEY, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("entity", sa.String(length=40), nullable=False),
        sa.Column("entity_id", KEY, nullable=False),
        sa.Column("supplier_id", KEY, nullable=True),
        sa.Column("display_name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", KEY, nullable=False),
        sa.Column("scan_state", sa.String(length=12), nullable=False),
        sa.Column("evidence_on", sa.Date(), nullable=True),
        sa.Column("uploaded_by", sa.String(length=200), nullable=False),
        sa.Column("uploaded_by_id", KEY, nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_by", sa.String(length=200), nullable=True),
        sa.Column("removed_because", sa.String(length=500), nullable=True),
        sa.CheckConstraint(
            "scan_state IN ('not_scanned', 'clean')", name=op.f("ck_attachment_scan_state")
        ),
        sa.CheckConstraint(
            "(removed_at IS NULL) = (removed_by IS NULL)",
            name=op.f("ck_attachment_removal_is_whole"),
        ),
        sa.CheckConstraint("size > 0", name=op.f("ck_attachment_size_given")),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name="fk_attachment_supplier_id"),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["user.id"], name="fk_attachment_uploaded_by_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_attachment"),
        sa.UniqueConstraint("public_id", name="uq_attachment_public_id"),
    )
    op.create_index("ix_attachment_about", "attachment", ["entity", "entity_id"])
    op.create_index("ix_attachment_supplier_id", "attachment", ["supplier_id"])
    op.create_index("ix_attachment_uploaded_by_id", "attachment", ["uploaded_by_id"])


def downgrade() -> None:
    op.drop_index("ix_attachment_uploaded_by_id", "attachment")
    op.drop_index("ix_attachment_supplier_id", "attachment")
    op.drop_index("ix_attachment_about", "attachment")

    op.drop_table("attachment")
