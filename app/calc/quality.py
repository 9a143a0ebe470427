"""Incoming quality: rejected units per million, with an exact interval, and lots.

Counts are units confirmed as the supplier's responsibility; received and rejected are of
the same receipt dates. Sampling plans are not chosen here.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from math import log

import numpy as np
from numpy.typing import NDArray

from app.calc.measure import (
    LOTS_OK,
    LOTS_PROVISIONAL,
    Measure,
    MeasureState,
    no_data,
    rate,
)

Floats = NDArray[np.float64]

MILLION = 1_000_000
DEFAULT_LIMIT_PPM = 50
ERROR_RATE = 0.05
EXPECTED_REJECTS_OK = 3.0
EXPECTED_REJECTS_PROVISIONAL = 0.5
MIN_LOTS_FOR_DISPERSION = 2
NO_DISPERSION = 1.0


class PpmBand(StrEnum):
    """Bands of rejected units per million where no contract limit stands."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


PPM_BAND_EDGES = ((50, PpmBand.A), (500, PpmBand.B), (2000, PpmBand.C))


def ppm(rejected: float, received: float) -> float | None:
    """Return rejected units per million received.

    Formula: 1e6·rejected/received. Over several months take the ratio of the sums, never
    the mean of monthly figures.

    Args:
        rejected: nonconforming units [any unit], ≥ 0; may exceed received.
        received: units received on the same receipt dates [same unit], ≥ 0.
    Returns:
        Parts per million, ≥ 0, higher is worse; None where nothing was received.
    Raises:
        ValueError: a quantity is negative.
    Source: domain rules §2.1.
    Edge cases: rejects without receipts give None, as nothing can be said per unit.

    >>> ppm(9, 100_000), ppm(0, 0)
    (90.0, None)
    """
    if rejected < 0 or received < 0:
        raise ValueError(f"rejected is {rejected}, received {received}, both must be at least 0")
    return MILLION * rejected / received if received else None


def ppm_band(value: float | None) -> PpmBand | None:
    """Return the band of a PPM figure where no contract limit stands.

    Formula: ≤ 50 A, ≤ 500 B, ≤ 2,000 C, above D.

    Args:
        value: parts per million, unrounded, ≥ 0; None where unknown.
    Returns:
        The band; None where value is.
    Raises:
        Nothing.
    Source: house rule, domain rules §2.1.
    Edge cases: the edges belong to the better band.

    >>> [ppm_band(value).value for value in (50, 50.1, 2000, 2001)]
    ['A', 'B', 'C', 'D']
    """
    if value is None:
        return None
    return next((band for edge, band in PPM_BAND_EDGES if value <= edge), PpmBand.D)


def garwood_interval(
    count: float, units: float, *, phi: float = NO_DISPERSION
) -> tuple[float, float]:
    """Return the exact Poisson interval of a rate of rejects per unit.

    Formula: with c = count/φ and α = 0.05: lo = χ²(α/2; 2c)/2, hi = χ²(1 − α/2; 2c + 2)/2,
    both ·φ/units. c = 0: lo = 0, hi = −ln α·φ/units (one-sided 95 %).

    Args:
        count: rejected units [count], ≥ 0.
        units: received units [count], > 0.
        phi: dispersion over lots [ratio], ≥ 1 (`lot_dispersion`); 1 for pure Poisson.
    Returns:
        (lo, hi) [rejects per unit, ≥ 0]; times 1e6 it is PPM. hi may exceed 1.
    Raises:
        ValueError: a value lies outside its range.
    Source: Garwood 1936; quasi-Poisson widening as a house rule, domain rules §2.1.
    Edge cases: 0 of n units gives hi ≈ 3/n: no rejects is not proof of none.

    >>> lo, hi = garwood_interval(3, 100_000)
    >>> f"{lo * 1e6:.2f} {hi * 1e6:.2f}"
    '6.19 87.67'
    """
    lo, hi = garwood_intervals(
        np.array([count], dtype=np.float64), np.array([units], dtype=np.float64), phi=phi
    )
    return float(lo[0]), float(hi[0])


