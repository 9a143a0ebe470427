"""find reversals of receipts

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

IS_REVERSAL = sa.text("reverses_receipt_id IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_receipt_reverses_receipt_id",
        "receipt",
        ["reverses_receipt_id"],
        sqlite_where=IS_REVERSAL,
        postgresql_where=IS_REVERSAL,
    )


def downgrade() -> None:
    op.drop_index("ix_receipt_reverses_receipt_id", table_name="receipt")
