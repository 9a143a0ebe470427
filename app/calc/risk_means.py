"""Ways to make one figure of several risks. The plain geometric one is a trap, never a method.

Risk runs from 0 (best) to 100 (worst). What judges, and when, stands in `composite`.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, fsum, log

WORST = 100.0
GOODNESS_SHARE = 0.9
GOODNESS_SHIFT = 10.0


def rescaled_geometric(risks: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """Return the reversed, rescaled geometric mean of risks.

    Formula: gᵢ = (100 − rᵢ)·0.9 + 10; (100 − Πgᵢ^wᵢ)/0.9, w renormalised to Σw = 1.

    Args:
        risks: id → risk [0 … 100].
        weights: id → weight, ≥ 0, of at least those ids; their scale does not matter.
    Returns:
        The mean [0 … 100], higher is worse, never below the arithmetic mean.
    Raises:
        ValueError: no weight is above 0.
    Source: INFORM (JRC), (10 − GEOMEAN((10 − x)/10·9 + 1))/9·10 on 0–10.
    Edge cases: all 0 gives 0, all 100 gives 100; one 100 does not make the rest vanish.

    >>> f"{rescaled_geometric({'a': 20, 'b': 20, 'c': 90}, {'a': 1, 'b': 1, 'c': 1}):.4f}"
    '55.1502'
    """
    mean = arithmetic_mean(risks, weights)
    if len(set(risks.values())) == 1:
        return mean
    total = _total_weight(risks, weights)
    logs = (
        weights[name] / total * log((WORST - risk) * GOODNESS_SHARE + GOODNESS_SHIFT)
        for name, risk in risks.items()
    )
    # The inequality of means is exact; rounding must not break it.
    return min(WORST, max(mean, (WORST - exp(fsum(logs))) / GOODNESS_SHARE))


def arithmetic_mean(risks: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """Return the weighted arithmetic mean of risks: fully compensatory.

    Formula: Σwᵢrᵢ/Σw.

    Args:
        risks: id → risk [0 … 100].
        weights: id → weight, ≥ 0.
    Returns:
        The mean [0 … 100], higher is worse.
    Raises:
        ValueError: no weight is above 0.
    Source: OECD/JRC Handbook 2008.
    Edge cases: equal risks give exactly that risk.

    >>> f"{arithmetic_mean({'a': 20, 'b': 20, 'c': 90}, {'a': 1, 'b': 1, 'c': 1}):.4f}"
    '43.3333'
    """
    total = _total_weight(risks, weights)
    if len(set(risks.values())) == 1:
        return float(next(iter(risks.values())))
    return fsum(weights[name] * risk for name, risk in risks.items()) / total


def plain_geometric_mean(risks: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """Return the plain geometric mean of risks, for comparison only: never use it.

    Formula: Πrᵢ^wᵢ, w renormalised to Σw = 1.

    Args:
        risks: id → risk [0 … 100].
        weights: id → weight, ≥ 0.
    Returns:
        The mean [0 … 100]; a bad dimension beside good ones lowers it, which is wrong.
    Raises:
        ValueError: no weight is above 0.
    Source: shown as the trap of domain rules §6.2.
    Edge cases: one 0 of positive weight makes the whole 0.

    >>> plain_geometric_mean({"a": 0, "b": 80}, {"a": 1, "b": 1})
    0.0
    """
    total = _total_weight(risks, weights)
    weighted = [(weights[name] / total, risk) for name, risk in risks.items() if weights[name]]
    if any(risk == 0 for _, risk in weighted):
        return 0.0
    return exp(fsum(weight * log(risk) for weight, risk in weighted))


def reverse_geometric_mean(risks: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """Return the reversed geometric mean of risks without rescaling: a veto.

    Formula: 100 − Π(100 − rᵢ)^wᵢ, w renormalised to Σw = 1.

    Args:
        risks: id → risk [0 … 100].
        weights: id → weight, ≥ 0.
    Returns:
        The mean [0 … 100], higher is worse; one 100 of positive weight makes it 100.
    Raises:
        ValueError: no weight is above 0.
    Source: domain rules §6.2, offered as an option only.
    Edge cases: all 0 gives 0.

    >>> f"{reverse_geometric_mean({'a': 20, 'b': 20, 'c': 90}, {'a': 1, 'b': 1, 'c': 1}):.4f}"
    '60.0000'
    """
    goods = {name: WORST - risk for name, risk in risks.items()}
    return WORST - plain_geometric_mean(goods, weights)


def _total_weight(risks: Mapping[str, float], weights: Mapping[str, float]) -> float:
    total = sum(weights[name] for name in risks)
    if total <= 0:
        raise ValueError(f"weights of {sorted(risks)} add up to {total}, one must be above 0")
    return total
