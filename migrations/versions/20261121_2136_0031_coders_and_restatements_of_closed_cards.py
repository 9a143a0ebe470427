"""coders of misses and restatements of closed cards

Revision ID: 0031
Revises: 0023
"""

from __future__ import annotations

from alembic import op

revision = "0031"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE miss_attribution ADD COLUMN attributed_by_id {kind} "
        'CONSTRAINT fk_miss_attribution_attributed_by_id REFERENCES "user" (id)'
    )


def downgrade() -> None:
    op.drop_column("miss_attribution", "attributed_by_id")
