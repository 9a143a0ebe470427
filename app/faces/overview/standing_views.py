"""Standings: one supplier's, with who ordered while it was blocked; and everybody's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask import (
    Response,
    flash,
    has_request_context,
    make_response,
    redirect,
    render_template,
    request,
)
from sqlalchemy.orm import Session

from app.base import clock, db, formatting
from app.base.errors import AppError
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.base.web.exports import Sheet, exported
from app.base.web.lists import Filter, ListShape, ListState, Pages, read_list
from app.base.web.rendering import address
from app.faces.overview.blueprint import blueprint
from app.faces.overview.standing_forms import EndForm, ExceptionForm, StandingForm
from app.faces.overview.states import STATUS_WORDS, Badge
from app.faces.overview.supplier_frame import shared, supplier_frame
from app.facts.deliveries.lines import ordered_lines
from app.facts.deliveries.lines.ordered_lines import OrderedLine
from app.facts.suppliers import queries as suppliers
from app.facts.suppliers.queries import SupplierHead
from app.facts.suppliers.standings import queries, services
from app.facts.suppliers.standings.queries import (
    CHOICES,
    Answer,
    ExceptionRow,
    OrderTerms,
    StandingRow,
)
from app.judgement.scorecards import proposals
from app.judgement.scorecards.proposals import Proposed

VIEW, DECIDE = "suppliers.view", "standings.decide"
KINDS = {
    "preferred": "good", "approved": "good", "improvement_plan": "watch", "restricted": "watch",
    "blocked": "act", "prospect": "none", "qualifying": "none", "exited": "none",
}  # fmt: skip
ANSWERS = {
    Answer.YES: Badge("good", "may be ordered from"),
    Answer.WARN: Badge("watch", "orders get a warning"),
    Answer.NO: Badge("act", "no orders"),
}
STATES = {"proposed": "waits for approval", "confirmed": "confirmed", "refused": "refused"}
LINE_HEADS = (
    ("ordered_on", "Ordered"), ("order", "Order"), ("line", "Line"), ("unit", "Our unit"),
    ("part", "Part"), ("quantity", "Quantity"), ("value", "Value"), ("currency", "Currency"),
    ("exception", "Exception of"), ("approved_by", "Approved by"), ("until", "Until"),
)  # fmt: skip
LINES_SHAPE = ListShape(sorts={"ordered": True}, default="-ordered", page_size=25)
PROPOSED_SHAPE = ListShape(
    sorts={"proposed": True, "name": False},
    default="-proposed",
    filters=(Filter("proposed", "Proposed", dict(CHOICES)),),
)


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line that was ordered from a blocked supplier, and the exception that covers it."""

    line: OrderedLine
    exception: ExceptionRow | None


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms of the page that were sent, with what was typed."""

    standing: StandingForm | None = None
    exception: ExceptionForm | None = None
    end: EndForm | None = None


OF_A_SUPPLIER = "/suppliers/<uuid:public_id>"
Form = StandingForm | ExceptionForm | EndForm
Write = Callable[[Session, SupplierHead], str]


@blueprint.app_context_processor
def standing_of_the_page() -> dict[str, object]:
    """Give every page of a supplier, whichever room it is of, what holds for orders from it."""
    public_id = (request.view_args or {}).get("public_id") if has_request_context() else None
    rule = str(request.url_rule) if public_id else ""
    if not isinstance(public_id, UUID) or not rule.startswith(OF_A_SUPPLIER):
        return {"standing_terms": None}
    try:
        with db.reading() as session:
            found = suppliers.supplier_by_public_id(session, public_id)
            terms = queries.terms_on(session, found.id, clock.today())
    except AppError:
        # The page says what is wrong; it needs no second voice.
        return {"standing_terms": None}
    return {"standing_terms": terms if terms.is_warning else None, "standing_of": public_id}


@blueprint.get("/suppliers/<uuid:public_id>/standing")
@requires(VIEW)
def supplier_standing(public_id: UUID) -> Response:
    """Show the standing of a supplier, what it rests on, and who ordered against it."""
    return _page(public_id)


@blueprint.post("/suppliers/<uuid:public_id>/standing")
@requires(DECIDE)
def decide_standing(public_id: UUID) -> Response:
    """Decide on the standing; what needs another person waits for one."""
    form = StandingForm()

    def write(session: Session, head: SupplierHead) -> str:
        row = services.decide(
            session,
            head.id,
            standing=form.standing.data,
            from_on=form.from_on.data or clock.today(),
            until_on=form.until_on.data,
            reason=form.reason.data or "",
            proposal=proposals.proposal_of(session, head.id),
        )
        said = "It waits for another person." if row.state == "proposed" else "It holds."
        return f"{head.name}: {CHOICES[row.standing]}. {said}"

    return _written(public_id, write, Forms(standing=form), form)


@blueprint.post("/suppliers/<uuid:public_id>/standing/exceptions")
@requires(DECIDE)
def ask_exception(public_id: UUID) -> Response:
    """Ask that somebody may order from a blocked supplier."""
    form = ExceptionForm()

    def write(session: Session, head: SupplierHead) -> str:
        services.ask_exception(
            session,
            head.id,
            buyer=form.buyer.data or "",
            from_on=form.from_on.data or clock.today(),
            until_on=form.until_on.data or clock.today(),
            reason=form.reason.data or "",
        )
        return "The exception waits for another person."

    return _written(public_id, write, Forms(exception=form), form)


@blueprint.post("/suppliers/<uuid:public_id>/standing/exceptions/<uuid:exception_id>/end")
@requires(DECIDE)
def end_exception(public_id: UUID, exception_id: UUID) -> Response:
    """End an exception before its last day."""
    form = EndForm()

    def write(session: Session, head: SupplierHead) -> str:
        services.end_exception(session, head.id, exception_id, reason=form.reason.data or "")
        return "The exception has ended."

    return _written(public_id, write, Forms(end=form), form)


@blueprint.get("/standings/")
@requires(VIEW)
def standings() -> Response:
    """List whose grade proposes another standing, who is restricted or blocked, exceptions."""
    state, today = read_list(PROPOSED_SHAPE), clock.today()
    with db.reading() as session:
        found = _sorted(proposals.proposed(session, today), state)
        if state.export:
            return exported(_proposed_sheet(found), state.export)
        strict = _strict(session, today)
        running = queries.running_exceptions(session, today)
        ids = [row.supplier_id for row in running]
        named = suppliers.heads_of(session, ids) if ids else {}
    return make_response(
        render_template(
            "overview/standings.html",
            state=state,
            pages=Pages(state, len(found)),
            proposed=found[state.offset : state.offset + state.size],
            strict=strict,
            running=[(row, named[row.supplier_id]) for row in running if row.supplier_id in named],
            words=STATUS_WORDS,
            kinds=KINDS,
            today=today,
        )
    )


def _written(public_id: UUID, write: Write, forms: Forms, form: Form) -> Response:
    """Do what a form asks for; what is wrong stands beside it, what was typed is kept."""
    if not form.validate():
        return _page(public_id, forms, status=422)
    try:
        with db.transaction() as session:
            said = write(session, _head(session, public_id))
    except AppError as error:
        form.form_errors.append(error.message)
        return _page(public_id, forms, status=STATUS_OF_KIND[error.kind])
    flash(said)
    return make_response(
        redirect(address("overview.supplier_standing", {"public_id": public_id}), 303)
    )


def _page(public_id: UUID, forms: Forms | None = None, *, status: int = 200) -> Response:
    forms = forms or Forms()
    today = clock.today()
    state = read_list(LINES_SHAPE)
    with db.reading() as session:
        frame = supplier_frame(session, public_id, tab="standing")
        own = frame.head.id
        history, exceptions = queries.history_of(session, own), queries.exceptions_of(session, own)
        terms = queries.terms_on(session, own, today)
        proposal = proposals.proposal_of(session, own)
        placed = _placed(session, own, history, exceptions, until=today)
        gone = services.withdrawn(session, services.STANDING, history)
        gone_exceptions = services.withdrawn(session, services.EXCEPTION, exceptions)
    if state.export:
        return exported(_placed_sheet(placed, frame.head), state.export)
    page = render_template(
        "overview/standing.html",
        **shared(frame),
        terms=terms,
        answer=ANSWERS[terms.answer],
        kinds=KINDS,
        proposal=None if proposal is None or proposal.standing == terms.standing else proposal,
        choices=CHOICES,
        history=history,
        held=queries.held_on(history, today),
        exceptions=exceptions,
        states=STATES,
        gone=gone,
        gone_exceptions=gone_exceptions,
        today=today,
        placed=placed[state.offset : state.offset + state.size],
        uncovered=sum(1 for each in placed if each.exception is None),
        state=state,
        pages=Pages(state, len(placed)),
        form=forms.standing or _fresh(StandingForm, terms, today),
        exception_form=forms.exception or _fresh(ExceptionForm, terms, today),
        end_form=forms.end or EndForm(formdata=None),
    )
    return make_response(page, status)


def _fresh(
    kind: type[StandingForm] | type[ExceptionForm], terms: OrderTerms, today: date
) -> StandingForm | ExceptionForm:
    form = kind(formdata=None)
    form.from_on.data = today
    if isinstance(form, StandingForm) and terms.standing in CHOICES:
        form.standing.data = terms.standing
    return form


def _head(session: Session, public_id: UUID) -> SupplierHead:
    found = suppliers.supplier_by_public_id(session, public_id)
    return suppliers.head_of(session, found.effective_supplier_id or found.id)


def _placed(
    session: Session,
    supplier_id: int,
    history: list[StandingRow],
    exceptions: list[ExceptionRow],
    *,
    until: date,
) -> list[PlacedLine]:
    """Return what was ordered while the supplier was blocked, with who had agreed to it."""
    spans = queries.blocked_spans(history, until=until)
    lines = ordered_lines.lines_ordered_in(session, spans, supplier_ids=[supplier_id])
    return [
        PlacedLine(line, next((e for e in exceptions if e.holds_on(line.ordered_on)), None))
        for line in lines
    ]


def _placed_sheet(placed: list[PlacedLine], head: SupplierHead) -> Sheet:
    rows = [
        (
            each.line.ordered_on, each.line.order_number, each.line.line_no, each.line.buyer_unit,
            each.line.part_number, each.line.quantity, each.line.value, each.line.currency,
            *(
                (None,) * 3
                if each.exception is None
                else (each.exception.buyer, each.exception.approved_by, each.exception.last_on)
            ),
        )
        for each in placed
    ]  # fmt: skip
    return Sheet("ordered-while-blocked", LINE_HEADS, rows, f"ordered from {head.name}")


def _strict(session: Session, today: date) -> list[tuple[SupplierHead, OrderTerms]]:
    """Return who is restricted or blocked, the blocked first."""
    found = queries.strict_on(session, today)
    heads = suppliers.heads_of(session, list(found)) if found else {}
    rows = [(heads[key], terms) for key, terms in found.items() if key in heads]
    return sorted(rows, key=lambda row: (row[1].standing != "blocked", row[0].name.lower()))


def _sorted(found: list[Proposed], state: ListState) -> list[Proposed]:
    chosen = state.values("proposed")
    kept = [each for each in found if not chosen or each.proposal.standing in chosen]
    if state.sort == "name":
        kept.sort(key=lambda each: each.name.lower(), reverse=state.is_falling)
    return kept if state.sort == "name" or state.is_falling else kept[::-1]


def _proposed_sheet(found: list[Proposed]) -> Sheet:
    heads = (
        ("number", "Number"), ("name", "Supplier"), ("category", "Category"),
        ("present", "Standing now"), ("grade", "Grade"), ("score", "Score"),
        ("proposed", "Proposed"), ("period", "Of"),
    )  # fmt: skip
    rows = [
        (
            each.number, each.name, each.category, STATUS_WORDS[each.present],
            each.proposal.grade, each.proposal.score, CHOICES[each.proposal.standing],
            each.proposal.period,
        )
        for each in found
    ]  # fmt: skip
    return Sheet("proposed-standings", heads, rows, f"as of {formatting.day(clock.today())}")
