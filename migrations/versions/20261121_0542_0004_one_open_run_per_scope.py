"""one open run per scope

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

IS_OPEN = sa.text("state IN ('queued', 'running')")


def upgrade() -> None:
    op.create_index(
        "uq_job_run_open",
        "job_run",
        ["job", "scope_key"],
        unique=True,
        sqlite_where=IS_OPEN,
        postgresql_where=IS_OPEN,
    )


def downgrade() -> None:
    op.drop_index("uq_job_run_open", "job_run")
