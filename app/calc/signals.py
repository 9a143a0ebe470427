"""Early warning: what raises a signal, how grave it is and when it clears.

Each rule says 1 (raised), 0 (not) or NaN (cannot be told) per supplier and period; a
signal stands until two good periods. Who is told stands elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from app.calc.measure import LINES_PROVISIONAL
from app.calc.p_chart import ALARM_TAIL, binomial_tails
from app.calc.rate_trend import MIN_TREND_PERIODS, RateTrends

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

GOOD_PERIODS_TO_CLEAR = 2
LATENESS_GROWTH = 1.5
LATENESS_FLOOR_DAYS = 1.0
SHARE_BEYOND_P90 = 0.1


class SignalKind(StrEnum):
    """What was noticed."""

    DEGRADATION = "degradation"
    OUT_OF_CONTROL = "out_of_control"
    BELOW_SLA = "below_sla"
    LATENESS_UP = "lateness_up"


class Severity(IntEnum):
    """How grave a signal is; the gravest of a supplier counts, they never add up."""

    WATCH = 1
    WARNING = 2
    ALARM = 3


SEVERITIES = MappingProxyType(
    {
        SignalKind.DEGRADATION: Severity.WARNING,
        SignalKind.OUT_OF_CONTROL: Severity.WARNING,
        SignalKind.BELOW_SLA: Severity.ALARM,
        SignalKind.LATENESS_UP: Severity.WATCH,
    }
)


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal with its evidence.

    `value` was compared with `limit`, in the unit of the rule: change over the window
    [fraction], rate of the last period [fraction], P90 of lateness [days]. `p` is two-sided
    where a trend was tested, else None.
    """

    kind: SignalKind
    value: float
    limit: float
    p: float | None = None

    @property
    def severity(self) -> Severity:
        """How grave this kind is."""
        return SEVERITIES[self.kind]


def below_sla(rates: Floats, sla: float | Floats) -> Floats:
    """Tell whose rate was below its agreed level in the last two periods.

    Formula: rate < SLA in the last period and in the one before.

    Args:
        rates: shape (m, periods ≥ 2) [fraction], oldest first; NaN where unknown. The
            point value decides, as in a contract, not the interval: this says what was
            delivered, not that anything changed, and a supplier whose long-run rate is near
            its level will often be told of it.
        sla: one value or shape (m,) [fraction], the agreed level; NaN where none is agreed.
    Returns:
        Shape (m,): 1 raised, 0 not, NaN where it cannot be told.
    Raises:
        ValueError: rates has fewer than two periods.
    Source: domain rules §3.8.
    Edge cases: exactly at the level is not below; one good period of the two settles it
    whatever the other was.

    >>> below_sla(np.array([[0.94, 0.93], [0.94, 0.95], [np.nan, 0.90]]), 0.95).tolist()
    [1.0, 0.0, nan]
    """
    rates = np.asarray(rates, dtype=np.float64)
    if rates.ndim != 2 or rates.shape[1] < GOOD_PERIODS_TO_CLEAR:
        raise ValueError(f"rates has shape {rates.shape}, it must be (suppliers, periods ≥ 2)")
    level = np.broadcast_to(np.asarray(sla, np.float64), (len(rates),))
    before, last = rates[:, -2], rates[:, -1]
    met = (before >= level) | (last >= level)
    missed = (before < level) & (last < level)
    return np.where(missed, 1.0, np.where(met, 0.0, np.nan))


def lateness_up(
    recent_p90: Floats,
    year_p90: Floats,
    *,
    recent_lines: Integers,
    later_lines: Integers,
    deff: Floats | None = None,
) -> Floats:
    """Tell whose worst lateness has grown by half, and not by chance.

    Formula: P90 of the last period ≥ 1.5·max(P90 of the 12 months before, 1 day), and
    P(X ≥ later ÷ deff) < 0.00135 for X binomial(recent ÷ deff, 0.1): a tenth of the lines of
    a stable supplier are later than its own P90.

    Args:
        recent_p90: shape (m,) [days], early is negative; NaN where unknown.
        year_p90: shape (m,) [days], of the twelve months before; NaN where unknown.
        recent_lines: shape (m,), completed lines of the last period [count], ≥ 0.
        later_lines: shape (m,), those of them that are later than `year_p90` [count].
        deff: shape (m,), design effect by order [ratio], ≥ 1, NaN where not known.
    Returns:
        Shape (m,): 1 raised, 0 not, NaN where a figure is unknown or rests on fewer than
        10 lines.
    Raises:
        ValueError: the shapes differ, a count contradicts another, or deff is below 1.
    Source: domain rules §3.8. As house rules, the floor of one day, as half of nothing is
    nothing, and the test of chance: by growth alone one in ten stable suppliers of 20 lines
    would be flagged a month.
    Edge cases: a supplier that used to be early needs 1.5 days of lateness.

    >>> recent, year, lines = np.array([6.0, 1, 9]), np.array([4.0, 0, 1]), np.array([20, 20, 5])
    >>> lateness_up(recent, year, recent_lines=lines, later_lines=np.array([9, 9, 5])).tolist()
    [1.0, 0.0, nan]
    """
    recent, year = np.asarray(recent_p90, np.float64), np.asarray(year_p90, np.float64)
    weight = np.ones(recent.shape) if deff is None else np.where(np.isnan(deff), 1.0, deff)
    shapes = {recent.shape, year.shape, recent_lines.shape, later_lines.shape, weight.shape}
    if len(shapes) > 1:
        raise ValueError(f"the arguments have shapes {sorted(shapes)}, they must be equal")
    if np.any(weight < 1):
        raise ValueError("deff: every design effect must be at least 1")
    share = np.full(recent.shape, SHARE_BEYOND_P90)
    _, chance = binomial_tails(later_lines / weight, recent_lines / weight, share)
    has_grown = recent >= LATENESS_GROWTH * np.maximum(year, LATENESS_FLOOR_DAYS)
    raised = has_grown & (chance < ALARM_TAIL)
    unknown = np.isnan(recent) | np.isnan(year) | (recent_lines < LINES_PROVISIONAL)
    return np.where(unknown, np.nan, raised.astype(np.float64))


