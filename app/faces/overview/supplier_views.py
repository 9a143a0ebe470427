"""One supplier: scorecard, deliveries, quality, risk, facts, history."""

from __future__ import annotations

from uuid import UUID

from flask import render_template
from sqlalchemy.orm import Session

from app.base import clock, db, formatting
from app.base.charts import Svg
from app.base.web.access import requires
from app.calc.periods import Period
from app.calc.ranking import Rank
from app.faces.overview import course_page, pictures, risk_pages, scorecard_page
from app.faces.overview.blueprint import blueprint
from app.faces.overview.corrections import corrections_told
from app.faces.overview.key_figures import most_pressing_first
from app.faces.overview.other_method import other_method
from app.faces.overview.pressing import pressing
from app.faces.overview.supplier_frame import SupplierFrame, shared, supplier_frame
from app.faces.overview.whose_rates import whose_rates
from app.facts.deliveries import queries as deliveries
from app.facts.deliveries.lines import (
    breakdowns,
    line_lists,
    line_words,
    missed_lines,
    record_lists,
)
from app.facts.deliveries.lines.arrivals import arrivals_of
from app.facts.deliveries.lines.line_lists import LineQuery
from app.facts.deliveries.period_reads import members
from app.facts.deliveries.queries import HistogramKind
from app.facts.evidence import queries as evidence
from app.facts.suppliers import queries as suppliers
from app.judgement.contracts import queries as contracts
from app.judgement.contracts import wording as contract_wording
from app.judgement.fmea import queries as fmea
from app.judgement.fmea import wording as fmea_wording
from app.judgement.risk_index import explanations
from app.judgement.risk_index import queries as risk_queries
from app.judgement.scorecards import places
from app.judgement.scorecards import queries as scorecards
from app.judgement.scorecards import wording as scorecard_wording
from app.judgement.scorecards.course import COURSE_MONTHS, ON_TIME
from app.judgement.scorecards.evaluation import PeriodKind
from app.judgement.scorecards.signs import Sign, early_signs
from app.platform.audit import queries as audit
from app.platform.audit import wording
from app.reviews.packs import queries as packs
from app.reviews.packs.views import KIND_WORDS

FEW_MISSES = 5
MANY_MISSES = 20
MILLION = 1_000_000
QUALITY_RECORDS = ("receipts", "lots", "disruptions")
QUALITY = ("ppm", "lot_accept", "lot_reject", "first_pass")


@blueprint.get("/suppliers/<uuid:public_id>")
@requires("suppliers.view")
def supplier(public_id: UUID) -> str:
    """The scorecard of one supplier."""
    with db.reading() as session:
        frame = supplier_frame(session, public_id, tab="scorecard")
        misses = _worst_misses(session, frame, limit=FEW_MISSES)
        signs = _early_signs(session, frame)
        place = _place(session, frame)
        other = other_method(session, frame.head.id, frame.shown.period, frame.card)
        corrections = corrections_told(session, frame)
        asked = pressing(session, frame.head.id)
    card, key, query = frame.card, frame.public_id, frame.shown.query
    return render_template(
        "overview/supplier.html",
        **shared(frame),
        other=other,
        corrections=corrections,
        needs=most_pressing_first((*asked, *frame.needs)),
        table=scorecard_page.scorecard_table(card, key, query),
        other_levels=scorecard_page.other_levels(card, key, query),
        missing=scorecard_page.missing(card),
        sure=scorecard_page.how_sure(card, place, frame.head.category),
        course=course_page.course_panel(card, frame.course),
        signs=course_page.signs_as_needs(signs, key, query),
        monthly=scorecard_page.monthly_figures(card, "otif_line", "otd", "ppm"),
        staircase=pictures.risk_staircase(frame.risk.card),
        lead_time=_lead_time(frame),
        misses=misses,
    )


