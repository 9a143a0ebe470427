"""What is kept about one person: the row, the events, the security log. For the person asking."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from sqlalchemy import JSON, ColumnElement, Text, cast, func, or_, select
from sqlalchemy.orm import Session

from app.base.db import Base
from app.base.errors import NotFound
from app.platform.audit import marking, queries
from app.platform.audit.canonical import Plain, moment, plain
from app.platform.audit.models import SecurityEvent
from app.platform.audit.queries import Found

MOST = 1_000_000
_notes = Base.metadata.tables[SecurityEvent.__tablename__]


def about(session: Session, entity: str, entity_id: int) -> dict[str, Any]:
    """Return everything kept about a person, as JSON values (Any); secrets stay out."""
    mark, table = marking.mark_of(entity), Base.metadata.tables[entity]
    connection = session.connection()
    row = connection.execute(select(table).where(table.c.id == entity_id)).mappings().first()
    if mark is None or row is None:
        raise NotFound("E-AUD-05", "There is no such person.")
    held = {name: plain(value) for name, value in row.items() if name not in mark.secret}
    name = str(row[mark.label or "id"])
    return {
        "person": held,
        "done_by_this_person": _told(session, Found(actor_id=entity_id)),
        "done_to_this_account": _told(session, Found(entities=(entity,), entity_id=str(entity_id))),
        "named_in": _named_in(session, name),
        "security_log": _notes_about(session, entity_id, str(row.get("email") or name)),
    }


def _told(session: Session, found: Found) -> list[dict[str, Plain]]:
    page = queries.events_page(session, found, limit=MOST, is_falling=False)
    return [
        {
            "seq": row.seq,
            "at": moment(row.at),
            "action": row.action,
            "object": f"{row.entity} {row.entity_id}",
            "network": row.network,
            "reason": row.reason,
            "changes": [asdict(each) for each in row.differences],
        }
        for row in page.rows
    ]


def _named_in(session: Session, name: str) -> dict[str, int]:
    """Return how many rows of which columns hold the person's name as text."""
    found: dict[str, int] = {}
    for table_name, columns in marking.columns_with_names().items():
        table = Base.metadata.tables[table_name]
        for column in sorted(columns):
            if number := session.connection().scalar(
                select(func.count()).select_from(table).where(_holds(table.c[column], name))
            ):
                found[f"{table_name}.{column}"] = number
    return found


def _holds(column: Any, name: str) -> ColumnElement[bool]:  # Any: a table's column
    """Return the condition that a column holds a name, in JSON as a value somewhere inside."""
    if not isinstance(column.type, JSON):
        condition: ColumnElement[bool] = column == name
        return condition
    return cast(column, Text).contains(json.dumps(name, ensure_ascii=False), autoescape=True)


def _notes_about(session: Session, user_id: int, address: str) -> list[dict[str, Plain]]:
    columns = _notes.c
    rows = session.connection().execute(
        select(columns.at_utc, columns.kind, columns.ip, columns.network, columns.facts)
        .where(or_(columns.user_id == user_id, columns.who == address))
        .order_by(columns.id)
    )
    return [
        {"at": moment(at), "kind": kind, "ip": ip, "network": network, "facts": facts}
        for at, kind, ip, network, facts in rows
    ]
