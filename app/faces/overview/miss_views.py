"""Coding misses: the missed lines of a supplier, what their facts point to, and whose they were."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template, request
from sqlalchemy.orm import Session

from app.base import acting, clock, db, formatting
from app.base.errors import AppError, InvalidInput
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.base.web.exports import Cell, Sheet, exported
from app.base.web.lists import Filter, ListShape, Pages, read_list
from app.base.web.rendering import address
from app.calc.attribution import MissCause, Suggestion
from app.faces.overview.blueprint import blueprint
from app.faces.overview.forms import CODABLE, CauseForm
from app.faces.overview.periods import ShownPeriod, shown_period
from app.facts.deliveries import coding
from app.facts.deliveries.lines import causes, line_lists, line_words
from app.facts.deliveries.lines.arrivals import arrivals_of
from app.facts.deliveries.lines.line_lists import NOT_CODED, LineQuery, OrderLine, Outcome
from app.facts.suppliers import queries as suppliers
from app.facts.suppliers.queries import SupplierHead

AS_SUGGESTED = "suggested"
EVERYTHING = 10_000_000
KEY = re.compile(r"[0-9]{1,18}")
SHAPE = ListShape(
    sorts={"due": True, "late": True, "order": False, "part": False},
    default="-due",
    filters=(Filter("cause", "Cause", {NOT_CODED: "not judged yet", **line_words.CAUSE_WORDS}),),
)


@dataclass(frozen=True, slots=True)
class MissRow:
    """A missed line as it is coded: `coded_until` is the last day for it, None once passed."""

    line: OrderLine
    story: str
    late: str
    points_to: tuple[Suggestion, ...]
    coded_until: date | None


@blueprint.get("/suppliers/<uuid:public_id>/misses")
@requires("suppliers.view")
def misses(public_id: UUID) -> Response:
    """List the missed lines of the period with what their facts point to."""
    return _page(public_id, CauseForm(formdata=None))


@blueprint.post("/suppliers/<uuid:public_id>/misses")
@requires("misses.code")
def code_misses(public_id: UUID) -> Response:
    """Store the cause of the lines that are ticked, or of each the one that its facts point to."""
    form = CauseForm()
    as_suggested = request.form.get("how") == AS_SUGGESTED
    if not as_suggested and not form.validate():
        return _page(public_id, form, status=422)
    try:
        with db.transaction() as session:
            told = _coded(session, _head(session, public_id), form, as_suggested=as_suggested)
    except AppError as error:
        return _page(public_id, form, refusal=error, status=STATUS_OF_KIND[error.kind])
    flash(told)
    kept = {name: request.args.getlist(name) for name in request.args}
    back = address("overview.misses", {"public_id": public_id, **kept})
    return make_response(redirect(back, 303))


def _coded(session: Session, head: SupplierHead, form: CauseForm, *, as_suggested: bool) -> str:
    ticked = _ticked()
    if not ticked:
        raise InvalidInput("E-DLV-03", "No line is chosen. Tick the lines that it is about.")
    wanted = {line_id: MissCause(form.cause.data) for line_id in ticked} if not as_suggested else {}
    if as_suggested:
        found = line_lists.lines_by_ids(session, ticked)
        arrivals = arrivals_of(session, ticked)
        told = causes.suggestions(session, list(found.values()), arrivals)
        wanted = {key: each[0].cause for key, each in told.items() if each}
    by_cause: dict[MissCause, list[int]] = defaultdict(list)
    for line_id, cause in wanted.items():
        by_cause[cause].append(line_id)
    n = sum(
        coding.code_misses(
            session,
            supplier_id=head.id,
            line_ids=line_ids,
            cause=cause,
            note=form.note.data or None,
            by=acting.present().name,
            today=clock.today(),
        )
        for cause, line_ids in by_cause.items()
    )
    left = len(ticked) - n
    rest = f" {formatting.count(left, 'line')} left: no date points to anybody." if left else ""
    return f"{formatting.count(n, 'line')} coded.{rest}"


def _ticked() -> list[int]:
    """The keys of the ticked lines; what is no key of any row on either engine is none."""
    given = {int(key) for key in request.form.getlist("line") if KEY.fullmatch(key)}
    return sorted(given)


def _page(
    public_id: UUID, form: CauseForm, *, refusal: AppError | None = None, status: int = 200
) -> Response:
    state = read_list(SHAPE)
    with db.reading() as session:
        head = _head(session, public_id)
        shown = shown_period(session)
        every = LineQuery("otif_line", shown.period, [head.id])
        counts = causes.miss_counts(session, every)
        query = LineQuery(
            "otif_line",
            shown.period,
            [head.id],
            outcomes=[Outcome.MISSED],
            causes=state.values("cause"),
            search=state.search,
        )
        page = line_lists.lines_page(
            session,
            query,
            sort=state.sort,
            is_falling=state.is_falling,
            limit=EVERYTHING if state.export else state.size,
            offset=0 if state.export else state.offset,
        )
        arrivals = arrivals_of(session, [line.line_id for line in page.lines])
        told = causes.suggestions(session, page.lines, arrivals)
    rows = [
        MissRow(
            line,
            line_words.story(line, arrivals.get(line.line_id, [])),
            line_words.late_words(line, as_of=shown.as_of),
            told.get(line.line_id, ()),
            _open_until(line),
        )
        for line in page.lines
    ]
    if state.export:
        return exported(_sheet(rows, head, shown), state.export)
    body = render_template(
        "overview/misses.html",
        head=head,
        shown=shown,
        state=state,
        pages=Pages(state, page.total),
        rows=rows,
        counts=counts,
        ticked=set(_ticked()),
        form=form,
        refusal=refusal,
        as_suggested=AS_SUGGESTED,
        cause_words=line_words.CAUSE_WORDS,
        codable=CODABLE,
    )
    return make_response(body, status)


HEADS = (
    ("order", "Order"), ("line", "Line"), ("schedule", "Schedule"), ("part", "Part"),
    ("due", "Due"), ("window_ends_on", "Window ends"), ("days_late", "Days late"),
    ("what_happened", "What happened"), ("points_to", "The dates point to"),
    ("evidence", "Because"), ("cause", "Coded as"), ("coded_until", "To be coded until"),
)  # fmt: skip


def _sheet(rows: list[MissRow], head: SupplierHead, shown: ShownPeriod) -> Sheet:
    about = f"Missed lines and their causes, {head.name}, {shown.words}"
    return Sheet("misses", HEADS, (_cells(row) for row in rows), about)


def _cells(row: MissRow) -> tuple[Cell, ...]:
    line, words = row.line, line_words.CAUSE_WORDS
    return (
        line.order_number, line.line_no, line.schedule_no, line.part_number, line.quantity_due,
        line.window_end_on, line.lateness_days, row.story,
        ", ".join(words[each.cause] for each in row.points_to) or None,
        " ".join(each.evidence for each in row.points_to) or None,
        words[line.cause] if line.cause else None, row.coded_until,
    )  # fmt: skip


def _open_until(line: OrderLine) -> date | None:
    if line.window_end_on is None:
        return None
    last = coding.coded_until(line.window_end_on)
    return last if clock.today() <= last else None


def _head(session: Session, public_id: UUID) -> SupplierHead:
    found = suppliers.supplier_by_public_id(session, public_id)
    return suppliers.head_of(session, found.effective_supplier_id or found.id)
