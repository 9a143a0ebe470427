"""Lead time and lateness: means, spreads and percentiles, each under its own name.

LTV-A is the spread of lateness against the promise, LTV-B the spread of lead time
within a part. They answer different questions; neither stands in for the other. All
spreads are sample standard deviations (n − 1). Robust figures stand in `robust`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import accumulate
from math import floor, sqrt

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

CV_STABLE = 0.15
CV_MODERATE = 0.30


class LeadTimeBand(StrEnum):
    """How steady a lead time is."""

    STABLE = "stable"
    MODERATE = "moderate"
    ERRATIC = "erratic"


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and sample standard deviation; None where n is too small for them."""

    mean: float | None
    sd: float | None


def spread_from_sums(n: int, total: int, total_squares: int) -> Spread:
    """Return mean and sample standard deviation from additive sums.

    Formula: mean = Σx/n; sd = √((nΣx² − (Σx)²)/(n(n − 1))), worked with integers up to
    the root, so that nothing cancels.

    Args:
        n: sample size [count], ≥ 0.
        total: Σx [days], x integer days, early is negative.
        total_squares: Σx² [days²].
    Returns:
        The spread [days]; mean None for n = 0, sd None for n < 2. More sd is worse.
    Raises:
        ValueError: n is negative, or no integers have such sums (nΣx² < (Σx)²).
    Source: sample variance, domain rules §1.5.
    Edge cases: equal values give sd exactly 0.

    >>> spread = spread_from_sums(8, 268, 9164)
    >>> f"{spread.mean} {spread.sd:.5f}"
    '33.5 5.15475'
    >>> spread_from_sums(1, 12, 144)
    Spread(mean=12.0, sd=None)
    """
    if n < 0:
        raise ValueError(f"n is {n}, it must be at least 0")
    squares = n * total_squares - total * total
    if squares < 0 or (n == 0 and (total or total_squares)):
        raise ValueError(f"total_squares is {total_squares}, too small for n {n}, total {total}")
    if n == 0:
        return Spread(None, None)
    return Spread(total / n, None if n == 1 else sqrt(squares / (n * (n - 1))))


def spread(values: Iterable[int]) -> Spread:
    """Return mean and sample standard deviation of integer days.

    Formula: as `spread_from_sums`.

    Args:
        values: shape (n,) [days], early is negative.
    Returns:
        The spread [days]; mean None for n = 0, sd None for n < 2.
    Raises:
        Nothing.
    Source: as `spread_from_sums`.
    Edge cases: as `spread_from_sums`.

    >>> f"{spread([10, 20, 30, 40]).sd:.4f}"
    '12.9099'
    """
    days = list(values)
    return spread_from_sums(len(days), sum(days), sum(day * day for day in days))


def percentile(values: Sequence[float], p: float) -> float | None:
    """Return a percentile by linear interpolation (type 7).

    Formula: h = (n − 1)p; x₍⌊h⌋₎ + (h − ⌊h⌋)(x₍⌊h⌋₊₁₎ − x₍⌊h⌋₎), x sorted, from 0.

    Args:
        values: shape (n,), any order [any unit].
        p: the share below, in [0, 1]; 0.9 for P90.
    Returns:
        The percentile [unit of values]; None where n = 0.
    Raises:
        ValueError: p lies outside [0, 1].
    Source: Hyndman and Fan 1996, type 7 (the default of R and numpy).
    Edge cases: one value is every percentile.

    >>> f"{percentile([0, 2, -1, 5, 0, 3, 0, 12], 0.9):.1f}"
    '7.1'
    """
    _check_share(p)
    if not values:
        return None
    ordered = sorted(values)
    place, part = _place(len(ordered), p)
    below, above = ordered[place], ordered[min(place + 1, len(ordered) - 1)]
    return below + part * (above - below)


