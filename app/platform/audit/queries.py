"""Reads of the log: pages of events, an object's history, the security log, earlier states."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from app.base.db import Base
from app.base.errors import NotFound
from app.platform.audit import marking
from app.platform.audit.appending import opens_with_seal
from app.platform.audit.canonical import Plain
from app.platform.audit.models import AuditEvent, SecurityEvent
from app.platform.audit.sealing import ERASED, Opener
from app.platform.audit.time_travel import state_at

__all__ = [
    "Difference", "EventRow", "EventsPage", "Found", "Plain", "SecurityPage", "SecurityRow",
    "event_by_seq", "events_page", "history_of", "labels", "said", "security_page", "state_at",
]  # fmt: skip

LONGEST_HISTORY = 200
_events = Base.metadata.tables[AuditEvent.__tablename__]
_notes = Base.metadata.tables[SecurityEvent.__tablename__]


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of an event: what it held and what it holds."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event as people read it."""

    seq: int
    at: datetime
    actor_id: int | None
    actor: str
    roles: str
    behind: str | None
    source: str
    network: str | None
    request_id: str | None
    session_hash: str | None
    action: str
    entity: str
    entity_id: str
    version: int | None
    differences: tuple[Difference, ...]
    reason: str | None
    approval: str | None
    batch_id: int | None
    run_id: int | None
    code_version: str
    prev_hash: str
    hash: str
    mac: str
    is_new: bool
    is_gone: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What to look for; empty means all."""

    since: date | None = None
    until: date | None = None
    search: str = ""
    entities: Sequence[str] = ()
    entity_id: str = ""
    actions: Sequence[str] = ()
    sources: Sequence[str] = ()
    actor_id: int | None = None


@dataclass(frozen=True, slots=True)
class EventsPage:
    """Some events and how many there are in all."""

    rows: list[EventRow]
    total: int


@dataclass(frozen=True, slots=True)
class SecurityRow:
    """A note of the security log."""

    id: int
    at: datetime
    kind: str
    user_id: int | None
    who: str
    ip: str | None
    network: str | None
    request_id: str | None
    facts: Mapping[str, Plain] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SecurityPage:
    """Some notes and how many there are in all."""

    rows: list[SecurityRow]
    total: int


def events_page(
    session: Session, found: Found, *, limit: int, offset: int = 0, is_falling: bool = True
) -> EventsPage:
    """Return a page of the events that fit, and how many fit."""
    conditions = list(_conditions(found))
    connection = session.connection()
    total = connection.scalar(select(func.count()).select_from(_events).where(*conditions)) or 0
    order = _events.c.seq.desc() if is_falling else _events.c.seq.asc()
    query = select(_events).where(*conditions).order_by(order).limit(limit).offset(offset)
    return EventsPage(_rows(session, query), total)


def history_of(
    session: Session, entity: str, entity_id: object, *, limit: int = LONGEST_HISTORY
) -> list[EventRow]:
    """Return what happened to an object, the latest first."""
    query = (
        select(_events)
        .where(_events.c.entity == entity, _events.c.entity_id == str(entity_id))
        .order_by(_events.c.seq.desc())
        .limit(limit)
    )
    return _rows(session, query)


def event_by_seq(session: Session, seq: int) -> EventRow:
    """Return one event; raises NotFound."""
    rows = _rows(session, select(_events).where(_events.c.seq == seq))
    if not rows:
        raise NotFound("E-AUD-04", "There is no such event.")
    return rows[0]


def known_values(session: Session, column: str) -> list[str]:
    """Return the values that a column of the log holds (entities, actions)."""
    wanted = _events.c[column]
    found = session.connection().execute(select(wanted).distinct().order_by(wanted))
    return [value for (value,) in found]


def security_page(
    session: Session,
    *,
    kinds: Sequence[str] = (),
    search: str = "",
    limit: int,
    offset: int = 0,
    is_falling: bool = True,
) -> SecurityPage:
    """Return a page of the security log, and how many notes fit."""
    columns = _notes.c
    conditions: list[ColumnElement[bool]] = []
    if kinds:
        conditions.append(columns.kind.in_(kinds))
    if search:
        like = _like(search)
        conditions.append(
            or_(
                columns.who.ilike(like, escape="\\"),
                columns.network.ilike(like, escape="\\"),
                columns.request_id == search,
            )
        )
    connection = session.connection()
    total = connection.scalar(select(func.count()).select_from(_notes).where(*conditions)) or 0
    order = columns.id.desc() if is_falling else columns.id.asc()
    names = ("id", "at_utc", "kind", "user_id", "who", "ip", "network", "request_id", "facts")
    query = select(*(columns[name] for name in names)).where(*conditions).order_by(order)
    rows = connection.execute(query.limit(limit).offset(offset))
    found = [
        SecurityRow(*row[:8], facts=json.loads(row[8]))  # type: ignore[misc] # eight of nine
        for row in rows
    ]
    return SecurityPage(found, total)


def labels(session: Session, rows: Iterable[EventRow]) -> dict[tuple[str, str], str]:
    """Return what the objects of some events are called now, where they still are."""
    wanted: dict[str, set[int]] = {}
    for row in rows:
        mark = marking.mark_of(row.entity)
        if mark is not None and mark.label is not None and row.entity_id.isdigit():
            wanted.setdefault(row.entity, set()).add(int(row.entity_id))
    found: dict[tuple[str, str], str] = {}
    for entity, ids in wanted.items():
        mark = marking.mark_of(entity)
        if mark is None or mark.label is None:
            continue
        # By its class, so that row scope holds: what is out of reach has no name here.
        owner: Any = marking.marked_tables()[entity]
        query = select(owner.id, getattr(owner, mark.label)).where(owner.id.in_(ids))
        for key, label in session.execute(query):
            found[entity, str(key)] = str(label)
    return found


def _conditions(found: Found) -> Iterable[ColumnElement[bool]]:
    columns = _events.c
    if found.since is not None:
        yield columns.at_utc >= datetime.combine(found.since, time(), UTC)
    if found.until is not None:
        yield columns.at_utc < datetime.combine(found.until + timedelta(days=1), time(), UTC)
    for column, values in (
        (columns.entity, found.entities),
        (columns.action, found.actions),
        (columns.source, found.sources),
    ):
        if values:
            yield column.in_(values)
    if found.entity_id:
        yield columns.entity_id == found.entity_id
    if found.actor_id is not None:
        yield columns.actor_id == found.actor_id
    if found.search:
        like = _like(found.search)
        yield or_(
            columns.reason.ilike(like, escape="\\"),
            columns.after_json.ilike(like, escape="\\"),
            columns.before_json.ilike(like, escape="\\"),
            columns.request_id == found.search,
            columns.entity_id == found.search,
        )


def _like(text: str) -> str:
    for sign in ("\\", "%", "_"):
        text = text.replace(sign, f"\\{sign}")
    return f"%{text}%"


def _rows(session: Session, query: Select[Any]) -> list[EventRow]:
    names = _events.columns.keys()
    found = [dict(zip(names, row, strict=True)) for row in session.connection().execute(query)]
    opener = Opener(session)
    sealed = ("actor_name", "on_behalf_of", "before_json", "after_json")
    opener.load(row[name] for row in found for name in sealed)
    return [_row(row, opener) for row in found]


def _row(row: Mapping[str, Any], opener: Opener) -> EventRow:
    before = None if row["before_json"] is None else json.loads(row["before_json"])
    after = None if row["after_json"] is None else json.loads(row["after_json"])
    return EventRow(
        seq=row["seq"],
        at=row["at_utc"],
        actor_id=row["actor_id"],
        actor=_name(row["actor_name"], opener, row["actor_id"]) or "",
        roles=row["actor_role"].replace(",", ", ").replace("_", " "),
        behind=_name(row["on_behalf_of"], opener, None),
        source=row["source"],
        network=row["network"],
        request_id=row["request_id"],
        session_hash=row["session_hash"],
        action=row["action"],
        entity=row["entity"],
        entity_id=row["entity_id"],
        version=row["entity_version"],
        differences=_differences(before or {}, after or {}, opener),
        reason=row["reason"],
        approval=row["approval_ref"],
        batch_id=row["import_batch_id"],
        run_id=row["job_run_id"],
        code_version=row["code_version"],
        prev_hash=row["prev_hash"],
        hash=row["hash"],
        mac=row["mac"],
        is_new=before is None and after is not None,
        is_gone=after is None and before is not None,
    )


def _name(text: str | None, opener: Opener, user_id: int | None) -> str | None:
    if text is None or not opens_with_seal(text):
        return text
    name = opener.open(json.loads(text))
    if name == ERASED:
        return "erased person" if user_id is None else f"erased person {user_id}"
    return str(name)


def _differences(
    before: Mapping[str, Plain], after: Mapping[str, Plain], opener: Opener
) -> tuple[Difference, ...]:
    names = sorted(before.keys() | after.keys())
    return tuple(
        Difference(name, said(before.get(name), opener), said(after.get(name), opener))
        for name in names
    )


def said(value: Plain, opener: Opener | None = None) -> str:
    """Return a value as people read it; nothing is an empty text."""
    if value is None:
        return ""
    if value == {"secret": True}:
        return "[not kept]"
    opened = value if opener is None else opener.open(value)
    if isinstance(opened, bool):
        return "yes" if opened else "no"
    if isinstance(opened, dict | list):
        return json.dumps(opened, ensure_ascii=False, sort_keys=True)
    return str(opened)