def degradation(trends: RateTrends, *, higher_is_better: bool = True) -> Floats:
    """Tell whose rate degrades.

    Formula: `RateTrends.degrading`.

    Args:
        trends: of many suppliers.
        higher_is_better: which direction is good.
    Returns:
        Shape (m,): 1 raised, 0 not, NaN with fewer than 8 known periods.
    Raises:
        Nothing.
    Source: domain rules §3.4, §3.8.
    Edge cases: a change below two points over the window is none.

    >>> from app.calc.rate_trend import rate_trends
    >>> degradation(rate_trends(np.full((1, 12), 19.0), np.full((1, 12), 20.0))).tolist()
    [0.0]
    """
    raised = trends.degrading(higher_is_better=higher_is_better).astype(np.float64)
    return np.where(trends.trends.n < MIN_TREND_PERIODS, np.nan, raised)


def standing(conditions: Floats) -> Booleans:
    """Follow conditions through time: raised at once, cleared after two good periods.

    Formula: on at 1; off at the second 0 since the last 1; NaN changes nothing and does
    not count as good.

    Args:
        conditions: shape (m, periods), 1 raised, 0 not, NaN cannot be told; oldest first.
    Returns:
        Shape (m, periods), whether the signal stands.
    Raises:
        ValueError: conditions is not two-dimensional or holds another number.
    Source: hysteresis of domain rules §3.8.
    Edge cases: before the first 1 nothing stands.

    >>> standing(np.array([[0, 1, 0, 1, 0, np.nan, 0, 0]])).tolist()
    [[False, True, True, True, True, True, False, False]]
    """
    conditions = np.asarray(conditions, dtype=np.float64)
    if conditions.ndim != 2:
        raise ValueError(f"conditions has shape {conditions.shape}, it must be two-dimensional")
    if not np.all(np.isnan(conditions) | np.isin(conditions, (0.0, 1.0))):
        raise ValueError("conditions: every one must be 1, 0 or NaN")
    stands = np.zeros(conditions.shape, np.bool_)
    good = np.full(len(conditions), GOOD_PERIODS_TO_CLEAR)
    for period, column in enumerate(conditions.T):
        good = np.where(column == 1, 0, good + (column == 0))
        stands[:, period] = good < GOOD_PERIODS_TO_CLEAR
    return stands


def first_seen(stands: Booleans) -> Integers:
    """Return since when the signals of the last period stand.

    Formula: the first period of the run of True that the last period ends.

    Args:
        stands: shape (m, periods ≥ 1), of `standing`, oldest first.
    Returns:
        Shape (m,), place of the period from 0; −1 where nothing stands.
    Raises:
        ValueError: stands is not two-dimensional.
    Source: domain rules §3.8.
    Edge cases: a signal that cleared and came back counts from its return.

    >>> first_seen(np.array([[True, False, True, True], [True, True, True, False]])).tolist()
    [2, -1]
    """
    if stands.ndim != 2:
        raise ValueError(f"stands has shape {stands.shape}, it must be two-dimensional")
    periods = stands.shape[1]
    backwards = ~stands[:, ::-1]
    run = np.where(backwards.any(axis=1), backwards.argmax(axis=1), periods)
    return np.where(run > 0, periods - run, -1)


def severity_of(signals: Iterable[Signal]) -> Severity | None:
    """Return how grave a supplier's signals are together.

    Formula: the gravest; never a sum.

    Args:
        signals: what stands.
    Returns:
        The severity; None where nothing stands.
    Raises:
        Nothing.
    Source: domain rules §3.8.
    Edge cases: three warnings are a warning.

    >>> severity_of([Signal(SignalKind.LATENESS_UP, 6.0, 4.5)]).name
    'WATCH'
    """
    return max((signal.severity for signal in signals), default=None)


def trend_signals(
    trends: RateTrends, index: int, *, higher_is_better: bool = True
) -> tuple[Signal, ...]:
    """Return the signals of one supplier's rate, with their evidence.

    Formula: degradation: value = Sen slope·periods, limit = the least change that matters,
    on the bad side; out of control: value = the last period's rate, limit = the baseline's.

    Args:
        trends: of many suppliers.
        index: which one.
        higher_is_better: which direction is good.
    Returns:
        Degradation, out of control, both or none.
    Raises:
        IndexError: there is no such supplier.
    Source: domain rules §3.8.
    Edge cases: a sudden drop is out of control long before it is a trend.

    >>> from app.calc.rate_trend import rate_trends
    >>> good = np.full((1, 24), 38.0)
    >>> good[0, -2:] = 24
    >>> [s.kind.value for s in trend_signals(rate_trends(good, np.full((1, 24), 40.0)), 0)]
    ['out_of_control']
    """
    bad = -1.0 if higher_is_better else 1.0
    signals = []
    if trends.degrading(higher_is_better=higher_is_better)[index]:
        change, p = float(trends.change[index]), float(trends.trends.p[index])
        signals.append(Signal(SignalKind.DEGRADATION, change, bad * trends.material, p=p))
    if trends.baseline and trends.out_of_control(higher_is_better=higher_is_better)[index]:
        rate, centre = float(trends.last_rate[index]), float(trends.baseline.centre[index])
        signals.append(Signal(SignalKind.OUT_OF_CONTROL, rate, centre))
    return tuple(signals)
