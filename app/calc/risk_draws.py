"""How sure risk indexes are: seeded draws of weights and risks, for many suppliers at once.

Answers what chance and another fair choice of weights could make of an index, its rank and its
band. What missing dimensions could do is another question: the bounds of `composite`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.calc.index_rules import Aggregation, IndexRules, MissingPolicy
from app.calc.risk_means import GOODNESS_SHARE, GOODNESS_SHIFT, WORST

Floats = NDArray[np.float64]

DRAWS = 2_000
GENERATOR = "numpy PCG64, Dirichlet(100·w), two-piece normal"
ENDS = (0.05, 0.95)
SIGMAS = 1.959964  # of the 95 % intervals that measures come with
RANKS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class RiskDraws:
    """What the draws say, by supplier; shape (m,), NaN where it has no index.

    low, high: P5 and P95 of the index [0 … 100]. rank_low, rank_high: P5 and P95 of its rank,
    1 is the highest risk; NaN where nobody is ranked. bands: shape (m, 4), the probability of
    each band, mildest first, without floors.
    """

    low: Floats
    high: Floats
    rank_low: Floats
    rank_high: Floats
    bands: Floats


def risk_draws(
    keys: Sequence[int],
    risks: Floats,
    low: Floats,
    high: Floats,
    weights: Sequence[int],
    rules: IndexRules,
    *,
    rated: NDArray[np.bool_],
    draws: int = DRAWS,
    seed: int = 0,
) -> RiskDraws:
    """Return how far indexes, ranks and bands may stray.

    Formula: per draw weights ~ Dirichlet(100·w) with w the fractions, the same for everybody;
    each risk r + z·(h − r)/1.96 above and r + z·(r − l)/1.96 below, z standard normal, held
    within 0 to 100; the index by the method's own rule over what is known.

    Args:
        keys: shape (m,), the suppliers' keys, which seed their own draws.
        risks: shape (m, d) [0 … 100], NaN where unknown.
        low, high: shape (m, d), the 95 % interval of each risk; equal to it where it has none.
        weights: shape (d,), whole percent.
        rules: the method's.
        rated: shape (m,), who has an index; nobody else is drawn or ranked.
        draws: how many [count].
        seed: of numpy's PCG64.
    Returns:
        The ranges.
    Raises:
        ValueError: shapes differ, or draws is below 100.
    Source: domain rules §6.4; OECD/JRC Handbook 2008 step 7; Dirichlet and two-piece normal
    are house rules, ADR 0042.
    Edge cases: one's own range never depends on who else is drawn, a rank does by its nature;
    a dimension of weight 0 stays without one.

    >>> from app.calc.index_rules import DEFAULT_RULES
    >>> even = np.full((1, 2), 40.0)
    >>> own = risk_draws([7], even, even, even, [50, 50], DEFAULT_RULES, rated=np.array([True]))
    >>> float(own.low[0]), float(own.high[0]), own.bands[0].tolist()
    (40.0, 40.0, [0.0, 1.0, 0.0, 0.0])
    """
    if not risks.shape == low.shape == high.shape == (len(keys), len(weights)):
        raise ValueError(f"risks has shape {risks.shape}, wanted {(len(keys), len(weights))}")
    if draws < 100:
        raise ValueError(f"draws is {draws}, it must be at least 100")
    drawn_weights = _weights(weights, draws=draws, seed=seed)
    suppliers = len(keys)
    low_end, high_end, rank_low, rank_high = (np.full(suppliers, np.nan) for _ in range(4))
    found = RiskDraws(low_end, high_end, rank_low, rank_high, np.full((suppliers, 4), np.nan))
    places = np.flatnonzero(rated)
    values = np.empty((len(places), draws), dtype=np.float32)
    edges = [rules.edges.medium, rules.edges.high, rules.edges.critical]
    for row, place in enumerate(places.tolist()):
        drawn = _risks(risks[place], low[place], high[place], draws=draws, seed=(seed, keys[place]))
        own = _indexes(drawn, drawn_weights, rules)
        values[row] = own
        found.low[place], found.high[place] = np.quantile(own, ENDS)
        counts = np.bincount(np.searchsorted(edges, own, side="right"), minlength=4)
        found.bands[place] = counts / draws
    found.rank_low[places], found.rank_high[places] = _ranks(values)
    return found


def _weights(weights: Sequence[int], *, draws: int, seed: int) -> Floats:
    alpha = np.asarray(weights, dtype=np.float64)
    positive = alpha > 0
    drawn = np.zeros((draws, len(alpha)))
    generator = np.random.Generator(np.random.PCG64(seed))
    drawn[:, positive] = generator.dirichlet(alpha[positive], size=draws)
    return drawn


def _risks(
    risks: Floats, low: Floats, high: Floats, *, draws: int, seed: tuple[int, int]
) -> Floats:
    """Return draws of one supplier's risks, shape (draws, d); unknown ones stay NaN."""
    stray = np.flatnonzero((high > low) & ~np.isnan(risks))
    drawn = np.broadcast_to(risks, (draws, len(risks)))
    if not len(stray):
        return drawn
    drawn = drawn.copy()
    z = np.random.Generator(np.random.PCG64(seed)).standard_normal((draws, len(risks)))[:, stray]
    width = np.where(z > 0, high[stray] - risks[stray], risks[stray] - low[stray])
    drawn[:, stray] = np.clip(risks[stray] + z * width / SIGMAS, 0.0, WORST)
    return drawn


def _indexes(drawn: Floats, weights: Floats, rules: IndexRules) -> Floats:
    """Return the index of each draw, shape (draws,), by the rule that `IndexRules` has for one."""
    unknown = np.isnan(drawn[0])
    if rules.missing is MissingPolicy.PESSIMISTIC:
        drawn, own = np.where(unknown, WORST, drawn), weights
    else:
        drawn, own = drawn[:, ~unknown], weights[:, ~unknown]
    share = own / own.sum(axis=1, keepdims=True)
    mean = (share * drawn).sum(axis=1)
    if rules.aggregation is Aggregation.ARITHMETIC:
        return np.asarray(mean)
    if rules.aggregation is Aggregation.VETO:
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.where(share > 0, share * np.log(WORST - drawn), 0.0)
        found = WORST - np.exp(logs.sum(axis=1))
    else:
        logs = share * np.log((WORST - drawn) * GOODNESS_SHARE + GOODNESS_SHIFT)
        found = (WORST - np.exp(logs.sum(axis=1))) / GOODNESS_SHARE
    # Rounding must neither break the inequality of means nor push equal risks off an edge.
    even = drawn.max(axis=1) == drawn.min(axis=1)
    return np.where(even, drawn[:, 0], np.clip(np.maximum(found, mean), 0.0, WORST))


def _ranks(values: NDArray[np.float32]) -> tuple[Floats, Floats]:
    """Return P5 and P95 of each row's rank over the columns, 1 the highest value."""
    rows, draws = values.shape
    ranks = np.empty((rows, draws), dtype=np.int32)
    for start in range(0, draws, RANKS_AT_ONCE):
        block = np.argsort(-values[:, start : start + RANKS_AT_ONCE], axis=0, kind="stable")
        places = np.arange(1, rows + 1, dtype=np.int32)[:, None]
        np.put_along_axis(ranks[:, start : start + RANKS_AT_ONCE], block, places, axis=0)
    low, high = np.quantile(ranks, ENDS, axis=1, method="inverted_cdf") if rows else ([], [])
    return np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
