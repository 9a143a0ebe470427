"""Alembic's environment: runs revisions on the connection that `app.base.migrating` hands over."""

from __future__ import annotations

from typing import Literal

from alembic import context

from app.base.db import UtcDateTime
from app.schema import metadata


def render_plain(kind: str, item: object, _: object) -> str | Literal[False]:
    """Write our decorated types as the plain types they are kept in."""
    if kind != "type" or not type(item).__module__.startswith("app."):
        return False
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return "sa.BigInteger()"


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    # SQLite can't alter most things in place; a copied table can.
    render_as_batch=True,
    render_item=render_plain,
    transactional_ddl=True,
    transaction_per_migration=False,
)
context.run_migrations()
