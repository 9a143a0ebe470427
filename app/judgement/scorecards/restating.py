"""Older periods: which published cards a touched month lies in, and what they say now.

Only cards that end with a month are looked at; those of other days are taken over by the
next day's. Each is judged by the method it was published with. Publishes nothing itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calc.periods import (
    MONTHS_IN_QUARTER,
    MONTHS_IN_YEAR,
    Period,
    month_end,
    month_index,
    quarter_label,
)
from app.judgement.scorecards.correcting import OF_ITS_DAY
from app.judgement.scorecards.evaluation import Evaluation, PeriodKind, Row, evaluate
from app.judgement.scorecards.gathering import FLOOR_QUARTERS, gather, otif_below_floor
from app.judgement.scorecards.models import ScorecardSnapshot
from app.judgement.scorecards.stored_methods import method_by_id
from app.judgement.snapshots.queries import is_newest

MONTHS_OF: Mapping[PeriodKind, int] = {
    PeriodKind.ROLLING_YEAR: MONTHS_IN_YEAR,
    PeriodKind.QUARTER: MONTHS_IN_QUARTER,
}
# So many months before its end move a card: its grade is capped by OTIF of two full quarters.
REACH_OF: Mapping[PeriodKind, int] = {
    kind: max(months, FLOOR_QUARTERS * MONTHS_IN_QUARTER) for kind, months in MONTHS_OF.items()
}
Published = tuple[PeriodKind, date]


@dataclass(frozen=True, slots=True)
class OlderPeriod:
    """A published period, to be judged again by a method; a plain value, so it can be sent."""

    kind: PeriodKind
    period: Period
    method_id: int


def older_cards(
    session: Session,
    touched: Mapping[int, Collection[int]],
    *,
    on: date,
    apart_from: Collection[Published],
) -> list[tuple[OlderPeriod, tuple[int, ...]]]:
    """Return the published periods that hold touched months, each with whose card it concerns.

    touched: months by supplier. apart_from: periods that are judged anyway.
    """
    months = sorted({month for own in touched.values() for month in own})
    found = []
    for kind, last in _windows(months, on):
        if (kind, month_end(last)) not in apart_from:
            found += _concerned(session, kind, last, touched, on=on)
    return found


def judged_again(session: Session, older: OlderPeriod, supplier_ids: Collection[int]) -> Evaluation:
    """Return the cards of a published period as the facts have them now, ready to be stored."""
    method, done = method_by_id(session, older.method_id), Evaluation()
    for own, told in _by_told_open_lines(session, older, supplier_ids):
        sums = replace(gather(session, older.period, supplier_ids=own), open_past_due=told)
        below = otif_below_floor(
            session, older.period, supplier_ids=sums.supplier_ids, floor=method.otif_floor
        )
        done += evaluate(sums, kind=older.kind, period=older.period, method=method, below=below)
    return done


def months_of(row: Row) -> tuple[int, int]:
    """Return the first and the last month that move a card that is to be stored."""
    last = month_index(row["period_end"])
    return last - REACH_OF[PeriodKind(row["period_kind"])] + 1, last


def _windows(months: Collection[int], on: date) -> Iterator[tuple[PeriodKind, int]]:
    """Yield kind and last month of every period that one of the months can move and is over."""
    over = month_index(on) if on == month_end(month_index(on)) else month_index(on) - 1
    for kind, length in REACH_OF.items():
        ends = {month + ahead for month in months for ahead in range(length)}
        for last in sorted(ends):
            is_whole = kind is not PeriodKind.QUARTER or (last + 1) % MONTHS_IN_QUARTER == 0
            if last <= over and is_whole:
                yield kind, last


def _concerned(
    session: Session,
    kind: PeriodKind,
    last: int,
    touched: Mapping[int, Collection[int]],
    *,
    on: date,
) -> list[tuple[OlderPeriod, tuple[int, ...]]]:
    s = ScorecardSnapshot
    rows = session.execute(
        select(s.supplier_id, s.method_id)
        .where(s.period_kind == kind, s.period_end == month_end(last), is_newest(s))
        .order_by(s.supplier_id)
    )
    moving = range(last - REACH_OF[kind] + 1, last + 1)
    whose: dict[int, list[int]] = {}
    for owner, method_id in rows:
        if any(month in moving for month in touched.get(owner, ())):
            whose.setdefault(method_id, []).append(owner)
    first = last - MONTHS_OF[kind] + 1
    period = Period(_label(kind, last), first, last, as_of=on)
    return [
        (OlderPeriod(kind, period, method_id), tuple(own))
        for method_id, own in sorted(whose.items())
    ]


def _label(kind: PeriodKind, last: int) -> str:
    if kind is PeriodKind.QUARTER:
        return quarter_label(last)
    return str(kind)


def _by_told_open_lines(
    session: Session, older: OlderPeriod, supplier_ids: Collection[int]
) -> Iterator[tuple[list[int], np.ndarray[tuple[int], np.dtype[np.int64]] | None]]:
    """Yield suppliers with the open lines that their published card told, if it told any."""
    s = ScorecardSnapshot
    rows = session.execute(
        select(s.supplier_id, s.parts["measures"][OF_ITS_DAY][0]).where(
            s.supplier_id.in_(supplier_ids),
            s.period_kind == older.kind,
            s.period_end == older.period.last_day,
            is_newest(s),
        )
    )
    told: dict[int, object] = {row[0]: row[1] for row in rows}
    known = sorted(owner for owner, value in told.items() if value is not None)
    if known:
        yield known, np.array([_count(told[each]) for each in known], dtype=np.int64)
    unknown = sorted(set(supplier_ids) - set(known))
    if unknown:
        yield unknown, None


def _count(told: object) -> int:
    """Return a count as JSON has it, a number with decimals."""
    return int(float(str(told)))
