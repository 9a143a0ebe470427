"""Shrinkage: rates pulled towards all suppliers' rate, so that small samples rank fairly.

Three of three on time is not better than 57 of 60. The shrunk rate serves rankings only
and stands beside the raw one; contractual figures are never shrunk.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MIN_SUPPLIERS = 5
K_WITHOUT_EVIDENCE = 10.0
K_MIN, K_MAX = 2.0, 50.0
MEAN_MIN, MEAN_MAX = 0.5, 0.99


class PriorOrigin(StrEnum):
    """Where the weight of a prior comes from."""

    ESTIMATED = "estimated"
    NO_SPREAD = "no_spread"
    TOO_FEW_SUPPLIERS = "too_few_suppliers"
    NOTHING_BUT_ONE_OUTCOME = "nothing_but_one_outcome"


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed of a supplier before its own lines are seen.

    `mean` [fraction] is the rate of all; `k` [lines, 2 … 50] is how many of its own lines a
    supplier needs to be believed half; `origin` says how k was found.
    """

    mean: float
    k: float
    origin: PriorOrigin

    @property
    def alpha(self) -> float:
        """Prior lines that are true."""
        return self.k * self.mean

    @property
    def beta(self) -> float:
        """Prior lines that are not."""
        return self.k * (1 - self.mean)


def shrunk_rates(x: Floats, n: Floats, *, alpha: float, beta: float) -> Floats:
    """Return rates pulled towards a prior.

    Formula: (x + α)/(n + α + β).

    Args:
        x: shape (m,), true lines [count, may be fractional: ÷ design effect], 0 ≤ x ≤ n.
        n: shape (m,), judged lines [count, may be fractional], ≥ 0.
        alpha: prior lines that are true [count], > 0.
        beta: prior lines that are not [count], > 0.
    Returns:
        Shape (m,) [fraction]; for ranking only. NaN where n = 0: unknown stays unknown.
    Raises:
        ValueError: a value lies outside its range, or the shapes differ.
    Source: D. Robinson, Understanding empirical Bayes estimation, 2015; domain rules §3.2.
    Edge cases: the more lines, the nearer to the raw rate.

    >>> shrunk_rates(np.array([4.0, 0.0]), np.array([10.0, 0.0]), alpha=78.7, beta=224.9).round(3)
    array([0.264,   nan])
    """
    x, n = _checked(x, n)
    if alpha <= 0 or beta <= 0:
        raise ValueError(f"alpha is {alpha} and beta {beta}, both must be greater than 0")
    return np.where(n > 0, (x + alpha) / (n + alpha + beta), np.nan)


def kleinman_k(x: Floats, n: Floats) -> float | None:
    """Return the weight of a prior, from the spread between suppliers.

    Formula: over the J suppliers with n ≥ 1, N = Σn, m = Σx/N, p = x/n:
    ρ = [Σn(p − m)² − (J − 1)m(1 − m)] / [m(1 − m)(N − Σn²/N − (J − 1))]; k = 1/ρ − 1.

    Args:
        x: shape (m,), true lines [count], 0 ≤ x ≤ n.
        n: shape (m,), judged lines [count], ≥ 0; suppliers with n < 1 are left out.
    Returns:
        k [lines], not clamped; None where the suppliers show no spread of their own
        (ρ ≤ 0), where all lines are alike, or with fewer than two suppliers.
    Raises:
        ValueError: a value lies outside its range, or the shapes differ.
    Source: Kleinman 1973, moment estimator; domain rules §3.2.
    Edge cases: one line per supplier cannot show spread and gives None.

    >>> k = kleinman_k(np.array([18.0, 39, 6, 27]), np.array([20.0, 40, 10, 30]))
    >>> f"{k:.4f}"
    '6.0526'
    """
    x, n = _checked(x, n)
    x, n = x[n >= 1], n[n >= 1]
    others, total = len(n) - 1, float(n.sum())
    if others < 1 or float(x.sum()) in (0.0, total):
        return None
    mean = float(x.sum()) / total
    chance = mean * (1 - mean)
    between = float((n * (x / n - mean) ** 2).sum()) - others * chance
    room = chance * (total - float((n * n).sum()) / total - others)
    return room / between - 1 if between > 0 and room > 0 else None


