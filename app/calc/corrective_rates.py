"""How soon a supplier answers corrective action requests: on-time rate and hours.

What counts as an answer is said in `corrective`: one that was rejected does not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.calc.corrective import check_aware
from app.calc.measure import LOTS_OK, LOTS_PROVISIONAL, Measure, rate, statistic

SECONDS_IN_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Clock:
    """One request's answer that is measured: issue, due time, the answer that stands."""

    issued_at: datetime
    due_at: datetime | None
    answered_at: datetime | None = None


def scar_on_time(clocks: Iterable[Clock], *, as_of: datetime) -> Measure:
    """Build the measure of corrective action requests answered in time.

    Formula: answered by due / (answered or past due); open and not past due is pending.

    Args:
        clocks: shape (n,), requests of the period of their due times; a rejected answer is
            none (`step_standing`).
        as_of: the moment of counting, aware; later answers have not come yet.
    Returns:
        The measure `scar_ontime` [fraction], lower is worse; ok from 10, provisional from 5.
    Raises:
        ValueError: a moment has no time zone.
    Source: domain rules §0.6, §0.8, §2.4.
    Edge cases: an open request past due is a miss; without due time it is unknown.

    >>> from datetime import UTC, timedelta
    >>> due = datetime(2026, 3, 3, 9, tzinfo=UTC)
    >>> issued = due - timedelta(days=1)
    >>> clocks = [Clock(issued, due, due), Clock(issued, due)]
    >>> scar_on_time(clocks, as_of=due + timedelta(hours=1)).value
    0.5
    """
    check_aware("as_of", as_of)
    outcomes = [_was_on_time(clock, as_of) for clock in clocks if not _is_pending(clock, as_of)]
    known = [outcome for outcome in outcomes if outcome is not None]
    return rate(
        "scar_ontime",
        sum(known),
        len(known),
        unknown=len(outcomes) - len(known),
        reason_no_data="No corrective action request was answered or past due.",
        noun="corrective action requests",
        ok=LOTS_OK,
        provisional=LOTS_PROVISIONAL,
    )


@dataclass(frozen=True, slots=True)
class ResponseTime:
    """Mean hours to the standing answer, and the open ones that it does not speak for."""

    measure: Measure
    still_open: int


def response_hours(clocks: Iterable[Clock], *, as_of: datetime) -> ResponseTime:
    """Build the measure of how long answers to corrective action requests took.

    Formula: mean of answered − issued over the answered ones.

    Args:
        clocks: shape (n,), requests issued by `as_of`.
        as_of: the moment of counting, aware.
    Returns:
        The measure `scar_hours` [hours], higher is worse, and how many are still open: their
        time is at least as long as they have waited, so a small mean beside many open ones
        is no praise.
    Raises:
        ValueError: a moment has no time zone.
    Source: domain rules §2.4.
    Edge cases: nothing answered is no_data, with the open ones counted.

    >>> from datetime import UTC, timedelta
    >>> issued = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> clocks = [Clock(issued, None, issued + timedelta(hours=6)), Clock(issued, None)]
    >>> found = response_hours(clocks, as_of=issued + timedelta(days=1))
    >>> found.measure.value, found.still_open
    (6.0, 1)
    """
    check_aware("as_of", as_of)
    issued = [clock for clock in clocks if clock.issued_at <= as_of]
    seconds = [
        (clock.answered_at - clock.issued_at).total_seconds()
        for clock in issued
        if clock.answered_at is not None and clock.answered_at <= as_of
    ]
    measure = statistic(
        "scar_hours",
        sum(seconds) / len(seconds) / SECONDS_IN_HOUR if seconds else None,
        n=len(seconds),
        reason_no_data="No corrective action request was answered.",
        noun="answered requests",
        ok=LOTS_OK,
        provisional=LOTS_PROVISIONAL,
    )
    return ResponseTime(measure, len(issued) - len(seconds))


def _is_pending(clock: Clock, as_of: datetime) -> bool:
    is_open = clock.answered_at is None or clock.answered_at > as_of
    return is_open and clock.due_at is not None and as_of <= clock.due_at


def _was_on_time(clock: Clock, as_of: datetime) -> bool | None:
    if clock.due_at is None:
        return None
    answered = clock.answered_at
    return answered is not None and answered <= as_of and answered <= clock.due_at
