"""What needs the meeting, worst first: rules on figures, each with what and since when."""

from __future__ import annotations

from app.base import formatting
from app.base.formatting import NARROW_SPACE
from app.calc.financial import AltmanZone
from app.calc.measure import Measure
from app.calc.scoring import ScorePart
from app.facts.deliveries.lines.breakdowns import Incident
from app.judgement.risk_index.dimensions import Dimension
from app.judgement.risk_index.explanations import MODEL_NAMES
from app.reviews.packs.basis import OTIF, Basis
from app.reviews.packs.building import risk, states, wording
from app.reviews.packs.parts import Attention, Sign, State

MOST = 9
LEAST_RUN = 2
# Of an Altman score: about an eighth of the way from the safe zone to the distress zone.
CLEAR_FALL = 0.2
MOST_STOPS = 2
LINE_STOP = "line_stop"
CAUSED_BY_SUPPLIER = "supplier"


def attention(basis: Basis) -> tuple[Attention, ...]:
    """Return what needs the meeting, at most nine points, what must be acted on first."""
    found = [
        *_stops(basis),
        *_floor(basis),
        *_scored(basis),
        *_unscored_lead(basis),
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


def months_below_floor(basis: Basis) -> int:
    """Return how many months in a row, up to the last, OTIF lay below its floor."""
    run = 0
    for month in reversed(basis.months):
        value = month.measures[OTIF].value
        if value is None or value >= basis.method.otif_floor:
            break
        run += 1
    return run


def _floor(basis: Basis) -> list[Attention]:
    """Return that OTIF is below its floor, in the period or for months in a row."""
    floor = formatting.percent(basis.method.otif_floor, 0)
    run = months_below_floor(basis)
    own = basis.spoken[OTIF]
    if not states.is_below_floor(basis.method, own) and run < LEAST_RUN:
        return []
    told = f"{wording.label(OTIF)} {wording.value(own)} in {basis.spoken.named}"
    if run >= LEAST_RUN:
        told += f"; below its floor of {floor} for {run} months running."
    else:
        told += f", below its floor of {floor}."
    return [Attention(states.BELOW_FLOOR, told)]


def _unscored_lead(basis: Basis) -> list[Attention]:
    """Return the leading measure where the scorecard does not score it."""
    lead = basis.year[basis.primary]
    if basis.primary == OTIF:
        return []
    state = states.shown_state(basis, lead)
    if state is None or state.sign is Sign.FINE:
        return []
    return [Attention(state, _off_target(basis, lead, state))]


def _scored(basis: Basis) -> list[Attention]:
    """Return the scored measures off their target, those that cost most points first."""
    costs = []
    for part in basis.year.scored.result.parts:
        measure = basis.year[part.measure_id or part.id]
        if part.points is None or (measure.id == "disruptions" and basis.year["line_stops"].value):
            continue
        state = states.scored_state(basis, measure, part_id=part.id, points=part.points)
        is_told = measure.id == OTIF and _floor(basis)
        if state.sign is not Sign.FINE and not is_told:
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
                f"{wording.value(moved.now)} in {basis.spoken.named}, target "
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
    told = risk.floor_sentences(basis, gravest_only=True)
    return [Attention(State(sign, "risk"), text) for text in told]


def _financial(basis: Basis) -> list[Attention]:
    return [
        Attention(State(Sign.FALLING, "falling"), text)
        for each in basis.risk.card.dimensions
        if (text := _fallen_score(each))
    ]


def _fallen_score(each: Dimension) -> str:
    """Say that an Altman score fell by enough to matter, or fell within the distress zone."""
    now, before = each.inputs.get("score"), each.inputs.get("before")
    if "model" not in each.inputs or now is None or before is None:
        return ""
    zone = each.inputs.get("zone")
    if before - now < CLEAR_FALL and not (now < before and zone == AltmanZone.DISTRESS):
        return ""
    name = MODEL_NAMES[each.inputs["model"]]
    return (
        f"{name} (Altman) {formatting.number(before, 2)} → {formatting.number(now, 2)}, "
        f"{zone} zone."
    )


def _unknown(basis: Basis) -> list[Attention]:
    """Return what is unknown and what rests on too little, a point each."""
    parts = [part for part in basis.year.scored.result.parts if part.points is None]
    blind = [part for part in parts if part.value is None]
    weak = [part for part in parts if part.value is not None]
    found = []
    if blind:
        found.append(Attention(State(Sign.NO_DATA, "no data"), f"{_weighed(blind)} without data."))
    if weak:
        found.append(Attention(State(Sign.NO_DATA, "too few"), f"{_weighed(weak)} on too few."))
    return found


def _weighed(parts: list[ScorePart]) -> str:
    names = wording.listed(wording.in_sentence(part.measure_id or part.id) for part in parts)
    weight = sum(part.weight for part in parts)
    return f"{wording.raised(names)}: {weight}{NARROW_SPACE}% of the score's weight"