def fit_prior(x: Floats, n: Floats) -> Prior | None:
    """Return the prior that a group of suppliers gives for each of them.

    Formula: m = Σx/Σn; k by `kleinman_k`, clamped to [2, 50]; 50 where there is no spread
    between suppliers. Fewer than 5 suppliers, or all lines alike: k = 10 and m clamped to
    [0.5, 0.99].

    Args:
        x: shape (m,), true lines [count], 0 ≤ x ≤ n.
        n: shape (m,), judged lines [count], ≥ 0; suppliers with n < 1 are left out.
    Returns:
        The prior; None where no supplier has a line.
    Raises:
        ValueError: a value lies outside its range, or the shapes differ.
    Source: Kleinman 1973; limits as a house rule, domain rules §3.2.
    Edge cases: the order of the suppliers does not matter.

    >>> fit_prior(np.array([3.0, 57.0]), np.array([3.0, 60.0])).k
    10.0
    """
    x, n = _checked(x, n)
    seen = n >= 1
    if not seen.any():
        return None
    mean = float(x[seen].sum() / n[seen].sum())
    if int(seen.sum()) < MIN_SUPPLIERS:
        return _without_evidence(mean, PriorOrigin.TOO_FEW_SUPPLIERS)
    if mean in (0.0, 1.0):
        return _without_evidence(mean, PriorOrigin.NOTHING_BUT_ONE_OUTCOME)
    k = kleinman_k(x, n)
    if k is None:
        return Prior(mean, K_MAX, PriorOrigin.NO_SPREAD)
    return Prior(mean, min(max(k, K_MIN), K_MAX), PriorOrigin.ESTIMATED)


@dataclass(frozen=True, slots=True)
class ShrunkRates:
    """Raw and shrunk rates side by side, shape (m,) [fraction], NaN where unknown."""

    raw: Floats
    shrunk: Floats
    prior: Prior | None


def shrink_group(x: Floats, n: Floats) -> ShrunkRates:
    """Return raw and shrunk rates of a group of suppliers.

    Formula: `fit_prior` of the group, then `shrunk_rates` of each.

    Args:
        x: shape (m,), true lines [count, may be fractional], 0 ≤ x ≤ n.
        n: shape (m,), judged lines [count, may be fractional], ≥ 0.
    Returns:
        Both rates and the prior.
    Raises:
        ValueError: a value lies outside its range, or the shapes differ.
    Source: domain rules §3.2.
    Edge cases: a supplier without lines stays unknown in both.

    >>> x, n = np.array([3.0, 57, 80, 160, 0]), np.array([3.0, 60, 100, 200, 0])
    >>> rates = shrink_group(x, n)
    >>> bool(rates.raw[0] > rates.raw[1]), bool(rates.shrunk[0] > rates.shrunk[1])
    (True, False)
    """
    x, n = _checked(x, n)
    raw = np.where(n > 0, x / np.where(n > 0, n, 1.0), np.nan)
    prior = fit_prior(x, n)
    if prior is None:
        return ShrunkRates(raw, np.full(n.shape, np.nan), None)
    return ShrunkRates(raw, shrunk_rates(x, n, alpha=prior.alpha, beta=prior.beta), prior)


def draw_shrunk_rates(
    x: Floats, n: Floats, *, prior: Prior, draws: int = 256, seed: int = 0
) -> Floats:
    """Return draws of what each supplier's rate may be, for the range of its rank.

    Formula: Beta(x + α, n − x + β), independent between suppliers.

    Args:
        x: shape (m,), true lines [count, may be fractional], 0 ≤ x ≤ n.
        n: shape (m,), judged lines [count, may be fractional], ≥ 0.
        prior: the prior of the group.
        draws: how many [count], ≥ 1.
        seed: of numpy's PCG64; the same seed gives the same draws.
    Returns:
        Shape (m, draws) [fraction]; NaN rows where n = 0.
    Raises:
        ValueError: a value lies outside its range, or the shapes differ.
    Source: beta-binomial posterior, domain rules §3.2.
    Edge cases: mean of a row is near the shrunk rate.

    >>> prior = Prior(0.9, 10.0, PriorOrigin.ESTIMATED)
    >>> draw_shrunk_rates(np.array([3.0]), np.array([3.0]), prior=prior, draws=4).shape
    (1, 4)
    """
    x, n = _checked(x, n)
    if draws < 1:
        raise ValueError(f"draws is {draws}, it must be at least 1")
    generator = np.random.Generator(np.random.PCG64(seed))
    true, false = (x + prior.alpha)[:, None], (n - x + prior.beta)[:, None]
    drawn = generator.beta(true, false, size=(len(x), draws))
    return np.where(n[:, None] > 0, drawn, np.nan)


def _without_evidence(mean: float, origin: PriorOrigin) -> Prior:
    return Prior(min(max(mean, MEAN_MIN), MEAN_MAX), K_WITHOUT_EVIDENCE, origin)


def _checked(x: Floats, n: Floats) -> tuple[Floats, Floats]:
    x, n = np.asarray(x, dtype=np.float64), np.asarray(n, dtype=np.float64)
    if x.shape != n.shape:
        raise ValueError(f"x has shape {x.shape} and n {n.shape}, they must be equal")
    if not np.all((x >= 0) & (x <= n)):
        raise ValueError("x and n: 0 ≤ x ≤ n must hold for every element")
    return x, n
