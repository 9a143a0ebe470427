"""The doors' other side: the order lines and records behind a figure, and one line alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from flask import Response, make_response, render_template, request
from sqlalchemy.orm import Session

from app.base import clock, db, formatting
from app.base.errors import NotFound
from app.base.web.access import requires
from app.base.web.exports import Cell, Sheet, exported
from app.base.web.lists import BadQuery, Filter, ListShape, ListState, Pages, read_list
from app.faces.overview.blueprint import blueprint
from app.faces.overview.doors import RECORD_KINDS
from app.faces.overview.periods import ShownPeriod, shown_period
from app.facts.deliveries import coding
from app.facts.deliveries.agreements import call_offs
from app.facts.deliveries.disputes import queries as dispute_queries
from app.facts.deliveries.disputes import wording as dispute_words
from app.facts.deliveries.disputes.queries import DisputeRow
from app.facts.deliveries.lines import line_facts, line_lists, line_words, record_lists
from app.facts.deliveries.lines.arrivals import Arrival, arrivals_of
from app.facts.deliveries.lines.counted_lines import CountedLine, counted_lines
from app.facts.deliveries.lines.line_lists import (
    COUNTED,
    MEASURES,
    OPEN,
    LineQuery,
    LinesPage,
    OrderLine,
    Outcome,
)
from app.facts.suppliers import queries as suppliers
from app.facts.suppliers.queries import SupplierHead
from app.judgement.scorecards import queries as scorecards
from app.judgement.scorecards.explaining import Explained, explained
from app.judgement.scorecards.register import BY_ID

EVERYTHING = 10_000_000


@dataclass(frozen=True, slots=True)
class Behind:
    """How a measure is worked out, and why which lines stand in neither of its numbers."""

    sum: Explained
    left_out: Mapping[Outcome, Mapping[str, int]]


OUTCOME_KINDS = {
    Outcome.MET: "good",
    Outcome.MISSED: "act",
    Outcome.UNKNOWN: "none",
    Outcome.PENDING: "info",
    Outcome.EXCLUDED: "none",
}
SORTS = {
    "due": True, "late": True, "lead": True, "order": False, "part": False,
    "quantity": True, "value": True,
}  # fmt: skip


@blueprint.get("/suppliers/<uuid:public_id>/lines")
@requires("suppliers.view")
def lines(public_id: UUID) -> Response:
    """List the order lines behind one measure of one supplier."""
    measure = _measure()
    with db.reading() as session:
        head = _head(session, public_id)
        shown = shown_period(session)
        query = LineQuery(measure, shown.period, [head.id])
        state = read_list(_shape(measure, line_lists.reason_counts(session, query)))
        wanted = _filtered(query, state)
        if state.export:
            every = counted_lines(session, wanted, sort=state.sort, is_falling=state.is_falling)
            return exported(_sheet(every, head, shown, measure), state.export)
        page = _page(session, wanted, state)
        ids = [line.line_id for line in page.lines]
        arrivals = arrivals_of(session, ids)
        opens = line_facts.windows_open(session, ids)
        behind = _behind(session, query, head.id)
    return make_response(
        render_template(
            "overview/lines.html",
            head=head,
            shown=shown,
            entry=BY_ID[measure],
            measure=measure,
            counts=page.counts,
            outcome_words=outcome_words(measure),
            behind=behind,
            **_listed(page, arrivals, state, shown.as_of, opens),
        )
    )


@blueprint.get("/lines")
@requires("suppliers.view")
def all_lines() -> Response:
    """List the lines of one part or of one order, over all suppliers."""
    part, order = request.args.get("part"), request.args.get("order")
    if not part and not order:
        raise BadQuery("E-API-07", "Name a part or an order: /lines?part=… or /lines?order=….")
    with db.reading() as session:
        query = LineQuery("otif_line", None, None, part_number=part, order_number=order)
        state = read_list(_shape("otif_line", line_lists.reason_counts(session, query)))
        query = _filtered(query, state)
        page = _page(session, query, state)
        arrivals = arrivals_of(session, [line.line_id for line in page.lines])
        shown = shown_period(session)
        named = suppliers.suppliers_by_id(session, [line.supplier_id for line in page.lines])
    return make_response(
        render_template(
            "overview/all_lines.html",
            title=f"Part {part}" if part else f"Order {order}",
            suppliers=named,
            shown=shown,
            counts=page.counts,
            outcome_words=outcome_words("otif_line"),
            **_listed(page, arrivals, state, shown.as_of),
        )
    )


@blueprint.get("/suppliers/<uuid:public_id>/lines/<int:line_id>")
@requires("suppliers.view")
def line(public_id: UUID, line_id: int) -> str:
    """Show one order line: what was agreed, what came, and how the rule judged it."""
    with db.reading() as session:
        head = _head(session, public_id)
        found = line_lists.line_by_id(session, line_id)
        facts = line_facts.facts_of(session, line_id)
        if found is None or facts is None or facts.effective_supplier_id != head.id:
            raise NotFound("E-DLV-01", "There is no such order line.")
        arrivals = arrivals_of(session, [line_id]).get(line_id, [])
        shown = shown_period(session)
        call_off = call_offs.call_off_of(session, line_id)
        disputes = dispute_queries.disputes_of_line(session, line_id)
    return render_template(
        "overview/line.html",
        call_off=call_off,
        call_off_words=call_offs,
        disputes=disputes,
        dispute_words=dispute_words,
        may_dispute=_may_dispute(found, disputes),
        head=head,
        line=found,
        facts=facts,
        arrivals=arrivals,
        story=line_words.story(found, arrivals, opens_on=facts.window_opens_on),
        late=line_words.late_words(found, as_of=shown.as_of),
        verdict=line_facts.explained(found, facts),
        words=line_words,
        shown=shown,
        outcome_kinds=OUTCOME_KINDS,
    )


@blueprint.get("/suppliers/<uuid:public_id>/records/<kind>")
@requires("suppliers.view")
def records(public_id: UUID, kind: str) -> Response:
    """List the records behind a figure that order lines do not explain."""
    if kind not in record_lists.RECORDS:
        raise NotFound("E-DLV-02", "There is no such list.")
    state = read_list(ListShape(sorts={"on": True}, default="-on"))
    with db.reading() as session:
        head = _head(session, public_id)
        shown = shown_period(session)
        page = record_lists.records_page(
            session,
            kind,
            shown.period,
            supplier_ids=[head.id],
            limit=EVERYTHING if state.export else state.size,
            offset=0 if state.export else state.offset,
        )
        sums = [] if state.export else _sums_of(session, kind, shown, head.id)
    if state.export:
        about = f"{page.kind.title}, {head.name}, {shown.words}"
        return exported(Sheet(kind, page.kind.heads, page.rows, about), state.export)
    return make_response(
        render_template(
            "overview/records.html",
            head=head,
            shown=shown,
            kind=page.kind,
            sums=sums,
            rows=[[(cell_text(cell), is_figure(cell)) for cell in row] for row in page.rows],
            state=state,
            pages=Pages(state, page.total),
        )
    )


def outcome_words(measure: str) -> dict[Outcome, str]:
    """Return what the outcomes of a measure are called."""
    words = {outcome: line_words.OUTCOME_WORDS[str(outcome)] for outcome in Outcome}
    if measure in COUNTED:
        words[Outcome.MET], words[Outcome.UNKNOWN] = "counted", "not complete"
    if measure == OPEN:
        words[Outcome.MET], words[Outcome.MISSED] = "complete", "open"
    return words


def cell_text(cell: object) -> str:
    """Return a record's cell as text."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return formatting.moment(cell)
    if isinstance(cell, date):
        return formatting.day(cell)
    if isinstance(cell, Decimal):
        return formatting.quantity(cell)
    return str(cell)


