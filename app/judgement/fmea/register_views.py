"""The pages of registers: the list, one with its worksheet, opened, submitted, closed."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs

from app.base import clock, db
from app.base.errors import NotFound
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.base.web.exports import Sheet, exported
from app.base.web.lists import FORMATS, BadQuery, Filter, ListShape, ListState, Pages, read_list
from app.calc.fmea_matrix import Priority
from app.facts.suppliers.directory import head_by_public_id
from app.judgement.fmea import (
    pictures,
    queries,
    rating,
    services,
    standards,
    wording,
    worksheet,
)
from app.judgement.fmea.blueprint import EDIT, REFUSALS, VIEW, blueprint, seen_version
from app.judgement.fmea.forms import ReasonForm, RegisterForm
from app.judgement.fmea.models import FmeaRegister, Subject
from app.judgement.fmea.queries import RegisterRow, RegisterState
from app.platform.audit.services import ReasonNeeded

SHAPE = ListShape(
    sorts={"number": True, "title": False, "priority": True, "review": False, "owner": False},
    default="-priority",
    filters=(
        Filter("ap", "Worst priority", {**{str(each): str(each) for each in Priority},
                                        "none": wording.UNSCORED}),
        Filter("state", "State", {str(each): wording.STATE_BADGES[each][1]
                                  for each in RegisterState}),
        Filter("about", "About", {str(each): wording.SUBJECT_WORDS[each] for each in Subject}),
        Filter("due", "Review", {"overdue": "overdue"}),
    ),
)  # fmt: skip
Act = Callable[[Session, FmeaRegister], object]


@blueprint.get("/")
@requires(VIEW)
def index() -> Response:
    """List the registers within reach."""
    state = read_list(SHAPE)
    with db.reading() as session:
        rows = _listed(queries.register_rows(session), state)
    if state.export:
        return exported(_sheet(rows), state.export)
    return make_response(
        render_template(
            "fmea/index.html",
            state=state,
            pages=Pages(state, len(rows)),
            rows=rows[state.offset : state.offset + state.size],
            words=wording,
            today=clock.today(),
        )
    )


@blueprint.get("/new")
@requires(EDIT)
def new() -> Response:
    """Ask what a register is to be about."""
    form = _register_form(formdata=None)
    asked = request.args.get("supplier", "")
    if asked:
        with db.reading() as session:
            head = head_by_public_id(session, _uuid(asked))
        form.supplier.data, form.title.data = head.number, f"Supply from {head.name}"
    return _form_page(form)


@blueprint.post("/new")
@requires(EDIT)
def open_register() -> Response:
    """Open a register."""
    form = _register_form()
    if not form.validate():
        return _form_page(form, status=422)
    try:
        with db.transaction() as session:
            register = services.open_register(session, form.said())
            number, key = register.number, register.public_id
    except REFUSALS as error:
        form.form_errors.append(error.message)
        return _form_page(form, status=STATUS_OF_KIND[error.kind])
    flash(f"{number} is open. Start from the library, or add a failure mode of your own.")
    return _to(key)


@blueprint.get("/<uuid:register_id>")
@requires(VIEW)
def show(register_id: UUID) -> Response:
    """Show a register: its worksheet, where its rows stand, its approval."""
    return _show_page(register_id)


@blueprint.get("/<uuid:register_id>/edit")
@requires(EDIT)
def edit(register_id: UUID) -> Response:
    """Show a register's own fields as a form."""
    form = _register_form(formdata=None)
    with db.reading() as session:
        register = queries.register_by_public_id(session, register_id)
    for name in ("subject", "title", "owner", "review_on", "scale_name", "note", "version"):
        form[name].data = getattr(register, name)
    return _form_page(form, register)


@blueprint.post("/<uuid:register_id>/edit")
@requires(EDIT)
def amend(register_id: UUID) -> Response:
    """Change a register's own fields."""
    form = _register_form()
    with db.reading() as session:
        register = queries.register_to_change(session, register_id)
    form.subject.data = register.subject
    if not form.validate():
        return _form_page(form, register, status=422)
    try:
        with db.transaction() as session:
            found = queries.register_to_change(session, register_id)
            services.amend_register(session, found.id, form.said(), seen_version=seen_version())
    except REFUSALS as error:
        form.form_errors.append(error.message)
        return _form_page(form, register, status=STATUS_OF_KIND[error.kind])
    flash("Changed.")
    return _to(register_id)


@blueprint.post("/<uuid:register_id>/submit")
@requires(EDIT)
def submit(register_id: UUID) -> Response:
    """Submit a register for approval by somebody else."""
    form = ReasonForm()
    told = "Submitted. Whoever wrote in it does not decide; any change takes it back."

    def act(session: Session, register: FmeaRegister) -> object:
        return services.submit(
            session, register.id, reason=form.reason.data or "", seen_version=seen_version()
        )

    return _done(register_id, form, act, told, "submission")


@blueprint.post("/<uuid:register_id>/withdraw")
@requires(EDIT)
def withdraw(register_id: UUID) -> Response:
    """Take a submission back."""
    form = ReasonForm()
    return _done(
        register_id,
        form,
        lambda session, register: services.withdraw(session, register.id),
        "Withdrawn. Nothing of it was approved.",
        "submission",
    )


@blueprint.post("/<uuid:register_id>/rejudge")
@requires(EDIT)
def rejudge(register_id: UUID) -> Response:
    """Rate every row again by the matrix and scales in force."""
    form = ReasonForm()

    def act(session: Session, register: FmeaRegister) -> object:
        return rating.rejudge(session, register.id, reason=form.reason.data or "")

    return _done(register_id, form, act, "Rated again. What was rated before stays.", "rejudging")