@blueprint.get("/suppliers/<uuid:public_id>/deliveries")
@requires("suppliers.view")
def supplier_deliveries(public_id: UUID) -> str:
    """Deliveries of one supplier: every date and level, times, causes, what stands outside."""
    with db.reading() as session:
        frame = supplier_frame(session, public_id, tab="deliveries")
        own = [frame.head.id]
        misses = _worst_misses(session, frame, limit=MANY_MISSES)
        causes = line_lists.cause_counts(session, LineQuery("otif_line", frame.shown.period, own))
        aged = deliveries.open_past_due(session, frame.shown.as_of, supplier_ids=own)
        whose = whose_rates(session, frame.card, frame.head.id)
    card, key, query = frame.card, frame.public_id, frame.shown.query
    return render_template(
        "overview/deliveries.html",
        **shared(frame),
        course=course_page.course_panel(card, frame.course),
        course_heads=course_page.HEADS,
        otd_chart=_on_time_chart(frame),
        other_levels=scorecard_page.other_levels(card, key, query),
        times=scorecard_page.times(card, key, query),
        lead_time=_lead_time(frame),
        lateness=pictures.days_histogram(
            card.lateness_days,
            title="Lateness, completion against the reference date",
            axis="days late, early is negative",
            marks=((card.measures["lateness_p90"].value, "P90"),),
        ),
        causes=causes,
        whose=whose,
        causes_chart=pictures.causes_of_misses(causes) if causes else "",
        aged=aged.of(frame.head.id),
        misses=misses,
    )


@blueprint.get("/suppliers/<uuid:public_id>/quality")
@requires("suppliers.view")
def supplier_quality(public_id: UUID) -> str:
    """Quality of one supplier: defects by month, lots, rejects."""
    with db.reading() as session:
        frame = supplier_frame(session, public_id, tab="quality")
    card, key, query = frame.card, frame.public_id, frame.shown.query
    return render_template(
        "overview/quality.html",
        **shared(frame),
        defects_chart=pictures.defects_by_month(card),
        lines=scorecard_page.lines_of(card, QUALITY, key, query),
        records=[(kind, record_lists.RECORDS[kind].title) for kind in QUALITY_RECORDS],
        monthly=scorecard_page.monthly_figures(card, "ppm", "lot_accept"),
    )


@blueprint.get("/suppliers/<uuid:public_id>/risk")
@requires("suppliers.view")
def supplier_risk(public_id: UUID) -> str:
    """The supply risk index of one supplier: what each dimension rests on."""
    with db.reading() as session:
        frame = supplier_frame(session, public_id, tab="risk")
        upstream = list(evidence.sub_tiers(session, frame.head.id))
        registers = fmea.register_rows(session, supplier_ids=members(session, [frame.head.id]))
        covered = contracts.coverage(session, [frame.head.id]).get(frame.head.id)
    return render_template(
        "overview/risk.html",
        **shared(frame),
        pages=risk_pages.links(frame.public_id, frame.shown.query),
        staircase=pictures.risk_staircase(frame.risk.card),
        labels=explanations.LABELS,
        sentence=explanations.sentence,
        floor_sentence=explanations.floor_sentence,
        upstream=upstream,
        registers=registers,
        coverage=covered,
        contract_words=contract_wording,
        fmea_words=fmea_wording,
        today=clock.today(),
    )


@blueprint.get("/suppliers/<uuid:public_id>/packs")
@requires("packs.view")
def supplier_packs(public_id: UUID) -> str:
    """The packs of one supplier."""
    with db.reading() as session:
        frame = supplier_frame(session, public_id, tab="packs")
        made = list(packs.packs_of(session, frame.head.id))
    return render_template(
        "overview/packs.html", **shared(frame), packs=made, kind_words=KIND_WORDS
    )


