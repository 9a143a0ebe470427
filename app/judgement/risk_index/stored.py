"""Published indexes in full, as they were published: nothing is read again from the facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calc.risk_moves import Judged
from app.judgement.risk_index.evaluation import PERIOD_KIND, RiskCard, unpacked
from app.judgement.risk_index.methods import IndexMethodVersion
from app.judgement.risk_index.models import IndexMethod, RiskSnapshot
from app.judgement.risk_index.queries import RiskSnapshotHead, method_from
from app.judgement.snapshots import queries as snapshots

DAYS_OFFERED = 24
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class StoredRisk:
    """A published index: its head, the method of its day, and what it was made of."""

    head: RiskSnapshotHead
    method: IndexMethodVersion
    card: RiskCard

    @property
    def judged(self) -> Judged:
        """Return its risks and how they were judged."""
        return self.method.judged(dict(self.card.result.dimensions))


def published_of(session: Session, supplier_id: int, day: date) -> list[StoredRisk]:
    """Return a supplier's published indexes of a day, the first one first, then what restates."""
    r = RiskSnapshot
    rows = session.scalars(
        select(r)
        .where(
            r.supplier_id == supplier_id,
            r.period_kind == PERIOD_KIND,
            r.period_end == day,
            ~snapshots.is_open(r),
        )
        .order_by(r.sequence)
    ).all()
    return [_stored(session, row) for row in rows]


def days_of(session: Session, supplier_id: int, *, limit: int = DAYS_OFFERED) -> list[date]:
    """Return the days for which a supplier has a published index, the newest first."""
    r = RiskSnapshot
    rows = session.scalars(
        select(r.period_end)
        .where(r.supplier_id == supplier_id, r.period_kind == PERIOD_KIND, ~snapshots.is_open(r))
        .distinct()
        .order_by(r.period_end.desc())
        .limit(limit)
    )
    return list(rows)


def published_days(session: Session, *, limit: int = DAYS_OFFERED) -> list[date]:
    """Return the last days for which anybody's index is published, the newest first."""
    found: list[date] = []
    until: date | None = None
    # One step of the index for each day; a distinct would look at every snapshot.
    while len(found) < limit:
        day = snapshots.newest_period_end(session, RiskSnapshot, PERIOD_KIND, until=until)
        if day is None:
            break
        found.append(day)
        until = day - ONE_DAY
    return found


def everybody_on(session: Session, day: date) -> Sequence[StoredRisk]:
    """Return everybody's newest published index of a day, by supplier."""
    r = RiskSnapshot
    rows = session.scalars(
        select(r)
        .where(r.period_kind == PERIOD_KIND, r.period_end == day, snapshots.is_newest(r))
        .order_by(r.supplier_id)
    )
    known: dict[int, IndexMethodVersion] = {}
    return [_stored(session, row, known) for row in rows]


def _stored(
    session: Session, row: RiskSnapshot, known: dict[int, IndexMethodVersion] | None = None
) -> StoredRisk:
    methods = {} if known is None else known
    if row.method_id not in methods:
        methods[row.method_id] = method_from(session.get_one(IndexMethod, row.method_id))
    method = methods[row.method_id]
    head = RiskSnapshotHead(*(getattr(row, each.name) for each in fields(RiskSnapshotHead)))
    return StoredRisk(head, method, unpacked(row.supplier_id, row.parts, method))
