"""What is asked, tried and known of a continuity plan, as the readiness rubric takes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from app.calc.periods import month_end, month_index, month_start

# An approval holds for a year; then somebody has to look at the plan again.
APPROVAL_MONTHS = 12


class ExerciseKind(StrEnum):
    """How a plan is exercised, the least first."""

    NOTIFICATION = "notification"
    WALKTHROUGH = "walkthrough"
    TABLETOP = "tabletop"
    FUNCTIONAL = "functional"
    FULL = "full"


class Topic(StrEnum):
    """What a supplier is asked about its continuity."""

    EXISTS = "exists"
    COVERS = "covers"
    TESTED = "tested"
    TARGETS = "targets"


class Answer(StrEnum):
    """What it answers."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Part(StrEnum):
    """The parts of the rubric, in its order."""

    DOCUMENTED = "documented"
    RECOVERY = "recovery"
    REVIEWED = "reviewed"
    EXERCISED = "exercised"
    ALTERNATE = "alternate"
    STOCK = "stock"
    CONTACTS = "contacts"
    SUB_TIER = "sub_tier"


MOST: Mapping[Part, int] = MappingProxyType(
    {
        Part.DOCUMENTED: 15,
        Part.RECOVERY: 20,
        Part.REVIEWED: 10,
        Part.EXERCISED: 20,
        Part.ALTERNATE: 15,
        Part.STOCK: 10,
        Part.CONTACTS: 5,
        Part.SUB_TIER: 5,
    }
)


class Why(StrEnum):
    """Why a part earns what it earns."""

    APPROVED = "approved"
    DRAFT_ONLY = "draft_only"
    APPROVAL_EXPIRED = "approval_expired"
    SHOWN = "shown"
    SHOWN_TOO_LONG = "shown_too_long"
    CLAIMED = "claimed"
    CLAIMED_TOO_LONG = "claimed_too_long"
    NOTHING_REQUIRED = "nothing_required"
    NO_CLAIM = "no_claim"
    ANSWERED_YES = "answered_yes"
    ANSWERED_NO = "answered_no"
    WITHIN_YEAR = "within_year"
    WITHIN_TWO_YEARS = "within_two_years"
    TOO_OLD = "too_old"
    NEVER_REVIEWED = "never_reviewed"
    REAL_EXERCISE = "real_exercise"
    TABLETOP = "tabletop"
    OLD_OR_LESSER = "old_or_lesser"
    NEVER_EXERCISED = "never_exercised"
    ENOUGH = "enough"
    TOO_LITTLE = "too_little"
    CAPACITY_UNKNOWN = "capacity_unknown"
    HELD = "held"
    NONE_HELD = "none_held"
    STOCK_UNKNOWN = "stock_unknown"
    ALL_REACHED = "all_reached"
    NOT_ALL_REACHED = "not_all_reached"
    NO_CONTACTS = "no_contacts"
    OBTAINED = "obtained"
    NOT_OBTAINED = "not_obtained"
    SUB_TIER_UNKNOWN = "sub_tier_unknown"


@dataclass(frozen=True, slots=True)
class Exercise:
    """An exercise that was done; `achieved_days` is None where no recovery was timed."""

    kind: ExerciseKind
    done_on: date
    achieved_days: float | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that a document proves, with the day on which the document was true."""

    answer: Answer
    evidence_on: date


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """What is known of a plan on a day; None where it is not.

    required_days: the recovery time that the contract demands, else the longest outage that
    is tolerable (MTPD). Percentages are of normal capacity. reached_on: per contact the day
    on which somebody last got through.
    """

    approved_on: date | None = None
    reviewed_on: date | None = None
    required_days: float | None = None
    claimed_days: float | None = None
    exercises: Sequence[Exercise] = ()
    needed_percent: float | None = None
    alternate_percent: float | None = None
    finished_days: float | None = None
    critical_days: float | None = None
    has_last_time_stock: bool = False
    reached_on: Sequence[date | None] = ()
    has_sub_tier_plans: bool | None = None
    answers: Mapping[Topic, Answered] = field(default_factory=dict)


@lru_cache(maxsize=8_192)
def months_after(day: date, months: int) -> date:
    """Return the day some months after a day, or the last one of that month.

    Args:
        day: any.
        months: ≥ 0.
    Returns:
        The same day of the later month; the month's last where it has no such day.

    >>> months_after(date(2024, 2, 29), 12), months_after(date(2025, 8, 31), 6)
    (datetime.date(2025, 2, 28), datetime.date(2026, 2, 28))
    """
    index = month_index(day) + months
    return min(month_start(index) + timedelta(days=day.day - 1), month_end(index))


def is_recent(day: date | None, as_of: date, months: int) -> bool:
    """Tell whether a day lies within so many months before another, that day included.

    >>> is_recent(date(2025, 9, 30), date(2026, 9, 30), 12)
    True
    >>> is_recent(date(2026, 10, 1), date(2026, 9, 30), 12)
    False
    """
    return day is not None and day <= as_of <= months_after(day, months)


def approval_ends(approved_on: date | None) -> date | None:
    """Return the last day on which an approval holds, None where there is none.

    >>> approval_ends(date(2024, 2, 29))
    datetime.date(2025, 2, 28)
    """
    return None if approved_on is None else months_after(approved_on, APPROVAL_MONTHS)


def newest_shown(exercises: Sequence[Exercise], as_of: date) -> Exercise | None:
    """Return the newest exercise up to a day that timed a recovery, None where none did."""
    timed = [each for each in exercises if each.achieved_days is not None and each.done_on <= as_of]
    return max(timed, key=lambda each: each.done_on, default=None)
