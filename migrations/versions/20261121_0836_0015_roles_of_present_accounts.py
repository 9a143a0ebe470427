"""roles of present accounts

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

account = sa.table("user", sa.column("id", sa.BigInteger()), sa.column("kind", sa.String()))
role_grant = sa.table(
    "role_grant",
    sa.column("public_id", sa.Uuid()),
    sa.column("user_id", sa.BigInteger()),
    sa.column("user_kind", sa.String()),
    sa.column("role", sa.String()),
    sa.column("from_on", sa.Date()),
    sa.column("reason", sa.String()),
    sa.column("granted_by", sa.String()),
    sa.column("granted_at", sa.DateTime(timezone=True)),
    sa.column("is_independent", sa.Boolean()),
)
BY = "migration 0015"
REASON = "Held everything before there were roles; keeps what it could do."


def upgrade() -> None:
    # Until here everybody signed in could do everything; they keep it, in plain sight.
    connection = op.get_bind()
    now = datetime.now(UTC)
    rows = [
        {
            "public_id": uuid.uuid4(),
            "user_id": user_id,
            "user_kind": kind,
            "role": role,
            "from_on": now.date(),
            "reason": REASON,
            "granted_by": BY,
            "granted_at": now,
            "is_independent": False if role == "administrator" else None,
        }
        for user_id, kind in connection.execute(sa.select(account.c.id, account.c.kind)).all()
        for role in ("administrator", "risk_manager")
    ]
    if rows:
        connection.execute(sa.insert(role_grant), rows)


def downgrade() -> None:
    op.execute(role_grant.delete().where(role_grant.c.granted_by == BY))
