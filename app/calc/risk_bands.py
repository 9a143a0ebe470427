"""Bands of the supply risk index, and the floors that no averaging can go below.

Floors are shown as overrides beside the band that the index alone would give; they are
never blended into the index.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

WORST = 100.0
MEDIUM_FROM, HIGH_FROM, CRITICAL_FROM = 25, 50, 70
DIMENSION_FLOOR_FROM = 75
EXPOSED_FLOOR_FROM = 90
LONG_REQUALIFICATION_WEEKS = 12
EXPOSED_DIMENSIONS = ("geographic", "dependency")


class RiskBand(StrEnum):
    """How high a risk is, mildest first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class FloorReason(StrEnum):
    """Why a band cannot be milder."""

    DISTRESS = "distress"
    DISTRESS_HARD_TO_REPLACE = "distress_hard_to_replace"
    DIMENSION_SEVERE = "dimension_severe"
    EXPOSED_BEYOND_SURVIVAL = "exposed_beyond_survival"
    SANCTIONED = "sanctioned"


@dataclass(frozen=True, slots=True)
class FloorFacts:
    """What the floors need to know beside the dimensions; None is unknown and lifts nothing.

    `recovery_exceeds_survival`: the time to recover is longer than our time to survive.
    """

    is_in_distress: bool | None = None
    is_single_source: bool | None = None
    requalification_weeks: float | None = None
    recovery_exceeds_survival: bool | None = None
    is_sanctioned: bool | None = None


CLEAN_FACTS = FloorFacts()


@dataclass(frozen=True, slots=True)
class BandEdges:
    """From which index on a band begins; the edges belong to the worse band."""

    medium: int = MEDIUM_FROM
    high: int = HIGH_FROM
    critical: int = CRITICAL_FROM

    def __post_init__(self) -> None:
        if not 0 < self.medium < self.high < self.critical <= WORST:
            given = f"{self.medium}, {self.high}, {self.critical}"
            raise ValueError(f"band edges are {given}; they must rise and lie within 1 to 100")


@dataclass(frozen=True, slots=True)
class FloorRules:
    """Which floors apply, and from where on. A sanction is always critical.

    dimension_from, exposed_from: risks [0 … 100]. slow_weeks: requalification above it is slow.
    """

    dimension_from: int = DIMENSION_FLOOR_FROM
    exposed_from: int = EXPOSED_FLOOR_FROM
    slow_weeks: int = LONG_REQUALIFICATION_WEEKS
    applied: frozenset[FloorReason] = field(default_factory=lambda: frozenset(FloorReason))


DEFAULT_EDGES = BandEdges()
DEFAULT_FLOORS = FloorRules()


@dataclass(frozen=True, slots=True)
class Floor:
    """One reason, the band it demands at least, and the dimension that caused it."""

    reason: FloorReason
    band: RiskBand
    dimension: str | None = None


def band_for(value: float, edges: BandEdges = DEFAULT_EDGES) -> RiskBand:
    """Return the band of an index.

    Formula: < 25 low, < 50 medium, < 70 high, else critical; a method may have other edges.

    Args:
        value: the unrounded index, 0 … 100.
        edges: where the bands begin.
    Returns:
        The band.
    Raises:
        ValueError: value lies outside [0, 100].
    Source: house rule, domain rules §6.2.
    Edge cases: the edges belong to the worse band.

    >>> [band_for(value).value for value in (24.999, 25, 50, 70)]
    ['low', 'medium', 'high', 'critical']
    """
    if not 0 <= value <= WORST:
        raise ValueError(f"value is {value}, it must lie in [0, 100]")
    if value < edges.medium:
        return RiskBand.LOW
    if value < edges.high:
        return RiskBand.MEDIUM
    return RiskBand.HIGH if value < edges.critical else RiskBand.CRITICAL


def floors_for(
    risks: Mapping[str, float], facts: FloorFacts, rules: FloorRules = DEFAULT_FLOORS
) -> tuple[Floor, ...]:
    """Return every floor that applies.

    Formula: distress → medium, with single source or requalification over 12 weeks → high;
    any dimension ≥ 75 → medium; geography or dependency ≥ 90 where recovery exceeds
    survival → high; sanctions → critical.

    Args:
        risks: id → risk of the known dimensions [0 … 100].
        facts: the rest.
        rules: a method's own limits, and which floors it applies.
    Returns:
        The floors, in the order above; empty where none applies.
    Raises:
        Nothing.
    Source: house rule, domain rules §6.2.
    Edge cases: an unknown fact lifts nothing; it lowers the coverage elsewhere.

    >>> [floor.band.value for floor in floors_for({"financial": 75.0}, FloorFacts())]
    ['medium']
    """
    floors = []
    if facts.is_in_distress:
        floors.append(_distress(facts, rules))
    floors += [
        Floor(FloorReason.DIMENSION_SEVERE, RiskBand.MEDIUM, name)
        for name, risk in risks.items()
        if risk >= rules.dimension_from
    ]
    floors += [
        Floor(FloorReason.EXPOSED_BEYOND_SURVIVAL, RiskBand.HIGH, name)
        for name in EXPOSED_DIMENSIONS
        if facts.recovery_exceeds_survival and risks.get(name, 0.0) >= rules.exposed_from
    ]
    if facts.is_sanctioned:
        floors.append(Floor(FloorReason.SANCTIONED, RiskBand.CRITICAL))
    applied = rules.applied | {FloorReason.SANCTIONED}
    return tuple(floor for floor in floors if floor.reason in applied)


def highest_band(*bands: RiskBand | None) -> RiskBand | None:
    """Return the worst of several bands.

    Formula: the maximum in the order low, medium, high, critical.

    Args:
        bands: shape (n,); None where there is none.
    Returns:
        The worst; None where all are None.
    Raises:
        Nothing.
    Source: domain rules §6.2.
    Edge cases: no band at all is None, not low.

    >>> highest_band(RiskBand.LOW, None, RiskBand.HIGH).value
    'high'
    """
    order = list(RiskBand)
    return max((band for band in bands if band is not None), key=order.index, default=None)


def _distress(facts: FloorFacts, rules: FloorRules) -> Floor:
    weeks = facts.requalification_weeks
    is_slow = weeks is not None and weeks > rules.slow_weeks
    is_hard = facts.is_single_source or is_slow
    if is_hard and FloorReason.DISTRESS_HARD_TO_REPLACE in rules.applied:
        return Floor(FloorReason.DISTRESS_HARD_TO_REPLACE, RiskBand.HIGH, "financial")
    return Floor(FloorReason.DISTRESS, RiskBand.MEDIUM, "financial")
