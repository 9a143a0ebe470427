"""When a rule raises, holds and clears an alert, and what may be expected next.

A rule is judged period by period. Unknown and too small samples raise nothing and clear
nothing. Who is told, and where alerts are kept, stands elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import isfinite, sqrt
from statistics import median

import numpy as np
from numpy.typing import NDArray

from app.calc.trend_tests import mann_kendall

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

# Standard normal quantile of a two-sided 95 % interval.
Z = 1.959964
P_SIGNIFICANT = 0.05
LEAST_PERIODS = 8


class Operator(StrEnum):
    """How a value is compared with the threshold; what is true of it is bad."""

    BELOW = "below"
    AT_MOST = "at_most"
    ABOVE = "above"
    AT_LEAST = "at_least"

    @property
    def is_low_bad(self) -> bool:
        """Whether falling is what the rule watches for."""
        return self in (Operator.BELOW, Operator.AT_MOST)


class Found(StrEnum):
    """What one period says: bad, good, between threshold and clear threshold, or nothing."""

    BAD = "bad"
    GOOD = "good"
    BETWEEN = "between"
    UNKNOWN = "unknown"


class Change(StrEnum):
    """What one period changed."""

    NONE = "none"
    RAISED = "raised"
    HELD = "held"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a rule compares with.

    `clear` is the value from which a period counts as good, None for the threshold itself.
    `least_n` is the smallest sample that may say anything, `duration` how many periods in a
    row must be bad, `good_to_clear` how many must be good before it clears.
    """

    operator: Operator
    threshold: float
    clear: float | None = None
    least_n: int = 0
    duration: int = 1
    good_to_clear: int = 2


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rule has come with one thing: bad and good periods in a row, and whether it
    stands."""

    bad: int = 0
    good: int = 0
    stands: bool = False


@dataclass(frozen=True, slots=True)
class Episode:
    """One time that an alert stood; places of periods. `cleared` is None while it stands."""

    raised: int
    last_bad: int
    cleared: int | None = None


@dataclass(frozen=True, slots=True)
class Crossing:
    """When a trend reaches a floor, in periods from the last one.

    `soonest` and `latest` follow from the 95 % interval of the slope; `latest` is None where
    that interval does not exclude a trend that never gets there.
    """

    periods: float
    soonest: float
    latest: float | None


def check_limits(limits: Limits) -> None:
    """Raise unless limits can be judged by.

    Formula: clear lies on the good side of the threshold, or on it; counts are in range.

    Args:
        limits: of a rule.
    Returns:
        Nothing.
    Raises:
        ValueError: a number is not finite, clear lies on the bad side, duration or
            good_to_clear is below 1, or least_n below 0.
    Source: house rule, ADR 0043.
    Edge cases: clear equal to the threshold is no hysteresis by value.

    >>> check_limits(Limits(Operator.BELOW, 0.9, clear=0.92))
    """
    for name, value in (("threshold", limits.threshold), ("clear", limits.clear)):
        if value is not None and not isfinite(value):
            raise ValueError(f"{name} is {value}, it must be a finite number")
    if limits.duration < 1 or limits.good_to_clear < 1:
        raise ValueError(
            f"duration is {limits.duration} and good_to_clear {limits.good_to_clear}, "
            "both must be at least 1"
        )
    if limits.least_n < 0:
        raise ValueError(f"least_n is {limits.least_n}, it must be at least 0")
    if limits.clear is None:
        return
    wrong = (
        limits.clear < limits.threshold
        if limits.operator.is_low_bad
        else limits.clear > limits.threshold
    )
    if wrong:
        raise ValueError(
            f"clear is {limits.clear}, on the bad side of the threshold {limits.threshold}"
        )


def found_of(value: float | None, n: int | None, limits: Limits) -> Found:
    """Tell what one period says.

    Formula: unknown without value, or with n < least_n; bad where the operator holds; good
    from the clear threshold on; else between.

    Args:
        value: of the period [the subject's unit]; None where unknown.
        n: sample size [count]; None for what is no sample (an index, days to a date).
        limits: of the rule.
    Returns:
        What the period says.
    Raises:
        Nothing.
    Source: domain rules §3.8.
    Edge cases: exactly at a `below` threshold is not bad; judged on the unrounded value.

    >>> limits = Limits(Operator.BELOW, 0.90, clear=0.92, least_n=10)
    >>> [found_of(v, n, limits).value for v, n in ((0.89, 30), (0.91, 30), (0.92, 30), (0.5, 9))]
    ['bad', 'between', 'good', 'unknown']
    """
    if value is None or not isfinite(value) or (n is not None and n < limits.least_n):
        return Found.UNKNOWN
    if _is_bad(value, limits):
        return Found.BAD
    if limits.clear is None or limits.clear == limits.threshold:
        return Found.GOOD
    is_clear = value >= limits.clear if limits.operator.is_low_bad else value <= limits.clear
    return Found.GOOD if is_clear else Found.BETWEEN


def are_bad(values: Floats, n: Integers, limits: Limits) -> Flags:
    """Tell which periods are bad, of many things at once.

    Formula: as `found_of`, element by element.

    Args:
        values: any shape [the subject's unit]; NaN where unknown.
        n: sample sizes, the same shape [count].
        limits: of the rule.
    Returns:
        The same shape.
    Raises:
        Nothing.
    Source: as `found_of`.
    Edge cases: as `found_of`.

    >>> are_bad(np.array([0.8, 0.8, np.nan]), np.array([30, 3, 30]),
    ...     Limits(Operator.BELOW, 0.9, least_n=10)).tolist()
    [True, False, False]
    """
    compare = {
        Operator.BELOW: np.less,
        Operator.AT_MOST: np.less_equal,
        Operator.ABOVE: np.greater,
        Operator.AT_LEAST: np.greater_equal,
    }[limits.operator]
    is_known: Flags = np.isfinite(values) & (n >= limits.least_n)
    return is_known & compare(values, limits.threshold)


def step(progress: Progress, found: Found, limits: Limits) -> tuple[Progress, Change]:
    """Take one period into account.

    Formula: raised at the `duration`-th bad period in a row; cleared at the
    `good_to_clear`-th good one since the last bad or between one.

    Args:
        progress: before the period.
        found: what the period says.
        limits: of the rule.
    Returns:
        (progress behind the period, what it changed).
    Raises:
        Nothing.
    Source: domain rules §3.8: hysteresis, clear after 2 good periods.
    Edge cases: an unknown period ends a run of bad ones that has not raised yet, and neither
    counts as good nor ends a run of good ones. A period between the thresholds is neither.

    >>> limits = Limits(Operator.BELOW, 0.9, duration=2)
    >>> one, _ = step(Progress(), Found.BAD, limits)
    >>> step(one, Found.BAD, limits)[1].value
    'raised'
    """
    if found is Found.UNKNOWN:
        return replace(progress, bad=0), Change.HELD if progress.stands else Change.NONE
    if found is Found.BAD:
        bad = progress.bad + 1
        stands = progress.stands or bad >= limits.duration
        change = Change.HELD if progress.stands else Change.RAISED
        return Progress(bad, 0, stands), change if stands else Change.NONE
    good = progress.good + 1 if found is Found.GOOD else 0
    if progress.stands and good >= limits.good_to_clear:
        return Progress(0, good, False), Change.CLEARED
    return Progress(0, good, progress.stands), Change.HELD if progress.stands else Change.NONE


def episodes(found: Iterable[Found], limits: Limits) -> list[Episode]:
    """Return each time that an alert would have stood.

    Formula: `step` from the first period to the last.

    Args:
        found: what each period says, oldest first.
        limits: of the rule.
    Returns:
        The episodes, oldest first.
    Raises:
        Nothing.
    Source: as `step`.
    Edge cases: one that still stands has no end.

    >>> bad, good = Found.BAD, Found.GOOD
    >>> episodes([bad, good, bad, good, good, bad], Limits(Operator.ABOVE, 1))
    [Episode(raised=0, last_bad=2, cleared=4), Episode(raised=5, last_bad=5, cleared=None)]
    """
    progress, done = Progress(), list[Episode]()
    for place, each in enumerate(found):
        progress, change = step(progress, each, limits)
        if change is Change.RAISED:
            done.append(Episode(place, place))
        elif change is Change.CLEARED:
            done[-1] = replace(done[-1], cleared=place)
        elif change is Change.HELD and each is Found.BAD:
            done[-1] = replace(done[-1], last_bad=place)
    return done


def crossing(values: Sequence[float | None], floor: float, *, low_is_bad: bool) -> Crossing | None:
    """Tell when a significant trend reaches a floor.

    Formula: Theil–Sen line through the known periods; (floor − its value in the last
    period) ÷ slope. The range takes the 95 % limits of the slope: the pairwise slopes of rank
    (N ∓ 1.96·√Var(S)) ÷ 2.

    Args:
        values: one per period, oldest first [any unit]; None where unknown.
        floor: the value that must not be reached [same unit].
        low_is_bad: whether falling is bad; else rising is.
    Returns:
        The crossing; None without a trend in the bad direction at p < 0.05 over 8 known
        periods, or where the line has reached the floor already.
    Raises:
        ValueError: a value is infinite.
    Source: Sen 1968; Gilbert 1987, §16.4.2; domain rules §3.4.
    Edge cases: a slope whose limits include none has no latest period.

    >>> course = [0.99, 0.98, 0.98, 0.97, 0.96, 0.96, 0.95, 0.94]
    >>> found = crossing(course, 0.90, low_is_bad=True)
    >>> round(found.periods, 1), found.soonest < found.periods < found.latest
    (6.5, True)
    """
    known = [(at, value) for at, value in enumerate(values) if value is not None]
    trend = mann_kendall(values)
    if trend is None or len(known) < LEAST_PERIODS or trend.p >= P_SIGNIFICANT:
        return None
    sign = -1.0 if low_is_bad else 1.0
    level = median(value - trend.slope * at for at, value in known)
    level += trend.slope * (len(values) - 1)
    gap = (floor - level) * sign
    if trend.slope * sign <= 0 or gap <= 0:
        return None
    fast, slow = _slope_limits(known, trend.variance, sign)
    return Crossing(gap / (trend.slope * sign), gap / fast, gap / slow if slow > 0 else None)


def steps_due(
    hours: float, waits: Sequence[float | None], done: Collection[int]
) -> tuple[int, ...]:
    """Return the rungs of a ladder whose time has come and that were not taken yet.

    Formula: wait ≤ hours, not done.

    Args:
        hours: since the alert was raised [hours], ≥ 0.
        waits: of each rung [hours]; None for one that this severity never reaches.
        done: places of the rungs taken.
    Returns:
        The places of the rungs due, lowest first.
    Raises:
        Nothing.
    Source: house rule, ADR 0043.
    Edge cases: after a standstill several rungs may be due at once; each is taken once.

    >>> steps_due(30, (0, 24, 72), {0})
    (1,)
    """
    return tuple(
        place
        for place, wait in enumerate(waits)
        if wait is not None and wait <= hours and place not in done
    )


def _is_bad(value: float, limits: Limits) -> bool:
    if limits.operator is Operator.BELOW:
        return value < limits.threshold
    if limits.operator is Operator.AT_MOST:
        return value <= limits.threshold
    if limits.operator is Operator.ABOVE:
        return value > limits.threshold
    return value >= limits.threshold


def _slope_limits(
    known: Sequence[tuple[int, float]], variance: float, sign: float
) -> tuple[float, float]:
    """Return the steepest and the flattest slope towards the floor that 95 % leave."""
    slopes = sorted(
        sign * (later - earlier) / (there - here)
        for place, (here, earlier) in enumerate(known)
        for there, later in known[place + 1 :]
    )
    reach = Z * sqrt(variance)
    low = max(0, round((len(slopes) - reach) / 2) - 1)
    high = min(len(slopes) - 1, round((len(slopes) + reach) / 2))
    return slopes[high], slopes[low]
