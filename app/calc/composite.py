"""The supply risk index: six dimensions, one number that one bad dimension can move.

Risk runs from 0 (best) to 100 (worst). The index is the weighted mean plus a penalty for
imbalance, so it explains itself exactly. Missing dimensions are never low risk. How a
dimension gets its value stands in `financial`, `geography`, `dependency` and the scores.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import exp, fsum, log
from types import MappingProxyType

from app.calc.risk_bands import (
    CLEAN_FACTS,
    Floor,
    FloorFacts,
    RiskBand,
    band_for,
    floors_for,
    highest_band,
)
from app.calc.scoring import TOTAL_WEIGHT, check_weights

WORST = 100.0
GOODNESS_SHARE = 0.9
GOODNESS_SHIFT = 10.0
MIN_COVERAGE = 70
MIN_CORE = 2

FINANCIAL = "financial"
GEOGRAPHIC = "geographic"
QUALITY = "quality"
DELIVERY = "delivery"
DEPENDENCY = "dependency"
CONTINUITY = "continuity"
CORE_DIMENSIONS = frozenset({FINANCIAL, GEOGRAPHIC, QUALITY})

DEFAULT_RISK_WEIGHTS: Mapping[str, int] = MappingProxyType(
    {
        FINANCIAL: 20,
        GEOGRAPHIC: 15,
        QUALITY: 20,
        DELIVERY: 20,
        DEPENDENCY: 15,
        CONTINUITY: 10,
    }
)


class RiskState(StrEnum):
    """Whether enough is known for an index."""

    RATED = "rated"
    INSUFFICIENT_DATA = "insufficient_data"


@dataclass(frozen=True, slots=True)
class RiskResult:
    """A risk index with everything that explains it [index points, higher is worse].

    value = arithmetic + imbalance and arithmetic = Σ contributions, but for the last digit of
    floating point. `imbalance_shares` splits the imbalance bar over the dimensions above the mean.
    `lower` and `upper` are the index if everything missing were 0, or 100. `band` is
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
class RiskDelta:
    """Why an index moved; value = Σ dimensions + imbalance + coverage_change.

    `dimensions` are the ones known both times. `coverage_change` is what dimensions that
    appeared brought, less what those that disappeared took.
    """

    value: float
    dimensions: Mapping[str, float]
    imbalance: float
    coverage_change: float
    appeared: tuple[str, ...]
    disappeared: tuple[str, ...]


def supply_risk_index(
    dimensions: Mapping[str, float | None],
    weights: Mapping[str, int] = DEFAULT_RISK_WEIGHTS,
    *,
    facts: FloorFacts = CLEAN_FACTS,
) -> RiskResult:
    """Return the supply risk index of one supplier and what explains it.

    Formula, over the known dimensions, w renormalised to Σw = 1: A = Σwᵢrᵢ;
    gᵢ = (100 − rᵢ)·0.9 + 10; index = (100 − Πgᵢ^wᵢ)/0.9 = A + imbalance, imbalance ≥ 0.
    Rated where the known weigh at least 70 % and include two of financial, geographic and
    quality.

    Args:
        dimensions: id → risk [0 best … 100 worst]; None or absent where unknown.
        weights: id → weight, integers that add up to exactly 100.
        facts: what the floors on the band need to know.
    Returns:
        The result; value, arithmetic, imbalance and contributions only where rated.
    Raises:
        ValueError: a risk lies outside [0, 100], has no weight, or weights do not add up.
    Source: INFORM's reversed geometric mean (JRC), OECD/JRC Handbook 2008; domain rules
    §6.1–6.3.
    Edge cases: all equal risks give exactly that value and no imbalance; a dimension of
    weight 0 counts in the floors, not in the value.

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
    floors = floors_for(risks, facts)
    is_rated = covered >= MIN_COVERAGE and len(CORE_DIMENSIONS & risks.keys()) >= MIN_CORE
    lower, upper = (
        rescaled_geometric({n: missing if r is None else r for n, r in known.items()}, weights)
        for missing in (0.0, WORST)
    )
    own = _Explained.of(risks, weights) if is_rated else None
    plain = None if own is None else band_for(own.value)
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


def risk_delta(before: RiskResult, after: RiskResult) -> RiskDelta | None:
    """Return why the index moved between two results.

    Formula: Δᵢ = cᵢ,after − cᵢ,before for dimensions known both times; Δimbalance; coverage
    change = Σc of those that appeared − Σc of those that disappeared.

    Args:
        before: the earlier result.
        after: the later result.
    Returns:
        The parts [index points, positive is worse]; None where one index is not rated.
    Raises:
        Nothing.
    Source: domain rules §6.5.
    Edge cases: when coverage changes the weights of the rest are renormalised, which
    shows in their Δ; all parts still add up.

    >>> calm = supply_risk_index({name: 20.0 for name in DEFAULT_RISK_WEIGHTS})
    >>> worse = supply_risk_index({name: 20.0 for name in DEFAULT_RISK_WEIGHTS} | {"quality": 60.0})
    >>> moved = risk_delta(calm, worse)
    >>> f"{moved.dimensions['quality']:.1f} {moved.imbalance:.3f}"
    '8.0 1.948'
    """
    if before.imbalance is None or after.imbalance is None:
        return None
    old, new = before.contributions, after.contributions
    common = {name: new[name] - old[name] for name in new if name in old}
    appeared = tuple(name for name in new if name not in old)
    disappeared = tuple(name for name in old if name not in new)
    came = fsum(new[name] for name in appeared)
    coverage_change = came - fsum(old[name] for name in disappeared)
    imbalance = after.imbalance - before.imbalance
    return RiskDelta(
        value=fsum((*common.values(), imbalance, coverage_change)),
        dimensions=common,
        imbalance=imbalance,
        coverage_change=coverage_change,
        appeared=appeared,
        disappeared=disappeared,
    )


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


@dataclass(frozen=True, slots=True)
class _Explained:
    value: float
    arithmetic: float
    imbalance: float
    contributions: Mapping[str, float]
    shares: Mapping[str, float]

    @classmethod
    def of(cls, risks: Mapping[str, float], weights: Mapping[str, int]) -> _Explained:
        total = _total_weight(risks, weights)
        contributions = {name: weights[name] * risk / total for name, risk in risks.items()}
        arithmetic = arithmetic_mean(risks, weights)
        imbalance = rescaled_geometric(risks, weights) - arithmetic
        shares = _imbalance_shares(risks, weights, mean=arithmetic, imbalance=imbalance)
        return cls(arithmetic + imbalance, arithmetic, imbalance, contributions, shares)


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


def _total_weight(risks: Mapping[str, float], weights: Mapping[str, float]) -> float:
    total = sum(weights[name] for name in risks)
    if total <= 0:
        raise ValueError(f"weights of {sorted(risks)} add up to {total}, one must be above 0")
    return total


def _check_risks(dimensions: Mapping[str, float | None], weights: Mapping[str, int]) -> None:
    for name, risk in dimensions.items():
        if name not in weights:
            raise ValueError(f"dimension {name} has no weight")
        if risk is not None and not 0 <= risk <= WORST:
            raise ValueError(f"risk of {name} is {risk}, it must lie in [0, 100]")
