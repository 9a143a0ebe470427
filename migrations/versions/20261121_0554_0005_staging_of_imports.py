"""staging of imports

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staged_delivery",
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("row_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("order_row", sa.Integer(), nullable=False),
        sa.Column("line_row", sa.Integer(), nullable=False),
        sa.Column("buyer_unit", sa.String(length=200), nullable=False),
        sa.Column("order_no", sa.String(length=200), nullable=False),
        sa.Column("line_no", sa.String(length=40), nullable=False),
        sa.Column("schedule_no", sa.String(length=40), nullable=False),
        sa.Column("supplier_key", sa.Integer(), nullable=False),
        sa.Column("part_key", sa.Integer(), nullable=True),
        sa.Column("category_key", sa.Integer(), nullable=True),
        sa.Column("site_key", sa.Integer(), nullable=True),
        sa.Column("contract_reference", sa.String(length=200), nullable=True),
        sa.Column("status", sa.String(length=60), nullable=True),
        sa.Column("is_counted", sa.SmallInteger(), nullable=False),
        sa.Column("ordered_on", sa.Date(), nullable=True),
        sa.Column("quantity_ordered", sa.BigInteger(), nullable=True),
        sa.Column("quantity_cancelled_buyer", sa.BigInteger(), nullable=True),
        sa.Column("quantity_cancelled_supplier", sa.BigInteger(), nullable=True),
        sa.Column("cancelled_on", sa.Date(), nullable=True),
        sa.Column("unit_price", sa.BigInteger(), nullable=True),
        sa.Column("line_value", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("requested_on", sa.Date(), nullable=True),
        sa.Column("promised_original_on", sa.Date(), nullable=True),
        sa.Column("promised_current_on", sa.Date(), nullable=True),
        sa.Column("incoterm", sa.String(length=3), nullable=True),
        sa.Column("early_days", sa.SmallInteger(), nullable=True),
        sa.Column("late_days", sa.SmallInteger(), nullable=True),
        sa.Column("under_millionths", sa.Integer(), nullable=True),
        sa.Column("over_millionths", sa.Integer(), nullable=True),
        sa.Column("is_split_allowed", sa.SmallInteger(), nullable=True),
        sa.Column("has_receipt", sa.SmallInteger(), nullable=False),
        sa.Column("receipt_no", sa.String(length=60), nullable=False),
        sa.Column("reverses_receipt_no", sa.String(length=60), nullable=True),
        sa.Column("ready_on", sa.Date(), nullable=True),
        sa.Column("dispatched_on", sa.Date(), nullable=True),
        sa.Column("arrived_on", sa.Date(), nullable=True),
        sa.Column("posted_on", sa.Date(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=True),
        sa.Column("quantity_rejected", sa.BigInteger(), nullable=True),
        sa.Column("quantity_returned", sa.BigInteger(), nullable=True),
        sa.Column("is_documents_ok", sa.SmallInteger(), nullable=True),
        sa.Column("is_undamaged", sa.SmallInteger(), nullable=True),
        sa.Column("mode", sa.String(length=40), nullable=True),
        sa.Column("carrier", sa.String(length=200), nullable=True),
        sa.Column("port", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["source_batch.id"],
            name=op.f("fk_staged_delivery_batch_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("batch_id", "row_no", name=op.f("pk_staged_delivery")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "staged_key",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entity", sa.String(length=20), nullable=False),
        sa.Column("key_no", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["source_batch.id"],
            name=op.f("fk_staged_key_batch_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staged_key")),
        sa.UniqueConstraint(
            "batch_id", "entity", "key_no", name=op.f("uq_staged_key_batch_id_entity_key_no")
        ),
    )
    op.create_table(
        "staged_row",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["source_batch.id"],
            name=op.f("fk_staged_row_batch_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staged_row")),
    )
    op.create_index("ix_staged_row_batch", "staged_row", ["batch_id", "row_no"])


def downgrade() -> None:
    op.drop_index("ix_staged_row_batch", table_name="staged_row")

    op.drop_table("staged_row")
    op.drop_table("staged_key")
    op.drop_table("staged_delivery")