def garwood_intervals(
    counts: Floats, units: Floats, *, phi: float | Floats = NO_DISPERSION
) -> tuple[Floats, Floats]:
    """Return the exact Poisson intervals of many rates at once.

    Formula: as `garwood_interval`, element by element; χ²(p; 2a)/2 is the inverse of the
    regularised incomplete gamma function with shape a.

    Args:
        counts: shape (m,) [count], ≥ 0.
        units: shape (m,) [count], > 0.
        phi: one value or shape (m,) [ratio], ≥ 1.
    Returns:
        (lo, hi), each of shape (m,) [rejects per unit].
    Raises:
        ValueError: a value lies outside its range or the shapes differ.
    Source: as `garwood_interval`.
    Edge cases: as `garwood_interval`; empty arrays give empty arrays.

    >>> lo, hi = garwood_intervals(np.array([0.0, 3.0]), np.array([300.0, 100_000.0]))
    >>> [f"{bound * 1e6:.2f}" for bound in (*lo, *hi)]
    ['0.00', '6.19', '9985.77', '87.67']
    """
    # Loading scipy costs half a second and more: only who asks for an interval pays.
    from scipy.special import gammainccinv, gammaincinv

    counts, units = np.asarray(counts, dtype=np.float64), np.asarray(units, dtype=np.float64)
    if counts.shape != units.shape:
        raise ValueError(f"counts has shape {counts.shape} and units {units.shape}")
    if not np.all((counts >= 0) & (units > 0)):
        raise ValueError("counts must be at least 0 and units greater than 0")
    if not np.all(np.asarray(phi) >= NO_DISPERSION):
        raise ValueError(f"phi is {phi}, it must be at least 1")
    effective, scale = counts / phi, phi / units
    some = np.where(counts > 0, effective, 1.0)
    lo = np.where(counts > 0, gammaincinv(some, ERROR_RATE / 2), 0.0)
    hi = np.where(counts > 0, gammainccinv(some + 1, ERROR_RATE / 2), -log(ERROR_RATE))
    return lo * scale, hi * scale


def lot_dispersion(rejected: Sequence[float], sizes: Sequence[float]) -> float | None:
    """Return how much rejects bunch in lots, compared with pure chance.

    Formula: p = Σr/Σs; φ = max(1, Σ(rᵢ − sᵢp)²/(sᵢp) / (lots − 1)).

    Args:
        rejected: shape (m,), rejected units per lot [count], ≥ 0.
        sizes: shape (m,), units per lot [count], > 0.
    Returns:
        φ [ratio], ≥ 1, higher means rejects come by whole lots; None with fewer than two
        lots or without any reject, which cannot show it.
    Raises:
        ValueError: a size is not above 0, a count is negative, or the shapes differ.
    Source: Pearson's χ²/df of a quasi-Poisson model, domain rules §2.1.
    Edge cases: evenly spread rejects give 1.

    >>> lot_dispersion([1, 1, 1], [100, 100, 100])
    1.0
    """
    pairs = list(zip(rejected, sizes, strict=True))
    if any(count < 0 or size <= 0 for count, size in pairs):
        raise ValueError("rejected must be at least 0 and sizes greater than 0 for every lot")
    if len(pairs) < MIN_LOTS_FOR_DISPERSION or not any(rejected):
        return None
    share = sum(rejected) / sum(sizes)
    squares = sum((count - size * share) ** 2 / (size * share) for count, size in pairs)
    return max(NO_DISPERSION, squares / (len(pairs) - 1))


def ppm_state(received: float, *, limit_ppm: float = DEFAULT_LIMIT_PPM) -> MeasureState:
    """Return the state of a PPM figure by the rejects to be expected at its limit.

    Formula: e = received·t/1e6; e ≥ 3 ok, e ≥ 0.5 provisional, else insufficient;
    nothing received no_data.

    Args:
        received: units received [count], ≥ 0.
        limit_ppm: t [parts per million], > 0; the contract's, else the segment's, else 50.
    Returns:
        The state. Where it is insufficient, show the count and the lot reject rate.
    Raises:
        ValueError: received is negative or limit_ppm is not above 0.
    Source: house rule, domain rules §0.8.
    Edge cases: 0 rejects of 300 units is insufficient, not perfect.

    >>> [ppm_state(received).value for received in (300, 10_000, 60_000)]
    ['insufficient', 'provisional', 'ok']
    """
    if received < 0:
        raise ValueError(f"received is {received}, it must be at least 0")
    if limit_ppm <= 0:
        raise ValueError(f"limit_ppm is {limit_ppm}, it must be greater than 0")
    if received == 0:
        return MeasureState.NO_DATA
    expected = received * limit_ppm
    if expected < EXPECTED_REJECTS_PROVISIONAL * MILLION:
        return MeasureState.INSUFFICIENT
    is_ok = expected >= EXPECTED_REJECTS_OK * MILLION
    return MeasureState.OK if is_ok else MeasureState.PROVISIONAL


