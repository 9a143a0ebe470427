"""Trend over periods: Mann–Kendall's test and Sen's slope, for one series and for many.

Says whether values rise or fall more steadily than chance would have them, and by how
much per period. Whether a trend is bad, and what follows, stands in `signals`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import erfc, sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

EXACT_UP_TO = 10
MIN_VALUES = 2
BLOCK = 4096  # suppliers at a time, so that pairwise slopes stay in bounded memory


@dataclass(frozen=True, slots=True)
class Trend:
    """Mann–Kendall's test of one series and its slope.

    `s` counts rising pairs minus falling ones; `variance` is that of s without a trend;
    `z` is s on the normal scale; `p` is two-sided, exact up to 10 values. `slope` [unit per
    period] is Sen's. `n` is how many values were known.
    """

    n: int
    s: int
    variance: float
    z: float
    p: float
    slope: float


@dataclass(frozen=True, slots=True)
class Trends:
    """As `Trend`, of many series; shape (m,), NaN (0 for counts) where fewer than 2 are known."""

    n: Integers
    s: Integers
    variance: Floats
    z: Floats
    p: Floats
    slope: Floats

    def trend(self, index: int) -> Trend | None:
        """Return the trend of one series, None where fewer than two values are known."""
        if self.n[index] < MIN_VALUES:
            return None
        return Trend(
            n=int(self.n[index]),
            s=int(self.s[index]),
            variance=float(self.variance[index]),
            z=float(self.z[index]),
            p=float(self.p[index]),
            slope=float(self.slope[index]),
        )


def mann_kendall(values: Sequence[float | None]) -> Trend | None:
    """Test one series for a trend.

    Formula: S = Σ_{i<j} sgn(x_j − x_i); Var = [n(n−1)(2n+5) − Σt(t−1)(2t+5)]/18 over ties
    of t equal values; Z = (S ∓ 1)/√Var, 0 where S = 0. p is two-sided: from all
    permutations of the values up to n = 10, from the normal distribution above. Slope: the
    median of (x_j − x_i)/(j − i).

    Args:
        values: shape (periods,) [any unit], one per period, oldest first; None where
            unknown. Unknown periods are left out and keep their place in time. Periods must
            not overlap: a rolling figure trends by itself.
    Returns:
        The trend; None with fewer than two known values.
    Raises:
        ValueError: a value is infinite.
    Source: Mann 1945; Kendall 1975; Sen 1968; domain rules §3.4.
    Edge cases: a perfect trend has p = 2/n!, so four values can never show one at 5 %; all
    equal have S = 0, slope 0, p = 1.

    >>> trend = mann_kendall([0.99, 0.97, None, 0.96, 0.94, 0.91])
    >>> trend.s, f"{trend.p:.4f} {trend.slope:.4f}"
    (-10, '0.0167 -0.0155')
    """
    row = [np.nan if value is None else value for value in values]
    return mann_kendall_many(np.array([row], dtype=np.float64)).trend(0)


def mann_kendall_many(values: Floats) -> Trends:
    """Test many series for a trend at once.

    Formula: as `mann_kendall`, row by row.

    Args:
        values: shape (m, periods) [any unit], oldest first; NaN where unknown.
    Returns:
        The trends, shape (m,).
    Raises:
        ValueError: values is not two-dimensional or holds an infinite value.
    Source: as `mann_kendall`.
    Edge cases: as `mann_kendall`; an empty array gives empty trends.

    >>> mann_kendall_many(np.array([[1.0, 2, 3, 4, 5], [5, 5, 5, 5, 5]])).p.round(4).tolist()
    [0.0167, 1.0]
    """
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 2:
        raise ValueError(f"values has shape {values.shape}, it must be (suppliers, periods)")
    if np.isinf(values).any():
        raise ValueError("values: an infinite value is given, unknown ones must be NaN")
    n = np.count_nonzero(~np.isnan(values), axis=1)
    s, ties = _pair_counts(values)
    # An element in a tie of t adds (t − 1)(2t + 5), so that the tie adds t times that.
    tied = np.where(np.isnan(values), 0, (ties - 1) * (2 * ties + 5)).sum(axis=1)
    enough = n >= MIN_VALUES
    variance = np.where(enough, (n * (n - 1) * (2 * n + 5) - tied) / 18, np.nan)
    spread = np.sqrt(np.where(variance > 0, variance, 1.0))
    z = np.where(enough, (s - np.sign(s)) / spread, np.nan)
    return Trends(n, s, variance, z, _p_values(n, s, ties=ties, z=z), sen_slopes(values))


def sen_slopes(values: Floats) -> Floats:
    """Return the median slope over all pairs of periods, series by series.

    Formula: median over i < j of (x_j − x_i)/(j − i), i and j counted in periods.

    Args:
        values: shape (m, periods) [any unit], oldest first; NaN where unknown.
    Returns:
        Shape (m,) [unit per period]; NaN with fewer than two known values.
    Raises:
        ValueError: values is not two-dimensional.
    Source: Sen 1968; domain rules §3.4.
    Edge cases: a gap counts in time: 0, unknown, 2 has slope 1.

    >>> sen_slopes(np.array([[0.0, np.nan, 2.0], [1.0, 1.0, 7.0]])).tolist()
    [1.0, 3.0]
    """
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 2:
        raise ValueError(f"values has shape {values.shape}, it must be (suppliers, periods)")
    blocks = [_block_slopes(values[at : at + BLOCK]) for at in range(0, len(values), BLOCK)]
    return np.concatenate(blocks) if blocks else np.empty(0)


def permutation_p(s: int, ties: tuple[int, ...]) -> float:
    """Return how often chance alone makes a trend at least as strong.

    Formula: the number of orderings with i inversions is the coefficient of qⁱ in
    [n]_q!/Π[t]_q!; S = untied pairs − 2i; p = P(|S| ≥ |s|).

    Args:
        s: rising pairs minus falling ones [count].
        ties: how many values are equal, per distinct value [count], all ≥ 1; n is their
            sum.
    Returns:
        p [fraction], two-sided, exact.
    Raises:
        ValueError: a tie is below 1.
    Source: MacMahon 1916 for inversions of multisets; domain rules §3.4.
    Edge cases: without any value p is 1.

    >>> f"{permutation_p(6, (1, 1, 1, 1)):.4f}"
    '0.0833'
    """
    if any(tie < 1 for tie in ties):
        raise ValueError(f"ties are {ties}, each must be at least 1")
    orderings = _inversions(tuple(sorted(ties)))
    most = len(orderings) - 1
    extreme = sum(count for i, count in enumerate(orderings) if abs(most - 2 * i) >= abs(s))
    return extreme / sum(orderings)


@lru_cache(maxsize=4096)
def _inversions(ties: tuple[int, ...]) -> tuple[int, ...]:
    """Count the orderings of a multiset by their inversions."""
    counts = [1]
    for size in range(2, sum(ties) + 1):
        longer = [0] * (len(counts) + size - 1)
        for place, count in enumerate(counts):
            for shift in range(size):
                longer[place + shift] += count
        counts = longer
    for tie in ties:
        for size in range(2, tie + 1):
            counts = _divided(counts, size)
    return tuple(counts)


def _divided(counts: list[int], size: int) -> list[int]:
    """Divide a polynomial by 1 + q + … + q^(size − 1), which it is a multiple of."""
    quotient: list[int] = []
    for place in range(len(counts) - size + 1):
        quotient.append(counts[place] - sum(quotient[max(0, place - size + 1) : place]))
    return quotient


def _pair_counts(values: Floats) -> tuple[Integers, Integers]:
    """Return S per row, and per element how many of its row equal it, itself included."""
    rows, periods = values.shape
    s = np.zeros(rows, np.int64)
    ties = np.ones((rows, periods), np.int64)
    for i, j in combinations(range(periods), 2):
        step = values[:, j] - values[:, i]
        s += (step > 0).astype(np.int64) - (step < 0)
        equal = step == 0
        ties[:, i] += equal
        ties[:, j] += equal
    return s, ties


def _p_values(n: Integers, s: Integers, *, ties: Integers, z: Floats) -> Floats:
    p = np.array([erfc(abs(value) / sqrt(2)) for value in z.tolist()])
    p[n < MIN_VALUES] = np.nan
    untied = (ties == 1).all(axis=1)
    for size in range(MIN_VALUES, EXACT_UP_TO + 1):
        rows = np.flatnonzero((n == size) & untied)
        found, back = np.unique(np.abs(s[rows]), return_inverse=True)
        p[rows] = np.array([permutation_p(int(one), (1,) * size) for one in found])[back]
    for row in np.flatnonzero((n >= MIN_VALUES) & (n <= EXACT_UP_TO) & ~untied):
        p[row] = permutation_p(int(s[row]), _tie_sizes(ties[row], int(n[row])))
    return p


def _tie_sizes(ties: Integers, n: int) -> tuple[int, ...]:
    sizes, counts = np.unique(ties, return_counts=True)
    tied = [int(t) for t, c in zip(sizes, counts, strict=True) if t > 1 for _ in range(c // t)]
    return (1,) * (n - sum(tied)) + tuple(tied)


def _block_slopes(values: Floats) -> Floats:
    periods = values.shape[1]
    if periods < MIN_VALUES:
        return np.full(len(values), np.nan)
    first, second = np.triu_indices(periods, 1)
    slopes = (values[:, second] - values[:, first]) / (second - first)
    slopes.sort(axis=1)  # NaN last
    known = np.count_nonzero(~np.isnan(slopes), axis=1)
    rows = np.arange(len(values))
    lower = slopes[rows, np.maximum(0, (known - 1) // 2)]
    upper = slopes[rows, np.minimum(known // 2, slopes.shape[1] - 1)]
    return np.where(known > 0, (lower + upper) / 2, np.nan)
