"""the mode of transport that an event concerns, and the circle in which it hits

Revision ID: 0033
Revises: 0031
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("disruption_event", sa.Column("mode", sa.String(length=40)))
    for name in ("latitude", "longitude"):
        op.add_column("disruption_event", sa.Column(name, sa.Double()))
    op.add_column("disruption_event", sa.Column("radius_km", sa.Integer()))


def downgrade() -> None:
    for name in ("radius_km", "longitude", "latitude", "mode"):
        op.drop_column("disruption_event", name)
