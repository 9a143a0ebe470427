"""units by the window's end

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # No data was published before this revision: nothing to fill in.
    op.add_column("line_verdict", sa.Column("quantity_by_close", sa.BigInteger()))
    op.add_column(
        "monthly_rollup",
        sa.Column("quantity_by_close", sa.BigInteger(), nullable=False, server_default="0"),
    )


def downgrade() -> None:
    op.drop_column("monthly_rollup", "quantity_by_close")
    op.drop_column("line_verdict", "quantity_by_close")
