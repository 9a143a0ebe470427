"""open lines, the next closing day and spend

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

VERDICT_COLUMNS = {
    "is_fallback": sa.SmallInteger(),
    "quantity_total": sa.BigInteger(),
    "open_since": sa.Date(),
    "closes_next_on": sa.Date(),
}
SPEND_COLUMNS = ("spend_lines", "spend")
INDEXES = {
    "ix_line_verdict_order_id": (["order_id"], None),
    "ix_line_verdict_window_end_on": (["window_end_on"], None),
    "ix_line_verdict_open": (["supplier_id", "open_since"], "open_since IS NOT NULL"),
    "ix_line_verdict_closing": (["closes_next_on"], "closes_next_on IS NOT NULL"),
    "ix_line_verdict_excluded": (["supplier_id", "month"], "state = 0"),
}


def upgrade() -> None:
    op.add_column("schedule_line", sa.Column("completes_without_quantity", sa.Boolean()))
    for name, kind in VERDICT_COLUMNS.items():
        op.add_column("line_verdict", sa.Column(name, kind))
    for name in SPEND_COLUMNS:
        column = sa.Column(name, sa.BigInteger(), nullable=False, server_default="0")
        op.add_column("monthly_rollup", column)
    # No data was published before this revision, so the tables are empty or small.
    for name, (columns, where) in INDEXES.items():
        condition = None if where is None else sa.text(where)
        op.create_index(
            name, "line_verdict", columns, sqlite_where=condition, postgresql_where=condition
        )


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, "line_verdict")
    for name in SPEND_COLUMNS:
        op.drop_column("monthly_rollup", name)
    for name in VERDICT_COLUMNS:
        op.drop_column("line_verdict", name)
    op.drop_column("schedule_line", "completes_without_quantity")
