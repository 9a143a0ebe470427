"""Spreads that one wild value cannot move, and percentiles with lines still open.

Shown beside the plain spread of `lead_time`; the robust one is preferred where the two
disagree by more than a factor of two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor
from statistics import fmean, median, stdev

from app.calc.lead_time import percentile

MAD_TO_SD = 1.4826
IQR_TO_SD = 1.349
TRIM_SHARE = 0.10
DISAGREEMENT = 2.0
OUTLIER_SDS = 3.5
PRODUCT_ERROR = 1e-12  # a product of fractions may miss the share it equals by this much
LOWER_QUARTILE, UPPER_QUARTILE = 0.25, 0.75


@dataclass(frozen=True, slots=True)
class RobustSpread:
    """A centre and its spreads, the preferred spread and the values far from the rest.

    `mad_sd` and `iqr_sd` are on the scale of a standard deviation. `preferred_sd` is the
    robust one where it disagrees with `sd` by more than a factor of two.
    """

    median: float
    trimmed_mean: float
    sd: float | None
    mad_sd: float
    iqr_sd: float
    preferred_sd: float | None
    outliers: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class CensoredPercentile:
    """A percentile of days; with `is_lower_bound` the true one is that or more."""

    days: int
    is_lower_bound: bool


def robust_spread(values: Sequence[float]) -> RobustSpread | None:
    """Return robust and plain spreads of a sample, and its outliers.

    Formula: mad_sd = 1.4826·median|x − median|; iqr_sd = (Q3 − Q1)/1.349, type 7; trimmed
    mean without ⌊0.1n⌋ values at each end. The robust spread is mad_sd, where that is 0
    iqr_sd, where that is 0 sd; it is preferred where sd/robust > 2. Outliers lie farther
    than 3.5 robust spreads from the median.

    Args:
        values: shape (n,) [any unit].
    Returns:
        The spreads [unit of values]; None where n = 0; sd None where n = 1.
    Raises:
        Nothing.
    Source: Rousseeuw and Croux 1993 for the factors; house rule, domain rules §1.5.
    Edge cases: equal values have all spreads 0 and no outlier.

    >>> spread = robust_spread([0, 2, -1, 5, 0, 3, 0, 12])
    >>> f"{spread.median} {spread.mad_sd:.4f} {spread.outliers}"
    '1.0 2.2239 (12,)'
    """
    if not values:
        return None
    centre = float(median(values))
    mad_sd = MAD_TO_SD * median(abs(value - centre) for value in values)
    iqr_sd = _interquartile_range(values) / IQR_TO_SD
    sd = stdev(values) if len(values) > 1 else None
    robust = mad_sd or iqr_sd or sd or 0.0
    disagrees = sd is not None and robust > 0 and sd / robust > DISAGREEMENT
    return RobustSpread(
        median=centre,
        trimmed_mean=_trimmed_mean(values),
        sd=sd,
        mad_sd=mad_sd,
        iqr_sd=iqr_sd,
        preferred_sd=robust if disagrees else sd,
        outliers=tuple(v for v in values if robust and abs(v - centre) > OUTLIER_SDS * robust),
    )


def censored_percentile(
    completed_days: Sequence[int], *, open_days: Sequence[int], p: float
) -> CensoredPercentile | None:
    """Return a percentile of lateness that does not forget the lines still open.

    Formula: Kaplan–Meier, S(t) = Π(1 − completed at t / at risk at t); the percentile is
    the smallest t with S(t) ≤ 1 − p. Open lines leave the risk set after their day.

    Args:
        completed_days: shape (n,) [days], lateness of completed lines.
        open_days: shape (m,) [days], how far open lines are past their date today.
        p: the share below, in (0, 1).
    Returns:
        The percentile [days], higher is worse; a lower bound where too many lines are
        open to reach it; None where there is no line at all.
    Raises:
        ValueError: p lies outside (0, 1).
    Source: Kaplan and Meier 1958; domain rules §1.5.
    Edge cases: without open lines it is the empirical percentile without interpolation.

    >>> censored_percentile([0, 0, 1, 2], open_days=[10], p=0.9)
    CensoredPercentile(days=10, is_lower_bound=True)
    """
    if not 0 < p < 1:
        raise ValueError(f"p is {p}, it must lie in (0, 1)")
    days = sorted({*completed_days, *open_days})
    if not days:
        return None
    at_risk, survival = len(completed_days) + len(open_days), 1.0
    for day in days:
        completed = completed_days.count(day)
        survival *= 1 - completed / at_risk
        if completed and survival <= 1 - p + PRODUCT_ERROR:
            return CensoredPercentile(day, is_lower_bound=False)
        at_risk -= completed + open_days.count(day)
    return CensoredPercentile(days[-1], is_lower_bound=True)


def _interquartile_range(values: Sequence[float]) -> float:
    lower, upper = percentile(values, LOWER_QUARTILE), percentile(values, UPPER_QUARTILE)
    return 0.0 if lower is None or upper is None else upper - lower


def _trimmed_mean(values: Sequence[float]) -> float:
    cut = floor(TRIM_SHARE * len(values))
    return fmean(sorted(values)[cut : len(values) - cut])
