"""The listener that turns what a session changes into events, at the end of its transaction.

Collects marked objects at each flush; before the commit it writes all events at once and
only then locks the log's head, so that nobody waits longer than for one insert. A bulk
statement on a marked table is seen too: it needs an explicit event, or nothing commits.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import Mapper, ORMExecuteState, Session, SessionTransaction

from app.platform.audit import appending, marking, pending
from app.platform.audit.canonical import Plain, plain
from app.platform.audit.marking import Action, Audited, Mark
from app.platform.audit.pending import Change, Values

GONE = "audit_gone"
SAVEPOINTS = "audit_savepoints"


class UnrecordedChange(RuntimeError):
    """A marked table was changed behind the log's back: a programming error."""


@event.listens_for(Session, "before_flush")
def _see_deletions(session: Session, _context: Any, _objects: Any) -> None:
    # Any here and below: SQLAlchemy's own types. After the flush a deleted row is unreadable.
    gone = session.info.setdefault(GONE, {})
    for thing in session.deleted:
        if isinstance(thing, Audited):
            gone[id(thing)] = {name: before for name, before, _ in _fields(thing, is_gone=True)}


@event.listens_for(Session, "after_flush")
def _collect(session: Session, _context: Any) -> None:
    found = [*_created(session), *_changed(session), *_deleted(session)]
    session.info.pop(GONE, None)
    if not found:
        return
    transaction = pending.of(session)
    if transaction.is_written:
        raise UnrecordedChange("something changed after the transaction's events were written")
    for change in found:
        transaction.add(change)


@event.listens_for(Session, "do_orm_execute")
def _see_bulk(state: ORMExecuteState) -> None:
    if not (state.is_update or state.is_delete):
        return
    table = getattr(state.statement, "table", None)
    name = getattr(table, "name", "")
    mark = marking.mark_of(name)
    if mark is not None and not _is_untold(state, mark):
        transaction = pending.of(state.session)
        transaction.bulk |= {name}


@event.listens_for(Session, "before_commit")
def _write(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    transaction = pending.of(session)
    silent = sorted(transaction.bulk - transaction.covered - _spoken_for(transaction))
    if silent:
        raise UnrecordedChange(
            f"{', '.join(silent)} changed by a bulk statement without an event: "
            "call audit.services.record(…, covers=…) in the same transaction"
        )
    if not transaction.is_empty:
        appending.append(session, transaction)
    transaction.is_written = True


@event.listens_for(Session, "after_transaction_create")
def _note_savepoint(session: Session, begun: SessionTransaction) -> None:
    if begun.nested:
        kept = session.info.setdefault(SAVEPOINTS, {})
        kept[begun] = pending.of(session).copy()


@event.listens_for(Session, "after_soft_rollback")
def _go_back(session: Session, ended: SessionTransaction) -> None:
    kept = session.info.get(SAVEPOINTS, {}).pop(ended, None)
    if kept is not None:
        pending.put(session, kept)
    elif ended.parent is None:
        pending.forget(session)


@event.listens_for(Session, "after_transaction_end")
def _end(session: Session, ended: SessionTransaction) -> None:
    if ended.parent is None:
        pending.forget(session)
        session.info.pop(SAVEPOINTS, None)


def _is_untold(state: ORMExecuteState, mark: Mark) -> bool:
    """Tell whether an update sets nothing but what the log leaves out (when it was seen)."""
    # SQLAlchemy has no public way to ask an update what it sets.
    columns = getattr(state.statement, "_values", None) if state.is_update else None
    return columns is not None and not any(
        mark.keeps(getattr(each, "name", "")) for each in columns
    )


def _spoken_for(transaction: pending.Pending) -> frozenset[str]:
    return frozenset(each.entity for each in transaction.explicit)


def _created(session: Session) -> Iterator[Change]:
    for thing in session.new:
        if isinstance(thing, Audited):
            after: Values = {name: now for name, _, now in _fields(thing) if now is not None}
            yield _change(thing, Action.CREATE, None, after)


def _changed(session: Session) -> Iterator[Change]:
    for thing in session.dirty:
        if not isinstance(thing, Audited):
            continue
        differing = [(name, was, now) for name, was, now in _fields(thing) if was != now]
        if differing:
            before: Values = {name: was for name, was, _ in differing}
            after: Values = {name: now for name, _, now in differing}
            yield _change(thing, Action.CHANGE, before, after)


def _deleted(session: Session) -> Iterator[Change]:
    gone = session.info.get(GONE, {})
    for thing in session.deleted:
        if isinstance(thing, Audited):
            before: Values = {name: was for name, was in gone[id(thing)].items() if was is not None}
            yield _change(thing, Action.DELETE, before, None)


def _change(thing: Audited, action: Action, before: Values | None, after: Values | None) -> Change:
    mapper: Mapper[Any] = inspect(type(thing))
    key = "/".join(str(part) for part in mapper.primary_key_from_instance(thing))
    version = getattr(thing, "version", None)
    return Change(
        entity=str(mapper.local_table.description),
        entity_id=key,
        action=action,
        before=before,
        after=after,
        version=version if isinstance(version, int) else None,
    )


def _fields(thing: Audited, *, is_gone: bool = False) -> Iterator[tuple[str, Plain, Plain]]:
    """Yield each kept field with what it held and what it holds."""
    state = inspect(thing)
    for attribute, column in marking.columns_of(type(thing)):
        if is_gone:
            getattr(thing, attribute)
        history = state.attrs[attribute].history
        now = history.added or history.unchanged or (None,)
        was = history.deleted or history.unchanged or (None,)
        yield column, plain(was[0]), plain(now[0])
