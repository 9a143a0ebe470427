"""What a valid index method is: content read from what somebody typed, and back.

Every field is read before anything is refused, so that all that is wrong is said at once,
beside the field. Stores nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from itertools import pairwise
from typing import TypeVar

from app.calc.index_rules import (
    DEFAULT_RISK_WEIGHTS,
    Aggregation,
    IndexRules,
    MissingPolicy,
    RollUpChoice,
)
from app.calc.risk_bands import BandEdges, FloorReason, FloorRules
from app.calc.scoring import TOTAL_WEIGHT
from app.judgement.risk_index.methods import Json, content_of, rules_of
from app.judgement.snapshots.methods import Reading

Typed = Mapping[str, str]
Choice = TypeVar("Choice", bound=StrEnum)

WEIGHTS = "weights"
LONGEST_NUMBER = 6
LARGEST_WEEKS = 520
BANDS = ("medium", "high", "critical")
CHOSEN_FLOORS = tuple(each for each in FloorReason if each is not FloorReason.SANCTIONED)


def typed_of(content: Json) -> dict[str, str]:
    """Return content as somebody would have typed it."""
    rules = rules_of(content)
    edges, floors = rules.edges, rules.floors
    return {
        **{f"weight-{name}": str(weight) for name, weight in content["weights"].items()},
        **{f"core-{name}": "y" for name in rules.core},
        **{f"floor-{reason}": "y" for reason in floors.applied},
        "aggregation": str(rules.aggregation),
        "missing": str(rules.missing),
        "roll_up": str(rules.roll_up),
        "min_coverage": str(rules.min_coverage),
        "min_core": str(rules.min_core),
        "band_medium": str(edges.medium),
        "band_high": str(edges.high),
        "band_critical": str(edges.critical),
        "dimension_from": str(floors.dimension_from),
        "exposed_from": str(floors.exposed_from),
        "slow_weeks": str(floors.slow_weeks),
    }


def read_method(typed: Typed) -> Reading:
    """Read a whole method from what was typed."""
    errors: dict[str, str] = {}
    weights = {
        name: _whole(typed, f"weight-{name}", 0, TOTAL_WEIGHT, errors)
        for name in DEFAULT_RISK_WEIGHTS
    }
    _check_total(weights, errors)
    core = frozenset(name for name in DEFAULT_RISK_WEIGHTS if typed.get(f"core-{name}"))
    edges = {name: _whole(typed, f"band_{name}", 1, 100, errors) for name in BANDS}
    chosen = frozenset(each for each in CHOSEN_FLOORS if typed.get(f"floor-{each}"))
    numbers = {
        "min_coverage": _whole(typed, "min_coverage", 1, 100, errors),
        "min_core": _whole(typed, "min_core", 0, len(DEFAULT_RISK_WEIGHTS), errors),
        "dimension_from": _whole(typed, "dimension_from", 1, 100, errors),
        "exposed_from": _whole(typed, "exposed_from", 1, 100, errors),
        "slow_weeks": _whole(typed, "slow_weeks", 1, LARGEST_WEEKS, errors),
    }
    aggregation = _choice(typed, "aggregation", Aggregation, errors)
    missing = _choice(typed, "missing", MissingPolicy, errors)
    roll_up = _choice(typed, "roll_up", RollUpChoice, errors)
    _check_order(edges, errors)
    if numbers["min_core"] > len(core) and "min_core" not in errors:
        errors["min_core"] = (
            f"{numbers['min_core']} of {len(core)} core dimensions can’t be known; choose more of "
            "them, or ask for fewer."
        )
    if errors or aggregation is None or missing is None or roll_up is None:
        return Reading(None, errors)
    rules = IndexRules(
        aggregation=aggregation,
        missing=missing,
        min_coverage=numbers["min_coverage"],
        core=core,
        min_core=numbers["min_core"],
        edges=BandEdges(edges["medium"], edges["high"], edges["critical"]),
        floors=FloorRules(
            numbers["dimension_from"],
            numbers["exposed_from"],
            numbers["slow_weeks"],
            chosen | {FloorReason.SANCTIONED},
        ),
        roll_up=roll_up,
    )
    return Reading(content_of(weights, rules))


def _check_total(weights: Mapping[str, int], errors: dict[str, str]) -> None:
    total = sum(weights.values())
    if total != TOTAL_WEIGHT and not any(name.startswith("weight-") for name in errors):
        gap = TOTAL_WEIGHT - total
        remedy = f"Add {gap}." if gap > 0 else f"Take {-gap} away."
        errors[WEIGHTS] = (
            f"The weights add up to {total}; they must add up to exactly 100. {remedy}"
        )


def _check_order(edges: Mapping[str, int], errors: dict[str, str]) -> None:
    for milder, worse in pairwise(BANDS):
        is_read = not {f"band_{milder}", f"band_{worse}"} & errors.keys()
        if is_read and edges[worse] <= edges[milder]:
            errors[f"band_{worse}"] = (
                f"{worse} begins at {edges[worse]}, {milder} at {edges[milder]}; it must begin "
                "above."
            )


def _whole(typed: Typed, name: str, low: int, high: int, errors: dict[str, str]) -> int:
    text = typed.get(name, "").strip()
    is_plain = text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER
    if not is_plain or not low <= int(text) <= high:
        said = f"“{text[:12]}” is no" if text else "Required: a"
        errors[name] = f"{said} whole number from {low} to {high}."
        return low
    return int(text)


def _choice(typed: Typed, name: str, values: type[Choice], errors: dict[str, str]) -> Choice | None:
    try:
        return values(typed.get(name, ""))
    except ValueError:
        errors[name] = "Choose one of the list."
        return None
