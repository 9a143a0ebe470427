"""Obligations against what was measured: the present value of each beside its target.

Values are the operational ones of the scorecard: what a contract leaves out (force majeure,
what we caused, what is disputed) is taken off where money follows from it, not here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy.orm import Session

from app.calc.measure import Measure
from app.calc.periods import Period, last_full_month, month_end, month_label, parse_period
from app.calc.windows import last_month, last_quarter
from app.judgement.contracts.models import ContractObligation, Direction, ObligationWindow
from app.judgement.scorecards.gathering import gather
from app.judgement.scorecards.measures import measure_table


class Outcome(StrEnum):
    """How an obligation stands."""

    KEPT = "kept"
    MISSED = "missed"
    TOO_FEW = "too_few"
    NO_DATA = "no_data"


@dataclass(frozen=True, slots=True)
class Measured:
    """An obligation with the measure of the last window that is over.

    is_sure: whether the whole interval lies on one side of the target.
    """

    obligation: ContractObligation
    period: Period
    measure: Measure | None
    outcome: Outcome
    is_sure: bool


def measured(
    session: Session, supplier_id: int, obligations: Collection[ContractObligation], *, as_of: date
) -> list[Measured]:
    """Return each obligation with its measure over the last window that ended by a day."""
    kinds = sorted({each.window_kind for each in obligations})
    periods = {kind: window_ended(ObligationWindow(kind), as_of) for kind in kinds}
    figures = {
        kind: measure_table(gather(session, period, supplier_ids=[supplier_id])).measures(0)
        for kind, period in periods.items()
    }
    return [
        _judged(each, periods[each.window_kind], figures[each.window_kind].get(each.measure))
        for each in obligations
    ]


def window_ended(kind: ObligationWindow, as_of: date) -> Period:
    """Return the last window of a kind that is over by a day."""
    if kind is ObligationWindow.ROLLING_YEAR:
        return parse_period("12m", as_of=month_end(last_full_month(as_of)))
    labels = {
        ObligationWindow.MONTH: last_month(as_of),
        ObligationWindow.QUARTER: last_quarter(as_of),
        ObligationWindow.YEAR: str(as_of.year - 1),
    }
    return parse_period(labels[kind], as_of=as_of)


def is_kept(direction: Direction, target: float, value: float) -> bool:
    """Tell whether a value lies on the good side of a target; the target itself does."""
    return value >= target if direction is Direction.AT_LEAST else value <= target


def _judged(each: ContractObligation, period: Period, measure: Measure | None) -> Measured:
    if measure is None or measure.value is None:
        return Measured(each, period, measure, Outcome.NO_DATA, is_sure=False)
    if (measure.n or 0) < each.min_n:
        return Measured(each, period, measure, Outcome.TOO_FEW, is_sure=False)
    direction, target = Direction(each.direction), float(each.target)
    kept = is_kept(direction, target, measure.value)
    ends = [end for end in (measure.lo, measure.hi) if end is not None]
    is_sure = len(ends) == 2 and all(is_kept(direction, target, end) is kept for end in ends)
    return Measured(
        each, period, measure, Outcome.KEPT if kept else Outcome.MISSED, is_sure=is_sure
    )


def window_words(period: Period) -> str:
    """Return the months of a window in words (“2026-07 to 2026-09”)."""
    first, last = month_label(period.first_month), month_label(period.last_month)
    return first if first == last else f"{first} to {last}"
