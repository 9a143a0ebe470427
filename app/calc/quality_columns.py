"""PPM and mean hours by the column: many suppliers at once, with their intervals.

The rules are those of `quality` and `measure`, element by element.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.calc.measure import MeasureState
from app.calc.measure_columns import (
    INSUFFICIENT,
    NO_DATA,
    OK,
    PROVISIONAL,
    Absence,
    MeasureColumn,
    Remark,
)
from app.calc.quality import (
    DEFAULT_LIMIT_PPM,
    ERROR_RATE,
    EXPECTED_REJECTS_OK,
    EXPECTED_REJECTS_PROVISIONAL,
    MILLION,
    MIN_LOTS_FOR_DISPERSION,
    NO_DISPERSION,
    garwood_intervals,
    ppm_reason,
)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Codes = NDArray[np.int8]


def ppm_states(received: Floats, *, limit_ppm: float = DEFAULT_LIMIT_PPM) -> Codes:
    """Return the state codes of PPM figures by the rejects to be expected at the limit.

    Formula: as `quality.ppm_state`, element by element.

    Args:
        received: shape (m,), units received [count], ≥ 0.
        limit_ppm: t [parts per million], > 0.
    Returns:
        Shape (m,), places in `measure_columns.STATES`.
    Raises:
        ValueError: a value lies outside its range.
    Source: house rule, domain rules §0.8.
    Edge cases: nothing received is no_data.

    >>> ppm_states(np.array([0.0, 300.0, 10_000.0, 60_000.0])).tolist()
    [0, 1, 2, 3]
    """
    if limit_ppm <= 0:
        raise ValueError(f"limit_ppm is {limit_ppm}, it must be greater than 0")
    if np.any(received < 0):
        raise ValueError("received: every quantity must be at least 0")
    expected = received * limit_ppm
    graded = np.where(expected < EXPECTED_REJECTS_OK * MILLION, PROVISIONAL, OK)
    weak = expected < EXPECTED_REJECTS_PROVISIONAL * MILLION
    some = np.where(weak, INSUFFICIENT, graded)
    return np.where(received == 0, NO_DATA, some).astype(np.int8)


def ppm_column(
    rejected: Floats,
    received: Floats,
    *,
    phi: Floats | None = None,
    absence: Absence,
    unknown: Integers,
    limit_ppm: float = DEFAULT_LIMIT_PPM,
    remark: Remark | None = None,
) -> MeasureColumn:
    """Build the column of PPM with Poisson intervals, widened where rejects come by lot.

    Formula: as `quality.ppm_measure`, element by element.

    Args:
        rejected: shape (m,) [count], ≥ 0.
        received: shape (m,) [count], ≥ 0.
        phi: shape (m,), dispersion over lots [ratio], ≥ 1, NaN where it is not known, which
            gives the exact Poisson interval; None where it is known of none.
        absence: what is missing where nothing was received.
        unknown: shape (m,), receipts left out because a quantity is missing [count], ≥ 0.
        limit_ppm: the limit [parts per million], > 0.
        remark: what must be said beside the figure.
    Returns:
        The column `ppm` [parts per million]; n is the units received, rounded down, deff
        carries phi.
    Raises:
        ValueError: a value lies outside its range.
    Source: domain rules §0.8, §2.1.
    Edge cases: as `quality.ppm_measure`.

    >>> why = Absence(("Nothing was received.",), np.zeros(1, np.int8))
    >>> three, units = np.array([3.0]), np.array([100_000.0])
    >>> m = ppm_column(three, units, absence=why, unknown=np.zeros(1, np.int64)).measure(0)
    >>> m.value, f"{m.lo:.2f} {m.hi:.2f}", m.state.value
    (30.0, '6.19 87.67', 'ok')
    """
    some = received > 0
    units = np.where(some, received, np.nan)
    lo, hi = garwood_intervals(
        np.where(some, rejected, 0.0),
        np.where(some, received, 1.0),
        phi=NO_DISPERSION if phi is None else np.where(np.isnan(phi), NO_DISPERSION, phi),
    )
    return MeasureColumn(
        id="ppm",
        value=MILLION * rejected / units,
        n=np.floor(received).astype(np.int64),
        numerator=np.where(some, rejected, np.nan),
        denominator=units,
        lo=np.where(some, lo * MILLION, np.nan),
        hi=np.where(some, hi * MILLION, np.nan),
        state=ppm_states(received, limit_ppm=limit_ppm),
        unknown=unknown,
        absence=absence,
        deff=phi,
        remark=remark,
        explain=_explain,
    )


def lot_dispersions(
    rejected: Floats, received: Floats, *, squares: Floats, lots: Integers
) -> Floats:
    """Return how much rejects bunch in lots, from sums.

    Formula: as `quality.lot_dispersion`; with R = Σr and S = Σs, Σ(rᵢ − sᵢp)²/(sᵢp) is
    S/R·Σ(rᵢ²/sᵢ) − R.

    Args:
        rejected: shape (m,), R [count], ≥ 0.
        received: shape (m,), S [the same unit], ≥ 0.
        squares: shape (m,), Σ(rᵢ²/sᵢ) [the same unit], ≥ 0.
        lots: shape (m,) [count], ≥ 0.
    Returns:
        φ, shape (m,) [ratio], ≥ 1, higher means rejects come by whole lots; NaN with fewer
        than two lots or without any reject, which cannot show it.
    Raises:
        Nothing.
    Source: Pearson's χ²/df of a quasi-Poisson model, domain rules §2.1.
    Edge cases: squares that are too low give 1, never less.

    >>> ten, units = np.array([10.0]), np.array([1000.0])
    >>> lot_dispersions(ten, units, squares=np.array([1.0]), lots=np.array([10])).round(9).tolist()
    [10.0]
    """
    some = (lots >= MIN_LOTS_FOR_DISPERSION) & (rejected > 0)
    total, freedom = np.where(some, rejected, 1.0), np.where(some, lots - 1, 1)
    found = (received / total * squares - total) / freedom
    return np.where(some, np.maximum(NO_DISPERSION, found), np.nan)


def mean_intervals(mean: Floats, sd: Floats, n: Integers) -> tuple[Floats, Floats]:
    """Return Student's 95 % intervals of many means of what can't be negative.

    Formula: mean ∓ t(0.975; n − 1)·sd/√n, cut at 0.

    Args:
        mean: shape (m,) [any unit], ≥ 0; NaN where unknown.
        sd: shape (m,), sample standard deviations [same unit], ≥ 0; NaN where unknown.
        n: shape (m,) [count], ≥ 0.
    Returns:
        (lo, hi), each of shape (m,) [same unit]; NaN where n < 2.
    Raises:
        ValueError: a standard deviation is negative.
    Source: Student 1908.
    Edge cases: one value says nothing about spread and has no interval.

    >>> lo, hi = mean_intervals(np.array([31.0]), np.array([10.0]), np.array([25]))
    >>> f"{lo[0]:.3f} {hi[0]:.3f}"
    '26.872 35.128'
    """
    from scipy.special import stdtrit

    if np.any(sd < 0):
        raise ValueError("sd: every standard deviation must be at least 0")
    some = (n >= 2) & ~np.isnan(sd)
    size = np.where(some, n, 2)
    half = stdtrit(size - 1, 1 - ERROR_RATE / 2) * sd / np.sqrt(size)
    lo = np.where(some, np.maximum(0.0, mean - half), np.nan)
    return lo, np.where(some, mean + half, np.nan)


def _explain(state: MeasureState, unknown: int) -> str | None:
    return ppm_reason(state, unknown=unknown)
