"""OTIF as it was measured, without the misses that others caused, and our own score."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.base import formatting
from app.calc.attribution import AttributedRates, attributed_rates
from app.calc.measure import Measure
from app.facts.deliveries.lines import causes, line_words
from app.facts.deliveries.lines.line_lists import LineQuery
from app.judgement.scorecards.queries import Card


@dataclass(frozen=True, slots=True)
class WhoseRate:
    """One of the three rates as a row."""

    label: str
    how: str
    value: str
    interval: str
    n: str


@dataclass(frozen=True, slots=True)
class WhoseRates:
    """The rates side by side, and what the second one leaves out."""

    rows: tuple[WhoseRate, ...]
    left_out: str
    uncoded: int


def whose_rates(session: Session, card: Card, supplier_id: int) -> WhoseRates:
    """Return the rates of a card's lines."""
    counts = causes.miss_counts(session, LineQuery("otif_line", card.period, [supplier_id]))
    rates = attributed_rates(counts, deff=card.measures["otif_line"].deff)
    return WhoseRates(
        rows=(
            _row("OTIF by line", "as the rule measured it", rates.raw),
            _row("the supplier's own", "without the misses that others caused", rates.attributable),
            _row("our own score", "lines that we did not make miss", rates.buyer),
        ),
        left_out=_left_out(rates),
        uncoded=rates.uncoded,
    )


def _row(label: str, how: str, measure: Measure) -> WhoseRate:
    interval = formatting.percent_interval(measure.lo, measure.hi)
    return WhoseRate(
        label, how, formatting.percent(measure.value), interval, formatting.number(measure.n or 0)
    )


def _left_out(rates: AttributedRates) -> str:
    told = [f"{line_words.CAUSE_WORDS[cause]} {n}" for cause, n in rates.excluded.items()]
    return ", ".join(told)
