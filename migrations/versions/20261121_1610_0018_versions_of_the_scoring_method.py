"""versions of the scoring method

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

COLUMNS = ("segment", "valid_to", "reason", "author", "writers", "revision")


def upgrade() -> None:
    op.add_column("scoring_method", sa.Column("segment", sa.String(length=40)))
    op.add_column("scoring_method", sa.Column("valid_to", sa.Date()))
    op.add_column("scoring_method", sa.Column("reason", sa.String(length=500)))
    op.add_column("scoring_method", sa.Column("author", sa.String(length=200)))
    op.add_column("scoring_method", sa.Column("writers", sa.JSON(none_as_null=True)))
    op.add_column(
        "scoring_method",
        sa.Column("revision", sa.Integer(), server_default=sa.text("1"), nullable=False),
    )


def downgrade() -> None:
    for column in reversed(COLUMNS):
        op.drop_column("scoring_method", column)
