"""More measures of one supplier, leading and lagging apart, and each of them explained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.base import db, formatting
from app.base.errors import NotFound
from app.base.web.access import requires
from app.base.web.rendering import address
from app.calc.measure import Measure, MeasureState
from app.faces.overview import measure_records
from app.faces.overview.blueprint import blueprint
from app.faces.overview.doors import door_to
from app.faces.overview.supplier_frame import SupplierFrame, shared, supplier_frame
from app.judgement.scorecards import wording
from app.judgement.scorecards.custom import queries as custom
from app.judgement.scorecards.custom.queries import CustomFigure
from app.judgement.scorecards.manual import queries as manual
from app.judgement.scorecards.more.explaining import LAGGING, LEADING, explained, more_value
from app.judgement.scorecards.more.gathering import MoreFacts, gather_more
from app.judgement.scorecards.more.measures import More, more_measures
from app.judgement.scorecards.register import BY_ID, Better
from app.judgement.scorecards.wording import STATE_WORDS


@dataclass(frozen=True, slots=True)
class MoreRow:
    """A measure as a row: its figures as text, and the page that explains it."""

    id: str
    label: str
    short: str
    value: str
    interval: str
    n: str
    target: str
    is_unknown: bool
    is_small: bool
    why: str
    href: str


@blueprint.get("/suppliers/<uuid:public_id>/measures")
@requires("suppliers.view")
def supplier_measures(public_id: UUID) -> str:
    """Every further measure of a supplier: leading, lagging, the house's own, judged by hand."""
    with db.reading() as session:
        frame = supplier_frame(session, public_id, tab="measures")
        facts, more = _more(session, frame)
        own = custom.figures_of(session, frame.head.id, frame.shown.period)
        judged = manual.rows_of(session, frame.head.id, day=frame.shown.period.last_day)
    known = _known(frame, more)
    return render_template(
        "overview/measures.html",
        **shared(frame),
        leading=[_row(frame, known[name], more, facts) for name in LEADING],
        lagging=[_row(frame, known[name], more, facts) for name in LAGGING],
        custom=[_custom_row(each) for each in own],
        judged=[each for each in judged if each.stands],
    )


@blueprint.get("/suppliers/<uuid:public_id>/measures/<measure_id>")
@requires("suppliers.view")
def supplier_measure(public_id: UUID, measure_id: str) -> str | Response:
    """One measure explained: formula, this supplier's figures put in, what stands behind.

    A measure of the scorecard itself is told there; its address leads to what stands behind it.
    """
    if measure_id not in (*LEADING, *LAGGING):
        return redirect(_told_elsewhere(str(public_id), measure_id))
    with db.reading() as session:
        frame = supplier_frame(session, public_id, tab="measures")
        facts, more = _more(session, frame)
        records = measure_records.records_of(
            session,
            measure_id,
            supplier_id=frame.head.id,
            public_id=frame.public_id,
            period=frame.shown.period,
            query=frame.shown.query,
            facts=facts,
            outliers=() if more.spread is None else more.spread.outliers,
        )
    measure = _known(frame, more)[measure_id]
    entry = BY_ID[measure_id]
    return render_template(
        "overview/measure.html",
        **shared(frame),
        entry=entry,
        row=_row(frame, measure, more, facts),
        measure=measure,
        told=explained(measure, more, facts),
        state=STATE_WORDS[measure.state],
        is_leading=measure_id in LEADING,
        worse="lower" if entry.better is Better.HIGHER else "higher",
        records=records,
        door=door_to(measure_id, frame.public_id, frame.shown.query),
    )


def _told_elsewhere(supplier_id: str, measure_id: str) -> str:
    shown = {name: request.args[name] for name in ("window", "as_of") if name in request.args}
    door = door_to(measure_id, supplier_id, shown)
    if door is None:
        raise NotFound("E-MEA-01", "There is no such measure.")
    return door


def _more(session: Session, frame: SupplierFrame) -> tuple[MoreFacts, More]:
    own, period = frame.head.id, frame.shown.period
    facts = gather_more(session, period, supplier_ids=[own])[own]
    return facts, more_measures(facts, as_of=period.as_of)


def _known(frame: SupplierFrame, more: More) -> Mapping[str, Measure]:
    """Return the card's measures with those beside it."""
    return {**frame.card.measures, **more.measures}


def _row(frame: SupplierFrame, measure: Measure, more: More, facts: MoreFacts) -> MoreRow:
    entry = BY_ID[measure.id]
    at = {"public_id": frame.public_id, "measure_id": measure.id, **frame.shown.query}
    return MoreRow(
        id=measure.id,
        label=entry.label,
        short=entry.short,
        value=more_value(measure, more, facts),
        interval=wording.interval_text(measure),
        n=formatting.number(measure.n or 0),
        target=wording.target_text(measure.id, frame.card.method.target(measure.id)),
        is_unknown=measure.value is None,
        is_small=measure.state in (MeasureState.PROVISIONAL, MeasureState.INSUFFICIENT),
        why=measure.reason or "",
        href=address("overview.supplier_measure", at),
    )


def _custom_row(figure: CustomFigure) -> MoreRow:
    stored, measure = figure.stored, figure.measure
    return MoreRow(
        id=stored.key,
        label=f"{stored.label} v{stored.version}",
        short=stored.short,
        value=custom.value_words(stored.unit, measure.value),
        interval=custom.interval_words(stored.unit, measure),
        n=formatting.number(measure.n or 0),
        target="leading" if stored.is_leading else "lagging",
        is_unknown=measure.value is None,
        is_small=measure.state in (MeasureState.PROVISIONAL, MeasureState.INSUFFICIENT),
        why=measure.reason or "",
        href=custom_address(stored.public_id),
    )


def custom_address(public_id: UUID) -> str:
    """Return the page of a version of a custom measure."""
    return address("custom.show", {"public_id": public_id})
