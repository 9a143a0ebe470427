"""The risk page: the index as a staircase, its six dimensions, why it moved, what to ask."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from app.base import formatting
from app.base.charts import Staircase, Step
from app.base.formatting import EN_DASH
from app.calc.composite import CORE_DIMENSIONS, MIN_CORE, MIN_COVERAGE, RiskResult
from app.calc.risk_bands import CRITICAL_FROM, HIGH_FROM, MEDIUM_FROM, RiskBand
from app.calc.risk_moves import risk_delta
from app.judgement.contracts.queries import Coverage
from app.judgement.contracts.wording import CLAUSE_WORDS
from app.judgement.risk_index import explanations
from app.judgement.risk_index.dimensions import Dimension as Judged
from app.reviews.packs.basis import Basis
from app.reviews.packs.building import states, wording
from app.reviews.packs.building.sums import apportioned
from app.reviews.packs.content import Risk
from app.reviews.packs.parts import Column, Dimension, Panel, Sign, State, Table

SEVERE, HIGH = 75.0, 50.0
EDGES = (
    (float(MEDIUM_FROM), "medium"),
    (float(HIGH_FROM), "high"),
    (float(CRITICAL_FROM), "critical"),
)
INSUFFICIENT = "insufficient data"
IMBALANCE = "imbalance"


def risk(basis: Basis) -> Risk:
    """Return the risk page."""
    return Risk(
        reading=reading(basis),
        index=panel(basis),
        dimensions=_dimensions(basis),
        notes=_notes(basis),
        moved=_moved(basis),
        asks=asks(basis),
    )


def reading(basis: Basis) -> str:
    """Return what the page says in one or two sentences."""
    result = basis.risk.card.result
    if result.value is None:
        core = wording.listed(sorted(CORE_DIMENSIONS))
        return (
            f"Insufficient data, which is not a low risk: {formatting.percent(result.coverage, 0)} "
            f"of the weight is known. An index needs {MIN_COVERAGE} %, and {MIN_CORE} of {core}."
        )
    band = wording.raised(str(result.band))
    first = _largest(result)
    told = f"{band}: {formatting.number(result.value, 1)} of 100, higher is worse."
    if first is not None:
        told += f" {explanations.LABELS[first]} adds most, {_points(result, first)} points."
    if result.floors and result.band != result.band_without_floor:
        told += f" The figure alone would be {result.band_without_floor}; a floor lifts it."
    return told


def headline(basis: Basis) -> str:
    """Return the index with its band and where it stood (“47.1, medium (31 Jul: 38.9)”)."""
    result = basis.risk.card.result
    if result.value is None:
        lifted = f", at least {result.band}" if result.band is not None else ""
        return f"{INSUFFICIENT}{lifted}"
    told = f"{formatting.number(result.value, 1)}, {result.band}"
    before = basis.risk.before
    if before is not None and before.result.value is not None:
        told += f" ({formatting.day(basis.risk.before_on)}: "
        told += f"{formatting.number(before.result.value, 1)})"
    return told


def panel(basis: Basis) -> Panel:
    """Return the index as a staircase whose printed steps add up to the printed index."""
    result = basis.risk.card.result
    heading = f"Supply risk index {headline(basis)}"
    if result.coverage == 0:
        missing = "none of the six dimensions is known."
        return Panel("Supply risk index", "", None, missing)
    if result.value is None:
        heading = f"Supply risk index: {headline(basis)}"
        reading = (
            "Risk of each known dimension times its weight; unknown ones are not low. If the "
            f"missing were 0 / 100: {wording.span(result.lower, result.upper)}."
        )
        return Panel(heading, reading, _staircase(basis, result))
    return Panel(
        heading,
        "Points add up; imbalance is the extra that one bad dimension costs.",
        _staircase(basis, result),
    )


def asks(basis: Basis) -> tuple[str, ...]:
    """Return what to ask for so that unknown dimensions and measures become known."""
    reasons: list[str | None] = [
        explanations.REASONS.get(each.reason or "")
        for each in basis.risk.card.dimensions
        if each.risk is None
    ]
    for part in basis.year.scored.result.parts:
        measure = basis.year[part.measure_id or part.id]
        if measure.value is None:
            reasons.append(measure.reason)
    return wording.asking(reasons)


def steps_printed(result: RiskResult) -> dict[str, Decimal]:
    """Return the contributions to 0.1, imbalance last, that add up to the printed index."""
    if result.value is None or result.imbalance is None:
        return {}
    exact = {**result.contributions, IMBALANCE: result.imbalance}
    printed = apportioned(list(exact.values()), formatting.half_up(result.value, 1), places=1)
    return dict(zip(exact, printed, strict=True))


def _staircase(basis: Basis, result: RiskResult) -> Staircase:
    printed = steps_printed(result)
    steps = [_step(each, result, printed) for each in basis.risk.card.dimensions]
    if IMBALANCE in printed:
        extra = result.imbalance or 0.0
        steps.append(Step(IMBALANCE, extra, _signed(printed[IMBALANCE]), is_extra=True))
    told = ", ".join(f"{step.label} {step.text}" for step in steps)
    total = INSUFFICIENT if result.value is None else formatting.number(result.value, 1)
    return Staircase(
        title=f"Supply risk index {total} by dimension",
        description=f"{told}.",
        steps=tuple(steps),
        total=result.value,
        total_label="Index",
        total_text=total,
        edges=EDGES,
    )


def _step(each: Judged, result: RiskResult, printed: Mapping[str, Decimal]) -> Step:
    if each.risk is None:
        return Step(each.id, None, formatting.NO_DATA)
    if each.id in printed:
        return Step(each.id, result.contributions[each.id], _signed(printed[each.id]))
    # Without an index a step is what the dimension would add at its full weight.
    points = result.weights[each.id] * each.risk / 100
    return Step(each.id, points, formatting.signed(points, 1))


def _dimensions(basis: Basis) -> tuple[Dimension, ...]:
    result = basis.risk.card.result
    printed = steps_printed(result)
    return tuple(
        Dimension(
            label=explanations.LABELS[each.id],
            risk=formatting.number(each.risk, 1),
            weight=str(result.weights[each.id]),
            contribution=_signed(printed[each.id]) if each.id in printed else EN_DASH,
            basis=explanations.sentence(each),
            state=_state(basis, each),
            risk_points=each.risk,
        )
        for each in basis.risk.card.dimensions
    )


def _state(basis: Basis, each: Judged) -> State:
    if each.risk is None:
        return states.NOT_COUNTED
    before = None if basis.risk.before is None else basis.risk.before.result.dimensions
    earlier = None if before is None else before.get(each.id)
    if each.risk >= SEVERE:
        return State(Sign.ACT, "severe")
    if earlier is not None and each.risk - earlier >= 5:
        return State(Sign.FALLING, "rising")
    if each.risk >= HIGH:
        return State(Sign.WATCH, "high")
    if each.risk >= MEDIUM_FROM:
        return State(Sign.WATCH, "medium")
    return State(Sign.FINE, "low")


def _notes(basis: Basis) -> tuple[str, ...]:
    result = basis.risk.card.result
    found = []
    missing = [each.id for each in basis.risk.card.dimensions if each.risk is None]
    if missing:
        names = wording.listed(wording.lowered(explanations.LABELS[name]) for name in missing)
        found.append(
            f"Unknown: {names}. {formatting.percent(result.coverage, 0)} of the weight is known; "
            f"if the unknown were 0 / 100 the index would be "
            f"{wording.span(result.lower, result.upper)}."
        )
    else:
        found.append("All six dimensions have data.")
    found += floor_sentences(basis)
    if not result.floors:
        found.append("No floor lifts the band.")
    found += _agreed(basis.agreed)
    if basis.risk.before is not None and result.value is not None and _moved(basis) is None:
        found.append(_unmoved(basis))
    return tuple(found)


def _agreed(coverage: Coverage | None) -> list[str]:
    """Return what contracts cover, in one note; nothing where none is active."""
    if coverage is None:
        return []
    until = "" if coverage.until is None else f" until {formatting.day(coverage.until)}"
    told = [f"Contracts, which add no points: {coverage.contracts} active{until}"]
    for words, duties in (
        ("agreed are", coverage.present),
        ("none names", coverage.absent),
        ("nobody has looked for", coverage.unknown),
    ):
        if duties:
            named = wording.listed(wording.lowered(CLAUSE_WORDS[each]) for each in duties)
            told.append(f"{words} {named}")
    return ["; ".join(told) + "."]


def floor_sentences(basis: Basis, *, gravest_only: bool = False) -> list[str]:
    """Return what lifts the band, in sentences; `gravest_only`: what demands the band itself."""
    uncovered = next(
        (
            each.inputs["uncovered_days"]
            for each in basis.risk.card.dimensions
            if "uncovered_days" in each.inputs
        ),
        None,
    )
    told = [
        explanations.floor_sentence(str(floor.reason), uncovered_days=uncovered)
        for floor in basis.risk.floors
        if not gravest_only or floor.band == basis.risk.card.result.band
    ]
    return list(dict.fromkeys(told))


def _moved(basis: Basis) -> Table | None:
    before = basis.risk.before
    if before is None:
        return None
    old, new = before.result, basis.risk.card.result
    delta = risk_delta(old, new)
    if delta is None or old.value is None or new.value is None:
        return None
    parts = {explanations.LABELS[name]: move for name, move in delta.dimensions.items()}
    parts["Imbalance"] = delta.imbalance
    if delta.appeared or delta.disappeared:
        parts[_coverage_words(delta.appeared, delta.disappeared)] = delta.coverage_change
    # The printed change is that between the two printed indexes.
    total = formatting.half_up(new.value, 1) - formatting.half_up(old.value, 1)
    printed = dict(zip(parts, apportioned(list(parts.values()), total, places=1), strict=True))
    ordered = sorted(printed.items(), key=lambda item: -abs(item[1]))
    rows = [(name, _signed(move)) for name, move in ordered if move]
    if not rows:
        return None
    day = formatting.long_day(basis.risk.before_on) if basis.risk.before_on else ""
    return Table(
        f"Why it moved since {day}: {formatting.number(old.value, 1)} → "
        f"{formatting.number(new.value, 1)}",
        "Index points, positive is worse; the parts add up to the change.",
        (Column("What changed", 80, is_number=False), Column("Points", 20)),
        (*rows, ("Change", _signed(total))),
        has_total=True,
    )


def _unmoved(basis: Basis) -> str:
    before = basis.risk.before
    day = formatting.long_day(basis.risk.before_on) if basis.risk.before_on else ""
    if before is None or before.result.value is None:
        return f"There was no index on {day}."
    return f"Unchanged since {day}."


def _coverage_words(appeared: tuple[str, ...], disappeared: tuple[str, ...]) -> str:
    told = []
    if appeared:
        told.append(f"now known: {wording.listed(appeared)}")
    if disappeared:
        told.append(f"no longer known: {wording.listed(disappeared)}")
    return wording.raised("; ".join(told))


def _largest(result: RiskResult) -> str | None:
    return max(result.contributions, key=lambda name: result.contributions[name], default=None)


def _points(result: RiskResult, name: str) -> str:
    return formatting.number(steps_printed(result)[name], 1)


def _signed(points: Decimal) -> str:
    return formatting.signed(points, 1)


def is_grave(basis: Basis) -> bool:
    """Whether the band is high or critical."""
    return basis.risk.card.result.band in (RiskBand.HIGH, RiskBand.CRITICAL)
