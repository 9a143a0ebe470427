"""A scoring method as stored content and as a value: one maps exactly onto the other.

Content is plain JSON of integers and words, so that its hash means the same everywhere.
Which method is in force is said by `queries` and `services`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.calc.grading import CapReason, Grade, GradeBands
from app.calc.quality import DEFAULT_LIMIT_PPM
from app.calc.scoring import Anchors, ScoredMeasure, ScoringMethod
from app.calc.scoring_defaults import DEFAULT_METHOD
from app.facts.suppliers.standings.models import Standing
from app.judgement.scorecards.register import BY_ID, is_manual

Json = dict[str, Any]  # Any: what JSON can hold

PERCENT = 100
DEFAULT_NAME = "Direct material"
DEFAULT_FLOOR_PERCENT = 90
# On which terms one buys from a supplier of a grade, where a method does not say otherwise.
DEFAULT_STANDINGS: Mapping[Grade, Standing] = {
    Grade.A: Standing.PREFERRED,
    Grade.B: Standing.APPROVED,
    Grade.C: Standing.IMPROVEMENT_PLAN,
    Grade.D: Standing.RESTRICTED,
}
# A heavy measure at 0 points always caps the grade; a method chooses among the others.
CHOSEN_CAPS = (
    CapReason.OTIF_BELOW_FLOOR,
    CapReason.SUPPLIER_LINE_STOP,
    CapReason.OPEN_CRITICAL_SCAR,
    CapReason.SAFETY_ESCAPE,
)


@dataclass(frozen=True, slots=True)
class Method:
    """A version of how measures become a score.

    `limits` are what relative anchors are multiples of, in the measure's unit. The grade
    is capped when OTIF lies below `otif_floor` [fraction] in two full quarters. `caps` are
    the events that hold a grade down. A measure with a smaller sample than its `minimums`
    counts as missing. `segment` is whom it judges, None for everybody else. `standings` says
    which standing each grade proposes.
    """

    id: int
    name: str
    version: int
    content_hash: str
    scoring: ScoringMethod
    limits: dict[str, float]
    otif_floor: float
    caps: frozenset[CapReason] = frozenset(CHOSEN_CAPS)
    minimums: Mapping[str, int] = field(default_factory=dict)
    segment: str | None = None
    standings: Mapping[Grade, Standing] = field(default_factory=lambda: DEFAULT_STANDINGS)

    @property
    def label(self) -> str:
        """Return how sheets name it."""
        return f"{self.name} v{self.version}"

    @property
    def manual_ids(self) -> tuple[str, ...]:
        """Return the manual scores to which it gives a weight."""
        return tuple(row.measure_id for row in self.scoring.measures if is_manual(row.measure_id))

    def target(self, measure_id: str) -> float | None:
        """Return the target of a scored measure in its own unit, None where none is scored."""
        for row in self.scoring.measures:
            if row.measure_id == measure_id:
                value = row.target / row.anchors.scale
                return value * self.limits[measure_id] if row.anchors.relative_to_limit else value
        return BY_ID[measure_id].target if measure_id in BY_ID else None


@dataclass(frozen=True, slots=True)
class Methods:
    """The methods of one day: the common one, and those of segments that have their own."""

    common: Method
    segments: Mapping[str, Method] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """How lists name them: the common one, then those of segments."""
        own = sorted({method.label for method in self.segments.values()})
        return ", ".join([self.common.label, *own])

    def of(self, segment: str | None) -> Method:
        """Return the method that judges a segment."""
        return self.common if segment is None else self.segments.get(segment, self.common)

    def groups(
        self, supplier_ids: Collection[int], segments: Mapping[int, str]
    ) -> list[tuple[Method, list[int]]]:
        """Return each method with the suppliers that it judges, their order kept."""
        found: dict[str | None, list[int]] = {}
        for key in supplier_ids:
            segment = segments.get(key)
            found.setdefault(segment if segment in self.segments else None, []).append(key)
        return [(self.of(segment), keys) for segment, keys in found.items()]


def default_content() -> Json:
    """Return the content of the method that is shipped."""
    return content_of(
        DEFAULT_METHOD, limits={"ppm": DEFAULT_LIMIT_PPM}, otif_floor_percent=DEFAULT_FLOOR_PERCENT
    )


def content_of(scoring: ScoringMethod, *, limits: dict[str, int], otif_floor_percent: int) -> Json:
    """Return a method as JSON content of integers and words."""
    return {
        "measures": [_row_content(row) for row in scoring.measures],
        "bands": [[edge, str(grade)] for edge, grade in scoring.bands.edges],
        "limits": limits,
        "otif_floor_percent": otif_floor_percent,
    }


def scoring_of(content: Json) -> ScoringMethod:
    """Return the method that content stands for; ValueError when it is not sound."""
    bands = GradeBands(tuple((edge, Grade(grade)) for edge, grade in content["bands"]))
    return ScoringMethod(tuple(_row_of(row) for row in content["measures"]), bands)


def limits_of(content: Json) -> dict[str, float]:
    """Return the limits that relative anchors are multiples of."""
    return {measure: float(limit) for measure, limit in content["limits"].items()}


def caps_of(content: Json) -> frozenset[CapReason]:
    """Return the caps that a method chose; content from before there was a choice has all."""
    chosen = content.get("caps")
    return frozenset(CHOSEN_CAPS if chosen is None else map(CapReason, chosen))


def standings_of(content: Json) -> dict[Grade, Standing]:
    """Return which standing each grade proposes; content that does not say has the default."""
    chosen = content.get("standings", {})
    return {
        grade: Standing(chosen.get(str(grade), standing))
        for grade, standing in DEFAULT_STANDINGS.items()
    }


def minimums_of(content: Json) -> dict[str, int]:
    """Return by measure the smallest sample with which it counts, where the method says one."""
    return {row["measure"]: row["minimum"] for row in content["measures"] if row.get("minimum")}


def _row_content(row: ScoredMeasure) -> Json:
    if row.measure_id not in BY_ID:
        raise ValueError(f"measure {row.measure_id!r} is not in the register")
    return {
        "id": row.id,
        "measure": row.measure_id,
        "category": row.category,
        "weight": row.weight,
        "anchors": [list(point) for point in row.anchors.points],
        "scale": row.anchors.scale,
        "relative_to_limit": row.anchors.relative_to_limit,
        "target": row.target,
    }


def _row_of(row: Json) -> ScoredMeasure:
    points = tuple((int(x), int(earned)) for x, earned in row["anchors"])
    return ScoredMeasure(
        id=row["id"],
        measure_id=row["measure"],
        category=row["category"],
        weight=row["weight"],
        anchors=Anchors(points, scale=row["scale"], relative_to_limit=row["relative_to_limit"]),
        target=row["target"],
    )
