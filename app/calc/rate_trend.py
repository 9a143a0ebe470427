"""Whether a rate worsens, improves or stays: trend test, p-chart and EWMA read together.

One test alone calls too many stable suppliers worse; this rule is held to one in 200 a
month, by simulation. Works on many suppliers at once; signals follow in `signals`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from app.calc.drift_charts import Baseline, EwmaChart, ewma_chart, split_baseline
from app.calc.p_chart import (
    HALF_A_LINE,
    MIN_BASELINE_PERIODS,
    RateBaseline,
    Verdict,
    p_verdicts,
    rate_baseline,
)
from app.calc.trend_tests import Trends, mann_kendall_many

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]
Codes = NDArray[np.int8]

WINDOW_PERIODS = 12
MIN_TREND_PERIODS = 8
MATERIAL_CHANGE = 0.02
P_ALONE = 0.01
P_WITH_CHART = 0.05
CONFIRMING_PERIODS = 2
# At the chart's own 2.7 one stable supplier in 190 was flagged a month, at 3 one in 210.
CONFIRMING_SIGMAS = 3.0


class TrendWord(StrEnum):
    """The one word that a page shows of a trend."""

    IMPROVING = "improving"
    STABLE = "stable"
    WORSENING = "worsening"
    UNCLEAR = "unclear"
    TOO_SHORT = "too_short"


@dataclass(frozen=True, slots=True)
class RateTrends:
    """Trends of many suppliers' rate and what they rest on; arrays of shape (m,).

    `trends` are of the window, `change` [fraction] is what they make over it, `material`
    the least change that counts, `last_rate` the last period's [fraction]. `verdicts` are
    codes of `p_chart.Verdict` of the last period, `drift` is the EWMA's side in it (−1
    below, 1 above its limits, 0 inside or unknown). `falling` and `rising` are trends that
    count; `dropped` and `jumped` are two periods in a row outside the p-chart. `baseline` is
    None where the history is too short for charts; it rests on the first
    `baseline_periods` periods.
    """

    trends: Trends
    change: Floats
    material: float
    last_rate: Floats
    verdicts: Codes
    drift: Integers
    falling: Booleans
    rising: Booleans
    dropped: Booleans
    jumped: Booleans
    baseline: RateBaseline | None
    baseline_periods: int | None

    def degrading(self, *, higher_is_better: bool = True) -> Booleans:
        """Return who has the degradation flag: a trend in the bad direction that counts."""
        return self.falling if higher_is_better else self.rising

    def out_of_control(self, *, higher_is_better: bool = True) -> Booleans:
        """Return whose last two periods lie outside the p-chart on the bad side."""
        return self.dropped if higher_is_better else self.jumped

    def word(self, index: int, *, higher_is_better: bool = True) -> TrendWord:
        """Return the one word for a supplier."""
        down = bool(self.falling[index] or self.dropped[index])
        up = bool(self.rising[index] or self.jumped[index])
        if self.trends.n[index] < MIN_TREND_PERIODS:
            return TrendWord.TOO_SHORT
        if down != up:
            return TrendWord.WORSENING if down == higher_is_better else TrendWord.IMPROVING
        hints = self.trends.p[index] < P_WITH_CHART or self.drift[index] or self._alarms(index)
        return TrendWord.UNCLEAR if hints else TrendWord.STABLE

    def _alarms(self, index: int) -> bool:
        return int(self.verdicts[index]) in (Verdict.LOW_ALARM, Verdict.HIGH_ALARM)


def rate_trends(
    x: Floats,
    n: Floats,
    *,
    deff: Floats | None = None,
    window: int = WINDOW_PERIODS,
    baseline_periods: int | None = None,
    material: float = MATERIAL_CHANGE,
) -> RateTrends:
    """Judge the trend of many suppliers' rate.

    Formula: over the last `window` periods, a trend counts where p < 0.01, or p < 0.05 and
    the last period's p-chart alarms or its EWMA is outside 3σ on the same side; and where
    |Sen slope|·periods of the window ≥ material; and where 8 periods are known. Outside the
    p-chart: an alarm in the last period after a warning or an alarm in the one before.

    Args:
        x: shape (m, periods), true lines per period [count], 0 ≤ x ≤ n, oldest first.
        n: shape (m, periods), judged lines [count]; 0 where a period has none. Periods
            must not overlap: months, never rolling windows.
        deff: shape (m,), design effect by order [ratio], ≥ 1, NaN where not known.
        window: periods of the trend [count], ≥ 8.
        baseline_periods: how many periods from the start the charts measure against
            [count], from 8 to periods − 2. By default all before the window; where those
            are fewer than 8, all but the last two; where these are too, there are no charts.
            The EWMA confirms only where the baseline ends before the window begins.
        material: the least change over the window that matters [fraction], ≥ 0.
    Returns:
        The trends; unknown is never a trend.
    Raises:
        ValueError: a value lies outside its range, or the shapes differ.
    Source: domain rules §3.4–3.6; the confirming limits and periods as a house rule, held
    to 1 false flag in 200 stable suppliers a month with lines clustered by order.
    Edge cases: with fewer than 8 known baseline periods only p < 0.01 counts.

    >>> good, of = np.full((1, 24), 38.0), np.full((1, 24), 40.0)
    >>> good[0, 12:] = [38, 38, 37, 37, 36, 35, 35, 34, 33, 33, 32, 31]
    >>> rate_trends(good, of).word(0).value
    'worsening'
    """
    x, n = _checked(x, n)
    periods = x.shape[1]
    if window < MIN_TREND_PERIODS:
        raise ValueError(f"window is {window}, it must be at least {MIN_TREND_PERIODS}")
    if material < 0:
        raise ValueError(f"material is {material}, it must be at least 0")
    rates = np.where(n > 0, x / np.where(n > 0, n, 1.0), np.nan)
    trends = mann_kendall_many(rates[:, -window:])
    split = _baseline_periods(periods, window, asked=baseline_periods)
    unmoved = np.zeros(len(x), np.int64)
    is_apart = split is not None and split <= periods - window
    if split is None:
        last = before = np.full(len(x), int(Verdict.UNKNOWN), np.int8)
        drift, baseline = unmoved, None
    else:
        baseline = rate_baseline(x[:, :split], n[:, :split], deff=deff)
        last, before = (p_verdicts(x[:, at], n[:, at], baseline) for at in (-1, -2))
        drift = unmoved
        if is_apart:
            chart = drift_chart(rates, n, baseline=baseline, tested_from=split)
            drift = np.where(n[:, -1] > 0, chart.signals[:, -1], 0)
    change = trends.slope * min(window, periods)
    known = trends.n >= MIN_TREND_PERIODS
    low, high = last == Verdict.LOW_ALARM, last == Verdict.HIGH_ALARM
    return RateTrends(
        trends=trends,
        change=change,
        material=material,
        last_rate=rates[:, -1],
        verdicts=last,
        drift=drift,
        falling=known & (change <= -material) & (change < 0) & _counts(trends, low | (drift < 0)),
        rising=known & (change >= material) & (change > 0) & _counts(trends, high | (drift > 0)),
        dropped=low & np.isin(before, (Verdict.LOW_ALARM, Verdict.LOW_WARNING)),
        jumped=high & np.isin(before, (Verdict.HIGH_ALARM, Verdict.HIGH_WARNING)),
        baseline=baseline,
        baseline_periods=split,
    )


def drift_chart(rates: Floats, n: Floats, *, baseline: RateBaseline, tested_from: int) -> EwmaChart:
    """Return the EWMA that confirms a trend, over the periods behind the baseline.

    Formula: `ewma_chart` at 3σ; target and σ by `split_baseline`, but σ is at least what
    chance gives to a period of mean size: inflation·√(p̄(1 − p̄)/n̄).

    Args:
        rates: shape (m, periods) [fraction], oldest first; NaN where unknown.
        n: shape (m, periods), judged lines [count].
        baseline: of the first `tested_from` periods.
        tested_from: how many periods from the start make the baseline [count].
    Returns:
        The chart of the periods from `tested_from` on [fraction].
    Raises:
        ValueError: as `split_baseline`.
    Source: domain rules §3.6; the least σ and 3σ as a house rule, ADR 0030.
    Edge cases: NaN where fewer than 8 baseline periods are known.

    >>> n = np.full((1, 24), 40.0)
    >>> rates = np.full((1, 24), 0.95)
    >>> base = rate_baseline(rates[:, :12] * 40, n[:, :12])
    >>> drift_chart(rates, n, baseline=base, tested_from=12).smoothed[:, -1].round(2).tolist()
    [0.95]
    """
    sure, tested = drift_baseline(rates, n, baseline=baseline, tested_from=tested_from)
    return ewma_chart(tested, baseline=sure, sigmas=CONFIRMING_SIGMAS)


def drift_baseline(
    rates: Floats, n: Floats, *, baseline: RateBaseline, tested_from: int
) -> tuple[Baseline, Floats]:
    """Return target and σ that drifts of a rate are measured against, and what is tested.

    Formula, arguments, errors and source: as `drift_chart`.

    Returns:
        (baseline, the rates from `tested_from` on).
    Edge cases: a baseline without any miss still has the σ of half a missed line.

    >>> n, rates = np.full((1, 10), 40.0), np.ones((1, 10))
    >>> base = rate_baseline(rates[:, :8] * 40, n[:, :8])
    >>> drift_baseline(rates, n, baseline=base, tested_from=8)[0].sigma.round(4).tolist()
    [0.0062]
    """
    drawn, tested = split_baseline(rates, tested_from=tested_from)
    half = HALF_A_LINE / np.maximum(baseline.lines, 1.0)
    centre = np.clip(baseline.centre, half, 1 - half)
    before = n[:, :tested_from]
    periods = np.maximum(1, np.count_nonzero(before, axis=1))
    size = np.maximum(1.0, before.sum(axis=1) / periods)
    chance = baseline.inflation * np.sqrt(centre * (1 - centre) / size)
    sigma = np.fmax(drawn.sigma, chance)
    return Baseline(drawn.target, sigma, sigma / np.sqrt(periods)), tested


def _baseline_periods(periods: int, window: int, *, asked: int | None) -> int | None:
    longest = periods - CONFIRMING_PERIODS
    if asked is not None:
        if not MIN_BASELINE_PERIODS <= asked <= longest:
            raise ValueError(
                f"baseline_periods is {asked}, it must lie in [{MIN_BASELINE_PERIODS}, {longest}]"
            )
        return asked
    if periods - window >= MIN_BASELINE_PERIODS:
        return periods - window
    return longest if longest >= MIN_BASELINE_PERIODS else None


def _counts(trends: Trends, confirmed: Booleans) -> Booleans:
    return (trends.p < P_ALONE) | ((trends.p < P_WITH_CHART) & confirmed)


def _checked(x: Floats, n: Floats) -> tuple[Floats, Floats]:
    x, n = np.asarray(x, dtype=np.float64), np.asarray(n, dtype=np.float64)
    if x.shape != n.shape or x.ndim != 2 or x.shape[1] < CONFIRMING_PERIODS:
        raise ValueError(
            f"x has shape {x.shape} and n {n.shape}, both must be (suppliers, periods ≥ 2)"
        )
    if not np.all((x >= 0) & (x <= n)):
        raise ValueError("x and n: 0 ≤ x ≤ n must hold for every element")
    return x, n
