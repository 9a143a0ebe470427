"""The list of everybody's readiness, new plans, and questions to a supplier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template, url_for
from sqlalchemy.orm import Session

from app.base import clock, db, formatting
from app.base.errors import AppError, NotFound
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.base.web.exports import Sheet, exported
from app.base.web.lists import Filter, ListShape, ListState, Pages, read_list
from app.facts.suppliers import directory
from app.judgement.continuity import (
    contact_views,
    exercise_views,
    exercising,
    plan_views,
    portfolio,
    queries,
    services,
    wording,
)
from app.judgement.continuity.answering import files_shown, shelf
from app.judgement.continuity.blueprint import EDIT, VIEW, blueprint
from app.judgement.continuity.exercise_forms import AnswerForm, AskForm
from app.judgement.continuity.forms import OpenForm, given
from app.judgement.continuity.portfolio import PortfolioRow
from app.judgement.continuity.readiness import QUESTION
from app.platform.records import services as records
from app.platform.records.media import KINDS
from app.platform.records.services import Upload

__all__ = ["blueprint", "contact_views", "exercise_views", "plan_views"]

ANSWER_DAYS = 30
NOT_KNOWN = "unknown"
BAND_WORDS = {str(key): words for key, (_, words) in wording.BANDS.items()}
BAND_WORDS[NOT_KNOWN] = "not known"
SHAPE = ListShape(
    sorts={"name": False, "readiness": False, "review": False, "exercise": False},
    default="readiness",
    filters=(
        Filter(
            "band",
            "Readiness",
            BAND_WORDS,
        ),
        Filter("gap", "Gap", {"any": "something is missing", "none": "nothing is missing"}),
    ),
)
# What the list is sorted by, None where nobody knows; that stands last either way.
SORTS: dict[str, Callable[[PortfolioRow], Any]] = {  # Any: of one type each
    "name": lambda row: row.name.lower(),
    "readiness": lambda row: row.readiness.points,
    "review": lambda row: row.review_on,
    "exercise": lambda row: row.exercise_on,
}


@blueprint.get("/continuity/")
@requires(VIEW)
def index() -> Response:
    """List the readiness of all suppliers within reach."""
    state, today = read_list(SHAPE), clock.today()
    with db.reading() as session:
        found = portfolio.portfolio(session, today)
        sees_all = db.actor_of(session).reads.is_everything
        rows = _wanted(session, found, state, today)
        shown = rows[state.offset : state.offset + state.size]
        if not state.values("gap") and not state.export:
            shown = portfolio.with_gaps(session, shown, today)
    if state.export:
        return exported(_sheet(rows), state.export)
    page = render_template(
        "continuity/index.html",
        state=state,
        pages=Pages(state, len(rows)),
        rows=shown,
        tally=Counter(_band(row) for row in found),
        words=wording,
        today=today,
        sees_all=sees_all,
    )
    return make_response(page)


def _wanted(
    session: Session, found: list[PortfolioRow], state: ListState, today: date
) -> list[PortfolioRow]:
    """Return the rows that are asked for, with their gaps where these are asked for or sent out."""
    bands, gaps, text = state.values("band"), state.values("gap"), state.search.lower()
    rows = [
        row
        for row in found
        if (not bands or _band(row) in bands)
        and (not text or text in f"{row.name} {row.number}".lower())
    ]
    if gaps or state.export:
        rows = portfolio.with_gaps(session, rows, today)
    if gaps:
        rows = [row for row in rows if ("any" if row.gaps else "none") in gaps]
    return _sorted(rows, state)


def _sorted(rows: list[PortfolioRow], state: ListState) -> list[PortfolioRow]:
    """Return rows in the order that is asked for; they come by name."""
    key = SORTS[state.sort]
    known = [row for row in rows if key(row) is not None]
    known.sort(key=key, reverse=state.is_falling)
    return known + [row for row in rows if key(row) is None]


@blueprint.get("/suppliers/<uuid:public_id>/continuity/new")
@requires(EDIT)
def new(public_id: UUID) -> Response:
    """Ask what the plan is about."""
    form = OpenForm(formdata=None)
    with db.reading() as session:
        form.title.data = (
            f"Continuity plan of {directory.head_by_public_id(session, public_id).name}"
        )
    return _new_page(public_id, form)


@blueprint.post("/suppliers/<uuid:public_id>/continuity/new")
@requires(EDIT)
def open_plan(public_id: UUID) -> Response:
    """Open a plan with an empty draft."""
    form = OpenForm()
    if not form.validate():
        return _new_page(public_id, form, 422)
    try:
        with db.transaction() as session:
            head = directory.head_by_public_id(session, public_id)
            plan = services.open_plan(session, head.id, form.said())
    except NotFound:
        raise
    except AppError as error:
        form.form_errors.append(error.message)
        return _new_page(public_id, form, STATUS_OF_KIND[error.kind])
    flash(f"{plan.number} is open. Write down what the supplier’s plan says.")
    return make_response(redirect(url_for("continuity.edit", plan_id=plan.public_id), 303))


@blueprint.get("/suppliers/<uuid:public_id>/continuity/ask")
@requires(EDIT)
def ask(public_id: UUID) -> Response:
    """Ask what a supplier is to be asked."""
    form, today = AskForm(formdata=None), clock.today()
    form.topics.data = list(wording.TOPICS)
    form.asked_on.data, form.due_on.data = today, today + timedelta(days=ANSWER_DAYS)
    return _ask_page(public_id, form)


@blueprint.post("/suppliers/<uuid:public_id>/continuity/ask")
@requires(EDIT)
def send_questions(public_id: UUID) -> Response:
    """Note what a supplier was asked."""
    form = AskForm()
    if not form.validate():
        return _ask_page(public_id, form, 422)
    try:
        with db.transaction() as session:
            head = directory.head_by_public_id(session, public_id)
            made = exercising.ask(
                session,
                head.id,
                form.chosen,
                asked_on=given(form.asked_on.data),
                due_on=given(form.due_on.data),
            )
    except NotFound:
        raise
    except AppError as error:
        form.form_errors.append(error.message)
        return _ask_page(public_id, form, STATUS_OF_KIND[error.kind])
    flash(f"{len(made)} noted as asked. Enter what the supplier answers.")
    return _to_supplier(public_id)


@blueprint.get("/continuity/questions/<uuid:question_id>")
@requires(VIEW)
def question(question_id: UUID) -> Response:
    """Show a question, its answer and the documents that prove it."""
    form = AnswerForm(formdata=None)
    with db.reading() as session:
        form.show(exercising.question_by_public_id(session, question_id), clock.today())
    return _question_page(question_id, form)


@blueprint.post("/continuity/questions/<uuid:question_id>")
@requires(EDIT, takes_file=True)
def answer(question_id: UUID) -> Response:
    """Enter an answer, with a document where there is one."""
    form = AnswerForm()
    if not form.validate() or not _is_evidence(form):
        return _question_page(question_id, form, 422)
    try:
        upload = _upload(form)
        with db.transaction() as session:
            if upload is not None:
                records.check_quota(session, shelf=shelf())
            made = exercising.enter_answer(
                session, question_id, form.said(), seen_version=form.seen_version
            )
            key, supplier_id = made.id, made.supplier_id
            public_id = queries.owner_of(session, supplier_id)[0]
    except NotFound:
        raise
    except AppError as error:
        form.form_errors.append(error.message)
        return _question_page(question_id, form, STATUS_OF_KIND[error.kind])
    flash("The answer is entered.")
    if upload is not None:
        _keep(upload, key, supplier_id, form.evidence_on.data)
    return _to_supplier(public_id)


def _is_evidence(form: AnswerForm) -> bool:
    """Tell whether document and date go together, beside the field where they don't."""
    day = form.evidence_on.data
    if day is None:
        return True
    if day > clock.today():
        form.evidence_on.errors = [f"{formatting.day(day)} lies ahead; give the day it was true."]
    elif not getattr(form.file.data, "filename", ""):
        form.file.errors = ["Choose the document that this is the date of."]
    return not (form.evidence_on.errors or form.file.errors)


