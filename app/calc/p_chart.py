"""The p-chart: whether a period's rate lies outside what its baseline allows.

Limits follow each period's own number of lines. Lines of one order fail together, so the
limits widen by what the baseline, or the orders, show of it (Laney's p′). The baseline
never holds the period under test; drifts over several periods stand in `drift_charts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from app.calc.intervals import Z_95

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]

MIN_BASELINE_PERIODS = 8
SIGMAS = 3.0
MEAN_RANGE_TO_SD = 1.128
OVERDISPERSED_FROM = 1.5
FEW_EXPECTED = 5.0
ALARM_TAIL = 0.00135
WARNING_TAIL = 0.025
HALF_A_LINE = 0.5
HALVINGS = 30  # to a billionth of the way
ON_THE_LIMIT = 1e-9  # a rate exactly on a limit may miss it by this much and lies inside


class Verdict(IntEnum):
    """What a chart says of a period; its number is its code in arrays."""

    LOW_ALARM = -2
    LOW_WARNING = -1
    IN_CONTROL = 0
    HIGH_WARNING = 1
    HIGH_ALARM = 2
    UNKNOWN = 9


@dataclass(frozen=True, slots=True)
class RateBaseline:
    """What a rate was while nothing was wrong; shape (m,), NaN where it cannot be told.

    `centre` [fraction]; `lines` are how many it rests on; `dispersion` φ [ratio, ≥ 0] is
    Pearson's χ²/df, 1 for pure chance; `inflation` [ratio, ≥ 1] is what limits widen by.
    """

    centre: Floats
    lines: Floats
    dispersion: Floats
    inflation: Floats


def rate_baseline(x: Floats, n: Floats, *, deff: Floats | None = None) -> RateBaseline:
    """Return the baseline of many suppliers' rates.

    Formula: p̄ = Σx/Σn; φ = Σ(x − np̄)²/(np̄(1 − p̄))/(periods − 1); where φ > 1.5 the
    inflation is Laney's σ_z = mean |z_i − z_{i−1}|/1.128 of z = (x/n − p̄)/√(p̄(1 − p̄)/n),
    else 1; never below 1 nor below √deff.

    Args:
        x: shape (m, periods), true lines per period [count], 0 ≤ x ≤ n, oldest first.
        n: shape (m, periods), judged lines [count]; 0 where a period has none. Only
            periods taken as in control, and never the one to be tested.
        deff: shape (m,), design effect by order [ratio], ≥ 1, NaN where not known. Twelve
            periods alone show clustering too roughly to rely on.
    Returns:
        The baseline; NaN with fewer than 8 periods that have lines.
    Raises:
        ValueError: a value lies outside its range, or the shapes differ.
    Source: Laney 2002; domain rules §3.5.
    Edge cases: all true, or none, has φ = 1: nothing varies.

    >>> base = rate_baseline(np.full((1, 8), 38.0), np.full((1, 8), 40.0))
    >>> base.centre.tolist(), base.inflation.tolist()
    ([0.95], [1.0])
    """
    x, n = _checked(x, n)
    seen = n > 0
    periods, lines = np.count_nonzero(seen, axis=1), n.sum(axis=1)
    enough = periods >= MIN_BASELINE_PERIODS
    centre = np.where(enough, x.sum(axis=1) / np.where(lines > 0, lines, 1.0), np.nan)
    z = _standard_scores(x, n, centre)
    squares = np.nansum(z * z, axis=1) / np.maximum(1, periods - 1)
    constant = (centre <= 0) | (centre >= 1)
    dispersion = np.where(enough, np.where(constant, 1.0, squares), np.nan)
    laney = mean_moving_range(z) / MEAN_RANGE_TO_SD
    wide = np.where(dispersion > OVERDISPERSED_FROM, laney, 1.0)
    known_deff = np.ones(len(x)) if deff is None else np.where(np.isnan(deff), 1.0, deff)
    if np.any(known_deff < 1):
        raise ValueError("deff: every design effect must be at least 1")
    inflation = np.maximum(np.fmax(wide, 1.0), np.sqrt(known_deff))
    return RateBaseline(centre, lines, dispersion, np.where(enough, inflation, np.nan))


def p_limits(
    centre: Floats, n: Floats, *, inflation: float | Floats = 1.0, sigmas: float = SIGMAS
) -> tuple[Floats, Floats]:
    """Return the limits that a period's rate stays within by chance.

    Formula: p̄ ∓ sigmas·inflation·√(p̄(1 − p̄)/n), cut at 0 and 1.

    Args:
        centre: shape (…) [fraction], p̄ of the baseline.
        n: shape (…), judged lines of each period [count], ≥ 0.
        inflation: one value or shape (…) [ratio], ≥ 1; Laney's σ_z.
        sigmas: how far [standard deviations], > 0; 3 alarms, 1.96 warns.
    Returns:
        (lower, upper), shape (…) [fraction]; NaN where n = 0 or the centre is NaN.
    Raises:
        ValueError: a value lies outside its range.
    Source: Shewhart's p-chart; Laney 2002; domain rules §3.5.
    Edge cases: few lines have wide limits; where few failures are expected the limits are
    only drawn and `p_verdicts` decides by the exact tail.

    >>> lower, upper = p_limits(np.array([0.95, 0.95]), np.array([40.0, 10.0]))
    >>> lower.round(5).tolist(), upper.tolist()
    ([0.84662, 0.74324], [1.0, 1.0])
    """
    centre, n = np.asarray(centre, np.float64), np.asarray(n, np.float64)
    if np.any((centre < 0) | (centre > 1)):
        raise ValueError("centre: every rate must lie in [0, 1]")
    if np.any(n < 0) or np.any(np.asarray(inflation) < 1) or sigmas <= 0:
        raise ValueError("n must be at least 0, inflation at least 1, sigmas greater than 0")
    size = np.where(n > 0, n, np.nan)
    half = sigmas * inflation * np.sqrt(centre * (1 - centre) / size)
    # The comparisons keep NaN where it stands.
    return np.maximum(0.0, centre - half), np.minimum(1.0, centre + half)


def p_verdicts(x: Floats, n: Floats, baseline: RateBaseline) -> Codes:
    """Judge one period of many suppliers against their baselines.

    Formula: with N = n/inflation² and N·min(p̄, 1 − p̄) ≥ 5: beyond 3σ limits alarm, beyond
    1.96σ a warning. Else by `binomial_tails` of x/inflation² in N: below 0.00135 alarm,
    below 0.025 a warning.

    Args:
        x: shape (m,), true lines of the period [count], 0 ≤ x ≤ n.
        n: shape (m,), judged lines of the period [count], ≥ 0.
        baseline: of periods that do not hold this one.
    Returns:
        Shape (m,), codes of `Verdict`; UNKNOWN without lines or without baseline.
    Raises:
        ValueError: a value lies outside its range, or the shapes differ.
    Source: domain rules §3.5; effective counts where lines cluster as a house rule.
    Edge cases: a baseline without any miss is taken to have had half of one, so that the
    first miss ever is no alarm by itself.

    >>> base = rate_baseline(np.full((1, 8), 38.0), np.full((1, 8), 40.0))
    >>> [Verdict(p_verdicts(np.array([x]), np.array([40.0]), base)[0]).name for x in (30.0, 37.0)]
    ['LOW_ALARM', 'IN_CONTROL']
    """
    x, n = _checked(x, n)
    half = HALF_A_LINE / np.maximum(baseline.lines, 1.0)
    centre = np.clip(baseline.centre, half, 1 - half)
    known = (n > 0) & ~np.isnan(centre)
    centre = np.where(known, centre, 0.5)
    shrink = np.where(known, baseline.inflation, 1.0) ** 2
    size = np.where(known, n, 1.0)
    rate = np.where(known, x, 0.0) / size
    few = size / shrink * np.minimum(centre, 1 - centre) < FEW_EXPECTED
    sigmas = (rate - centre) / np.sqrt(shrink * centre * (1 - centre) / size)
    low, high = _tails_where(few, rate * size / shrink, size / shrink, centre)
    alarm, warning = SIGMAS + ON_THE_LIMIT, Z_95 + ON_THE_LIMIT
    codes = _codes(sigmas < -alarm, sigmas < -warning, sigmas > warning, sigmas > alarm)
    exact = _codes(low < ALARM_TAIL, low < WARNING_TAIL, high < WARNING_TAIL, high < ALARM_TAIL)
    judged = np.where(few, exact, codes)
    return np.where(known, judged, int(Verdict.UNKNOWN)).astype(np.int8)


def alarm_limits(n: Floats, baseline: RateBaseline) -> tuple[Floats, Floats]:
    """Return the limits beyond which `p_verdicts` alarms, to draw what is judged.

    Formula: `p_limits` at 3σ, or, where fewer than 5 failures are expected, the rate whose
    binomial tail is 0.00135, found by halving.

    Args:
        n: shape (m, periods), judged lines of each period [count], ≥ 0.
        baseline: of m suppliers.
    Returns:
        (lower, upper), shape (m, periods) [fraction]; 0 and 1 where no rate would alarm;
        NaN where n = 0 or without baseline.
    Raises:
        ValueError: n lies outside its range, or the shapes do not fit.
    Source: as `p_verdicts`.
    Edge cases: so few lines that even none true is no alarm have no lower limit above 0.

    >>> base = rate_baseline(np.full((1, 8), 38.0), np.full((1, 8), 40.0))
    >>> lower, upper = alarm_limits(np.array([[40.0, 1.0]]), base)
    >>> lower.round(3).tolist(), upper.tolist()
    ([[0.81, 0.0]], [[1.0, 1.0]])
    """
    n = np.asarray(n, dtype=np.float64)
    if n.ndim != 2 or len(n) != len(baseline.centre) or np.any(n < 0):
        raise ValueError(f"n has shape {n.shape}, it must be (suppliers, periods) and n ≥ 0")
    half = HALF_A_LINE / np.maximum(baseline.lines, 1.0)
    centre = np.clip(baseline.centre, half, 1 - half)[:, None]
    known = (n > 0) & ~np.isnan(centre)
    centre = np.broadcast_to(np.where(np.isnan(centre), 0.5, centre), n.shape)
    shrink = np.where(np.isnan(baseline.inflation), 1.0, baseline.inflation)[:, None]
    size = np.where(known, n, 1.0) / shrink**2
    lower, upper = p_limits(centre, np.where(known, n, 1.0), inflation=shrink)
    few = known & (size * np.minimum(centre, 1 - centre) < FEW_EXPECTED)
    if few.any():
        lower[few] = _tail_limit(size[few], centre[few], side=0)
        upper[few] = _tail_limit(size[few], centre[few], side=1)
    return np.where(known, lower, np.nan), np.where(known, upper, np.nan)


def binomial_tails(x: Floats, n: Floats, centre: Floats) -> tuple[Floats, Floats]:
    """Return how likely so few, and so many, true lines are.

    Formula: low = P(X ≤ x) = I_{1−p}(n − x, x + 1), high = P(X ≥ x) = I_p(x, n − x + 1),
    X binomial(n, p), I the regularised incomplete beta function.

    Args:
        x: shape (…) [count, may be fractional: ÷ design effect], 0 ≤ x ≤ n.
        n: shape (…) [count, may be fractional], ≥ 0.
        centre: shape (…), p [fraction].
    Returns:
        (low, high), shape (…) [fraction]; low = 1 where x = n, high = 1 where x = 0.
    Raises:
        ValueError: a value lies outside its range, or the shapes differ.
    Source: Clopper and Pearson 1934 for the incomplete beta function; domain rules §3.5.
    Edge cases: between whole counts it is continuous, which serves effective counts.

    >>> low, high = binomial_tails(np.array([6.0]), np.array([10.0]), np.array([0.95]))
    >>> f"{low[0]:.6f} {high[0]:.6f}"
    '0.001028 0.999936'
    """
    # Loading scipy costs half a second: only who judges small counts pays.
    from scipy.special import betainc

    x, n = _checked(x, n)
    if np.any((centre < 0) | (centre > 1)):
        raise ValueError("centre: every rate must lie in [0, 1]")
    low = np.where(x < n, betainc(np.where(x < n, n - x, 1.0), x + 1, 1 - centre), 1.0)
    high = np.where(x > 0, betainc(np.where(x > 0, x, 1.0), n - x + 1, centre), 1.0)
    return low, high


def mean_moving_range(values: Floats) -> Floats:
    """Return the mean difference between neighbouring known values, row by row.

    Formula: mean of |x_i − x_{i−1}| over successive known values.

    Args:
        values: shape (m, periods) [any unit], oldest first; NaN where unknown.
    Returns:
        Shape (m,) [unit of values], ≥ 0; NaN with fewer than two known values.
    Raises:
        ValueError: values is not two-dimensional.
    Source: individuals chart, NIST/SEMATECH e-Handbook 6.3.2.2; domain rules §3.7.
    Edge cases: an unknown period is skipped; its neighbours are compared.

    >>> mean_moving_range(np.array([[1.0, np.nan, 3.0, 2.0]])).tolist()
    [1.5]
    """
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 2:
        raise ValueError(f"values has shape {values.shape}, it must be (suppliers, periods)")
    total, count = np.zeros(len(values)), np.zeros(len(values))
    last = np.full(len(values), np.nan)
    for column in values.T:
        step = np.abs(column - last)
        total += np.where(np.isnan(step), 0.0, step)
        count += ~np.isnan(step)
        last = np.where(np.isnan(column), last, column)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _tail_limit(n: Floats, centre: Floats, *, side: int) -> Floats:
    """Return the rate whose lower (side 0) or upper (side 1) tail is that of an alarm."""
    outside, inside = np.full(n.shape, float(side)), centre.copy()
    for _ in range(HALVINGS):
        middle = (outside + inside) / 2
        alarms = binomial_tails(middle * n, n, centre)[side] < ALARM_TAIL
        outside = np.where(alarms, middle, outside)
        inside = np.where(alarms, inside, middle)
    never = binomial_tails(np.full(n.shape, float(side)) * n, n, centre)[side] >= ALARM_TAIL
    return np.where(never, float(side), (outside + inside) / 2)


def _standard_scores(x: Floats, n: Floats, centre: Floats) -> Floats:
    varies = ((centre > 0) & (centre < 1))[:, None] & (n > 0)
    p = np.where(varies, centre[:, None], 0.5)
    size = np.where(varies, n, 1.0)
    return np.where(varies, (x / size - p) / np.sqrt(p * (1 - p) / size), np.nan)


def _tails_where(
    few: NDArray[np.bool_], x: Floats, n: Floats, centre: Floats
) -> tuple[Floats, Floats]:
    low, high = np.ones(len(x)), np.ones(len(x))
    if few.any():
        low[few], high[few] = binomial_tails(np.minimum(x, n)[few], n[few], centre[few])
    return low, high


def _codes(
    low_alarm: NDArray[np.bool_],
    low_warning: NDArray[np.bool_],
    high_warning: NDArray[np.bool_],
    high_alarm: NDArray[np.bool_],
) -> Codes:
    conditions = [low_alarm, high_alarm, low_warning, high_warning]
    names = (Verdict.LOW_ALARM, Verdict.HIGH_ALARM, Verdict.LOW_WARNING, Verdict.HIGH_WARNING)
    return np.select(conditions, [int(name) for name in names], 0).astype(np.int8)


def _checked(x: Floats, n: Floats) -> tuple[Floats, Floats]:
    x, n = np.asarray(x, dtype=np.float64), np.asarray(n, dtype=np.float64)
    if x.shape != n.shape:
        raise ValueError(f"x has shape {x.shape} and n {n.shape}, they must be equal")
    if not np.all((x >= 0) & (x <= n)):
        raise ValueError("x and n: 0 ≤ x ≤ n must hold for every element")
    return x, n