def is_figure(cell: object) -> bool:
    """Tell whether a cell is a figure, which stands on the right."""
    return isinstance(cell, Decimal)


def _may_dispute(line: OrderLine, disputes: list[DisputeRow]) -> bool:
    """Whether a dispute could be opened on the line today."""
    judged = line.outcome in (Outcome.MET, Outcome.MISSED, Outcome.UNKNOWN)
    if not judged or line.window_end_on is None or any(each.state == "open" for each in disputes):
        return False
    return clock.today() <= coding.coded_until(line.window_end_on)


def _behind(session: Session, query: LineQuery, supplier_id: int) -> Behind | None:
    """Return how the measure is worked out; None for all time, which no card tells."""
    if query.period is None:
        return None
    card = scorecards.scored(session, supplier_id, query.period)
    found = dispute_queries.disputed(session, query.period, supplier_id=supplier_id)
    left_out = {
        outcome: line_lists.reason_counts(session, replace(query, outcomes=[outcome]))
        for outcome in (Outcome.UNKNOWN, Outcome.EXCLUDED)
    }
    return Behind(explained(card.measures[query.measure], found), left_out)


def _sums_of(session: Session, kind: str, shown: ShownPeriod, supplier_id: int) -> list[Explained]:
    """Return how the measures are worked out that rest on records of a kind."""
    card = scorecards.scored(session, supplier_id, shown.period)
    return [explained(card.measures[name]) for name, of in RECORD_KINDS.items() if of == kind]


