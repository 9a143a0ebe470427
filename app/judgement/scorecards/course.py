"""How a rate went, month by month: one word, the chart behind it, what its tests found.

Works on a card's months and reads no database. What is raised early stands in `signs`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.calc.drift_charts import cusum_chart
from app.calc.measure import Measure
from app.calc.measure_columns import known
from app.calc.p_chart import Verdict, alarm_limits, p_verdicts
from app.calc.rate_trend import (
    CONFIRMING_PERIODS,
    MIN_TREND_PERIODS,
    WINDOW_PERIODS,
    RateTrends,
    TrendWord,
    drift_baseline,
    drift_chart,
    rate_trends,
)
from app.judgement.scorecards.queries import MonthFigures

Floats = NDArray[np.float64]

OTIF, ON_TIME = "otif_line", "otd"
# The window and as many months before it for the baseline.
COURSE_MONTHS = 2 * WINDOW_PERIODS
MONTHS_NEEDED = MIN_TREND_PERIODS
ALARMS = (Verdict.LOW_ALARM, Verdict.HIGH_ALARM)


@dataclass(frozen=True, slots=True)
class CourseMonth:
    """One month; `month` is an index. Rates, limits and EWMA are fractions, None where unknown.

    `verdict` is the p-chart's, None within the baseline. `smoothed` is the EWMA with its
    limits; `fallen` and `risen` are the CUSUM's two sums.
    """

    month: int
    value: float | None
    n: int
    lower: float | None
    upper: float | None
    verdict: Verdict | None
    smoothed: float | None = None
    smoothed_lower: float | None = None
    smoothed_upper: float | None = None
    fallen: float | None = None
    risen: float | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """How one rate went over the last months.

    `known_months` are those of the last twelve that have lines; `window` is how many months
    the trend speaks of. `s`, `p`, `slope` [fraction per month] and `change` [fraction over the
    window] are the trend test's, None with fewer than two known. `centre`, `dispersion` and
    `inflation` are the chart's, None without a baseline, which is the `baseline_months` from
    the month `baseline_from` (an index) on; EWMA and CUSUM measure by `drift_sigma` and
    `cusum_limit`.
    """

    measure_id: str
    word: TrendWord
    window: int
    known_months: int
    s: int | None
    p: float | None
    slope: float | None
    change: float | None
    centre: float | None
    dispersion: float | None
    inflation: float | None
    baseline_from: int
    baseline_months: int
    drift_sigma: float | None
    cusum_limit: float | None
    months: tuple[CourseMonth, ...]

    @property
    def has_chart(self) -> bool:
        """Whether there is a baseline to draw limits from."""
        return self.centre is not None

    @property
    def outside(self) -> tuple[int, ...]:
        """The places of the months outside the limits."""
        return tuple(place for place, month in enumerate(self.months) if month.verdict in ALARMS)


def leading_measure(measures: Mapping[str, Measure]) -> str:
    """Return the rate that a supplier's trend is of: OTIF, or on time where that is unknown."""
    is_blind = measures[OTIF].value is None and measures[ON_TIME].value is not None
    return ON_TIME if is_blind else OTIF


def course(months: Sequence[MonthFigures], measure_id: str, *, deff: float | None) -> Course:
    """Return how a rate went; `deff` is its design effect by order over the window."""
    x, n = counts(months, measure_id)
    start = beginnings(n)[0]
    trends = trends_of(x[:, start:], n[:, start:], deff)
    window, trend = min(WINDOW_PERIODS, x.shape[1] - start), trends.trends.trend(0)
    found = _chart(months, x, n, start=start, trends=trends)
    return Course(
        measure_id=measure_id,
        word=trends.word(0),
        window=window,
        known_months=int(trends.trends.n[0]),
        s=None if trend is None else trend.s,
        p=None if trend is None else trend.p,
        slope=None if trend is None else trend.slope,
        change=None if trend is None else float(trends.change[0]),
        centre=None if trends.baseline is None else known(trends.baseline.centre[0]),
        dispersion=None if trends.baseline is None else known(trends.baseline.dispersion[0]),
        inflation=None if trends.baseline is None else known(trends.baseline.inflation[0]),
        baseline_from=months[start].month,
        baseline_months=trends.baseline_periods or 0,
        drift_sigma=found.sigma,
        cusum_limit=found.limit,
        months=found.months,
    )


