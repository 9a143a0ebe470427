"""sums by month leave room in their pages for rows that change

Revision ID: 0045
Revises: 0044
"""

from __future__ import annotations

from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

TABLES = ("monthly_histogram", "part_monthly_rollup", "monthly_order_rollup")


def upgrade() -> None:
    set_on_postgres("SET (fillfactor = 80)")


def downgrade() -> None:
    set_on_postgres("RESET (fillfactor)")


def set_on_postgres(clause: str) -> None:
    """Change what holds for pages from now on; a rebuild of the roll-up makes all of them anew."""
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            op.execute(f"ALTER TABLE {table} {clause}")
