"""The pages of failure modes: entered, edited, removed and put back; the library, the history."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.base import db
from app.base.errors import AppError
from app.base.formatting import count
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.base.web.exports import Cell, Sheet, exported
from app.base.web.lists import ListShape, Pages, read_list
from app.judgement.fmea import library as shelf
from app.judgement.fmea import mode_forms, modes, queries, wording
from app.judgement.fmea.blueprint import EDIT, REFUSALS, VIEW, blueprint, seen_version
from app.judgement.fmea.forms import ReasonForm
from app.judgement.fmea.models import Family, FmeaMode, FmeaRating, FmeaRegister, Measured
from app.judgement.fmea.queries import ModeSheet
from app.platform.audit import queries as audit
from app.platform.audit.services import ReasonNeeded

HISTORY = ListShape(sorts={"rated": True}, default="-rated")
Typed = Mapping[str, str]


@blueprint.get("/library")
@requires(VIEW)
def library() -> Response:
    """Show the library of failure modes."""
    return _library_page(None)


@blueprint.get("/<uuid:register_id>/library")
@requires(EDIT)
def choose(register_id: UUID) -> Response:
    """Show the library to choose from for a register."""
    return _library_page(register_id)


@blueprint.post("/<uuid:register_id>/library")
@requires(EDIT)
def copy(register_id: UUID) -> Response:
    """Copy chosen entries into a register; ratings stay empty."""
    keys = request.form.getlist("entry")
    with db.reading() as session:
        queries.register_to_change(session, register_id)
    if not keys:
        return _library_page(register_id, "Choose at least one entry.", 422)
    try:
        with db.transaction() as session:
            register = queries.register_to_change(session, register_id)
            copied = modes.copy_entries(session, register.id, shelf.chosen(keys))
    except REFUSALS as error:
        return _library_page(register_id, error.message, STATUS_OF_KIND[error.kind])
    flash(f"{count(len(copied), 'failure mode')} copied, unscored. Rate them next.")
    return make_response(redirect(url_for("fmea.show", register_id=register_id), 303))


@blueprint.get("/<uuid:register_id>/modes/new")
@requires(EDIT)
def new_mode(register_id: UUID) -> Response:
    """Ask for a failure mode."""
    with db.reading() as session:
        register = queries.register_by_public_id(session, register_id)
    return _mode_page(register, None, mode_forms.blank())


@blueprint.post("/<uuid:register_id>/modes/new")
@requires(EDIT)
def add_mode(register_id: UUID) -> Response:
    """Add a failure mode."""
    typed = request.form.to_dict()
    with db.reading() as session:
        register = queries.register_to_change(session, register_id)
    read = mode_forms.read_mode(typed)
    if read.said is None:
        return _mode_page(register, None, typed, errors=read.errors, status=422)
    try:
        with db.transaction() as session:
            modes.add_mode(session, register.id, read.said)
    except REFUSALS as error:
        return _mode_page(register, None, typed, problem=error)
    flash(f"“{read.said.name}” is added. It is unscored until its rows are rated.")
    return make_response(redirect(url_for("fmea.show", register_id=register_id), 303))


@blueprint.get("/<uuid:register_id>/modes/<uuid:mode_id>")
@requires(EDIT)
def edit_mode(register_id: UUID, mode_id: UUID) -> Response:
    """Show a failure mode as a form."""
    with db.reading() as session:
        register = queries.register_by_public_id(session, register_id)
        sheet = _sheet(session, register, mode_id)
    return _mode_page(register, sheet, mode_forms.typed_of(sheet))


@blueprint.post("/<uuid:register_id>/modes/<uuid:mode_id>")
@requires(EDIT)
def save_mode(register_id: UUID, mode_id: UUID) -> Response:
    """Store what a failure mode is to say."""
    typed = request.form.to_dict()
    with db.reading() as session:
        register = queries.register_to_change(session, register_id)
        sheet = _sheet(session, register, mode_id)
    read = mode_forms.read_mode(typed)
    if read.said is None:
        return _mode_page(register, sheet, typed, errors=read.errors, status=422)
    try:
        with db.transaction() as session:
            mode = session.get_one(FmeaMode, sheet.mode.id)
            reason = typed.get("reason", "")
            modes.edit_mode(session, mode, read.said, reason=reason, seen_version=seen_version())
    except ReasonNeeded as error:
        said = {"reason": error.message}
        return _mode_page(register, sheet, typed, errors=said, status=422)
    except REFUSALS as error:
        return _mode_page(register, sheet, typed, problem=error)
    flash("Saved.")
    return make_response(redirect(url_for("fmea.show", register_id=register_id), 303))


@blueprint.post("/<uuid:register_id>/modes/<uuid:mode_id>/remove")
@requires(EDIT)
def remove_mode(register_id: UUID, mode_id: UUID) -> Response:
    """Take a failure mode out of its register."""
    with db.reading() as session:
        register = queries.register_to_change(session, register_id)
        sheet = _sheet(session, register, mode_id)
    form, typed = ReasonForm(), mode_forms.typed_of(sheet)
    try:
        with db.transaction() as session:
            mode = session.get_one(FmeaMode, sheet.mode.id)
            modes.remove_mode(
                session, mode, reason=form.reason.data or "", seen_version=seen_version()
            )
    except ReasonNeeded as error:
        form.reason.errors = [error.message]
        return _mode_page(register, sheet, typed, removal=form, status=422)
    except REFUSALS as error:
        return _mode_page(register, sheet, typed, removal=form, problem=error)
    flash(f"“{sheet.mode.name}” is removed. Its history keeps it, and can put it back.")
    return make_response(redirect(url_for("fmea.show", register_id=register_id), 303))


@blueprint.post("/<uuid:register_id>/modes/<uuid:mode_id>/put-back")
@requires(EDIT)
def put_back_mode(register_id: UUID, mode_id: UUID) -> Response:
    """Put a removed failure mode back."""
    with db.transaction() as session:
        register = queries.register_to_change(session, register_id)
        mode = queries.mode_by_public_id(session, register, mode_id)
        modes.put_back_mode(session, mode)
    flash(f"“{mode.name}” stands in the register again.")
    return make_response(redirect(url_for("fmea.show", register_id=register_id), 303))


@blueprint.get("/<uuid:register_id>/history")
@requires(VIEW)
def history(register_id: UUID) -> Response:
    """Show every rating of a register that was ever given, and what was removed."""
    state = read_list(HISTORY)
    with db.reading() as session:
        register = queries.register_by_public_id(session, register_id)
        causes = {row[1].id: row for row in queries.causes_of_register(session, register.id)}
        ratings = queries.ratings_of(session, list(causes))
        # What came with an import or the demo company has no event of its own.
        events = audit.history_of(session, FmeaRegister.__tablename__, register.id, limit=1)
    if not state.is_falling:
        ratings.reverse()
    rows = [(each, *causes[each.cause_id]) for each in ratings]
    if state.export:
        cells = (_cells(rating, mode.name, cause.text) for rating, mode, cause in rows)
        return exported(Sheet("fmea-ratings", HEADS, cells, register.title), state.export)
    removed = {mode.id: mode for mode, _ in causes.values() if mode.removed_at is not None}
    return make_response(
        render_template(
            "fmea/history.html",
            register=register,
            is_logged=bool(events),
            state=state,
            pages=Pages(state, len(rows)),
            rows=rows[state.offset : state.offset + state.size],
            removed=list(removed.values()),
            is_open=register.closed_at is None,
            words=wording,
        )
    )


HEADS = [
    ("rated_at", "Rated at"), ("by", "By"), ("mode", "Failure mode"), ("cause", "Cause"),
    ("kind", "Kind"), ("severity", "S"), ("occurrence", "O"), ("detection", "D"), ("rpn", "RPN"),
    ("priority", "AP"), ("reason", "Reason"), ("evidence", "Evidence"),
]  # fmt: skip


def _cells(rating: FmeaRating, mode: str, cause: str) -> tuple[Cell, ...]:
    return (
        rating.rated_at, rating.rated_by, mode, cause, rating.kind, rating.severity,
        rating.occurrence, rating.detection, rating.rpn, rating.priority, rating.reason,
        rating.evidence,
    )  # fmt: skip


def _sheet(session: Session, register: FmeaRegister, mode_id: UUID) -> ModeSheet:
    mode = queries.mode_by_public_id(session, register, mode_id)
    return queries.mode_sheets(session, [mode])[0]


def _library_page(
    register_id: UUID | None, problem: str | None = None, status: int = 200
) -> Response:
    register, here = None, set()
    if register_id is not None:
        with db.reading() as session:
            register = queries.register_by_public_id(session, register_id)
            sheet = queries.register_sheet(session, register)
        here = {each.mode.library_key for each in sheet.modes}
    page = render_template(
        "fmea/library.html",
        entries=shelf.entries(),
        families=[(each, wording.FAMILY_WORDS[each]) for each in Family],
        register=register,
        here=here,
        problem=problem,
        words=wording,
    )
    return make_response(page, status)


def _mode_page(
    register: FmeaRegister,
    sheet: ModeSheet | None,
    typed: Typed,
    *,
    errors: Mapping[str, str] | None = None,
    problem: AppError | None = None,
    removal: ReasonForm | None = None,
    status: int = 200,
) -> Response:
    page = render_template(
        "fmea/mode.html",
        register=register,
        sheet=sheet,
        typed=typed,
        layout=mode_forms.layout(typed),
        errors=errors or {},
        problem=None if problem is None else problem.message,
        removal=removal or ReasonForm(formdata=None),
        families=[(str(each), wording.FAMILY_WORDS[each]) for each in Family],
        measured=[(str(each), wording.MEASURED_WORDS[each]) for each in Measured],
        version=request.form.get("version", "") or ("" if sheet is None else sheet.mode.version),
    )
    return make_response(page, status if problem is None else STATUS_OF_KIND[problem.kind])
