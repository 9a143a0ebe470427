"""What one dimension of a supplier's index rests on; how sure the index is; what if."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from flask import Response, make_response, render_template, request

from app.base import db, formatting
from app.base.charts import IntervalStrip, Svg
from app.base.errors import NotFound
from app.base.web.access import requires
from app.base.web.rendering import address
from app.calc.composite import CONTINUITY, RiskResult
from app.calc.risk_bands import RiskBand
from app.calc.risk_draws import DRAWS, GENERATOR
from app.calc.risk_sensitivity import Swing, swings
from app.faces.overview import risk_pages
from app.faces.overview.blueprint import blueprint
from app.faces.overview.doors import door_to
from app.faces.overview.supplier_frame import SupplierFrame, shared, supplier_frame
from app.judgement.risk_index import explanations, ranges
from app.judgement.risk_index.evaluation import RiskCard, card_of
from app.judgement.risk_index.intervals import Band, bands_of
from app.judgement.risk_index.queries import RiskView
from app.judgement.scorecards import wording
from app.judgement.scorecards.register import BY_ID

LABELS = explanations.LABELS
SCORED = ("quality", "delivery")
LONGEST_NUMBER = 8
SETTING = "set-"
WIDTH = 150


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that was read for a dimension: its name, its value, and the page behind it."""

    name: str
    value: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Sure:
    """What draws say of an index, as text. rank is empty where nobody was ranked."""

    range: str
    rank: str
    bands: tuple[tuple[str, str], ...]
    drawn: str


