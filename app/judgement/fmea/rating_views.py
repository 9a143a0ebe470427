"""The page of one row: rated with the meaning of each number beside it, and its history."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.base import db
from app.base.errors import AppError, NotFound
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.calc.fmea_matrix import SCALE
from app.judgement.fmea import queries, rating, rating_forms, standards, wording
from app.judgement.fmea.blueprint import EDIT, REFUSALS, VIEW, blueprint, seen_version
from app.judgement.fmea.models import FmeaCause, FmeaRating, RatingKind
from app.judgement.fmea.queries import ModeSheet, RowSheet
from app.judgement.fmea.rating import Why
from app.platform.audit.services import ReasonNeeded

Typed = Mapping[str, str]


@blueprint.get("/<uuid:register_id>/rows/<uuid:cause_id>")
@requires(VIEW)
def row(register_id: UUID, cause_id: UUID) -> Response:
    """Show a row with its ratings, and the scales to rate it by."""
    return _page(register_id, cause_id)


@blueprint.post("/<uuid:register_id>/rows/<uuid:cause_id>")
@requires(EDIT)
def rate(register_id: UUID, cause_id: UUID) -> Response:
    """Rate a row as it is."""
    typed = request.form.to_dict()
    with db.reading() as session:
        queries.register_to_change(session, register_id)
        sheet, found = _row(session, register_id, cause_id)
    read = rating_forms.read_rating(typed, sheet, found)
    if read.given is None:
        return _page(register_id, cause_id, typed, errors=read.errors, status=422)
    why = Why(RatingKind.CURRENT, typed.get("reason"), typed.get("evidence"))
    try:
        with db.transaction() as session:
            cause = session.get_one(FmeaCause, found.cause.id)
            made = rating.rate(session, cause, read.given, why, seen_version=seen_version())
    except ReasonNeeded as error:
        said = {"reason": error.message}
        return _page(register_id, cause_id, typed, errors=said, status=422)
    except REFUSALS as error:
        return _page(register_id, cause_id, typed, problem=error)
    flash(_told(made, found.cause.id))
    return make_response(redirect(_place(register_id, cause_id), 303))


@blueprint.post("/<uuid:register_id>/rows/<uuid:cause_id>/inherent")
@requires(EDIT)
def rate_inherent(register_id: UUID, cause_id: UUID) -> Response:
    """Rate a row as it would be without our controls; the present rating stays."""
    typed = request.form.to_dict()
    with db.reading() as session:
        queries.register_to_change(session, register_id)
        _, found = _row(session, register_id, cause_id)
    scores, errors = rating_forms.read_scores(typed)
    if scores is None:
        return _page(register_id, cause_id, inherent=typed, errors=errors, status=422)
    why = Why(RatingKind.INHERENT, typed.get("inherent_reason"))
    try:
        with db.transaction() as session:
            cause = session.get_one(FmeaCause, found.cause.id)
            rating.rate_row(session, cause, scores, why, seen_version=seen_version())
    except ReasonNeeded as error:
        said = {"inherent_reason": error.message}
        return _page(register_id, cause_id, inherent=typed, errors=said, status=422)
    except REFUSALS as error:
        return _page(register_id, cause_id, inherent=typed, problem=error)
    flash("The inherent rating is kept beside the present one.")
    return make_response(redirect(_place(register_id, cause_id), 303))


def _place(register_id: UUID, cause_id: UUID) -> str:
    return url_for("fmea.row", register_id=register_id, cause_id=cause_id)


def _told(made: list[FmeaRating], cause_id: int) -> str:
    own = next((each for each in made if each.cause_id == cause_id), None)
    others = len(made) - (own is not None)
    more = f" Other rows of the mode moved with its severity: {others}." if others else ""
    if own is None:
        return f"Nothing changed in this row.{more}"
    if own.priority is None:
        return f"Kept. The row is unscored until S, O and D are all given.{more}"
    return f"Rated: priority {own.priority}, RPN {own.rpn}.{more}"


def _row(session: Session, register_id: UUID, cause_id: UUID) -> tuple[ModeSheet, RowSheet]:
    register = queries.register_by_public_id(session, register_id)
    mode, cause = queries.cause_by_public_id(session, register, cause_id)
    sheet = queries.mode_sheets(session, [mode])[0]
    for each in sheet.rows:
        if each.cause.id == cause.id:
            return sheet, each
    raise NotFound("E-FME-04", "This row was removed; the register’s history keeps its ratings.")


def _page(
    register_id: UUID,
    cause_id: UUID,
    typed: Typed | None = None,
    *,
    inherent: Typed | None = None,
    errors: Mapping[str, str] | None = None,
    problem: AppError | None = None,
    status: int = 200,
) -> Response:
    with db.reading() as session:
        register = queries.register_by_public_id(session, register_id)
        sheet, found = _row(session, register_id, cause_id)
        ratings = queries.ratings_of(session, [found.cause.id])
        scales = standards.in_force(session, standards.SCALES, register.scale_name)
        matrix = standards.in_force(session, standards.MATRIX, standards.MATRIX_NAME)
    board = rating_forms.board(sheet, found, typed)
    said = typed or inherent or {}
    page = render_template(
        "fmea/row.html",
        register=register,
        sheet=sheet,
        row=found,
        ratings=ratings,
        scales=scales,
        meanings=standards.scales_of(scales.content),
        matrix=matrix,
        board=board,
        sections=[
            ("severity", board.severity),
            ("occurrence", board.occurrence),
            ("detection", board.detection),
        ],
        numbers=list(reversed(SCALE)),
        typed=typed or {},
        inherent=inherent or {},
        errors=errors or {},
        problem=None if problem is None else problem.message,
        needs_reason=rating.needs_reason(register),
        is_open=register.closed_at is None and sheet.mode.removed_at is None,
        version=said.get("version") or sheet.mode.version,
        words=wording,
    )
    return make_response(page, status if problem is None else STATUS_OF_KIND[problem.kind])
