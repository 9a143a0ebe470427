"""The scorecard tab as it is printed on screen: rows, totals, what is missing.

Everything is text or SVG already; the template only places it.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.base import formatting
from app.base.charts import Svg
from app.calc.measure import Measure, MeasureState
from app.calc.ranking import Rank
from app.calc.scoring import ScorePart
from app.faces.overview import pictures
from app.faces.overview.doors import door_to
from app.faces.overview.states import Badge, target_badge
from app.judgement.scorecards import wording
from app.judgement.scorecards.queries import Card
from app.judgement.scorecards.register import BY_ID, Unit
from app.judgement.scorecards.standing import cap_on

# Other dates and levels of the same lines, one click down, never beside the contractual one.
OTHER_LEVELS = (
    "otif_order", "otif_unit", "otif_value", "in_full", "fill_unit",
    "otd", "otd_requested", "otd_original", "otd_current", "otd_dock",
)  # fmt: skip
TIMES = (
    "lt_mean", "lt_p50", "lt_p90", "lt_cv", "ltv_A", "ltv_A_raw", "ltv_B",
    "lateness_mean", "lateness_p90", "lateness_p95",
)  # fmt: skip
NOUNS = {
    "ppm": "units",
    "lot_accept": "lots",
    "lot_reject": "lots",
    "first_pass": "lots",
    "ack_hours": "orders",
    "otif_order": "orders",
    "price_variance": "invoice lines",
    "invoice_accuracy": "invoice lines",
}


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """A measure as a row: its value and n lead to what stands behind them."""

    id: str
    label: str
    short: str
    value: str
    is_unknown: bool
    interval: str
    n: str
    noun: str
    door: str | None
    target: str
    why: str
    is_small: bool


@dataclass(frozen=True, slots=True)
class ScorecardRow:
    """A scored measure as a row of the card."""

    measure: MeasureLine
    spark: Svg
    badge: Badge
    meter: Svg
    points: str
    weight: int
    contribution: str
    category: str
    opens_category: bool


@dataclass(frozen=True, slots=True)
class ScorecardTable:
    """The card: rows in the method's order, and how they add up."""

    rows: tuple[ScorecardRow, ...]
    score: str
    coverage: str
    sum_of_weights: int
    caps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """A measure that is not known: what to ask for, and what it weighs."""

    label: str
    reason: str
    weight: int


def scorecard_table(card: Card, supplier_id: str, query: dict[str, str]) -> ScorecardTable:
    """Return the card's table."""
    rows = []
    category = ""
    for part in card.result.parts:
        measure = card.measures[part.measure_id or part.id]
        line = measure_line(card, measure, supplier_id, query)
        rows.append(_row(card, part, measure, line, opens=part.category != category))
        category = part.category
    return ScorecardTable(
        rows=tuple(rows),
        score=formatting.score(card.result.score) if card.result.score is not None else "",
        coverage=formatting.percent(card.result.coverage, 0),
        sum_of_weights=sum(part.weight for part in card.result.parts),
        caps=tuple(wording.cap_text(cap, card.result) for cap in card.result.caps),
    )


def measure_line(
    card: Card, measure: Measure, supplier_id: str, query: dict[str, str]
) -> MeasureLine:
    """Return a measure as a row."""
    entry = BY_ID[measure.id]
    interval = wording.interval_text(measure)
    if measure.id == "ltv_A" and card.measures["lateness_p95"].value is not None:
        late = card.measures["lateness_p95"].value
        interval = f"P95 {formatting.signed(late, 0)}{formatting.NARROW_SPACE}d"
    if measure.id == "disruptions" and measure.value:
        interval = _disruptions(card)
    is_count = entry.unit is Unit.COUNT
    return MeasureLine(
        id=measure.id,
        label=entry.label,
        short=entry.short,
        value=wording.value_text(measure.id, measure.value),
        is_unknown=measure.value is None,
        interval=interval,
        n="" if is_count and measure.value is not None else formatting.number(measure.n or 0),
        noun=NOUNS.get(measure.id, "lines"),
        door=door_to(measure.id, supplier_id, query),
        target=wording.target_text(measure.id, card.method.target(measure.id)),
        why=measure.reason or "",
        is_small=measure.state in (MeasureState.PROVISIONAL, MeasureState.INSUFFICIENT),
    )