@blueprint.get("/suppliers/<uuid:public_id>/facts")
@requires("suppliers.view")
def supplier_facts(public_id: UUID) -> str:
    """The master record of one supplier: who it is, where, with which parts."""
    with db.reading() as session:
        frame = supplier_frame(session, public_id, tab="facts")
        master = suppliers.suppliers_by_id(session, [frame.head.id])[frame.head.id]
    sites = [
        (
            site.name,
            site.country or formatting.NO_DATA,
            formatting.percent(
                None if site.volume_share is None else site.volume_share / MILLION, 0
            ),
        )
        for site in frame.head.sites
    ]
    return render_template("overview/facts.html", **shared(frame), master=master, sites=sites)


@blueprint.get("/suppliers/<uuid:public_id>/history")
@requires("suppliers.view")
def supplier_history(public_id: UUID) -> str:
    """What was published of one supplier, restatements beside what they restate."""
    with db.reading() as session:
        frame = supplier_frame(session, public_id, tab="history")
        own = frame.head.id
        cards = [
            (kind, scorecards.snapshots_of(session, own, kind))
            for kind in (PeriodKind.ROLLING_YEAR, PeriodKind.QUARTER)
        ]
        indexes = risk_queries.snapshots_of(session, own)
        sure = scorecards.sureness_of_many(session, [each.id for _, some in cards for each in some])
        events = audit.history_of(session, "supplier", own)
        labels = audit.labels(session, events)
    return render_template(
        "overview/history.html",
        **shared(frame),
        cards=cards,
        sure={key: each.score for key, each in sure.items()},
        range_text=scorecard_wording.range_text,
        indexes=indexes,
        events=[(event, wording.sentence(event, labels)) for event in events],
        field_words=wording.field_words,
        source_words=wording.SOURCES,
    )


def _early_signs(session: Session, frame: SupplierFrame) -> tuple[Sign, ...]:
    period, months = frame.shown.period, frame.card.months
    last = months[-1].month
    # Whole months up to the period's end, whatever days the period itself begins and ends on.
    reach = Period(f"{COURSE_MONTHS}m", last - COURSE_MONTHS + 1, last, period.last_day)
    lateness = breakdowns.histogram_by_month(
        session, reach, HistogramKind.LATENESS, supplier_id=frame.head.id
    )
    leading = frame.course.measure_id
    return early_signs(
        months,
        leading,
        deff=frame.card.measures[leading].deff,
        floor=frame.card.method.otif_floor,
        lateness=lateness,
    )


def _place(session: Session, frame: SupplierFrame) -> Rank | None:
    """Return the place among the category's suppliers, of the period's published score."""
    kind = scorecards.kind_of(frame.shown.period)
    if kind is None:
        return None
    end = frame.shown.period.last_day
    return places.place_of(session, frame.head.id, kind=kind, period_end=end)


def _on_time_chart(frame: SupplierFrame) -> Svg:
    """Return on time by month; nothing where it leads anyway."""
    if frame.course.measure_id == ON_TIME:
        return Svg("")
    return pictures.rate_by_month(frame.card, ON_TIME, title="On time by month")


def _lead_time(frame: SupplierFrame) -> object:
    measures = frame.card.measures
    return pictures.days_histogram(
        frame.card.lead_time_days,
        title="Lead time, order to complete",
        axis="days from order to complete",
        marks=((measures["lt_p50"].value, "P50"), (measures["lt_p90"].value, "P90")),
    )


def _worst_misses(session: Session, frame: SupplierFrame, *, limit: int) -> list[dict[str, object]]:
    """Return the worst misses with what happened, in words; packs print the same ones."""
    own = frame.head.id
    missed = missed_lines.missed_lines(session, frame.shown.period, supplier_ids=[own])
    ids = [line.line_id for line in missed.get(own, [])[:limit]]
    lines = line_lists.lines_by_ids(session, ids)
    arrivals = arrivals_of(session, ids)
    return [
        {
            "line": lines[line_id],
            "story": line_words.story(lines[line_id], arrivals.get(line_id, [])),
            "late": line_words.late_words(lines[line_id], as_of=frame.shown.as_of),
            "cause": line_words.CAUSE_WORDS.get(lines[line_id].cause or ""),
        }
        for line_id in ids
    ]
