"""How an obligation stands against a figure: kept, missed, or nothing that can be said.

Reads no database; where the figure comes from is said by `money.obligations`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.calc.measure import Measure
from app.calc.periods import Period, last_full_month, month_end, month_label, parse_period
from app.calc.windows import last_month, last_quarter
from app.judgement.contracts.models import ContractObligation, Direction, ObligationWindow


class Outcome(StrEnum):
    """How an obligation stands."""

    KEPT = "kept"
    MISSED = "missed"
    TOO_FEW = "too_few"
    NO_DATA = "no_data"


@dataclass(frozen=True, slots=True)
class Measured:
    """An obligation with the figure of the last window that is over.

    measure: as the contract counts it. operational: as the supplier's scorecard has it.
    is_sure: whether the whole interval lies on one side of the target. left_out: lines that the
    contract does not count, of which another delivery rule judged `judged_otherwise`.
    """

    obligation: ContractObligation
    period: Period
    measure: Measure | None
    operational: Measure | None
    outcome: Outcome
    is_sure: bool
    is_of_lines: bool = False
    left_out: int = 0
    judged_otherwise: int = 0


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


def judged(each: ContractObligation, measure: Measure | None) -> tuple[Outcome, bool]:
    """Return how an obligation stands by a measure, and whether its whole interval says so."""
    if measure is None or measure.value is None:
        return Outcome.NO_DATA, False
    if (measure.n or 0) < each.min_n:
        return Outcome.TOO_FEW, False
    direction, target = Direction(each.direction), float(each.target)
    kept = is_kept(direction, target, measure.value)
    ends = [end for end in (measure.lo, measure.hi) if end is not None]
    is_sure = len(ends) == 2 and all(is_kept(direction, target, end) is kept for end in ends)
    return Outcome.KEPT if kept else Outcome.MISSED, is_sure


def window_words(period: Period) -> str:
    """Return the months of a window in words (“2026-07 to 2026-09”)."""
    first, last = month_label(period.first_month), month_label(period.last_month)
    return first if first == last else f"{first} to {last}"
