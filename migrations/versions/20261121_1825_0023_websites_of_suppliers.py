"""websites of suppliers

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("supplier", sa.Column("website", sa.String(length=200)))


def downgrade() -> None:
    op.drop_column("supplier", "website")
