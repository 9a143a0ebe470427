"""The publisher: writes snapshots slice by slice, lets them be seen all at once.

A snapshot whose inputs and method are unchanged is not written again; a different one of
the same period stands beside the old one and says why.

1. `publication_of` opens the publication of a day, or goes on with the one left open.
2. `publish` writes the slices, each in a transaction of its own; nobody sees them.
3. `finish` lets all of them be seen, by changing one row.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, delete, func, insert, select, update
from sqlalchemy.orm import Session

from app.base.db import is_sqlite
from app.judgement.snapshots.columns import Snapshot
from app.judgement.snapshots.models import Publication
from app.judgement.snapshots.queries import is_open

Row = dict[str, Any]  # Any: a snapshot's columns are of many types

FACTS_CHANGED = "The facts behind it changed after it was published."
METHOD_CHANGED = "It was scored again by another method."
PUBLISHER_LOCK = 7_020_302


@dataclass(frozen=True, slots=True)
class Published:
    """How many snapshots were written, how many of them restate, how many stood unchanged."""

    written: int = 0
    restated: int = 0
    unchanged: int = 0

    @property
    def counts(self) -> list[int]:
        """The three counts, as a ledger keeps them."""
        return [self.written, self.restated, self.unchanged]

    def __add__(self, other: Published) -> Published:
        return Published(
            self.written + other.written,
            self.restated + other.restated,
            self.unchanged + other.unchanged,
        )


def publication_of(session: Session, *, as_of: date, at: datetime) -> int:
    """Return the open publication as of a day, opened now unless one was left open."""
    publish_alone(session)
    open_one = select(Publication.id).where(
        Publication.as_of == as_of, Publication.published_at.is_(None)
    )
    known = session.scalar(open_one)
    if known is not None:
        return known
    row = Publication(as_of=as_of, started_at=at)
    session.add(row)
    session.flush()
    return row.id


def publish(
    session: Session,
    snapshots: type[Snapshot],
    rows: Sequence[Row],
    *,
    publication_id: int,
    at: datetime,
) -> Published:
    """Store what differs from the newest stored of its supplier; `rows` are of one period.

    A row may bring along why it restates (None: it moves on without saying so).
    """
    if not rows:
        return Published()
    publish_alone(session)
    stored = _stored(session, snapshots, rows)
    written: list[Row] = []
    outdated: list[int] = []
    for row in rows:
        known = _Known.of(stored.get(row["supplier_id"], ()), publication_id)
        if known.says(row["input_digest"]):
            continue
        if known.own is not None:
            outdated.append(known.own.id)
        if known.seen is not None and known.seen.input_digest == row["input_digest"]:
            continue
        place = {"publication_id": publication_id, "published_at": at, "public_id": uuid.uuid4()}
        written.append(row | known.place(row) | place)
    table: Table = snapshots.__table__  # type: ignore[attr-defined] # every mapped class has one
    if outdated:
        # Nobody has seen them: they were written by a run that others took over from.
        session.execute(delete(table).where(table.c.id.in_(outdated)))
    if written:
        # The table, not the class: the ORM would group thousands of rows by their nulls.
        session.execute(insert(table), written)
    restated = sum(row["supersedes_id"] is not None for row in written)
    return Published(len(written), restated, len(rows) - len(written))


def finish(session: Session, publication_id: int, *, at: datetime) -> None:
    """Let a publication be seen, all of it from this transaction on."""
    session.execute(
        update(Publication).where(Publication.id == publication_id).values(published_at=at)
    )


def discard_abandoned(
    session: Session, snapshots: Sequence[type[Snapshot]], *, before: datetime
) -> int:
    """Remove what publications wrote that were begun before a moment and never came to an end.

    Returns how many snapshots went; nobody has seen one of them.
    """
    publish_alone(session)
    abandoned = list(
        session.scalars(
            select(Publication.id).where(
                Publication.published_at.is_(None), Publication.started_at < before
            )
        )
    )
    count = 0
    for each in snapshots:
        gone = session.execute(
            delete(each).where(each.publication_id.in_(abandoned)).returning(each.id)
        )
        count += len(gone.all())
    session.execute(delete(Publication).where(Publication.id.in_(abandoned)))
    return count


def publish_alone(session: Session) -> None:
    """Wait until nobody else publishes: two at once would take the same place in a sequence.

    SQLite's writers stand in line anyway.
    """
    if not is_sqlite(session):
        session.execute(select(func.pg_advisory_xact_lock(PUBLISHER_LOCK)))


@dataclass(frozen=True, slots=True)
class _Stored:
    id: int
    sequence: int
    input_digest: str
    method_id: int
    publication_id: int | None
    is_open: bool


@dataclass(frozen=True, slots=True)
class _Known:
    """What is stored of one supplier and period.

    seen: the newest that everybody sees. own: what this publication wrote already.
    top: the last place taken in the sequence, `own` left out.
    """

    seen: _Stored | None
    own: _Stored | None
    top: int

    @classmethod
    def of(cls, stored: Sequence[_Stored], publication_id: int) -> _Known:
        own = next((each for each in stored if each.publication_id == publication_id), None)
        others = [each for each in stored if each is not own]
        seen = next((each for each in reversed(others) if not each.is_open), None)
        return cls(seen, own, others[-1].sequence if others else 0)

    def says(self, digest: str) -> bool:
        """Whether this publication says so already."""
        is_last = self.own is not None and (
            self.seen is None or self.own.sequence > self.seen.sequence
        )
        return is_last and self.own is not None and self.own.input_digest == digest

    def place(self, row: Row) -> Row:
        """Return where a new one stands."""
        if self.seen is None:
            return {"sequence": self.top + 1, "supersedes_id": None, "restated_because": None}
        because = row.get("restated_because", FACTS_CHANGED)
        if self.seen.method_id != row["method_id"]:
            because = METHOD_CHANGED
        return {
            "sequence": self.top + 1,
            "supersedes_id": self.seen.id,
            "restated_because": because,
        }


def _stored(
    session: Session, snapshots: type[Snapshot], rows: Sequence[Row]
) -> Mapping[int, list[_Stored]]:
    """Return by supplier what is stored of the rows' period, in the order of its sequence."""
    ids = [row["supplier_id"] for row in rows]
    found = session.execute(
        select(
            snapshots.supplier_id,
            snapshots.id,
            snapshots.sequence,
            snapshots.input_digest,
            snapshots.method_id,
            snapshots.publication_id,
            is_open(snapshots),
        )
        .where(
            snapshots.period_kind == rows[0]["period_kind"],
            snapshots.period_end == rows[0]["period_end"],
            snapshots.supplier_id.between(min(ids), max(ids)),
        )
        .order_by(snapshots.sequence)
    )
    stored: dict[int, list[_Stored]] = {}
    for supplier_id, key, sequence, digest, method_id, publication_id, open_ in found:
        known = _Stored(key, sequence, digest, method_id, publication_id, open_)
        stored.setdefault(supplier_id, []).append(known)
    return stored
