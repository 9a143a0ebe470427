"""What a flush may write: every row and every row it refers to must be within reach.

Looks at objects before they are written; what a statement does stands in `session`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Table, inspect
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import History

from app.base.acting import Actor, Limit, Reach
from app.base.scope.session import readable_ids, refusal, writable_ids
from app.base.scope.ties import (
    NO_SITE,
    Inside,
    OfSupplier,
    Open,
    Owned,
    Shared,
    SupplierItself,
    Through,
    Tie,
    named_by,
    supplier_table,
    tie_of,
)

# Keys to look up, by table: rows that must be within what the actor writes, or reads.
Wanted = dict[str, set[int]]


def check(session: Session, actor: Actor) -> None:
    """Raise where the flush would write, or refer to, what the actor doesn't reach."""
    written: Wanted = defaultdict(set)
    read: Wanted = defaultdict(set)
    for row in [*session.new, *session.dirty, *session.deleted]:
        if row in session.dirty and not session.is_modified(row):
            continue
        _note(session, actor, row, written, read)
    for table, keys in written.items():
        _require(session, table, keys, writable_ids(session, table, keys))
    for table, keys in read.items():
        _require(session, table, keys, readable_ids(session, table, keys))


def _note(session: Session, actor: Actor, row: object, written: Wanted, read: Wanted) -> None:
    """Note the rows on which it depends whether this one may be written."""
    table = _table_of(row)
    tie = tie_of(table.name)
    if isinstance(tie, Open):
        return
    is_new = row in session.new
    if is_new or not isinstance(tie, SupplierItself) or _is_moved(row, tie):
        _require_own(tie, row, actor)
    if not is_new:
        written[table.name].add(_key(row))
    for name, values in _references(table, row):
        target = _referred(table, name, tie)
        if target is None:
            continue
        kind = tie_of(target)
        if isinstance(kind, Open):
            continue
        (written if _is_of_suppliers(kind) else read)[target] |= values
    for site in _sites(tie, row):
        if not _reaches_site(actor.writes, site):
            raise refusal(is_read=_reaches_site(actor.reads, site))


def _is_moved(row: object, tie: SupplierItself) -> bool:
    history: History = inspect(row).attrs[_attribute(row, tie.category)].history
    return history.has_changes()


def _is_of_suppliers(tie: Tie) -> bool:
    """Tell whether rows of this kind are a supplier's alone, so that naming one is writing it."""
    is_mixed = isinstance(tie, OfSupplier) and tie.is_ours_without
    return isinstance(tie, SupplierItself | OfSupplier | Through) and not is_mixed


def _require_own(tie: Tie, row: object, actor: Actor) -> None:
    """Raise where the row's kind is not the actor's to write, whatever stands in it."""
    if isinstance(tie, SupplierItself):
        for category in _history(row, tie.category):
            if not _reaches_category(actor.writes, category):
                raise refusal(is_read=_reaches_category(actor.reads, category))
    elif isinstance(tie, OfSupplier) and tie.is_ours_without:
        if None in _history(row, tie.column):
            raise refusal(is_read=actor.is_of_the_house)
    elif isinstance(tie, Owned):
        is_own = actor.user_id is not None and _history(row, tie.column) == {actor.user_id}
        if not (is_own or actor.keeps_house(is_write=True)):
            raise refusal(is_read=False)
    elif isinstance(tie, Shared):
        raise refusal(is_read=actor.is_of_the_house)
    elif isinstance(tie, Inside) and not actor.is_of_the_house:
        raise refusal(is_read=False)


def _references(table: Table, row: object) -> Iterator[tuple[str, set[int]]]:
    names = {key.parent.name for key in table.foreign_keys}
    tie = tie_of(table.name)
    if isinstance(tie, OfSupplier | Through):
        names.add(tie.column)
    for name in sorted(names):
        values = _values(row, name)
        if values:
            yield name, values


def _referred(table: Table, name: str, tie: Tie) -> str | None:
    """Return the table that a column refers to, with a foreign key or without."""
    named = named_by(table.columns[name])
    if named is not None:
        return str(named.name)
    if isinstance(tie, Through) and tie.column == name:
        return tie.table
    if isinstance(tie, OfSupplier) and tie.column == name:
        return supplier_table()
    return None


def _require(session: Session, table: str, keys: set[int], there: set[int]) -> None:
    missing = keys - there
    if missing:
        raise refusal(is_read=missing <= readable_ids(session, table, missing))


def _sites(tie: Tie, row: object) -> set[int]:
    if not isinstance(tie, OfSupplier) or tie.site is None:
        return set()
    return {site for site in _values(row, tie.site) if site != NO_SITE}


def _reaches_site(reach: Reach, site: int) -> bool:
    return any(limit.site_ids is None or site in limit.site_ids for limit in reach.limits)


def _reaches_category(reach: Reach, category: int | None) -> bool:
    def lets(limit: Limit) -> bool:
        # Whoever is limited to a supplier enters none.
        if limit.supplier_ids is not None:
            return False
        return limit.category_ids is None or category in limit.category_ids

    return any(lets(limit) for limit in reach.limits)


def _values(row: object, name: str) -> set[int]:
    """Return what a column held and is to hold, unknown left out."""
    return {value for value in _history(row, name) if value is not None}


def _history(row: object, name: str) -> set[Any]:  # Any: keys of any type
    history: History = inspect(row).attrs[_attribute(row, name)].history
    found = {*history.added, *(history.unchanged or ()), *(history.deleted or ())}
    return found or {None}


def _attribute(row: object, name: str) -> str:
    mapper = inspect(type(row))
    return str(mapper.get_property_by_column(_table_of(row).columns[name]).key)


def _table_of(row: object) -> Table:
    table = inspect(type(row)).local_table
    assert isinstance(table, Table)  # noqa: S101 — ours all are
    return table


def _key(row: object) -> int:
    identity = inspect(row).identity
    return int(identity[0])