def counts(months: Sequence[MonthFigures], measure_id: str) -> tuple[Floats, Floats]:
    """Return true and judged lines by month, each of shape (1, months)."""
    own = [month.measures[measure_id] for month in months]
    x = [measure.numerator if measure.numerator is not None else 0.0 for measure in own]
    n = [measure.n or 0 if measure.numerator is not None else 0 for measure in own]
    return np.array([x], np.float64), np.array([n], np.float64)


def beginnings(n: Floats) -> list[int]:
    """Return by row the first month with lines: months before a supplier's first are no baseline.

    At least two months are left.
    """
    first = np.where((n > 0).any(axis=1), (n > 0).argmax(axis=1), 0)
    starts: list[int] = np.minimum(first, n.shape[1] - CONFIRMING_PERIODS).tolist()
    return starts


def trends_of(x: Floats, n: Floats, deff: float | None) -> RateTrends:
    """Return the trend of one supplier's counts."""
    return rate_trends(x, n, deff=np.array([np.nan if deff is None else max(1.0, deff)]))


def words_of(x: Floats, n: Floats, *, deffs: Sequence[float | None]) -> list[TrendWord]:
    """Return the words of many suppliers' counts, each as `course` says it of one."""
    starts = np.array(beginnings(n), np.int64)
    effects = np.array([max(1.0, deff or 1.0) for deff in deffs])
    words = [TrendWord.TOO_SHORT] * len(x)
    for start in np.unique(starts).tolist():
        rows = np.flatnonzero(starts == start)
        found = rate_trends(x[rows, start:], n[rows, start:], deff=effects[rows])
        for place, row in enumerate(rows.tolist()):
            words[row] = found.word(place)
    return words


@dataclass(frozen=True, slots=True)
class _Chart:
    months: tuple[CourseMonth, ...]
    sigma: float | None = None
    limit: float | None = None


def _chart(
    months: Sequence[MonthFigures], x: Floats, n: Floats, *, start: int, trends: RateTrends
) -> _Chart:
    rates = np.where(n > 0, x / np.where(n > 0, n, 1.0), np.nan)
    nothing = np.full(x.shape[1], np.nan)
    columns = [rates[0], n[0], nothing, nothing]
    verdicts: list[Verdict | None] = [None] * x.shape[1]
    drifts = [nothing] * 5
    sigma = limit = None
    baseline, split = trends.baseline, start + (trends.baseline_periods or 0)
    if baseline is not None and not np.isnan(baseline.centre[0]):
        columns[2:] = [limits[0] for limits in alarm_limits(n, baseline)]
        for place in range(split, x.shape[1]):
            code = p_verdicts(x[:, place], n[:, place], baseline)[0]
            verdicts[place] = Verdict(int(code))
        own = (rates[:, start:], n[:, start:])
        ewma = drift_chart(*own, baseline=baseline, tested_from=split - start)
        base, tested = drift_baseline(*own, baseline=baseline, tested_from=split - start)
        cusum = cusum_chart(tested, baseline=base)
        ahead = np.full(split, np.nan)
        ends = (np.clip(each, 0.0, 1.0) for each in (ewma.lower, ewma.upper))
        drawn = (ewma.smoothed, *ends, cusum.low, cusum.high)
        drifts = [np.concatenate([ahead, column[0]]) for column in drawn]
        sigma, limit = known(base.sigma[0]), known(cusum.limit[0])
    rows = zip(months, *columns, verdicts, *drifts, strict=True)
    return _Chart(tuple(_month(*row) for row in rows), sigma, limit)


def _month(
    figures: MonthFigures,
    value: float,
    n: float,
    lower: float,
    upper: float,
    verdict: Verdict | None,
    *drifts: float,
) -> CourseMonth:
    return CourseMonth(
        figures.month,
        known(value),
        int(n),
        known(lower),
        known(upper),
        verdict,
        *(known(each) for each in drifts),
    )
