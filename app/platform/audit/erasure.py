"""Erases a person: the key of their values in the log, and what rows still say of them.

The log's chain stays valid: it holds ciphertext, and nobody holds the key any more. A
journal outside the database lists who was erased, by number alone, so that a restored backup
forgets them again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Table, func, select, text, update
from sqlalchemy.orm import Session

from app.base import clock
from app.base.db import Base, Database
from app.base.errors import NotFound
from app.platform.audit import marking, pending, sealing, security, services
from app.platform.audit.appending import clean_reason
from app.platform.audit.canonical import moment
from app.platform.audit.marking import Audited, Whose
from app.platform.audit.sealing import named_subject, subject_of

ACT = "person.erase"
JOURNAL = "erasures.jsonl"
READABLE_BY_OWNER = 0o600

# What a feature forgets of a person beside the marked fields: sessions, factors, letters.
Also = Callable[[Session, int, Mapping[str, Any]], None]  # Any: what fields held
_also: dict[str, list[Also]] = {}


@dataclass(frozen=True, slots=True)
class Erased:
    """Who was erased, how many other rows named them, and whose name somebody else has too."""

    entity: str
    entity_id: int
    rows_renamed: int
    name_is_shared: bool


def also(entity: str, work: Also) -> None:
    """Let `work(session, id, personal values before)` run when a person is erased."""
    _also.setdefault(entity, []).append(work)


def erase_person(session: Session, entity: str, entity_id: int, *, reason: str) -> Erased:
    """Erase a person: pseudonyms in the rows, no key for what the log holds.

    entity: what the person is a row of (“user”; contacts later). A name that somebody else
    has too is left where rows hold nothing but the name. Raises NotFound, ReasonNeeded.
    """
    because = clean_reason(reason)
    person = _person(session, entity, entity_id)
    label = person.audit.label or ""
    name = str(getattr(person, label))
    subject, named = subject_of(entity, entity_id), named_subject(name)
    is_shared = _is_shared(session, entity, entity_id, label, name)
    gone = {subject} if is_shared else {subject, named}
    transaction = pending.of(session)
    transaction.erasing |= frozenset(gone)
    held = {field: getattr(person, field) for field in person.audit.personal}
    renamed = 0
    for field, whose in person.audit.personal.items():
        if whose is Whose.OWN:
            said = person.audit.erased.get(field)
            # allowed: format-of-text: the text stands in the model's own mark
            setattr(person, field, None if said is None else said.format(id=entity_id))
    pseudonym = str(getattr(person, label))
    if not is_shared:
        renamed = _rename(session, name, pseudonym)
    for work in _also.get(entity, ()):
        work(session, entity_id, held)
    security.forget_person(session, user_id=entity_id, name=pseudonym)
    for each in sorted(gone):
        sealing.forget(session, each)
    services.record(
        session,
        action=ACT,
        entity=entity,
        entity_id=entity_id,
        reason=because,
        covers=marking.marked_tables().keys(),
    )
    session.flush()
    return Erased(entity, entity_id, renamed, is_shared)


def note_in_journal(folder: Path, erased: Erased) -> None:
    """Write down, outside the database, that somebody was erased; no name, no address."""
    folder.mkdir(parents=True, exist_ok=True)
    line = {"at": moment(clock.now()), "entity": erased.entity, "id": erased.entity_id}
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    handle = os.open(folder / JOURNAL, flags, READABLE_BY_OWNER)
    try:
        os.write(handle, (json.dumps(line, separators=(",", ":")) + "\n").encode("ascii"))
        os.fsync(handle)
    finally:
        os.close(handle)


def replay(session: Session, folder: Path) -> int:
    """Erase again who was erased after a backup was made; return how many that were."""
    file = folder / JOURNAL
    if not file.exists():
        return 0
    number = 0
    for line in dict.fromkeys(file.read_text(encoding="ascii").splitlines()):
        said = json.loads(line)
        if _is_known(session, said["entity"], said["id"]):
            erase_person(
                session, said["entity"], said["id"], reason=f"Erased before: on {said['at'][:10]}."
            )
            number += 1
    return number


def scrub(database: Database) -> None:
    """Write the database afresh, so that no free page still holds what was erased.

    Takes as long as copying it; on PostgreSQL the tables that held the person's values.
    """
    with database.write_engine.connect() as connection:
        raw = connection.execution_options(isolation_level="AUTOCOMMIT")
        if database.is_sqlite:
            driver = raw.connection.driver_connection
            assert driver is not None  # noqa: S101 — a connection that is open has one
            driver.rollback()
            driver.execute("VACUUM")
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        for table in ("user", "subject_key", "security_event", *marking.columns_with_names()):
            # allowed: built-sql: the names of our own tables
            raw.execute(text(f'VACUUM FULL "{table}"'))


def _person(session: Session, entity: str, entity_id: int) -> Audited:
    model: Any = marking.model_of(entity)  # Any: a mapped class
    person = None
    if model is not None and Whose.OWN in model.audit.personal.values():
        person = session.get(model, entity_id)
    if not isinstance(person, Audited):
        raise NotFound("E-AUD-05", "There is no such person.")
    return person


def _is_shared(session: Session, entity: str, entity_id: int, label: str, name: str) -> bool:
    table = Base.metadata.tables[entity]
    same = func.lower(table.c[label]) == name.strip().lower()
    query = select(func.count()).where(same, table.c.id != entity_id)
    return bool(session.connection().scalar(query))


def _is_known(session: Session, entity: str, entity_id: int) -> bool:
    """Tell whether a person of the journal still stands under the own name."""
    mark, table = marking.mark_of(entity), Base.metadata.tables.get(entity)
    if mark is None or mark.label is None or table is None:
        return False
    query = select(table.c[mark.label]).where(table.c.id == entity_id)
    name = session.connection().scalar(query)
    # allowed: format-of-text: the text stands in the model's own mark
    return name is not None and name != (mark.erased.get(mark.label) or "").format(id=entity_id)


def _rename(session: Session, name: str, pseudonym: str) -> int:
    """Let rows that hold the person's name as text hold the pseudonym; return how many."""
    number = 0
    for table_name, columns in marking.columns_with_names().items():
        table, mark = Base.metadata.tables[table_name], marking.mark_of(table_name)
        for column in sorted(columns):
            if isinstance(table.c[column].type, JSON):
                number += _rename_inside(session, table, column, name, pseudonym)
                continue
            beside = () if mark is None else mark.goes_with.get(column, ())
            done = session.connection().execute(
                update(table)
                .where(table.c[column] == name)
                .values({column: pseudonym, **dict.fromkeys(beside)})
            )
            number += done.rowcount
    return number


def _rename_inside(session: Session, table: Table, column: str, name: str, pseudonym: str) -> int:
    """Replace a name that stands as a value somewhere inside JSON."""
    connection = session.connection()
    number = 0
    for key, held in connection.execute(select(table.c.id, table.c[column])).all():
        mended = _replaced(held, name, pseudonym)
        if mended != held:
            connection.execute(update(table).where(table.c.id == key).values({column: mended}))
            number += 1
    return number


def _replaced(value: Any, name: str, pseudonym: str) -> Any:  # Any: JSON
    if isinstance(value, dict):
        return {key: _replaced(each, name, pseudonym) for key, each in value.items()}
    if isinstance(value, list):
        return [_replaced(each, name, pseudonym) for each in value]
    return pseudonym if value == name else value
