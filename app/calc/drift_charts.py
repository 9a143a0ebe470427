"""EWMA and CUSUM: charts that see a small drift before single periods stand out.

Both need a target and a standard deviation that come from a baseline. A chart takes them
as a `Baseline` and never works them out of the series under test, whose own drift would
hide in them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.calc.p_chart import MEAN_RANGE_TO_SD, MIN_BASELINE_PERIODS, mean_moving_range

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

EWMA_WEIGHT = 0.2
EWMA_SIGMAS = 2.7
CUSUM_SLACK_SIGMAS = 0.5
CUSUM_LIMIT_SIGMAS = 5.0
NO_SIGNAL = 0


@dataclass(frozen=True, slots=True)
class Baseline:
    """Target and standard deviation of many series, shape (m,); NaN where not known.

    `target_error` [unit of the values, ≥ 0] is the standard error of a target that was
    estimated; 0 for one that was set.
    """

    target: Floats
    sigma: Floats
    target_error: float | Floats = 0.0

    def __post_init__(self) -> None:
        if self.target.shape != self.sigma.shape or self.target.ndim != 1:
            raise ValueError(
                f"target has shape {self.target.shape} and sigma {self.sigma.shape}, both must"
                " be (suppliers,)"
            )
        if np.any(self.sigma < 0) or np.any(np.asarray(self.target_error) < 0):
            raise ValueError("sigma and target_error: every one must be at least 0")


@dataclass(frozen=True, slots=True)
class EwmaChart:
    """Smoothed values and their limits, shape (m, periods) [unit of the values]."""

    smoothed: Floats
    lower: Floats
    upper: Floats

    @property
    def signals(self) -> Integers:
        """−1 below the lower limit, 1 above the upper, 0 inside or unknown."""
        return (self.smoothed > self.upper).astype(np.int64) - (self.smoothed < self.lower)


@dataclass(frozen=True, slots=True)
class CusumChart:
    """Cumulative sums upwards and downwards, shape (m, periods), and their limit, (m,)."""

    high: Floats
    low: Floats
    limit: Floats

    @property
    def signals(self) -> Integers:
        """−1 where the downward sum exceeds the limit, 1 where the upward one does, else 0."""
        over = self.high > self.limit[:, None]
        return over.astype(np.int64) - (self.low > self.limit[:, None])

    @property
    def first_signal(self) -> Integers:
        """The first period that signals, counted from 1; 0 where none does."""
        found = (self.high > self.limit[:, None]) | (self.low > self.limit[:, None])
        return np.where(found.any(axis=1), found.argmax(axis=1) + 1, NO_SIGNAL)


def split_baseline(values: Floats, *, tested_from: int) -> tuple[Baseline, Floats]:
    """Split many series into a baseline and the periods to be tested.

    Formula: target = mean, σ = mean moving range/1.128, error of the target = σ/√known,
    all of the periods before `tested_from`.

    Args:
        values: shape (m, periods) [any unit], oldest first; NaN where unknown.
        tested_from: how many periods from the start make the baseline [count], from 8 to
            periods − 1.
    Returns:
        (baseline, tested); tested has the remaining periods. The baseline is NaN where
        fewer than 8 of its periods are known.
    Raises:
        ValueError: fewer than 8 periods would make the baseline, or none be tested.
    Source: domain rules §3.7.
    Edge cases: unknown periods are skipped; a constant baseline has σ = 0.

    >>> rows = np.array([[5.0, 6, 5, 6, 5, 6, 5, 6, 9]])
    >>> base, tested = split_baseline(rows, tested_from=8)
    >>> base.target.tolist(), base.sigma.round(4).tolist(), tested.tolist()
    ([5.5], [0.8865], [[9.0]])
    """
    values = _series(values)
    if not MIN_BASELINE_PERIODS <= tested_from < values.shape[1]:
        raise ValueError(
            f"tested_from is {tested_from}, it must lie in [{MIN_BASELINE_PERIODS},"
            f" {values.shape[1] - 1}]: 8 periods for the baseline, 1 to test"
        )
    before = values[:, :tested_from]
    count = np.count_nonzero(~np.isnan(before), axis=1)
    enough = count >= MIN_BASELINE_PERIODS
    target = np.where(enough, np.nansum(before, axis=1) / np.maximum(count, 1), np.nan)
    sigma = np.where(enough, mean_moving_range(before) / MEAN_RANGE_TO_SD, np.nan)
    return Baseline(target, sigma, sigma / np.sqrt(np.maximum(count, 1))), values[:, tested_from:]


def ewma_chart(
    values: Floats,
    *,
    baseline: Baseline,
    weight: float = EWMA_WEIGHT,
    sigmas: float = EWMA_SIGMAS,
) -> EwmaChart:
    """Smooth series exponentially and set the limits they keep by chance.

    Formula: E_t = λx_t + (1 − λ)E_{t−1}, E_0 = target T;
    limits T ∓ L√(σ²·λ/(2 − λ)·[1 − (1 − λ)^{2t}] + e²·[1 − (1 − λ)^t]²), t counts the
    known values. e is the error of the target; at 0 these are the textbook's limits.

    Args:
        values: shape (m, periods) [any unit], oldest first; NaN where unknown. None of
            them may belong to the baseline.
        baseline: target and σ [unit of values], from other periods (`split_baseline`).
        weight: λ, weight of the newest value, in (0, 1].
        sigmas: L [standard deviations], > 0.
    Returns:
        The chart; NaN where the baseline is not known. An unknown period repeats the one
        before.
    Raises:
        ValueError: a value lies outside its range, or the shapes do not fit.
    Source: NIST/SEMATECH e-Handbook 6.3.2.4; Roberts 1959; domain rules §3.6; the error of
    an estimated target as a house rule: twelve periods leave it nearly as uncertain as E_t.
    Edge cases: λ = 1 is the plain chart of single values.

    >>> base = Baseline(np.array([50.0]), np.array([2.0539]))
    >>> ewma_chart(np.array([[52.0, 47.0]]), baseline=base, weight=0.3).smoothed.round(2).tolist()
    [[50.6, 49.52]]
    """
    values = _fitting(values, baseline)
    if not 0 < weight <= 1:
        raise ValueError(f"weight is {weight}, it must lie in (0, 1]")
    if sigmas <= 0:
        raise ValueError(f"sigmas is {sigmas}, it must be greater than 0")
    known = ~np.isnan(values)
    smoothed, level = np.empty(values.shape), baseline.target
    for period, column in enumerate(values.T):
        level = np.where(known[:, period], weight * column + (1 - weight) * level, level)
        smoothed[:, period] = level
    faded = (1 - weight) ** np.cumsum(known, axis=1)
    own = baseline.sigma[:, None] ** 2 * weight / (2 - weight) * (1 - faded**2)
    error = np.broadcast_to(baseline.target_error, baseline.target.shape)[:, None]
    half = sigmas * np.sqrt(own + (error * (1 - faded)) ** 2)
    centre = baseline.target[:, None]
    return EwmaChart(smoothed, centre - half, centre + half)


def cusum_chart(
    values: Floats,
    *,
    baseline: Baseline,
    slack: float | None = None,
    limit: float | None = None,
) -> CusumChart:
    """Sum up how far series stray from their target.

    Formula: high = max(0, high + x − T − k), low = max(0, low + T − k − x), both from 0;
    a signal where one is strictly above h. Not reset after a signal.

    Args:
        values: shape (m, periods) [any unit], oldest first; NaN where unknown. None of
            them may belong to the baseline.
        baseline: target T and σ [unit of values], from other periods (`split_baseline`).
        slack: k [unit of values], ≥ 0; half a σ by default.
        limit: h [unit of values], > 0; five σ by default.
    Returns:
        The chart; NaN where the baseline is not known. An unknown period repeats the one
        before.
    Raises:
        ValueError: a value lies outside its range, or the shapes do not fit.
    Source: NIST/SEMATECH e-Handbook 6.3.2.3; Page 1954; domain rules §3.7.
    Edge cases: a sum equal to the limit does not signal.

    >>> base = Baseline(np.array([10.0]), np.array([1.0]))
    >>> cusum_chart(np.array([[10.0, 13, 13, 13]]), baseline=base).first_signal.tolist()
    [4]
    """
    values = _fitting(values, baseline)
    if (slack is not None and slack < 0) or (limit is not None and limit <= 0):
        raise ValueError(f"slack is {slack} and limit {limit}, 0 ≤ slack and 0 < limit must hold")
    k = CUSUM_SLACK_SIGMAS * baseline.sigma if slack is None else np.full(len(values), slack)
    h = CUSUM_LIMIT_SIGMAS * baseline.sigma if limit is None else np.full(len(values), limit)
    high, low = np.empty(values.shape), np.empty(values.shape)
    up = down = np.where(np.isnan(baseline.target + baseline.sigma), np.nan, 0.0)
    for period, column in enumerate(values.T):
        away = np.where(np.isnan(column), 0.0, column - baseline.target)
        held = np.isnan(column)
        up = np.where(held, up, np.maximum(0.0, up + away - k))
        down = np.where(held, down, np.maximum(0.0, down - away - k))
        high[:, period], low[:, period] = up, down
    return CusumChart(high, low, h)


def _series(values: Floats) -> Floats:
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 2:
        raise ValueError(f"values has shape {values.shape}, it must be (suppliers, periods)")
    return values


def _fitting(values: Floats, baseline: Baseline) -> Floats:
    values = _series(values)
    if len(values) != len(baseline.target):
        raise ValueError(
            f"values has {len(values)} series and baseline {len(baseline.target)}, they must match"
        )
    return values