def percentile_from_histogram(days: Sequence[int], counts: Sequence[int], p: float) -> float | None:
    """Return the exact type-7 percentile of integer days from their histogram.

    Formula: as `percentile`, on the values that the histogram stands for.

    Args:
        days: shape (m,) [days], any order, a day may come twice.
        counts: shape (m,) [count], ≥ 0, how many lines have that day.
        p: the share below, in [0, 1].
    Returns:
        The percentile [days], equal to that of the list; None where all counts are 0.
    Raises:
        ValueError: p lies outside [0, 1], a count is negative, or the shapes differ.
    Source: as `percentile`.
    Edge cases: as `percentile`; histograms add up, so any period is exact.

    >>> f"{percentile_from_histogram([-1, 0, 2, 3, 5, 12], [1, 3, 1, 1, 1, 1], 0.9):.1f}"
    '7.1'
    """
    _check_share(p)
    if any(count < 0 for count in counts):
        raise ValueError("counts: every count must be at least 0")
    pairs = sorted(pair for pair in zip(days, counts, strict=True) if pair[1])
    if not pairs:
        return None
    ends = list(accumulate(count for _, count in pairs))
    place, part = _place(ends[-1], p)
    below = next(day for (day, _), end in zip(pairs, ends, strict=True) if place < end)
    above = next((day for (day, _), end in zip(pairs, ends, strict=True) if place + 1 < end), below)
    return below + part * (above - below)


def percentiles_by_group(
    groups: Integers, days: Integers, *, counts: Integers, p: float
) -> tuple[Integers, Floats]:
    """Return the exact type-7 percentile of every group from one long histogram.

    Formula: as `percentile_from_histogram`, group by group, without a loop.

    Args:
        groups: shape (m,), an integer key per row (a supplier's id), any order.
        days: shape (m,) [days]; the same day may come in several rows of a group.
        counts: shape (m,) [count], ≥ 0.
        p: the share below, in [0, 1].
    Returns:
        (keys, percentiles), each of shape (g,): the groups that have a count, in rising
        order, and their percentile [days].
    Raises:
        ValueError: p lies outside [0, 1], a count is negative, or the shapes differ.
    Source: as `percentile`.
    Edge cases: groups whose counts are all 0 are absent: their percentile is unknown.

    >>> rows = [(1, 0, 3), (1, 10, 1), (2, 4, 1)]
    >>> groups, days, counts = (np.array(column) for column in zip(*rows))
    >>> keys, values = percentiles_by_group(groups, days, counts=counts, p=0.5)
    >>> keys.tolist(), values.tolist()
    ([1, 2], [0.0, 4.0])
    """
    _check_share(p)
    if not groups.shape == days.shape == counts.shape:
        raise ValueError("groups, days and counts must have equal shapes")
    if np.any(counts < 0):
        raise ValueError("counts: every count must be at least 0")
    some = counts > 0
    groups, days, counts = groups[some], days[some], counts[some]
    groups, days, counts = _in_order(groups, days, counts)
    ends = np.cumsum(counts)
    keys, firsts = np.unique(groups, return_index=True)
    starts = np.concatenate(([0], ends))[firsts]
    lasts = np.append(firsts[1:], len(groups))[: len(keys)] - 1
    sizes = ends[lasts] - starts if len(keys) else starts
    steps = (sizes - 1) * p
    places = np.floor(steps).astype(np.int64)
    below = days[np.searchsorted(ends, starts + places, side="right")] if len(keys) else days
    next_place = np.minimum(places + 1, sizes - 1)
    above = days[np.searchsorted(ends, starts + next_place, side="right")] if len(keys) else days
    return keys, below + (steps - places) * (above - below)


def scored_lateness(lateness_days: int, *, early_days: int | None) -> int:
    """Return the lateness that the scored LTV-A uses: what the rule allows is not punished.

    Formula: max(d, −E); E unlimited: max(d, 0).

    Args:
        lateness_days: d [days], early is negative.
        early_days: E [days], ≥ 0; None where any early day is allowed.
    Returns:
        The scored lateness [days], higher is worse.
    Raises:
        ValueError: early_days is negative.
    Source: house rule, domain rules §1.5.
    Edge cases: a line on time within the window keeps its own d ≥ −E.

    >>> scored_lateness(-20, early_days=None), scored_lateness(-20, early_days=2)
    (0, -2)
    """
    if early_days is not None and early_days < 0:
        raise ValueError(f"early_days is {early_days}, it must be at least 0 or None")
    return max(lateness_days, 0 if early_days is None else -early_days)