@dataclass(frozen=True, slots=True)
class SwingRow:
    """What one dimension can do to the index, as text with a bar."""

    label: str
    risk: str
    at_best: str
    at_worst: str
    own: str
    bar: Svg


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What somebody typed by dimension, what is wrong with it, and what comes of it."""

    typed: dict[str, str]
    errors: dict[str, str]
    result: RiskResult | None


@blueprint.get("/suppliers/<uuid:public_id>/risk/evidence/<dimension>")
@requires("suppliers.view")
def supplier_risk_evidence(public_id: UUID, dimension: str) -> str:
    """Show what was read for one dimension, with editions, dates and samples."""
    if dimension not in LABELS:
        raise NotFound("E-RSK-02", "There is no such dimension of the index.")
    with db.reading() as session:
        frame = supplier_frame(session, public_id, tab="risk")
    own = next(each for each in frame.risk.card.dimensions if each.id == dimension)
    return render_template(
        "overview/risk_evidence.html",
        **shared(frame),
        pages=risk_pages.links(frame.public_id, frame.shown.query),
        labels=LABELS,
        dimension=own,
        sentence=explanations.sentence(own),
        reason=explanations.REASONS.get(own.reason or "", ""),
        weight=frame.risk.method.weights[dimension],
        adds=frame.risk.card.result.contributions.get(dimension),
        share=frame.risk.card.result.imbalance_shares.get(dimension),
        facts=[*_facts(own.inputs), *_plans(frame, dimension)],
        countries=own.inputs.get("places", []),
        measures=_measures(frame, dimension),
        bands=_bands(frame).get(dimension),
    )


@blueprint.get("/suppliers/<uuid:public_id>/risk/sure")
@requires("suppliers.view")
def supplier_risk_sure(public_id: UUID) -> Response:
    """Show how sure the index is: bounds, draws, swings, and what one dimension would change."""
    with db.reading() as session:
        frame = supplier_frame(session, public_id, tab="risk")
        kept = ranges.range_of(session, frame.head.id, frame.risk.as_of)
    bands, risk = _bands(frame), frame.risk
    what_if = _what_if(risk)
    found = swings(risk.card.result.dimensions, risk.method.weights, risk.method.rules, bands=bands)
    page = render_template(
        "overview/risk_sure.html",
        **shared(frame),
        pages=risk_pages.links(frame.public_id, frame.shown.query),
        labels=LABELS,
        sure=_sure(frame, kept, bands),
        swings=[_swing(each, risk.card.result) for each in found],
        what_if=what_if,
        setting=SETTING,
        missing=[LABELS[each.id].lower() for each in risk.card.dimensions if each.risk is None],
    )
    return make_response(page, 422 if what_if.errors else 200)


def _bands(frame: SupplierFrame) -> dict[str, Band]:
    """Return the intervals of the dimensions; scores have theirs over 12 months only."""
    is_year = frame.shown.period.label == "12m"
    scored = (frame.card.result, frame.card.measures, frame.card.method) if is_year else None
    return bands_of(frame.risk.card.dimensions, scored)


def _sure(frame: SupplierFrame, kept: ranges.Range | None, bands: dict[str, Band]) -> Sure | None:
    card, snapshot = frame.risk.card, frame.risk.snapshot
    if card.result.value is None:
        return None
    if kept is not None and snapshot is not None and kept.input_digest == snapshot.input_digest:
        rank = f"{kept.rank_low} to {kept.rank_high} of {formatting.number(kept.ranked)}"
        drawn = f"{formatting.number(kept.draws)} draws, seed {kept.seed}; {kept.generator}"
        return _told(kept.low, kept.high, rank, kept.bands, drawn)
    own = ranges.draws_of_one(
        card.supplier_id,
        card.result.dimensions,
        bands,
        frame.risk.method.weights,
        frame.risk.method.rules,
    )
    drawn = f"{formatting.number(DRAWS)} draws, seed {ranges.SEED}; {GENERATOR}"
    return _told(float(own.low[0]), float(own.high[0]), "", own.bands[0], drawn)


def _told(low: float, high: float, rank: str, bands: Any, drawn: str) -> Sure:  # Any: numbers
    shares = np.asarray(bands, dtype=np.float64).tolist()
    named = [(str(band), share) for band, share in zip(RiskBand, shares, strict=True)]
    return Sure(
        range=f"{formatting.number(low, 1)} to {formatting.number(high, 1)}",
        rank=rank,
        bands=tuple((band, risk_pages.share_text(share)) for band, share in named if share),
        drawn=drawn,
    )


def _swing(swing: Swing, result: RiskResult) -> SwingRow:
    own = ""
    if swing.low is not None and swing.high is not None:
        own = f"{formatting.number(swing.low, 1)} to {formatting.number(swing.high, 1)}"
    ends = [formatting.number(end, 1) for end in (swing.at_best, swing.at_worst)]
    bar = IntervalStrip(
        f"{LABELS[swing.dimension]}: the index from {ends[0]} to {ends[1]}",
        result.value,
        swing.at_best,
        swing.at_worst,
        target=None,
        start=0.0,
        end=100.0,
    ).svg(width=WIDTH)
    return SwingRow(
        LABELS[swing.dimension], formatting.number(swing.risk, 1), ends[0], ends[1], own, bar
    )


def _what_if(risk: RiskView) -> WhatIf:
    typed = {
        name: text
        for name in risk.method.weights
        if (text := request.args.get(f"{SETTING}{name}", "").strip())
    }
    errors, targets = dict[str, str](), dict[str, float]()
    for name, text in typed.items():
        value = _risk(text)
        if value is None:
            errors[name] = f"“{text[:12]}” is no risk; give a number from 0 to 100."
        else:
            targets[name] = value
    result = None if errors or not targets else _with(risk.card, risk, targets).result
    return WhatIf(typed, errors, result)


def _risk(text: str) -> float | None:
    digits = text.replace(".", "", 1)
    if not (digits.isascii() and digits.isdigit() and len(text) <= LONGEST_NUMBER):
        return None
    value = float(text)
    return value if value <= 100 else None


def _with(card: RiskCard, risk: RiskView, targets: dict[str, float]) -> RiskCard:
    """Return the index with some risks put in the place of those that were read."""
    dimensions = [
        type(each)(each.id, targets[each.id], None, each.inputs) if each.id in targets else each
        for each in card.dimensions
    ]
    is_sanctioned = any(str(floor.reason) == "sanctioned" for floor in card.result.floors) or None
    return card_of(card.supplier_id, dimensions, risk.method, is_sanctioned=is_sanctioned)


def _facts(inputs: dict[str, Any]) -> list[Fact]:  # Any: JSON
    return [
        Fact(words, _text(inputs[name]))
        for name, words in FACT_WORDS.items()
        if inputs.get(name) is not None
    ]


def _plans(frame: SupplierFrame, dimension: str) -> list[Fact]:
    """Return the door to the plans behind continuity."""
    if dimension != CONTINUITY:
        return []
    here = {"public_id": frame.public_id, **frame.shown.query}
    return [Fact("Part by part", "Continuity", address("overview.supplier_continuity", here))]


def _text(value: Any) -> str:  # Any: JSON
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return formatting.number(value, 2)
    if isinstance(value, list):
        return ", ".join(_text(each) for each in value)
    return str(value)


def _measures(frame: SupplierFrame, dimension: str) -> list[Fact]:
    """Return the measures behind quality or delivery, each a door to what it counts."""
    if dimension not in SCORED:
        return []
    found = []
    for part in frame.card.result.parts:
        measure = frame.card.measures.get(part.measure_id or "")
        if part.category != dimension or measure is None:
            continue
        value = wording.value_text(measure.id, measure.value)
        n = "" if measure.n is None else f", n {formatting.number(measure.n)}"
        points = (
            "not counted"
            if part.points is None
            else f"{formatting.number(part.points, 1)} points, weight {part.weight}"
        )
        href = door_to(measure.id, frame.public_id, frame.shown.query) or ""
        found.append(Fact(BY_ID[measure.id].label, f"{value}{n}: {points}", href))
    return found


FACT_WORDS = {
    "model": "Altman’s model",
    "readiness": "Readiness of 100",
    "plan": "Plan",
    "version": "Its version",
    "score": "Score",
    "zone": "Zone",
    "closed_on": "Statement of",
    "source": "Source",
    "is_stale": "Older than 18 months",
    "before": "The year before",
    "ratios": "Ratios X1 to X5",
    "basis": "By",
    "worst": "Worst",
    "is_weighted": "Weighted by volume",
    "n": "Sample of the heaviest measure",
    "coverage": "Share of the category’s weight that is known",
    "parts": "Parts",
    "single": "Single-sourced",
    "weighted_by": "Parts weigh by",
    "worst_part": "Worst part",
    "requalification_weeks": "Longest requalification, weeks",
    "exposed_part": "Part whose recovery outlasts stock by most",
    "recover_days": "Its days to recover",
    "survive_days": "Its days of stock",
    "lower": "At least",
    "upper": "At most",
}