@blueprint.post("/<uuid:register_id>/close")
@requires(EDIT)
def close(register_id: UUID) -> Response:
    """Close a register."""
    form = ReasonForm()

    def act(session: Session, register: FmeaRegister) -> object:
        services.close_register(session, register.id, reason=form.reason.data or "")
        return None

    return _done(register_id, form, act, "Closed. It stays readable.", "closing")


@blueprint.get("/<uuid:register_id>/worksheet")
@requires(VIEW)
def export(register_id: UUID) -> Response:
    """Return a register's worksheet as a file, in the columns that can be imported again."""
    kind = request.args.get("format", "xlsx")
    if kind not in FORMATS:
        raise BadQuery("E-API-03", f"Unknown format. Allowed: {', '.join(FORMATS)}.")
    with db.reading() as session:
        register = queries.register_by_public_id(session, register_id)
        return exported(worksheet.sheet_of(queries.register_sheet(session, register)), kind)


def _done(register_id: UUID, form: ReasonForm, act: Act, told: str, which: str) -> Response:
    """Do something with a register, or show its page again with what is wrong."""
    if not form.validate():
        return _show_page(register_id, {which: form}, 422)
    try:
        with db.transaction() as session:
            act(session, queries.register_to_change(session, register_id))
    except ReasonNeeded as error:
        form.reason.errors = [error.message]
        return _show_page(register_id, {which: form}, 422)
    except REFUSALS as error:
        form.form_errors.append(error.message)
        return _show_page(register_id, {which: form}, STATUS_OF_KIND[error.kind])
    flash(told)
    return _to(register_id)


def _to(register_id: UUID) -> Response:
    return make_response(redirect(url_for("fmea.show", register_id=register_id), 303))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound("E-SUP-01", "There is no such supplier.") from error


def _register_form(**options: None) -> RegisterForm:
    form = RegisterForm(**options)
    with db.reading() as session:
        names = standards.names(session, standards.SCALES)
    form.scale_name.choices = [SelectChoice(name, name) for name in names]
    return form


def _form_page(
    form: RegisterForm, register: FmeaRegister | None = None, *, status: int = 200
) -> Response:
    page = render_template("fmea/register_form.html", form=form, register=register)
    return make_response(page, status)


def _show_page(
    register_id: UUID, forms: dict[str, ReasonForm] | None = None, status: int = 200
) -> Response:
    given = forms or {}
    with db.reading() as session:
        register = queries.register_by_public_id(session, register_id)
        sheet = queries.register_sheet(session, register)
        waiting = queries.waiting_for(session, register)
        matrix = standards.in_force(session, standards.MATRIX, standards.MATRIX_NAME)
    blank = {name: ReasonForm(formdata=None) for name in ("submission", "rejudging", "closing")}
    outdated = sum(
        row.rating is not None and row.rating.matrix_id != matrix.id
        for mode in sheet.modes
        for row in mode.rows
    )
    page = render_template(
        "fmea/show.html",
        register=register,
        sheet=sheet,
        state=queries.state_of(register),
        waiting=waiting,
        matrix=matrix,
        outdated=outdated,
        grid=pictures.risk_grid(sheet),
        words=wording,
        today=clock.today(),
        **{**blank, **given},
    )
    return make_response(page, status)


def _listed(rows: list[RegisterRow], state: ListState) -> list[RegisterRow]:
    today, asked = clock.today(), state.search.casefold()

    def urgency(row: RegisterRow) -> tuple[int, int, int, int]:
        worst = row.tally.worst
        first = -1 if worst is None else worst.urgency
        return (first, row.tally.high, row.tally.medium, row.tally.unscored)

    keys: dict[str, Callable[[RegisterRow], object]] = {
        "number": lambda row: row.register.id,
        "title": lambda row: row.register.title.casefold(),
        "priority": urgency,
        "review": lambda row: (row.register.review_on is None, row.register.review_on or today),
        "owner": lambda row: (row.register.owner or "").casefold(),
    }
    kept = [
        row
        for row in rows
        if _fits(state.values("ap"), row.tally.worst or "none")
        and _fits(state.values("state"), row.state)
        and _fits(state.values("about"), row.register.subject)
        and (not state.values("due") or row.is_overdue(today))
        and asked in _text_of(row)
    ]
    return sorted(kept, key=keys[state.sort], reverse=state.is_falling)  # type: ignore[arg-type] # each key is of one type


def _fits(chosen: tuple[str, ...], value: str) -> bool:
    return not chosen or value in chosen


def _text_of(row: RegisterRow) -> str:
    register = row.register
    return f"{register.number} {register.title} {row.place.words} {register.owner}".casefold()


def _sheet(rows: list[RegisterRow]) -> Sheet:
    heads = [
        ("number", "Number"), ("title", "Title"), ("about", "About"), ("worst", "Worst priority"),
        ("high", "H"), ("medium", "M"), ("low", "L"), ("unscored", "Unscored"),
        ("owner", "Owner"), ("review_on", "Next review"), ("state", "State"),
    ]  # fmt: skip
    cells = (
        (
            row.register.number, row.register.title, row.place.words,
            None if row.tally.worst is None else str(row.tally.worst),
            row.tally.high, row.tally.medium, row.tally.low, row.tally.unscored,
            row.register.owner, row.register.review_on, wording.STATE_BADGES[row.state][1],
        )
        for row in rows
    )  # fmt: skip
    return Sheet("fmea-registers", heads, cells, "FMEA registers")