def ppm_measure(
    rejected: float | None,
    received: float | None,
    *,
    limit_ppm: float = DEFAULT_LIMIT_PPM,
    bounds: tuple[float, float] | None = None,
    phi: float | None = None,
    unknown: int = 0,
    reason_no_data: str,
) -> Measure:
    """Build the PPM measure with its exact interval and its state.

    Formula: `ppm`, `garwood_interval` and `ppm_state` of the same sums.

    Args:
        rejected: rejected units [count], ≥ 0; None where the feed has no rejects.
        received: received units [count], ≥ 0; None where the feed has no quantities.
        limit_ppm: the limit [parts per million], > 0.
        bounds: (lo, hi) [rejects per unit] if `garwood_intervals` has them already.
        phi: dispersion over lots [ratio], ≥ 1; None where it is not known.
        unknown: receipts left out because a quantity is missing [count], ≥ 0.
        reason_no_data: what is missing and what to ask for.
    Returns:
        The measure `ppm` [parts per million], higher is worse; n is the units received,
        rounded down, deff carries phi.
    Raises:
        ValueError: a value lies outside its range.
    Source: domain rules §0.8, §2.1.
    Edge cases: nothing received, or a sum unknown, is no_data.

    >>> measure = ppm_measure(0, 300, reason_no_data="Nothing was received.")
    >>> measure.value, measure.state.value, measure.counts
    (0.0, 'insufficient', False)
    """
    if rejected is None or received is None or received == 0:
        return no_data("ppm", reason_no_data, unknown=unknown)
    value = ppm(rejected, received)
    state = ppm_state(received, limit_ppm=limit_ppm)
    lo, hi = bounds or garwood_interval(rejected, received, phi=phi or NO_DISPERSION)
    return Measure(
        id="ppm",
        value=value,
        n=int(received),
        numerator=rejected,
        denominator=received,
        lo=lo * MILLION,
        hi=hi * MILLION,
        state=state,
        reason=ppm_reason(state, unknown=unknown),
        deff=phi,
        unknown=unknown,
    )


def lot_reject_rate(rejected: int, inspected: int, *, unknown: int = 0) -> Measure:
    """Build the measure of lots rejected per lot inspected.

    Formula: rejected/inspected, Wilson interval; skip lots are not inspected.

    Args:
        rejected: lots rejected [count], 0 … inspected.
        inspected: lots inspected with a verdict [count], ≥ 0.
        unknown: lots inspected without a verdict [count], ≥ 0.
    Returns:
        The measure `lot_reject` [fraction], higher is worse; ok from 10 lots, provisional
        from 5.
    Raises:
        ValueError: the counts contradict each other.
    Source: domain rules §0.8, §2.2.
    Edge cases: no lot inspected is no_data.

    >>> lot_reject_rate(3, 60).value
    0.05
    """
    return _lot_rate("lot_reject", rejected, inspected, unknown=unknown)


def lot_acceptance_rate(rejected: int, inspected: int, *, unknown: int = 0) -> Measure:
    """Build the measure of lots accepted per lot inspected.

    Formula: (inspected − rejected)/inspected, Wilson interval.

    Args:
        rejected: lots rejected [count], 0 … inspected.
        inspected: lots inspected with a verdict [count], ≥ 0.
        unknown: lots inspected without a verdict [count], ≥ 0.
    Returns:
        The measure `lot_accept` [fraction], lower is worse; states as `lot_reject_rate`.
    Raises:
        ValueError: the counts contradict each other.
    Source: domain rules §2.2.
    Edge cases: as `lot_reject_rate`.

    >>> lot_acceptance_rate(3, 60).value
    0.95
    """
    return _lot_rate("lot_accept", inspected - rejected, inspected, unknown=unknown)


def first_pass_rate(passed: int, inspected: int, *, unknown: int = 0) -> Measure:
    """Build the measure of lots accepted without concession per lot inspected.

    Formula: passed/inspected, Wilson interval.

    Args:
        passed: lots accepted without concession [count], 0 … inspected.
        inspected: lots inspected with a verdict [count], ≥ 0.
        unknown: lots inspected without a verdict [count], ≥ 0.
    Returns:
        The measure `first_pass` [fraction], lower is worse; states as `lot_reject_rate`.
    Raises:
        ValueError: the counts contradict each other.
    Source: domain rules §2.2.
    Edge cases: as `lot_reject_rate`.

    >>> first_pass_rate(54, 60).value
    0.9
    """
    return _lot_rate("first_pass", passed, inspected, unknown=unknown)


def _lot_rate(measure_id: str, true: int, known: int, *, unknown: int) -> Measure:
    return rate(
        measure_id,
        true,
        known,
        unknown=unknown,
        reason_no_data="No lot was inspected. Ask for inspection results per lot.",
        noun="lots",
        ok=LOTS_OK,
        provisional=LOTS_PROVISIONAL,
    )


def ppm_reason(state: MeasureState, *, unknown: int) -> str | None:
    """Return why a PPM figure is weak, in words a buyer understands.

    Formula: none.

    Args:
        state: the state by expected rejects.
        unknown: receipts left out because a quantity is missing [count], ≥ 0.
    Returns:
        One or two sentences; None when the figure is firm and nothing is left out.
    Raises:
        Nothing.
    Source: domain rules §0.8.
    Edge cases: none.

    >>> ppm_reason(MeasureState.OK, unknown=0) is None
    True
    """
    notes = []
    if state is MeasureState.INSUFFICIENT:
        notes.append("Too few units to tell a figure at the limit; see the lots.")
    if state is MeasureState.PROVISIONAL:
        notes.append("Few units: under three rejects are expected at the limit.")
    if unknown:
        notes.append(f"Unknown receipts, left out: {unknown}.")
    return " ".join(notes) or None