def _measure() -> str:
    measure = request.args.get("measure", "otif_line")
    if measure not in MEASURES:
        raise BadQuery("E-API-08", f"Unknown measure. Allowed: {', '.join(MEASURES)}.")
    return measure


def _head(session: Session, public_id: UUID) -> SupplierHead:
    found = suppliers.supplier_by_public_id(session, public_id)
    return suppliers.head_of(session, found.effective_supplier_id or found.id)


def _shape(measure: str, reasons: dict[str, int]) -> ListShape:
    known = {reason: line_words.reason_words(reason) for reason in reasons}
    asked = {reason: line_words.reason_words(reason) for reason in request.args.getlist("reason")
             if reason in line_words.REASON_WORDS}  # fmt: skip
    words = {str(outcome): told for outcome, told in outcome_words(measure).items()}
    default = "-lead" if measure in COUNTED and measure.startswith("lt") else "-due"
    return ListShape(
        sorts=SORTS,
        default=default,
        filters=(Filter("outcome", "Outcome", words), Filter("reason", "Reason", known | asked)),
    )


def _filtered(query: LineQuery, state: ListState) -> LineQuery:
    return LineQuery(
        measure=query.measure,
        period=query.period,
        supplier_ids=query.supplier_ids,
        outcomes=state.values("outcome"),
        reasons=state.values("reason"),
        part_number=query.part_number,
        order_number=query.order_number,
        search=state.search,
    )


def _page(session: Session, query: LineQuery, state: ListState) -> LinesPage:
    return line_lists.lines_page(
        session,
        query,
        sort=state.sort,
        is_falling=state.is_falling,
        limit=EVERYTHING if state.export else state.size,
        offset=0 if state.export else state.offset,
    )


def _listed(
    page: LinesPage,
    arrivals: dict[int, list[Arrival]],
    state: ListState,
    as_of: date,
    opens: Mapping[int, date | None] | None = None,
) -> dict[str, object]:
    opened = opens or {}
    return {
        "state": state,
        "pages": Pages(state, page.total),
        "rows": [
            (each, line_words.story(each, arrivals.get(each.line_id, []),
                                    opens_on=opened.get(each.line_id)),
             line_words.late_words(each, as_of=as_of))
            for each in page.lines
        ],
        "outcome_kinds": OUTCOME_KINDS,
        "reason_words": line_words.reason_words,
        "cause_words": line_words.CAUSE_WORDS,
    }  # fmt: skip


HEADS = (
    ("order", "Order"), ("line", "Line"), ("schedule", "Schedule"), ("part", "Part"),
    ("part_name", "Name"), ("ordered", "Ordered"), ("due", "Due"), ("received", "Received"),
    ("in_window", "Received in the window, at most due"),
    ("by_close", "Received by the window's end, at most due"),
    ("value_due", "Value due"), ("value_in_window", "Value in the window"),
    ("reference_on", "Reference date"), ("window_opens_on", "Window opens"),
    ("window_end_on", "Window ends"), ("completed_on", "Completed"), ("days_late", "Days late"),
    ("lead_time_days", "Lead time, days"), ("days_counted", "Days counted"),
    ("outcome", "Outcome"), ("reason", "Reason"), ("cause", "Cause"),
    ("what_happened", "What happened"),
)  # fmt: skip


def _sheet(
    lines: Iterable[CountedLine], head: SupplierHead, shown: ShownPeriod, measure: str
) -> Sheet:
    words = outcome_words(measure)
    about = f"{BY_ID[measure].label}, {head.name}, {shown.words}"
    return Sheet("lines", HEADS, (_cells(each, words) for each in lines), about)


def _cells(counted: CountedLine, words: dict[Outcome, str]) -> tuple[Cell, ...]:
    each = counted.line
    return (
        each.order_number, each.line_no, each.schedule_no, each.part_number, each.part_name,
        each.quantity_ordered, each.quantity_due, each.quantity_total, counted.in_window,
        counted.by_close, counted.value_due, counted.value_in_window, each.reference_on,
        counted.opens_on, each.window_end_on, each.completed_on, each.lateness_days,
        each.lead_time_days, counted.days, words[each.outcome],
        line_words.reason_words(each.reason) or None, each.cause, counted.story,
    )  # fmt: skip
