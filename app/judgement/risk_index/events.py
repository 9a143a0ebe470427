"""What happened behind a dimension that moved: its inputs compared, with points that add up.

Pure: it is handed both days' dimensions, and their scorecards where they are published. The
points of a dimension's events add up to the move of its risk.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import fsum
from typing import Any

from app.base import formatting
from app.calc.composite import CONTINUITY, DELIVERY, DEPENDENCY, FINANCIAL, GEOGRAPHIC, QUALITY
from app.calc.geography import Site, geographic_risk
from app.judgement.risk_index.dimensions import MILLION, Dimension, Inputs
from app.judgement.risk_index.explanations import MODEL_NAMES
from app.judgement.scorecards.register import BY_ID, Unit
from app.judgement.scorecards.snapshots import StoredCard
from app.judgement.scorecards.wording import value_text

ARROW = "→"
# Points below this are the last digits of floating point, not something that happened.
NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class Event:
    """Something that moved a risk, in words, and by how many points.

    measure_id: the measure of the scorecard behind it, where there is one.
    """

    words: str
    points: float
    measure_id: str | None = None


def events_of(
    before: Dimension,
    after: Dimension,
    *,
    cards: tuple[StoredCard, StoredCard] | None = None,
) -> list[Event]:
    """Return what moved a dimension that is known both times; largest first.

    cards: the published scorecards of both days.
    """
    moved = (after.risk or 0.0) - (before.risk or 0.0)
    if abs(moved) < NOTHING and before.inputs == after.inputs:
        return []
    found: list[Event] = []
    if after.id in (QUALITY, DELIVERY):
        found = _by_measure(before, after, cards)
    elif after.id == GEOGRAPHIC:
        found = _by_place(before.inputs, after.inputs)
    told = _TOLD[after.id](before.inputs, after.inputs)
    rest = moved - fsum(event.points for event in found)
    if not found or abs(rest) >= NOTHING:
        found.append(Event(told if not found else "The rest", rest))
    return sorted(found, key=lambda event: -abs(event.points))


def _by_measure(
    before: Dimension, after: Dimension, cards: tuple[StoredCard, StoredCard] | None
) -> list[Event]:
    """Return one event for each measure of the category; nothing where cards tell otherwise."""
    if cards is None:
        return []
    old, new = (_shares(card, after.id) for card in cards)
    scores = before.inputs.get("score"), after.inputs.get("score")
    for shares, score in zip((old, new), scores, strict=True):
        if score is None or abs(fsum(shares.values()) - score) > NOTHING:
            return []
    found = []
    for measure_id in dict.fromkeys((*new, *old)):
        points = old.get(measure_id, 0.0) - new.get(measure_id, 0.0)
        if abs(points) >= NOTHING:
            found.append(Event(_measured(measure_id, cards), points, measure_id))
    return found


def _shares(card: StoredCard, category: str) -> dict[str, float]:
    """Return by measure what it adds to its category's score."""
    own = [part for part in card.result.parts if part.category == category]
    weight = sum(part.weight for part in own if part.points is not None)
    return {
        part.measure_id or part.id: part.weight * part.points / weight
        for part in own
        if part.points is not None
    }


def _measured(measure_id: str, cards: tuple[StoredCard, StoredCard]) -> str:
    told = []
    for card in cards:
        measure = card.measures.get(measure_id)
        if measure is None or measure.value is None or not measure.counts:
            told.append(formatting.NO_DATA)
            continue
        is_count = BY_ID[measure_id].unit is Unit.COUNT
        n = "" if is_count or measure.n is None else f" (n {formatting.number(measure.n)})"
        told.append(f"{value_text(measure_id, measure.value)}{n}")
    return f"{BY_ID[measure_id].label} {told[0]} {ARROW} {told[1]}"


def _by_place(before: Inputs, after: Inputs) -> list[Event]:
    """Return what new country figures did, and what moved sites or volumes did."""
    if not before or not after or before["basis"] != after["basis"]:
        return []
    figures = {place["country"]: place["risk"] for place in after["places"]}
    renewed = [
        Site(figures.get(place["country"], place["risk"]), place["share"])
        for place in before["places"]
    ]
    first = geographic_risk([Site(each["risk"], each["share"]) for each in before["places"]]).risk
    middle = geographic_risk(renewed).risk
    last = geographic_risk([Site(each["risk"], each["share"]) for each in after["places"]]).risk
    if first is None or middle is None or last is None:
        return []
    events = [
        Event(_new_figures(before, after), middle - first),
        Event(f"Sites or volumes: {_places(before)} {ARROW} {_places(after)}", last - middle),
    ]
    return [event for event in events if abs(event.points) >= NOTHING]


def _new_figures(before: Inputs, after: Inputs) -> str:
    old = {place["country"]: place["risk"] for place in before["places"]}
    told = [
        f"{place['country']} {_number(old[place['country']])} {ARROW} {_number(place['risk'])} "
        f"({', '.join(place['editions'])})"
        for place in after["places"]
        if place["country"] in old and old[place["country"]] != place["risk"]
    ]
    return f"Country figures: {'; '.join(dict.fromkeys(told))}"


def _places(inputs: Inputs) -> str:
    return ", ".join(
        place["country"]
        if place["share"] is None
        else f"{place['country']} {formatting.percent(place['share'] / MILLION, 0)}"
        for place in inputs["places"]
    )


def _statement(before: Inputs, after: Inputs) -> str:
    if "closed_on" not in after or after.get("score") is None:
        return "Another source of the financial figures"
    day = formatting.day(date.fromisoformat(after["closed_on"]))
    said = f"{MODEL_NAMES[after['model']]} {formatting.number(after['score'], 2)}"
    if before.get("closed_on") == after["closed_on"]:
        return f"Statement of {day} corrected: {said}"
    if before.get("score") is None:
        return f"Statement of {day}: {said}"
    return f"Statement of {day}: {said} after {formatting.number(before['score'], 2)}"


def _score(before: Inputs, after: Inputs) -> str:
    return (
        f"Score of the category {_number(before.get('score'))} {ARROW} "
        f"{_number(after.get('score'))}"
    )


def _sourcing(before: Inputs, after: Inputs) -> str:
    told = [
        f"{words} {before.get(name)} {ARROW} {after.get(name)}"
        for name, words in (("parts", "Parts"), ("single", "single-sourced"))
        if before.get(name) != after.get(name)
    ]
    if before.get("worst_part") != after.get("worst_part"):
        told.append(f"worst part now {after.get('worst_part')}")
    return ", ".join(told) or "Shares, spend or switching times of its parts"


def _place(before: Inputs, after: Inputs) -> str:
    return f"Countries: {_places(before)} {ARROW} {_places(after)}"


def _readiness(before: Inputs, after: Inputs) -> str:
    if before.get("readiness") == after.get("readiness"):
        return "Readiness of its continuity plan"
    told = (_number(each.get("readiness")) for each in (before, after))
    return f"Readiness of its continuity plan {f' {ARROW} '.join(told)}"


def _number(value: Any) -> str:  # Any: a number or None, as JSON holds it
    return formatting.number(value, 1)


_TOLD: Mapping[str, Any] = {  # Any: functions of two inputs
    FINANCIAL: _statement,
    GEOGRAPHIC: _place,
    QUALITY: _score,
    DELIVERY: _score,
    DEPENDENCY: _sourcing,
    CONTINUITY: _readiness,
}
