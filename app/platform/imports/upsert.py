"""Writes rows by their natural key: new ones inserted, changed ones updated, the rest left.

For the small kinds; what a row held before it changes is kept with the batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Table, insert, select, update
from sqlalchemy.orm import Session

from app.platform.sources import images

ASKED_AT_ONCE = 2_000

Values = Mapping[str, Any]  # Any: values of different columns


@dataclass(slots=True)
class Upserted:
    """What became of the rows."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    # The written rows' values with their ids, for what must follow them.
    written: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Plan:
    """Rows sorted by what must be done with them; `changes` hold only what differs."""

    new: list[dict[str, Any]]
    changes: list[tuple[int, dict[str, Any]]]
    unchanged: int


def planned(session: Session, table: Table, key: Sequence[str], rows: Sequence[Values]) -> Plan:
    """Compare rows with what is stored under the same key."""
    known = _known(session, table, key, rows)
    new: list[dict[str, Any]] = []
    changes: list[tuple[int, dict[str, Any]]] = []
    unchanged = 0
    for row in rows:
        stored = known.get(tuple(row[name] for name in key))
        if stored is None:
            new.append(dict(row))
            continue
        differing = {name: value for name, value in row.items() if stored[name] != value}
        if differing:
            changes.append((stored["id"], differing))
        else:
            unchanged += 1
    return Plan(new, changes, unchanged)


def apply(
    session: Session, table: Table, plan: Plan, *, batch_id: int, key: Sequence[str], at: datetime
) -> Upserted:
    """Write what a plan says, and keep before-images."""
    ids = select(table.c.id).where(table.c.id.in_([row_id for row_id, _ in plan.changes]))
    for some in _slices([row_id for row_id, _ in plan.changes]):
        ids = select(table.c.id).where(table.c.id.in_(some))
        images.remember(session, batch_id, table, ids, at)
    for row_id, differing in plan.changes:
        session.execute(
            update(table).where(table.c.id == row_id).values({**differing, **_touched(table, at)})
        )
    names_batch = "batch_id" in table.columns
    if plan.new:
        rows = [{**row, "batch_id": batch_id} if names_batch else row for row in plan.new]
        session.execute(insert(table), rows)
        if not names_batch:
            found = _known(session, table, key, plan.new)
            inserted = [row["id"] for row in found.values()]
            images.remember_inserted(session, batch_id, table.name, inserted, at)
    written = [*plan.new, *(differing for _, differing in plan.changes)]
    return Upserted(len(plan.new), len(plan.changes), plan.unchanged, written)


def _touched(table: Table, at: datetime) -> dict[str, Any]:
    """Return what every change of an editable row changes with it."""
    touched: dict[str, Any] = {}
    if "updated_at" in table.columns:
        touched["updated_at"] = at
    if "version" in table.columns:
        touched["version"] = table.c.version + 1
    return touched


def _known(
    session: Session, table: Table, key: Sequence[str], rows: Sequence[Values]
) -> dict[tuple[Any, ...], Any]:
    """Return the stored rows under the keys of `rows`, asked for by the key's first column."""
    first = table.c[key[0]]
    known: dict[tuple[Any, ...], Any] = {}
    for some in _slices(list(dict.fromkeys(row[key[0]] for row in rows))):
        for stored in session.execute(select(table).where(first.in_(some))).mappings():
            known[tuple(stored[name] for name in key)] = stored
    return known


def _slices(items: Sequence[Any]) -> Iterator[list[Any]]:
    rest = iter(items)
    while some := list(islice(rest, ASKED_AT_ONCE)):
        yield some
