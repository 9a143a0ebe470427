"""What an index method may choose beside its weights: how risks become one figure, and bands.

Content of a version; versioned and stored elsewhere. The shipped choice is `DEFAULT_RULES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from app.calc.risk_bands import DEFAULT_EDGES, DEFAULT_FLOORS, BandEdges, FloorRules
from app.calc.risk_means import arithmetic_mean, rescaled_geometric, reverse_geometric_mean

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


class Aggregation(StrEnum):
    """How several risks become one."""

    RESCALED = "reversed_geometric"
    ARITHMETIC = "arithmetic"
    VETO = "veto"


class MissingPolicy(StrEnum):
    """What a dimension without data counts as: not at all, or as the worst."""

    RENORMALISE = "renormalise"
    PESSIMISTIC = "pessimistic"


class RollUpChoice(StrEnum):
    """Which figure leads where suppliers are rolled up."""

    MEAN = "mean"
    MAX = "max"
    BY_VALUE = "value_weighted"


@dataclass(frozen=True, slots=True)
class IndexRules:
    """The rules of one index method.

    min_coverage: of the weight, that must be known [%]. core: the dimensions of which
    `min_core` must be known. floors: what lifts the band. roll_up: only how groups are shown.
    """

    aggregation: Aggregation = Aggregation.RESCALED
    missing: MissingPolicy = MissingPolicy.RENORMALISE
    min_coverage: int = MIN_COVERAGE
    core: frozenset[str] = CORE_DIMENSIONS
    min_core: int = MIN_CORE
    edges: BandEdges = DEFAULT_EDGES
    floors: FloorRules = DEFAULT_FLOORS
    roll_up: RollUpChoice = RollUpChoice.BY_VALUE

    def __post_init__(self) -> None:
        if not 0 < self.min_coverage <= 100:
            raise ValueError(f"min_coverage is {self.min_coverage}, it must lie in 1 to 100")
        if not 0 <= self.min_core <= len(self.core):
            raise ValueError(f"min_core is {self.min_core} of {len(self.core)} core dimensions")

    def aggregate(self, risks: Mapping[str, float], weights: Mapping[str, float]) -> float:
        """Return one figure of known risks, at least their weighted mean.

        Formula: by `aggregation` one of the means of `risk_means`.

        Args:
            risks: id → risk [0 … 100].
            weights: id → weight, ≥ 0.
        Returns:
            The figure [0 … 100], higher is worse.
        Raises:
            ValueError: no weight is above 0.
        Source: domain rules §6.2.
        Edge cases: equal risks give exactly that risk under every rule.

        >>> risks, weights = {"a": 0.0, "b": 100.0}, {"a": 1, "b": 1}
        >>> [round(IndexRules(each).aggregate(risks, weights), 1) for each in Aggregation]
        [76.0, 50.0, 100.0]
        """
        mean = arithmetic_mean(risks, weights)
        if len(set(risks.values())) == 1:
            return mean
        return min(100.0, max(mean, MEANS[self.aggregation](risks, weights)))


MEANS: Mapping[Aggregation, Callable[[Mapping[str, float], Mapping[str, float]], float]] = (
    MappingProxyType(
        {
            Aggregation.RESCALED: rescaled_geometric,
            Aggregation.ARITHMETIC: arithmetic_mean,
            Aggregation.VETO: reverse_geometric_mean,
        }
    )
)
DEFAULT_RULES = IndexRules()