def other_levels(card: Card, supplier_id: str, query: dict[str, str]) -> list[MeasureLine]:
    """Return the other dates and levels, for whoever asks."""
    return [measure_line(card, card.measures[name], supplier_id, query) for name in OTHER_LEVELS]


def times(card: Card, supplier_id: str, query: dict[str, str]) -> list[MeasureLine]:
    """Return lead time and lateness under their own names."""
    return [measure_line(card, card.measures[name], supplier_id, query) for name in TIMES]


def lines_of(
    card: Card, names: tuple[str, ...], supplier_id: str, query: dict[str, str]
) -> list[MeasureLine]:
    """Return measures by name as rows."""
    return [measure_line(card, card.measures[name], supplier_id, query) for name in names]


def missing(card: Card) -> list[Missing]:
    """Return what the score lacks and what to ask for, the heaviest first."""
    found = [
        Missing(BY_ID[part.measure_id or part.id].label, part.reason or "", part.weight)
        for part in card.result.parts
        if part.points is None
    ]
    return sorted(found, key=lambda each: -each.weight)


def how_sure(card: Card, place: Rank | None, category: str | None) -> list[tuple[str, str]]:
    """Return what chance and missing facts leave open, each as a term and what it says."""
    result, sure, found = card.result, card.sure, []
    if sure is not None:
        settled = f"{wording.possible_text(sure)}. " if sure.is_open else ""
        drawn = formatting.percent(sure.drawn_weight, 0)
        told = (
            f"{wording.range_text(sure)}: {settled}What chance alone allows; {drawn} of the weight"
        )
        found.append(("Sampling range", f"{told} has an interval, the rest is held at its value."))
    if result.coverage < 1:
        bounds = formatting.interval(result.lower, result.upper, 1)
        found.append(("If the missing were 0 or 100", bounds))
    if place is not None and category:
        found.append((f"Place in {category}", f"{wording.place_text(place)}, by published score"))
    return found


def monthly_figures(card: Card, *names: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return by month the value and n of some measures, the newest first."""
    return [
        (
            formatting.month(month.month),
            [
                (
                    wording.value_text(name, month.measures[name].value),
                    formatting.number(month.measures[name].n or 0),
                )
                for name in names
            ],
        )
        for month in reversed(card.months)
    ]


def _row(
    card: Card, part: ScorePart, measure: Measure, line: MeasureLine, *, opens: bool
) -> ScorecardRow:
    return ScorecardRow(
        measure=line,
        spark=pictures.sparkline(card, measure.id, label=line.label),
        badge=_state(card, part, measure),
        meter=pictures.meter(part.points),
        points="" if part.points is None else formatting.number(part.points, 1),
        weight=part.weight,
        contribution="" if part.contribution is None else formatting.number(part.contribution, 2),
        category=part.category,
        opens_category=opens,
    )


def _state(card: Card, part: ScorePart, measure: Measure) -> Badge:
    cap = cap_on(card.result.caps, measure_id=measure.id, part_id=part.id)
    if cap is not None and part.points is not None:
        return Badge("act", f"caps at {cap.limit}")
    return target_badge(measure, card.method.target(measure.id), points=part.points)


def _disruptions(card: Card) -> str:
    stops = card.measures["line_stops"].value or 0
    freight = card.measures["premium_freight"].value or 0
    told = [formatting.count(int(stops), "stop")] if stops else []
    if freight:
        told.append(f"{formatting.number(freight)} premium freight")
    return ", ".join(told)