def _keep(upload: Upload, key: int, supplier_id: int, evidence_on: date | None) -> None:
    """Store the document of an answer; where it can't be, the answer stands and says so."""
    try:
        records.attach(
            upload,
            entity=QUESTION,
            entity_id=key,
            supplier_id=supplier_id,
            evidence_on=evidence_on,
            shelf=shelf(),
        )
    except AppError as error:
        flash(f"The answer is entered, its document was not stored: {error.message}")


def _upload(form: AnswerForm) -> Upload | None:
    file = form.file.data
    if file is None or not getattr(file, "filename", ""):
        return None
    return records.examine(file.filename, file.read(), shelf=shelf())


def _to_supplier(public_id: UUID) -> Response:
    there = url_for("overview.supplier_continuity", public_id=public_id)
    return make_response(redirect(there, 303))


def _new_page(public_id: UUID, form: OpenForm, status: int = 200) -> Response:
    with db.reading() as session:
        head = directory.head_by_public_id(session, public_id)
        form.offer(
            queries.sites_of(session, head.id),
            queries.families_of(session, head.id, clock.today()),
        )
    return make_response(render_template("continuity/new.html", head=head, form=form), status)


def _ask_page(public_id: UUID, form: AskForm, status: int = 200) -> Response:
    with db.reading() as session:
        head = directory.head_by_public_id(session, public_id)
    return make_response(render_template("continuity/ask.html", head=head, form=form), status)


def _question_page(question_id: UUID, form: AnswerForm, status: int = 200) -> Response:
    with db.reading() as session:
        found = exercising.question_by_public_id(session, question_id)
        public_id, name = queries.owner_of(session, found.supplier_id)
        files = files_shown(session, QUESTION, found.id)
    page = render_template(
        "continuity/question.html",
        question=found,
        supplier_id=public_id,
        supplier_name=name,
        form=form,
        files=files,
        accepted=",".join(f".{kind}" for kind in KINDS),
        words=wording,
    )
    return make_response(page, status)


def _band(row: PortfolioRow) -> str:
    return NOT_KNOWN if row.readiness.band is None else str(row.readiness.band)


def _sheet(rows: Iterable[PortfolioRow]) -> Sheet:
    heads = [
        ("number", "Number"), ("supplier", "Supplier"), ("readiness", "Readiness"),
        ("at_most", "At most"), ("band", "Band"), ("plan", "Plan"),
        ("approval_until", "Approval holds until"), ("review", "Next review"),
        ("exercised", "Last exercised"), ("exercise", "Next exercise"), ("gaps", "Gaps"),
    ]  # fmt: skip
    cells = (
        (
            row.number, row.name, row.readiness.points, row.readiness.upper,
            wording.band_badge(row.readiness)[1],
            None if row.plan is None else row.plan.number,
            None if row.plan is None else row.plan.holds_until,
            row.review_on, row.exercised_on, row.exercise_on, "; ".join(row.gaps),
        )
        for row in rows
    )  # fmt: skip
    return Sheet("continuity-plans", heads, cells, "Continuity plans")
