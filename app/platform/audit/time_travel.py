"""What an object was at an earlier moment: from the present backwards through its events.

Works for every marked model and for facts that imports changed; an object that is gone now
stands again for the days when it was there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from app.base.db import Base
from app.base.errors import NotFound
from app.platform.audit import marking
from app.platform.audit.canonical import Plain, plain
from app.platform.audit.marking import BOOKKEEPING, Mark
from app.platform.audit.models import AuditEvent
from app.platform.audit.sealing import Opener

UNTOLD = BOOKKEEPING | {"id"}
State = dict[str, Plain]

_events = Base.metadata.tables[AuditEvent.__tablename__]


def state_at(session: Session, entity: str, entity_id: object, at: datetime | int) -> State | None:
    """Return the fields of an object at a moment, or just after an event's number.

    None where it was not there. A value of a person who is erased reads “[erased]”; secrets
    are left out. Raises NotFound for an entity that the log doesn't know.
    """
    table = table_of(entity)
    key = str(entity_id)
    mark = marking.mark_of(entity)
    names = kept_names(table, mark)
    state, made_at, batch_id = _present(session, table, key, names)
    events = _events_of(session, entity, key)
    opener = Opener(session)
    opener.load(text for event in events for text in (event["before"], event["after"]))
    for event in reversed(events):
        if not _is_later(event, at):
            break
        state = _undone(event, state, names, opener)
    if state is not None and not _begins(events) and _came_later(session, made_at, batch_id, at):
        return None
    return state


def table_of(entity: str) -> Table:
    """Return the table of an entity; raises NotFound where the log knows none."""
    table = Base.metadata.tables.get(entity)
    if table is None or not (marking.mark_of(entity) or "batch_id" in table.columns):
        raise NotFound("E-AUD-03", f"The audit log knows no “{entity[:60]}”.")
    return table


def kept_names(table: Table, mark: Mark | None) -> frozenset[str]:
    """Return the fields that a state is made of."""
    names = (column.name for column in table.columns if column.name not in UNTOLD)
    if mark is None:
        return frozenset(names)
    return frozenset(name for name in names if mark.keeps(name) and name not in mark.secret)


def state_of(row: Mapping[str, Any], names: frozenset[str]) -> State:
    """Return a row's fields as a state; Any: values of any column."""
    return {name: plain(row[name]) for name in names}


def _present(
    session: Session, table: Table, key: str, names: frozenset[str]
) -> tuple[State | None, datetime | None, int | None]:
    if not key.isascii() or not key.isdigit() or "id" not in table.columns or len(key) > 18:
        return None, None, None
    found = session.connection().execute(select(table).where(table.c.id == int(key))).mappings()
    row = found.first()
    if row is None:
        return None, None, None
    values: dict[str, Any] = dict(zip(table.columns.keys(), row.values(), strict=True))
    return state_of(values, names), values.get("created_at"), values.get("batch_id")


def _events_of(session: Session, entity: str, key: str) -> list[dict[str, Any]]:
    columns = _events.c
    rows = session.connection().execute(
        select(columns.seq, columns.at_utc, columns.before_json, columns.after_json)
        .where(columns.entity == entity, columns.entity_id == key)
        .order_by(columns.seq)
    )
    return [{"seq": row[0], "at": row[1], "before": row[2], "after": row[3]} for row in rows]


def _is_later(event: Mapping[str, Any], at: datetime | int) -> bool:
    later: bool = event["seq"] > at if isinstance(at, int) else event["at"] > at
    return later


def _undone(
    event: Mapping[str, Any], state: State | None, names: frozenset[str], opener: Opener
) -> State | None:
    """Return the state before an event; the shape of an event says what it was."""
    if event["before"] is None and event["after"] is None:
        return state
    if event["before"] is None:
        return None
    before = json.loads(event["before"])
    known = {name: opener.open(value) for name, value in before.items() if name in names}
    if event["after"] is None:
        return {**dict.fromkeys(names), **known}
    return None if state is None else {**state, **known}


def _begins(events: list[dict[str, Any]]) -> bool:
    """Tell whether the log saw the object come."""
    return any(event["before"] is None and event["after"] is not None for event in events)


def _came_later(
    session: Session, made_at: datetime | None, batch_id: int | None, at: datetime | int
) -> bool:
    """Tell whether an object that an import brought was not there yet."""
    if batch_id is not None:
        columns = _events.c
        published = session.connection().execute(
            select(columns.seq, columns.at_utc).where(
                columns.entity == "source_batch",
                columns.entity_id == str(batch_id),
                columns.action == "import.publish",
            )
        )
        event = published.first()
        if event is not None:
            return _is_later({"seq": event[0], "at": event[1]}, at)
    return isinstance(at, datetime) and made_at is not None and made_at > at
