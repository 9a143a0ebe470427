"""An index method as stored content and as a value: one maps exactly onto the other.

Content is plain JSON of integers and words, so that its hash means the same everywhere. What
the shipped content does not say has the default of `app.calc.index_rules`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.calc.index_rules import (
    CORE_DIMENSIONS,
    DEFAULT_RISK_WEIGHTS,
    DEFAULT_RULES,
    MIN_CORE,
    MIN_COVERAGE,
    Aggregation,
    IndexRules,
    MissingPolicy,
    RollUpChoice,
)
from app.calc.risk_bands import (
    CRITICAL_FROM,
    DEFAULT_FLOORS,
    HIGH_FROM,
    MEDIUM_FROM,
    BandEdges,
    FloorReason,
    FloorRules,
    RiskBand,
)
from app.calc.risk_moves import Judged
from app.calc.scoring import check_weights

Json = dict[str, Any]  # Any: what JSON can hold

DEFAULT_NAME = "Supply risk"


@dataclass(frozen=True, slots=True)
class IndexMethodVersion:
    """A version of the index: weights that add up to exactly 100, and its rules."""

    id: int
    name: str
    version: int
    content_hash: str
    weights: dict[str, int]
    rules: IndexRules = field(default_factory=lambda: DEFAULT_RULES)

    @property
    def label(self) -> str:
        """Return how sheets name it."""
        return f"{self.name} v{self.version}"

    def judged(self, risks: dict[str, float | None]) -> Judged:
        """Return risks together with how this method judges them."""
        return Judged({name: risks.get(name) for name in self.weights}, self.weights, self.rules)


def default_content() -> Json:
    """Return the content of the index method that is shipped."""
    return {
        "formula": "weighted mean plus imbalance: rescaled reversed geometric mean",
        "weights": dict(DEFAULT_RISK_WEIGHTS),
        "bands": [
            [0, str(RiskBand.LOW)],
            [MEDIUM_FROM, str(RiskBand.MEDIUM)],
            [HIGH_FROM, str(RiskBand.HIGH)],
            [CRITICAL_FROM, str(RiskBand.CRITICAL)],
        ],
        "coverage_percent": MIN_COVERAGE,
        "core": sorted(CORE_DIMENSIONS),
        "core_needed": MIN_CORE,
    }


def content_of(weights: dict[str, int], rules: IndexRules) -> Json:
    """Return a method as JSON content; what is as shipped says no more than the shipped one."""
    edges, floors = rules.edges, rules.floors
    content = {
        **default_content(),
        "weights": weights,
        "bands": [
            [0, str(RiskBand.LOW)],
            [edges.medium, str(RiskBand.MEDIUM)],
            [edges.high, str(RiskBand.HIGH)],
            [edges.critical, str(RiskBand.CRITICAL)],
        ],
        "coverage_percent": rules.min_coverage,
        "core": sorted(rules.core),
        "core_needed": rules.min_core,
    }
    if rules.aggregation is not Aggregation.RESCALED:
        content["formula"] = str(rules.aggregation)
        content["aggregation"] = str(rules.aggregation)
    if rules.missing is not MissingPolicy.RENORMALISE:
        content["missing"] = str(rules.missing)
    if rules.roll_up is not RollUpChoice.BY_VALUE:
        content["roll_up"] = str(rules.roll_up)
    if floors != DEFAULT_FLOORS:
        content["floors"] = {
            "applied": sorted(floors.applied),
            "dimension_from": floors.dimension_from,
            "exposed_from": floors.exposed_from,
            "slow_weeks": floors.slow_weeks,
        }
    return content


def rules_of(content: Json) -> IndexRules:
    """Return the rules that content stands for; ValueError where they are not sound."""
    _, medium, high, critical = (edge for edge, _ in content["bands"])
    floors = content.get("floors")
    return IndexRules(
        aggregation=Aggregation(content.get("aggregation", Aggregation.RESCALED)),
        missing=MissingPolicy(content.get("missing", MissingPolicy.RENORMALISE)),
        min_coverage=content["coverage_percent"],
        core=frozenset(content["core"]),
        min_core=content["core_needed"],
        edges=BandEdges(medium, high, critical),
        floors=DEFAULT_FLOORS if floors is None else _floors_of(floors),
        roll_up=RollUpChoice(content.get("roll_up", RollUpChoice.BY_VALUE)),
    )


def check_content(content: Json) -> None:
    """Raise ValueError where content is no sound method."""
    check_weights(content["weights"])
    if content["weights"].keys() != DEFAULT_RISK_WEIGHTS.keys():
        raise ValueError("the weights must name the six dimensions")
    rules_of(content)


def _floors_of(floors: Json) -> FloorRules:
    return FloorRules(
        dimension_from=floors["dimension_from"],
        exposed_from=floors["exposed_from"],
        slow_weeks=floors["slow_weeks"],
        applied=frozenset(map(FloorReason, floors["applied"])),
    )
