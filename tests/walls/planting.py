"""Puts a canary into every text of a database that can hold one, and into file names."""

from __future__ import annotations

from sqlalchemy import Column, String, Table, Text, cast, func, literal, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.schema import metadata

CANARY = "\"><svg onload=x>'{{7*7}}{0.__class__}${7*7}</script>=1+1"
SHORTEST = len(CANARY) + 20
# Texts that are not words: what the machinery reads back.
LEFT_OUT = {
    "user.email", "user.password_hash", "user.uniquifier", "web_session.content",
    "alembic_version.version_num", "source_batch.kind", "source_batch.mapping_name",
    "job_run.job", "outbox_message.template", "attachment.media_type", "claim_item.key",
}  # fmt: skip
LEFT_OUT_TABLES = {"audit_event", "audit_head", "audit_anchor", "alembic_version"}


def plant(session: Session) -> set[str]:
    """Write the canary into every text column; return the columns that took it."""
    planted = set()
    for table in metadata.sorted_tables:
        if table.name in LEFT_OUT_TABLES:
            continue
        for column in table.columns:
            if _holds_words(table, column) and _planted(session, table, column):
                planted.add(f"{table.name}.{column.name}")
    return planted


def _holds_words(table: Table, column: Column[object]) -> bool:
    kind = column.type
    is_text = isinstance(kind, Text) or (type(kind) is String and (kind.length or 0) >= SHORTEST)
    is_bound = column.foreign_keys or column.primary_key
    return is_text and not is_bound and f"{table.name}.{column.name}" not in LEFT_OUT


def _planted(session: Session, table: Table, column: Column[object]) -> bool:
    """Plant one column; False where it is empty or may not hold just any text."""
    filled = select(func.count()).select_from(table).where(column.is_not(None))
    if not session.connection().execute(filled).scalar():
        return False
    key = next(iter(table.primary_key.columns))
    words = literal(CANARY) + cast(key, String)
    try:
        with session.begin_nested():
            session.connection().execute(
                update(table).where(column.is_not(None)).values({column.name: words})
            )
    except DBAPIError:
        return False
    return True