def pooled_within_sd(parts: Iterable[tuple[int, int, int]]) -> float | None:
    """Return LTV-B at supplier level: the standard deviation pooled within parts.

    Formula: √(Σ(nᵢ − 1)sᵢ² / Σ(nᵢ − 1)), with (nᵢ − 1)sᵢ² = Σx² − (Σx)²/nᵢ per part.

    Args:
        parts: per part (n, Σx, Σx²) of lead time [days] over completed lines.
    Returns:
        The pooled standard deviation [days], higher is worse; None where no part has
        two completed lines. Never the spread of the mixture of parts.
    Raises:
        ValueError: sums that no integers have.
    Source: pooled variance, domain rules §1.5.
    Edge cases: parts with fewer than two lines add nothing.

    >>> pooled_within_sd([(3, 36, 440), (3, 126, 5300)])
    2.0
    """
    squares, freedom = 0.0, 0
    for n, total, total_squares in parts:
        sd = spread_from_sums(n, total, total_squares).sd
        if sd is None:
            continue
        squares += (n * total_squares - total * total) / n
        freedom += n - 1
    return sqrt(squares / freedom) if freedom else None


def coefficient_of_variation(spread: Spread) -> float | None:
    """Return the spread of lead time relative to its mean.

    Formula: cv = sd/mean.

    Args:
        spread: mean and sd [days].
    Returns:
        The coefficient [ratio], ≥ 0, higher is worse; None where sd or mean is unknown
        or the mean is not above 0.
    Raises:
        Nothing.
    Source: domain rules §1.5.
    Edge cases: a mean of 0 or less has no meaningful ratio.

    >>> f"{coefficient_of_variation(Spread(33.5, 5.15475)):.6f}"
    '0.153873'
    """
    if spread.sd is None or spread.mean is None or spread.mean <= 0:
        return None
    return spread.sd / spread.mean


def lead_time_band(cv: float | None) -> LeadTimeBand | None:
    """Return the band of a coefficient of variation.

    Formula: cv ≤ 0.15 stable, ≤ 0.30 moderate, above erratic.

    Args:
        cv: coefficient of variation [ratio], unrounded; None where unknown.
    Returns:
        The band, None where cv is.
    Raises:
        Nothing.
    Source: house rule, domain rules §1.5.
    Edge cases: the edges belong to the better band.

    >>> lead_time_band(0.15).value, lead_time_band(0.1501).value
    ('stable', 'moderate')
    """
    if cv is None:
        return None
    if cv <= CV_STABLE:
        return LeadTimeBand.STABLE
    return LeadTimeBand.MODERATE if cv <= CV_MODERATE else LeadTimeBand.ERRATIC


def quantity_weighted_days(ordered_on: date, receipts: Iterable[tuple[date, int]]) -> float | None:
    """Return the lead time of one line weighted by what came when.

    Formula: Σq(day − ordered_on)/Σq.

    Args:
        ordered_on: the order's release.
        receipts: (event date, quantity ≥ 0 in any one unit).
    Returns:
        Lead time [days], higher is worse; None where nothing came.
    Raises:
        ValueError: a quantity is negative.
    Source: domain rules §1.5.
    Edge cases: receipts of quantity 0 carry no weight.

    >>> quantity_weighted_days(
    ...     date(2026, 1, 1), [(date(2026, 1, 11), 600), (date(2026, 1, 21), 400)]
    ... )
    14.0
    """
    pairs = list(receipts)
    if any(quantity < 0 for _, quantity in pairs):
        raise ValueError("receipts: every quantity must be at least 0")
    came = sum(quantity for _, quantity in pairs)
    weighted = sum(quantity * (day - ordered_on).days for day, quantity in pairs)
    return weighted / came if came else None


def _in_order(
    groups: Integers, days: Integers, counts: Integers
) -> tuple[Integers, Integers, Integers]:
    # Rows that come sorted out of the database skip the sort, the costliest step.
    same = groups[1:] == groups[:-1]
    if np.all((groups[1:] > groups[:-1]) | (same & (days[1:] >= days[:-1]))):
        return groups, days, counts
    order = np.lexsort((days, groups))
    return groups[order], days[order], counts[order]


def _place(n: int, p: float) -> tuple[int, float]:
    step = (n - 1) * p
    return floor(step), step - floor(step)


def _check_share(p: float) -> None:
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, it must lie in [0, 1]")
