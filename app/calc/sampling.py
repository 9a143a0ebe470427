"""Sampling: how far chance may have moved a measure, as draws from its interval.

A draw at ∓1.96 is the bound that is printed, at 0 the value, so that what is drawn and what
is shown never contradict each other. What draws make of a score stands in `score_range`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from app.calc.intervals import Z_95
from app.calc.measure_columns import PROVISIONAL, MeasureColumn

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

TAIL = 0.025


class DrawScale(StrEnum):
    """On which scale a measure's interval is even to both sides."""

    WILSON = "wilson"
    CUBE_ROOT = "cube_root"
    LOG = "log"
    LINEAR = "linear"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class Sampling:
    """How chance may have moved one measure of many suppliers; arrays of shape (m,).

    `value`, `lo` and `hi` are in the measure's unit; value NaN is missing, lo or hi NaN is
    held at its value. `n` is the effective sample of `WILSON` [count ÷ design effect].
    """

    scale: DrawScale
    value: Floats
    lo: Floats
    hi: Floats
    n: Floats


def sampling(column: MeasureColumn, scale: DrawScale) -> Sampling:
    """Return how chance may have moved a column of measures.

    Formula: `WILSON` takes n/deff, `LOG` without an interval of its own takes
    `spread_intervals`, the others the interval that is printed.

    Args:
        column: the measures; those that are insufficient count as missing.
        scale: `WILSON` for rates, `CUBE_ROOT` for counts per unit (ppm), `LOG` for spreads,
            `LINEAR` for means, `FIXED` for a census such as line stops.
    Returns:
        The sampling, shape (m,).
    Raises:
        Nothing.
    Source: domain rules §3.3, §4.3.
    Edge cases: a measure without interval is held at its value.

    >>> from app.calc.measure_columns import Absence, rates
    >>> n = np.array([60])
    >>> why = Absence(("No line is due.",), np.zeros(1, np.int8))
    >>> otif = rates("otif_line", n - 3, n, unknown=n * 0, absence=why, deff=np.array([2.0]))
    >>> sampling(otif, DrawScale.WILSON).n.tolist()
    [30.0]
    """
    value = np.where(column.state >= PROVISIONAL, column.value, np.nan)
    deff = np.ones(len(value)) if column.deff is None else column.deff
    size = column.n / np.where(np.isnan(deff), 1.0, deff)
    lo, hi = column.lo, column.hi
    if scale is DrawScale.LOG and np.isnan(lo).all():
        lo, hi = spread_intervals(value, column.n)
    return Sampling(scale, value, lo, hi, size)


def spread_intervals(sd: Floats, n: Integers) -> tuple[Floats, Floats]:
    """Return the 95 % intervals of many standard deviations.

    Formula: s·√((n − 1)/χ²(0.975; n − 1)) and s·√((n − 1)/χ²(0.025; n − 1)).

    Args:
        sd: shape (m,), sample standard deviations [any unit], ≥ 0; NaN where unknown.
        n: shape (m,) [count], ≥ 0.
    Returns:
        (lo, hi), each of shape (m,) [same unit]; NaN where n < 2.
    Raises:
        ValueError: a standard deviation is negative.
    Source: χ² distribution of a normal sample's variance. Lateness has longer tails than
    that, so the interval is a lower bound of what chance may do.
    Edge cases: s = 0 has the interval (0, 0).

    >>> lo, hi = spread_intervals(np.array([2.0]), np.array([25]))
    >>> f"{lo[0]:.4f} {hi[0]:.4f}"
    '1.5617 2.7823'
    """
    from scipy.special import gammainccinv, gammaincinv

    if np.any(sd < 0):
        raise ValueError("sd: every standard deviation must be at least 0")
    some = (n >= 2) & ~np.isnan(sd)
    half = np.where(some, n - 1, 1) / 2
    lo = sd * np.sqrt(half / gammainccinv(half, TAIL))
    hi = sd * np.sqrt(half / gammaincinv(half, TAIL))
    return np.where(some, lo, np.nan), np.where(some, hi, np.nan)


def draw(of: Sampling, z: Floats) -> Floats:
    """Return what measures may as well have been, at given places of chance.

    Formula: `WILSON`: the bound of Wilson's interval at z; the others, on their scale g:
    g(value) + z/1.96·(g(hi) − g(value)) for z > 0, with lo below. At z = ∓1.96 a draw is the
    printed bound, at 0 the value.

    Args:
        of: measures of m suppliers.
        z: shape (draws,) or (m, draws), standard normal.
    Returns:
        Shape (m, draws) [the measure's unit]; NaN rows where the value is missing.
    Raises:
        Nothing.
    Source: confidence distribution; cube root after Wilson and Hilferty 1931 for counts.
    Edge cases: a rate of all or of none never passes 1 or 0.

    >>> one = np.array([0.95])
    >>> of = Sampling(DrawScale.WILSON, one, one, one, np.array([60.0]))
    >>> draw(of, np.array([-1.959963984540054, 0.0, 1.959963984540054])).round(4).tolist()
    [[0.863, 0.95, 0.9829]]
    """
    value = of.value[:, None]
    if of.scale is DrawScale.WILSON:
        n = np.where(of.n > 0, of.n, np.nan)[:, None]
        scale = z * z / n
        half = z * np.sqrt(value * (1 - value) / n + scale / n / 4)
        return np.clip((value + scale / 2 + half) / (1 + scale), 0.0, 1.0)
    if of.scale is DrawScale.FIXED:
        return np.broadcast_to(value, (len(value), z.shape[-1]))
    place, down, up = _on_scale(of)
    moved = up[:, None] * np.maximum(z, 0.0) + down[:, None] * np.minimum(z, 0.0)
    moved += place[:, None]
    if of.scale is DrawScale.CUBE_ROOT:
        root = np.maximum(moved, 0.0)
        return root * root * root
    return value * np.exp(moved) if of.scale is DrawScale.LOG else moved


def _on_scale(of: Sampling) -> tuple[Floats, Floats, Floats]:
    """Return the place on the scale and the steps per normal deviation, down and up."""
    fixed = np.isnan(of.lo) | np.isnan(of.hi)
    lo, hi = np.where(fixed, of.value, of.lo), np.where(fixed, of.value, of.hi)
    if of.scale is DrawScale.LOG:
        some = (lo > 0) & (of.value > 0)
        steps = [np.log(np.where(some, of.value, 1.0) / np.where(some, lo, 1.0)) / Z_95]
        steps.append(np.log(np.where(some, hi, 1.0) / np.where(some, of.value, 1.0)) / Z_95)
        return np.zeros(len(lo)), steps[0], steps[1]
    cube = of.scale is DrawScale.CUBE_ROOT
    place, lo, hi = (np.cbrt(one) if cube else one for one in (of.value, lo, hi))
    return place, (place - lo) / Z_95, (hi - place) / Z_95
