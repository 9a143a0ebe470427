"""Intervals for proportions: Wilson's interval and the design effect of orders.

The interval speaks of the long-run rate behind the count, not of the count itself,
which is a census. The interval for counts of rejects stands in `quality`.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

Z_95 = 1.959963984540054
MIN_ORDERS_FOR_DESIGN_EFFECT = 10
NO_CLUSTERING = 1.0


def wilson(x: float, n: float, *, z: float = Z_95) -> tuple[float, float]:
    """Return Wilson's interval of a proportion.

    Formula: p = x/n; centre = (p + z²/2n)/(1 + z²/n);
    half = z·√(p(1−p)/n + z²/4n²)/(1 + z²/n); the bounds are centre ∓ half, cut at 0 and 1.

    Args:
        x: how many of n are true [count, may be fractional], 0 ≤ x ≤ n.
        n: sample size [count, may be fractional: n/design effect], ≥ 0.
        z: two-sided normal quantile, > 0; 1.96 (unrounded) gives 95 %.
    Returns:
        (lo, hi), fractions in [0, 1]; a wide interval says little is known.
    Raises:
        ValueError: x, n or z lie outside their range.
    Source: E. B. Wilson 1927; domain rules §3.1.
    Edge cases: n = 0 gives (0, 1); x = 0 has lo exactly 0, x = n has hi exactly 1.

    >>> lo, hi = wilson(57, 60)
    >>> f"{lo:.4f} {hi:.4f}"
    '0.8630 0.9829'
    >>> wilson(0, 0)
    (0.0, 1.0)
    """
    if z <= 0:
        raise ValueError(f"z is {z}, it must be greater than 0")
    if not 0 <= x <= n:
        raise ValueError(f"x is {x} and n is {n}, 0 ≤ x ≤ n must hold")
    if n == 0:
        return 0.0, 1.0
    p, z2 = x / n, z * z
    scale = 1 + z2 / n
    centre = (p + z2 / (2 * n)) / scale
    half = z * sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / scale
    lo = 0.0 if x == 0 else max(0.0, centre - half)
    hi = 1.0 if x == n else min(1.0, centre + half)
    return lo, hi


def wilson_many(x: Floats, n: Floats, *, z: float = Z_95) -> tuple[Floats, Floats]:
    """Return Wilson's interval of many proportions at once.

    Formula: as `wilson`, element by element.

    Args:
        x: shape (m,) [count, may be fractional], 0 ≤ x ≤ n.
        n: shape (m,) [count, may be fractional], ≥ 0.
        z: two-sided normal quantile, > 0.
    Returns:
        (lo, hi), each of shape (m,), fractions in [0, 1].
    Raises:
        ValueError: a value lies outside its range or the shapes differ.
    Source: as `wilson`.
    Edge cases: as `wilson`; an empty array gives empty arrays.

    >>> lo, hi = wilson_many(np.array([57.0, 0.0]), np.array([60.0, 0.0]))
    >>> [f"{bound:.4f}" for bound in (*lo, *hi)]
    ['0.8630', '0.0000', '0.9829', '1.0000']
    """
    if z <= 0:
        raise ValueError(f"z is {z}, it must be greater than 0")
    x, n = np.asarray(x, dtype=np.float64), np.asarray(n, dtype=np.float64)
    if x.shape != n.shape:
        raise ValueError(f"x has shape {x.shape} and n {n.shape}, they must be equal")
    if not np.all((x >= 0) & (x <= n)):
        raise ValueError("x and n: 0 ≤ x ≤ n must hold for every element")
    some = np.where(n > 0, n, 1.0)
    p, z2 = x / some, z * z
    scale = 1 + z2 / some
    centre = (p + z2 / (2 * some)) / scale
    half = z * np.sqrt(p * (1 - p) / some + z2 / (4 * some * some)) / scale
    lo = np.where((n == 0) | (x == 0), 0.0, np.maximum(0.0, centre - half))
    hi = np.where((n == 0) | (x == n), 1.0, np.minimum(1.0, centre + half))
    return lo, hi


def design_effect_from_sums(
    orders: int,
    lines: int,
    *,
    true: int,
    sum_n2: int,
    sum_ny: int,
    sum_y2: int,
) -> float | None:
    """Return how much wider clustering by order makes the variance of a line rate.

    Formula: p = Σy/N; cluster-robust variance = Σ(yᵢ − nᵢp)²/N²·J/(J − 1);
    binomial variance = p(1 − p)/N; deff = max(1, cluster-robust ÷ binomial).
    Worked on the sums with integers: Σ(yᵢ − nᵢp)² = Σy² − 2pΣny + p²Σn².

    Args:
        orders: J, orders with at least one judged line [count], ≥ 0.
        lines: N = Σnᵢ, judged lines [count], ≥ 0.
        true: Σyᵢ, judged lines that are true [count], 0 … lines.
        sum_n2: Σnᵢ², over orders, of judged lines [count²].
        sum_ny: Σnᵢyᵢ [count²].
        sum_y2: Σyᵢ² [count²].
    Returns:
        The design effect, ≥ 1 (1: lines behave independently); divide n by it before
        `wilson`. None where fewer than 10 orders cannot show it.
    Raises:
        ValueError: a count is negative, or true exceeds lines.
    Source: cluster-robust (sandwich) variance of a ratio, domain rules §3.1.
    Edge cases: every line true, or none, gives exactly 1.

    >>> deff = design_effect_from_sums(10, 50, true=40, sum_n2=250, sum_ny=200, sum_y2=200)
    >>> f"{deff:.4f}"
    '5.5556'
    >>> design_effect_from_sums(9, 45, true=40, sum_n2=225, sum_ny=200, sum_y2=200) is None
    True
    """
    if orders < 0 or not 0 <= true <= lines:
        raise ValueError(
            f"orders {orders}, lines {lines}, true {true}: 0 ≤ true ≤ lines, orders ≥ 0"
        )
    if orders < MIN_ORDERS_FOR_DESIGN_EFFECT:
        return None
    if true in (0, lines):
        return NO_CLUSTERING
    squared_residuals = lines**2 * sum_y2 - 2 * true * lines * sum_ny + true**2 * sum_n2
    binomial = lines * true * (lines - true) * (orders - 1)
    return max(NO_CLUSTERING, squared_residuals * orders / binomial)
