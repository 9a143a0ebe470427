"""A measure explained: its formula, this supplier's figures put in, what it is made of.

Texts and figures only: the records themselves are read by the page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.base import formatting
from app.calc.copq import CostGroup, CostKind
from app.calc.measure import Measure
from app.calc.perfect_order import COMPONENTS
from app.facts.deliveries.models import DisruptionKind
from app.judgement.scorecards.more.gathering import MoreFacts
from app.judgement.scorecards.more.measures import COST_KINDS, More
from app.judgement.scorecards.register import BY_ID, Unit
from app.judgement.scorecards.wording import value_text

# What moves before deliveries fail, and what tells that they did; the card's own among them.
LEADING = (
    "slip", "slip_rate", "churn", "ack_hours", "ack_in_time", "rfq_hours", "open_past_due",
    "lateness_p50_open", "lateness_p90_open", "scar_ontime", "scar_containment", "scar_hours",
    "special_status", "readiness",
)  # fmt: skip
LAGGING = (
    "pof", "lateness_robust_sd", "first_pass", "lot_accept", "lot_reject", "line_stops",
    "yard_holds", "stop_ships", "premium_freight", "disruption_hours", "disruption_cost", "copq",
    "price_variance", "invoice_accuracy",
)  # fmt: skip
FORMULAS = {
    "pof": "perfect orders ÷ orders whose lines are all known",
    "slip": "Σ (current − first promise) ÷ lines with both",
    "slip_rate": "lines postponed by the supplier ÷ due lines",
    "churn": "moves of the promise ÷ due lines",
    "lateness_robust_sd": "1.4826 · median |lateness − median|, where the plain one is over twice "
    "that; else the plain standard deviation",
    "lateness_p50_open": "Kaplan–Meier: the day by which half of all lines are complete",
    "lateness_p90_open": "Kaplan–Meier: the day by which nine of ten lines are complete",
    "copq": "known failure costs ÷ spend",
    "ack_in_time": "acknowledged within 24 h ÷ (acknowledged, or waiting longer)",
    "scar_ontime": "plans (D5) in time ÷ (plans answered, or past due)",
    "scar_containment": "containments (D3) in time ÷ (answered, or past due)",
    "scar_hours": "Σ (plan answered − issued) ÷ requests answered",
}
COST_WORDS = {
    CostKind.SCRAP: "Scrap",
    CostKind.REWORK: "Rework",
    CostKind.SORTING: "Sorting",
    CostKind.LINE_DOWN: "Line stops and stop ships",
    CostKind.RETURN_FREIGHT: "Return freight",
    CostKind.EXPEDITE: "Expediting",
    CostKind.PREMIUM_FREIGHT: "Premium freight",
    CostKind.ADMINISTRATION: "Yard holds",
    CostKind.WARRANTY: "Warranty",
}
RECORDED = (CostKind.LINE_DOWN, CostKind.PREMIUM_FREIGHT, CostKind.ADMINISTRATION)
Parts = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """How a figure comes about: formula, figures put in, parts as a term and what it says."""

    formula: str
    worked: str
    parts: Parts = ()


def explained(measure: Measure, more: More, facts: MoreFacts) -> Explained:
    """Explain one measure, of the card or beside it."""
    entry = BY_ID[measure.id]
    parts = _PARTS.get(measure.id)
    return Explained(
        formula=FORMULAS.get(measure.id, entry.short),
        worked=_worked(measure, more, facts),
        parts=() if parts is None else parts(more, facts),
    )


def more_value(measure: Measure, more: More, facts: MoreFacts) -> str:
    """Return a value in its unit, “≥” before one that is only a bound, money in its currency."""
    text = value_text(measure.id, measure.value)
    if measure.value is None:
        return text
    if BY_ID[measure.id].unit is Unit.MONEY:
        text = f"{text}{formatting.NARROW_SPACE}{_cost_currency(facts)}".strip()
    return f"≥ {text}" if measure.id in more.at_least else text


def _worked(measure: Measure, more: More, facts: MoreFacts) -> str:
    if measure.value is None:
        return measure.reason or ""
    value = more_value(measure, more, facts)
    if measure.numerator is None or measure.denominator is None:
        return value
    shown = value if measure.id in more.at_least else f"= {value}"
    return f"{_figure(measure.numerator)} ÷ {_figure(measure.denominator)} {shown}"


def _figure(value: float) -> str:
    return formatting.number(value, 0 if value == int(value) else 2)


def _cost_currency(facts: MoreFacts) -> str:
    known = {cost.currency for cost in facts.disruptions.costs if cost.amount is not None}
    return next(iter(known), facts.currency) or ""


def _perfect(more: More, _: MoreFacts) -> Parts:
    words = ("In full", "On time", "Papers right", "Undamaged")
    found = more.perfect
    told = tuple(
        (word, _component(found.met[name], found.told[name], found.lines))
        for word, name in zip(words, COMPONENTS, strict=True)
    )
    return (*told, ("Lines with all four known", formatting.percent(found.coverage)))


def _component(met: int, known: int, lines: int) -> str:
    unknown = lines - known
    if not known:
        return f"unknown of all {formatting.count(unknown, 'line')}"
    told = f"{formatting.number(met)} of {formatting.number(known)}"
    return f"{told}, unknown of {formatting.count(unknown, 'line')}" if unknown else told


def _promises(_: More, facts: MoreFacts) -> Parts:
    own = facts.promises
    recorded = facts.promise_changes_recorded
    return (
        ("Due lines", formatting.number(own.lines)),
        ("With both promises", formatting.number(own.slip_known)),
        ("Days moved in all", formatting.signed(own.slip_days, 0)),
        ("Moves of a promise", formatting.number(own.changes) if recorded else "not recorded"),
        (
            "Lines the supplier postponed",
            formatting.number(own.postponed) if recorded else "not recorded",
        ),
    )


def _spread(more: More, _: MoreFacts) -> Parts:
    found = more.spread
    if found is None:
        return ()
    far = [formatting.signed(value, 0) for value in sorted(set(found.outliers))]
    return (
        ("Median", formatting.days(found.median)),
        ("Mean without the outer tenths", formatting.days(found.trimmed_mean)),
        ("Standard deviation", formatting.days(found.sd)),
        ("From the median of deviations", formatting.days(found.mad_sd)),
        ("From the quartiles", formatting.days(found.iqr_sd)),
        ("Far from the rest [days]", ", ".join(far) or "none"),
    )


def _open(more: More, facts: MoreFacts) -> Parts:
    return (
        ("Completed lines", formatting.number(sum(facts.lateness_days.values()))),
        ("Open lines", "not told" if facts.open_days is None else
         formatting.number(len(facts.open_days))),
        ("Open the longest", formatting.days(max(facts.open_days or [0]), 0)),
    )  # fmt: skip


def _disrupted(_: More, facts: MoreFacts) -> Parts:
    own = facts.disruptions
    words = {
        DisruptionKind.LINE_STOP: "Line stops",
        DisruptionKind.YARD_HOLD: "Yard holds",
        DisruptionKind.STOP_SHIP: "Stop ships",
        DisruptionKind.PREMIUM_FREIGHT: "Premium freight",
        DisruptionKind.SPECIAL_STATUS: "Special status notices",
    }
    counts = tuple(
        (name, formatting.number(own.counts.get(kind, 0))) for kind, name in words.items()
    )
    unknown = sum(1 for cost in own.costs if cost.amount is None)
    return (
        *counts,
        ("Hours", _with_unknown(formatting.number(own.hours, 1), own.hours_unknown)),
        (
            "Production lines hit",
            _with_unknown(formatting.number(own.lines_hit), own.lines_unknown),
        ),
        ("Costs not known", formatting.number(unknown)),
    )


def _with_unknown(text: str, unknown: int) -> str:
    return f"{text}, unknown of {unknown}" if unknown else text


def _costs(more: More, facts: MoreFacts) -> Parts:
    if more.costs is None:
        return ()
    currency = facts.currency or ""
    told = []
    for kind, name in COST_WORDS.items():
        if kind not in RECORDED:
            told.append((name, "not recorded"))
            continue
        own = [cost for cost in facts.disruptions.costs if COST_KINDS[cost.kind] is kind]
        amount = sum((cost.amount for cost in own if cost.amount is not None), Decimal(0))
        unknown = sum(1 for cost in own if cost.amount is None)
        told.append((name, _with_unknown(formatting.money(amount, currency), unknown)))
    spend = formatting.NO_DATA if facts.spend is None else formatting.money(facts.spend, currency)
    return (
        *told,
        ("Internal failure", formatting.money(more.costs.groups[CostGroup.INTERNAL_FAILURE],
                                              currency)),
        ("Charged back and settled", formatting.money(more.costs.recovered, currency)),
        ("Share that came back", formatting.percent(more.costs.recovered_share)),
        ("Spend", spend),
    )  # fmt: skip


def _clocks(_: More, facts: MoreFacts) -> Parts:
    own = facts.clocks
    return (
        ("Plans due", formatting.number(len(own.response))),
        ("Plans answered", formatting.number(sum(c.answered_at is not None for c in own.response))),
        ("Containments due", formatting.number(len(own.containment))),
        ("Critical and open", formatting.number(own.critical_open)),
    )


def _waiting(_: More, facts: MoreFacts) -> Parts:
    answered = sum(each.answered_at is not None for each in facts.requests)
    return (
        ("Orders sent", formatting.number(len(facts.requests))),
        ("Acknowledged", formatting.number(answered)),
        ("Not acknowledged", formatting.number(len(facts.requests) - answered)),
    )


_PARTS: Mapping[str, Callable[[More, MoreFacts], Parts]] = {
    "pof": _perfect,
    **dict.fromkeys(("slip", "slip_rate", "churn"), _promises),
    "lateness_robust_sd": _spread,
    **dict.fromkeys(("lateness_p50_open", "lateness_p90_open"), _open),
    **dict.fromkeys(
        (
            "line_stops", "yard_holds", "stop_ships", "premium_freight", "special_status",
            "disruptions", "disruption_hours", "disruption_cost",
        ),
        _disrupted,
    ),
    "copq": _costs,
    **dict.fromkeys(("scar_ontime", "scar_containment", "scar_hours"), _clocks),
    **dict.fromkeys(("ack_in_time", "ack_hours"), _waiting),
}  # fmt: skip
