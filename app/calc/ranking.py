"""Ranks among like-for-like peers, with the range that chance alone allows.

A rank is printed as “5, plausibly 3–9 of 40”. Who is a peer is decided elsewhere; what is
ranked is a score or a shrunk rate, never a contractual figure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MIN_PEERS = 5
PLAUSIBLE = 0.95
UNRANKED = 0


@dataclass(frozen=True, slots=True)
class Rank:
    """The place of one supplier.

    `rank` is 1 for the best; ties share the best place. `low` and `high` are the places
    that 95 % of the draws lie in; `of` is how many are ranked. `percentile` [0 … 1, higher
    is better] is None with fewer than 5 ranked.
    """

    rank: int
    low: int
    high: int
    of: int
    percentile: float | None


def ranks(values: Floats, *, higher_is_better: bool = True) -> Integers:
    """Return the place of every value, best first.

    Formula: 1 + how many are strictly better.

    Args:
        values: shape (m,) [any unit]; NaN where unknown.
        higher_is_better: which end is place 1.
    Returns:
        Shape (m,), places from 1; 0 where unknown. Ties share the better place.
    Raises:
        ValueError: values is not one-dimensional.
    Source: standard competition ranking.
    Edge cases: all equal are all first; nothing known is all 0.

    >>> ranks(np.array([90.0, 95, 90, np.nan, 80])).tolist()
    [2, 1, 2, 0, 4]
    """
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError(f"values has shape {values.shape}, it must be one-dimensional")
    return _places(values if not higher_is_better else -values)


def percentiles(values: Floats, *, higher_is_better: bool = True) -> Floats:
    """Return how much of its peers each supplier is ahead of.

    Formula: (peers strictly worse + ½·peers equal)/(ranked − 1).

    Args:
        values: shape (m,) [any unit], a like-for-like group; NaN where unknown.
        higher_is_better: which end is good.
    Returns:
        Shape (m,) [fraction], 1 is ahead of all; NaN where unknown, and for all where
        fewer than 5 are ranked.
    Raises:
        ValueError: values is not one-dimensional.
    Source: mid-rank percentile; the least number as a house rule.
    Edge cases: all equal are all at 0.5.

    >>> percentiles(np.array([90.0, 95, 90, 85, 80, np.nan])).tolist()
    [0.625, 1.0, 0.625, 0.25, 0.0, nan]
    """
    from_best = ranks(values, higher_is_better=higher_is_better)
    from_worst = ranks(values, higher_is_better=not higher_is_better)
    ranked = int((from_best > UNRANKED).sum())
    if ranked < MIN_PEERS:
        return np.full(len(from_best), np.nan)
    # Worse are ranked − place − equal others; both places together say how many are equal.
    better, worse = from_best - 1, from_worst - 1
    equal = ranked - 1 - better - worse
    return np.where(from_best > UNRANKED, (worse + equal / 2) / (ranked - 1), np.nan)


def rank_peers(
    values: Floats, draws: Floats, *, higher_is_better: bool = True
) -> list[Rank | None]:
    """Return each supplier's place, the places that chance allows, and its percentile.

    Formula: `ranks` of the values; the 2.5 % and 97.5 % points of the places over the
    draws (the nearest draw outwards), widened to hold the place itself.

    Args:
        values: shape (m,) [any unit]; NaN where unknown.
        draws: shape (m, d) [same unit], what each may as well be, independent between
            suppliers; NaN where unknown. Draws that share their numbers between suppliers
            move all of them together and make the ranges too narrow.
        higher_is_better: which end is place 1.
    Returns:
        One `Rank` per supplier in the order of `values`; None where unknown.
    Raises:
        ValueError: the shapes do not fit, or a known supplier has no draws or the reverse.
    Source: simulated ranks, Goldstein and Spiegelhalter 1996; domain rules §3.2.
    Edge cases: a supplier that is alone is 1 of 1.

    >>> draws = np.array([[95.0, 89.0], [90.0, 90.0]])
    >>> [(r.rank, r.low, r.high) for r in rank_peers(np.array([95.0, 90.0]), draws)]
    [(1, 1, 2), (2, 1, 2)]
    """
    values, draws = np.asarray(values, np.float64), np.asarray(draws, np.float64)
    _check_draws(values, draws)
    places = ranks(values, higher_is_better=higher_is_better)
    drawn = np.apply_along_axis(ranks, 0, draws, higher_is_better=higher_is_better)
    tail = (1 - PLAUSIBLE) / 2
    low = np.quantile(drawn, tail, axis=1, method="lower").astype(np.int64)
    high = np.quantile(drawn, 1 - tail, axis=1, method="higher").astype(np.int64)
    shares = percentiles(values, higher_is_better=higher_is_better)
    ranked = int((places > UNRANKED).sum())
    return [
        Rank(
            rank=int(place),
            low=min(int(place), int(low[index])),
            high=max(int(place), int(high[index])),
            of=ranked,
            percentile=None if np.isnan(shares[index]) else float(shares[index]),
        )
        if place > UNRANKED
        else None
        for index, place in enumerate(places)
    ]


def best_first(values: Floats, *, higher_is_better: bool = True) -> Integers:
    """Return the order in which a list shows its suppliers: best first, unknown last.

    Formula: a stable sort by value.

    Args:
        values: shape (m,) [any unit]; NaN where unknown.
        higher_is_better: which end comes first.
    Returns:
        Shape (m,), places in `values`; ties and unknown keep their order.
    Raises:
        ValueError: values is not one-dimensional.
    Source: house rule: unknown is never best nor worst.
    Edge cases: an empty array gives an empty one.

    >>> best_first(np.array([90.0, np.nan, 95.0, 90.0])).tolist()
    [2, 0, 3, 1]
    """
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError(f"values has shape {values.shape}, it must be one-dimensional")
    return np.argsort(-values if higher_is_better else values, kind="stable")


def _places(badness: Floats) -> Integers:
    known = ~np.isnan(badness)
    in_order = np.sort(badness[known])
    places = np.zeros(len(badness), np.int64)
    places[known] = np.searchsorted(in_order, badness[known], side="left") + 1
    return places


def _check_draws(values: Floats, draws: Floats) -> None:
    if values.ndim != 1 or draws.ndim != 2 or len(draws) != len(values) or not draws.shape[1]:
        raise ValueError(
            f"values has shape {values.shape} and draws {draws.shape}, (m,) and (m, d) must hold"
        )
    if np.any(np.isnan(draws) != np.isnan(values)[:, None]):
        raise ValueError("draws: they must be known exactly where values are")
