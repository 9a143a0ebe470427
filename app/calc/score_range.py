"""The sampling range of a score: how far chance alone may have moved it.

Every measure is drawn from its own interval, through the method's anchors and weights, for
many suppliers at once. This is one of two ranges: what missing measures could do are the
bounds of `scoring`. Measures are drawn independently of each other, which makes the range
somewhat narrow where two of them fail together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from app.calc.grading import Grade, GradeBands
from app.calc.sampling import TAIL, DrawScale, Sampling, draw
from app.calc.scoring import (
    COVERAGE_PROVISIONAL,
    MAX_POINTS,
    TOTAL_WEIGHT,
    Anchors,
    ScoredMeasure,
    ScoringMethod,
)

Floats = NDArray[np.float64]

DRAWS = 256
BLOCK = 512  # suppliers at a time: a block of draws stays in the processor's cache
MIN_DRAWS = 64
# Of the odd multipliers tried on made-up suppliers this one erred least; its first 64 powers
# differ for every number of draws.
LATTICE_MULTIPLIER = 59


@dataclass(frozen=True, slots=True)
class ScoreRanges:
    """Scores and the range that holds 95 % of the draws; shape (m,), NaN where not rated.

    `drawn_weight` [fraction of the method's 100] is how much of it has an interval at all.
    """

    score: Floats
    lo: Floats
    hi: Floats
    drawn_weight: Floats


def score_ranges(
    samplings: Mapping[str, Sampling],
    method: ScoringMethod,
    *,
    limits: Mapping[str, float | Floats] | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> ScoreRanges:
    """Return the scores of many suppliers with the range that chance allows.

    Formula: per draw Σw·s/Σw over the available measures; the range is from the 2.5 % to
    the 97.5 % point of the draws, widened to hold the score itself. The draws are the
    same for all suppliers (common random numbers): draw i of measure j is the midpoint of
    share (i·59^j + shift_j) mod draws of the normal distribution, the shifts from the seed.

    Args:
        samplings: measure id → sampling of m suppliers.
        method: the scoring method.
        limits: measure id → limit of relative anchors [unit of the measure], > 0, one value
            or shape (m,); the method's own default stands in.
        draws: how many [count], a power of 2 from 64. Measured against 10,000 free draws,
            256 err by 0.5 points in the root mean square where ranges are 25 points wide.
        seed: of numpy's PCG64; the same seed gives the same range.
    Returns:
        The ranges; NaN where less than 60 % of the weight is available.
    Raises:
        ValueError: no measure is given, the shapes differ, draws are no power of 2 from
            64, a limit is not above 0.
    Source: domain rules §4.3; Korobov 1959 for the lattice, which errs less than free draws.
    Edge cases: another supplier never changes this one's range; a supplier whose measures
    are all held at their values has a range of no width.

    >>> from app.calc.scoring_defaults import DEFAULT_METHOD
    >>> one, of = np.array([0.95]), {}
    >>> for row in DEFAULT_METHOD.measures:
    ...     of[row.measure_id] = Sampling(DrawScale.FIXED, one, one, one, one)
    >>> ranges = score_ranges(of, DEFAULT_METHOD)
    >>> bool(ranges.lo[0] == ranges.score[0] == ranges.hi[0])
    True
    """
    rows, suppliers = _rows(samplings, method, limits=limits)
    if draws < MIN_DRAWS or draws & (draws - 1):
        raise ValueError(f"draws is {draws}, it must be a power of 2 of at least {MIN_DRAWS}")
    z = _lattice([row.id for row, _, _ in rows], draws=draws, seed=seed)
    available = _available(rows, suppliers)
    is_rated = available >= COVERAGE_PROVISIONAL
    score = _scores(rows, [np.zeros(1)] * len(rows), available)[:, 0]
    lo, hi, ends = np.empty(suppliers), np.empty(suppliers), (TAIL, 1 - TAIL)
    for block in _blocks(suppliers):
        drawn = _scores(_cut(rows, block), z, available[block])
        lo[block], hi[block] = np.quantile(drawn, ends, axis=1, method="hazen")
    return ScoreRanges(
        score=np.where(is_rated, score, np.nan),
        lo=np.where(is_rated, np.minimum(lo, score), np.nan),
        hi=np.where(is_rated, np.maximum(hi, score), np.nan),
        drawn_weight=_drawn_weight(rows, suppliers) / TOTAL_WEIGHT,
    )


def score_draws(
    samplings: Mapping[str, Sampling],
    method: ScoringMethod,
    *,
    limits: Mapping[str, float | Floats] | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> Floats:
    """Return draws of each supplier's score, independent between suppliers, for ranks.

    Formula: as `score_ranges`, but each measure's draws are the midpoints of all shares in a
    free order of each supplier's own (Latin hypercube).

    Args:
        samplings: measure id → sampling of m suppliers, one like-for-like group.
        method: the scoring method.
        limits: as in `score_ranges`.
        draws: how many [count], ≥ 1.
        seed: of numpy's PCG64.
    Returns:
        Shape (m, draws) [0 … 100]; NaN rows where not rated. For `ranking.rank_peers`: with
        common random numbers suppliers would move together and hardly change places.
    Raises:
        ValueError: as `score_ranges`.
    Source: domain rules §4.3.
    Edge cases: as `score_ranges`; the order of the suppliers decides who gets which draws.

    >>> from app.calc.scoring_defaults import DEFAULT_METHOD
    >>> one, of = np.array([0.95]), {}
    >>> for row in DEFAULT_METHOD.measures:
    ...     of[row.measure_id] = Sampling(DrawScale.FIXED, one, one, one, one)
    >>> score_draws(of, DEFAULT_METHOD).shape
    (1, 256)
    """
    rows, suppliers = _rows(samplings, method, limits=limits)
    if draws < 1:
        raise ValueError(f"draws is {draws}, it must be at least 1")
    available = _available(rows, suppliers)
    result = np.empty((suppliers, draws))
    generators = [_generator(row.id, seed) for row, _, _ in rows]
    for block in _blocks(suppliers):
        size = len(available[block])
        z = [one.permuted(np.tile(_strata(draws), (size, 1)), axis=1) for one in generators]
        result[block] = _scores(_cut(rows, block), z, available[block])
    result[available < COVERAGE_PROVISIONAL] = np.nan
    return result


def possible_grades(
    lo: float, hi: float, bands: GradeBands, *, limit: Grade | None = None
) -> tuple[Grade, ...]:
    """Return the grades that a range spans, best first; more than one prints as “±”.

    Formula: every band that holds a score in [lo, hi], none better than `limit`.

    Args:
        lo: lower end of the sampling range, 0 … 100.
        hi: upper end, lo … 100.
        bands: the grade bands.
        limit: the grade that caps allow at best; None without caps.
    Returns:
        The grades, at least one.
    Raises:
        ValueError: the range does not lie in [0, 100] in this order.
    Source: domain rules §3.3.
    Edge cases: a range that ends exactly at an edge reaches the better band.

    >>> from app.calc.grading import DEFAULT_BANDS
    >>> [grade.value for grade in possible_grades(78.0, 90.0, DEFAULT_BANDS)]
    ['A', 'B', 'C']
    """
    if not 0 <= lo <= hi <= MAX_POINTS:
        raise ValueError(f"lo is {lo} and hi {hi}, 0 ≤ lo ≤ hi ≤ 100 must hold")
    names = [grade for _, grade in bands.edges]
    best = next(place for place, (edge, _) in enumerate(bands.edges) if hi >= edge)
    worst = next(place for place, (edge, _) in enumerate(bands.edges) if lo >= edge)
    held = names.index(limit) if limit else 0
    return tuple(names[max(best, held) : max(worst, held) + 1])


_Row = tuple[ScoredMeasure, Sampling, float | Floats]


def _rows(
    samplings: Mapping[str, Sampling],
    method: ScoringMethod,
    *,
    limits: Mapping[str, float | Floats] | None,
) -> tuple[list[_Row], int]:
    sizes = {len(sampling.value) for sampling in samplings.values()}
    if len(sizes) != 1:
        raise ValueError(f"samplings have {sorted(sizes)} suppliers, all must have the same number")
    rows = []
    for row in method.measures:
        limit = (limits or {}).get(row.measure_id, row.default_limit)
        if row.measure_id not in samplings or (row.anchors.relative_to_limit and limit is None):
            continue
        unit: float | Floats = 1.0
        if row.anchors.relative_to_limit and limit is not None:
            unit = limit
        if not np.all(np.asarray(unit) > 0):
            raise ValueError(f"limit of {row.measure_id} is {unit}, it must be greater than 0")
        rows.append((row, samplings[row.measure_id], unit))
    return rows, sizes.pop()


def _available(rows: list[_Row], suppliers: int) -> Floats:
    weights = [np.where(np.isnan(of.value), 0.0, row.weight) for row, of, _ in rows]
    return np.sum(weights, axis=0) if weights else np.zeros(suppliers)


def _drawn_weight(rows: list[_Row], suppliers: int) -> Floats:
    total = np.zeros(suppliers)
    for row, of, _ in rows:
        held = np.isnan(of.value) | (of.scale is DrawScale.FIXED)
        if of.scale is not DrawScale.WILSON:
            held |= np.isnan(of.lo) | np.isnan(of.hi)
        total += np.where(held, 0.0, row.weight)
    return total


def _blocks(suppliers: int) -> Iterator[slice]:
    return (slice(at, min(at + BLOCK, suppliers)) for at in range(0, suppliers, BLOCK))


def _cut(rows: list[_Row], block: slice) -> list[_Row]:
    return [
        (
            row,
            Sampling(of.scale, of.value[block], of.lo[block], of.hi[block], of.n[block]),
            unit if np.ndim(unit) == 0 else np.asarray(unit)[block],
        )
        for row, of, unit in rows
    ]


def _scores(rows: list[_Row], z: list[Floats], available: Floats) -> Floats:
    """Return the scores at given places of chance, shape (m, draws)."""
    total = np.zeros((len(available), z[0].shape[-1] if z else 1))
    for (row, of, unit), places in zip(rows, z, strict=True):
        if np.isnan(of.value).all():
            continue
        drawn = of.value[:, None] if of.scale is DrawScale.FIXED else draw(of, places)
        if row.anchors.relative_to_limit:
            drawn = drawn / np.reshape(unit, (-1, 1))
        points = _points(drawn, row.anchors)
        total += row.weight * np.where(np.isnan(of.value)[:, None], 0.0, points)
    return total / np.where(available > 0, available, np.nan)[:, None]


def _points(values: Floats, anchors: Anchors) -> Floats:
    places, points = zip(*anchors.points, strict=True)
    return np.interp(values, np.array(places) / anchors.scale, np.array(points, np.float64))


def _strata(draws: int) -> Floats:
    normal = NormalDist()
    return np.array([normal.inv_cdf((place + 0.5) / draws) for place in range(draws)])


def _generator(row_id: str, seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64([seed, crc32(row_id.encode())]))


def _lattice(row_ids: list[str], *, draws: int, seed: int) -> list[Floats]:
    """Return the places of chance of each measure, spread evenly over all of them together."""
    strata, numbers = _strata(draws), np.arange(draws)
    steps = [pow(LATTICE_MULTIPLIER, place, draws) for place in range(len(row_ids))]
    shifts = [int(_generator(row_id, seed).integers(draws)) for row_id in row_ids]
    return [
        strata[(numbers * step + shift) % draws] for step, shift in zip(steps, shifts, strict=True)
    ]
