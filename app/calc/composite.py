"""The supply risk index: six dimensions, one number that one bad dimension can move.

Risk runs from 0 (best) to 100 (worst). The index is the weighted mean plus a penalty for
imbalance, so it explains itself exactly. Missing dimensions are never low risk. How a
dimension gets its value stands in `financial`, `geography`, `dependency` and the scores;
what a method may choose in `index_rules`; why an index moved in `risk_moves`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import fsum
from types import MappingProxyType

from app.calc.index_rules import (
    CONTINUITY,
    CORE_DIMENSIONS,
    DEFAULT_RISK_WEIGHTS,
    DEFAULT_RULES,
    DELIVERY,
    DEPENDENCY,
    FINANCIAL,
    GEOGRAPHIC,
    MIN_CORE,
    MIN_COVERAGE,
    QUALITY,
    IndexRules,
    MissingPolicy,
)
from app.calc.risk_bands import (
    CLEAN_FACTS,
    Floor,
    FloorFacts,
    RiskBand,
    band_for,
    floors_for,
    highest_band,
)
from app.calc.risk_means import WORST, arithmetic_mean
from app.calc.scoring import TOTAL_WEIGHT, check_weights

__all__ = [
    "CONTINUITY",
    "CORE_DIMENSIONS",
    "DEFAULT_RISK_WEIGHTS",
    "DELIVERY",
    "DEPENDENCY",
    "FINANCIAL",
    "GEOGRAPHIC",
    "MIN_CORE",
    "MIN_COVERAGE",
    "QUALITY",
    "Explained",
    "RiskResult",
    "RiskState",
    "explained",
    "supply_risk_index",
]

Band = tuple[float, float]
NO_BANDS: Mapping[str, Band] = MappingProxyType({})


class RiskState(StrEnum):
    """Whether enough is known for an index."""

    RATED = "rated"
    INSUFFICIENT_DATA = "insufficient_data"


@dataclass(frozen=True, slots=True)
class RiskResult:
    """A risk index with everything that explains it [index points, higher is worse].

    value = arithmetic + imbalance and arithmetic = Σ contributions, but for the last digit of
    floating point. `imbalance_shares` splits the imbalance bar over the dimensions above the mean.
    `lower` and `upper` are the index if everything missing were 0, or 100, and estimates at the
    ends of their own bands. `band` is
    `band_without_floor` lifted by `floors`; where data are insufficient it is what the
    floors alone demand, else None. `dimensions` and `weights` are what went in.
    """

    value: float | None
    arithmetic: float | None
    imbalance: float | None
    contributions: Mapping[str, float]
    imbalance_shares: Mapping[str, float]
    coverage: float
    lower: float
    upper: float
    band: RiskBand | None
    band_without_floor: RiskBand | None
    floors: tuple[Floor, ...]
    state: RiskState
    dimensions: Mapping[str, float | None]
    weights: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Explained:
    """An aggregate with what it is made of [index points]; value = Σ contributions + imbalance."""

    value: float
    arithmetic: float
    imbalance: float
    contributions: Mapping[str, float]
    shares: Mapping[str, float]


def supply_risk_index(
    dimensions: Mapping[str, float | None],
    weights: Mapping[str, int] = DEFAULT_RISK_WEIGHTS,
    *,
    facts: FloorFacts = CLEAN_FACTS,
    rules: IndexRules = DEFAULT_RULES,
    bands: Mapping[str, Band] = NO_BANDS,
) -> RiskResult:
    """Return the supply risk index of one supplier and what explains it.

    Formula, over the known dimensions, w renormalised to Σw = 1: A = Σwᵢrᵢ;
    gᵢ = (100 − rᵢ)·0.9 + 10; index = (100 − Πgᵢ^wᵢ)/0.9 = A + imbalance, imbalance ≥ 0.
    Rated where the known weigh at least 70 % and include two of financial, geographic and
    quality. `rules` may choose otherwise.

    Args:
        dimensions: id → risk [0 best … 100 worst]; None or absent where unknown.
        weights: id → weight, integers that add up to exactly 100.
        facts: what the floors on the band need to know.
        rules: what the method chooses beside its weights.
        bands: id → (low, high) of a risk that is an estimate; the others are held.
    Returns:
        The result; value, arithmetic, imbalance and contributions only where rated.
    Raises:
        ValueError: a risk lies outside [0, 100], has no weight, or weights do not add up.
    Source: INFORM's reversed geometric mean (JRC), OECD/JRC Handbook 2008; domain rules
    §6.1–6.3.
    Edge cases: all equal risks give exactly that value and no imbalance; a dimension of
    weight 0 counts in the floors, not in the value; a pessimistic method counts what is
    missing as 100, and its coverage all the same.

    >>> risks = {name: 0.0 for name in DEFAULT_RISK_WEIGHTS} | {"financial": 75.0}
    >>> result = supply_risk_index(risks)
    >>> f"{result.value:.3f} {result.band_without_floor.value} {result.band.value}"
    '22.368 low medium'
    """
    check_weights(weights)
    _check_risks(dimensions, weights)
    known = {name: dimensions.get(name) for name in weights}
    risks = {name: risk for name, risk in known.items() if risk is not None}
    covered = sum(weights[name] for name in risks)
    floors = floors_for(risks, facts, rules.floors)
    is_rated = covered >= rules.min_coverage and len(rules.core & risks.keys()) >= rules.min_core
    lower, upper = (
        rules.aggregate(_at_end(known, bands, end, missing), weights)
        for end, missing in ((0, 0.0), (1, WORST))
    )
    own = explained(known, weights, rules) if is_rated else None
    plain = None if own is None else band_for(own.value, rules.edges)
    return RiskResult(
        value=None if own is None else own.value,
        arithmetic=None if own is None else own.arithmetic,
        imbalance=None if own is None else own.imbalance,
        contributions={} if own is None else own.contributions,
        imbalance_shares={} if own is None else own.shares,
        coverage=covered / TOTAL_WEIGHT,
        lower=lower,
        upper=upper,
        band=highest_band(plain, *(floor.band for floor in floors)),
        band_without_floor=plain,
        floors=floors,
        state=RiskState.RATED if is_rated else RiskState.INSUFFICIENT_DATA,
        dimensions=known,
        weights=dict(weights),
    )


def explained(
    dimensions: Mapping[str, float | None],
    weights: Mapping[str, int],
    rules: IndexRules = DEFAULT_RULES,
) -> Explained | None:
    """Return the aggregate of what is known and its parts, enough for an index or not.

    Formula: contribution cᵢ = wᵢrᵢ/Σw of what counts; imbalance = aggregate − Σc, split over
    the dimensions above the mean in proportion to wᵢ(rᵢ − A).

    Args:
        dimensions: id → risk [0 … 100], None where unknown.
        weights: id → weight, whole numbers.
        rules: how to aggregate, and what a missing risk counts as.
    Returns:
        The parts; None where nothing that has a weight is known.
    Raises:
        Nothing.
    Source: domain rules §6.5.
    Edge cases: one known dimension is the value, without imbalance.

    >>> explained({"a": 60.0, "b": None}, {"a": 40, "b": 60}).value
    60.0
    """
    risks = {name: risk for name, risk in dimensions.items() if risk is not None}
    if not sum(weights[name] for name in risks):
        return None
    if rules.missing is MissingPolicy.PESSIMISTIC:
        risks = {name: risks.get(name, WORST) for name in dimensions}
    total = sum(weights[name] for name in risks)
    contributions = {name: weights[name] * risk / total for name, risk in risks.items()}
    arithmetic = arithmetic_mean(risks, weights)
    imbalance = rules.aggregate(risks, weights) - arithmetic
    shares = _imbalance_shares(risks, weights, mean=arithmetic, imbalance=imbalance)
    return Explained(arithmetic + imbalance, arithmetic, imbalance, contributions, shares)


def _at_end(
    known: Mapping[str, float | None], bands: Mapping[str, Band], end: int, missing: float
) -> dict[str, float]:
    """Return every risk at one end of what it may be."""
    return {
        name: missing if risk is None else bands.get(name, (risk, risk))[end]
        for name, risk in known.items()
    }


def _imbalance_shares(
    risks: Mapping[str, float], weights: Mapping[str, int], *, mean: float, imbalance: float
) -> dict[str, float]:
    excess = {
        name: weights[name] * (risk - mean)
        for name, risk in risks.items()
        if risk > mean and weights[name]
    }
    total = fsum(excess.values())
    return {name: imbalance * own / total for name, own in excess.items()} if total else {}


def _check_risks(dimensions: Mapping[str, float | None], weights: Mapping[str, int]) -> None:
    for name, risk in dimensions.items():
        if name not in weights:
            raise ValueError(f"dimension {name} has no weight")
        if risk is not None and not 0 <= risk <= WORST:
            raise ValueError(f"risk of {name} is {risk}, it must lie in [0, 100]")
