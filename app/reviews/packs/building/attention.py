"""What needs the meeting, worst first: rules on figures, each with what and since when."""

from __future__ import annotations

from app.base import formatting
from app.base.formatting import NARROW_SPACE
from app.calc.measure import Measure
from app.facts.deliveries.breakdowns import Incident
from app.judgement.risk_index.dimensions import Dimension
from app.reviews.packs.basis import Basis
from app.reviews.packs.building import card, risk, states, wording
from app.reviews.packs.parts import Attention, Sign, State

MOST = 9
MOST_STOPS = 2
LINE_STOP = "line_stop"
CAUSED_BY_SUPPLIER = "supplier"


def attention(basis: Basis) -> tuple[Attention, ...]:
    """Return what needs the meeting, at most nine points, what must be acted on first."""
    found = [
        *_stops(basis),
        *_scored(basis),
        *_open(basis),
        *_floors(basis),
        *_financial(basis),
        *_unknown(basis),
    ]
    order = (Sign.ACT, Sign.FALLING, Sign.WATCH, Sign.NO_DATA, Sign.FINE)
    found.sort(key=lambda each: order.index(each.state.sign))
    # What is unknown is said even where there is much to act on.
    unknown = [each for each in found if each.state.sign is Sign.NO_DATA]
    known = [each for each in found if each.state.sign is not Sign.NO_DATA]
    return (*known[: MOST - len(unknown)], *unknown)


def _stops(basis: Basis) -> list[Attention]:
    stops = [
        each
        for each in basis.incidents
        if each.kind == LINE_STOP and each.caused_by == CAUSED_BY_SUPPLIER
    ]
    found = [Attention(State(Sign.ACT, "act"), _stop(each)) for each in stops[:MOST_STOPS]]
    if len(stops) > MOST_STOPS:
        rest = formatting.count(len(stops) - MOST_STOPS, "earlier line stop")
        found.append(Attention(State(Sign.ACT, "act"), f"{wording.raised(rest)} in the 12 months."))
    return found


def _stop(each: Incident) -> str:
    told = f"Line stop on {formatting.day(each.occurred_on)}"
    if each.hours is not None:
        told += f", {formatting.quantity(each.hours)}{NARROW_SPACE}h"
    if each.cost is not None and each.currency:
        told += f", {formatting.money(each.cost, each.currency, 0)}"
    place = f" ({each.site})" if each.site else ""
    note = (each.note or "").removesuffix(place)
    return f"{told}: {wording.lowered(note)}{place}." if note else f"{told}{place}."


def _scored(basis: Basis) -> list[Attention]:
    """Return the scored measures off their target, those that cost most points first."""
    costs = []
    for part in basis.year.scored.result.parts:
        measure = basis.year[part.measure_id or part.id]
        if part.points is None or (measure.id == "disruptions" and basis.year["line_stops"].value):
            continue
        state = states.scored_state(basis, measure, part_id=part.id, points=part.points)
        if state.sign is not Sign.FINE:
            costs.append((part.weight * (100 - part.points), state, measure))
    costs.sort(key=lambda each: -each[0])
    return [Attention(state, _off_target(basis, measure, state)) for _, state, measure in costs]


def _off_target(basis: Basis, measure: Measure, state: State) -> str:
    goal = wording.target(measure.id, basis.method.target(measure.id)).removeprefix("≤ ")
    told = f"{wording.label(measure.id)} {wording.value(measure)}, {state.word}"
    if state.sign is Sign.FALLING:
        moved = states.change(measure.id, basis.spoken, basis.year_before)
        if moved is not None:
            return (
                f"{wording.label(measure.id)} {state.word}: {wording.value(moved.before)} → "
                f"{wording.value(moved.now)} in the {wording.lowered(basis.spoken.words)}, target "
                f"{goal}."
            )
    word = "limit" if measure.id == "ppm" else "target"
    return f"{told}; {word} {goal}."


def _open(basis: Basis) -> list[Attention]:
    found = basis.open_lines
    if found is None or not found.days_over_30:
        return []
    old = formatting.count(found.days_over_30, "line")
    oldest = basis.oldest_open_days
    since = f", the oldest {formatting.count(oldest, 'day')}" if oldest is not None else ""
    return [Attention(State(Sign.ACT, "act"), f"{old} open for more than 30 days{since}.")]


def _floors(basis: Basis) -> list[Attention]:
    sign = Sign.ACT if risk.is_grave(basis) else Sign.WATCH
    return [Attention(State(sign, "risk"), text) for text in risk.floor_sentences(basis)]


def _financial(basis: Basis) -> list[Attention]:
    return [
        Attention(State(Sign.FALLING, "falling"), text)
        for each in basis.risk.card.dimensions
        if (text := _fallen_score(each))
    ]


def _fallen_score(each: Dimension) -> str:
    now, before = each.inputs.get("score"), each.inputs.get("before")
    if "model" not in each.inputs or now is None or before is None or now >= before:
        return ""
    name = "Altman score"
    zone = each.inputs.get("zone")
    return f"{name} {formatting.number(before, 2)} → {formatting.number(now, 2)}, {zone} zone."


def _unknown(basis: Basis) -> list[Attention]:
    """Return what is unknown: the scored measures in one point, the dimensions in another."""
    state = State(Sign.NO_DATA, "no data")
    blind = [
        wording.in_sentence(part.measure_id or part.id)
        for part in basis.year.scored.result.parts
        if basis.year[part.measure_id or part.id].value is None
    ]
    found = []
    if blind:
        weight = formatting.percent(1 - basis.year.scored.result.coverage, 0)
        words = wording.raised(wording.listed(blind))
        found.append(Attention(state, f"{words}: {weight} of the score's weight."))
    if basis.year.scored.result.score is None and not blind:
        found.append(Attention(state, card.NOT_RATED))
    return found
