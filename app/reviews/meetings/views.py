"""The pages of risk meetings: planned, held with their agenda, minutes, what is owed."""

from __future__ import annotations

from itertools import groupby
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.errors import AppError
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.platform.audit.acted import Act, acted
from app.reviews.meetings import agenda, queries, services, wording
from app.reviews.meetings.agenda import Point
from app.reviews.meetings.forms import (
    CommitmentForm,
    DecisionForm,
    MinutesForm,
    NoteForm,
    PlanForm,
    SettleForm,
)
from app.reviews.meetings.models import CommitmentState
from app.reviews.meetings.queries import FrozenPoint, Meeting
from app.reviews.meetings.sources import SOURCES

blueprint = Blueprint("meetings", __name__, url_prefix="/meetings")

VIEW, EDIT = "suppliers.view", "meetings.edit"


@blueprint.get("/")
@requires(VIEW)
def index() -> Response:
    """List the meetings and what is still owed."""
    return _index_page(None)


@blueprint.post("/")
@requires(EDIT)
def plan() -> Response:
    """Plan a meeting."""
    form = PlanForm()
    if not form.validate():
        return _index_page(form, 422)
    try:
        with db.transaction() as session:
            made = services.plan(
                session,
                planned_on=form.planned_on.data or clock.today(),
                title=form.title.data or "",
                chair=form.chair.data or "",
            )
            there = made.public_id
    except AppError as error:
        form.form_errors.append(error.message)
        return _index_page(form, STATUS_OF_KIND[error.kind])
    flash("Planned. Its agenda lives until it is held.")
    return _to(there)


@blueprint.get("/<uuid:public_id>")
@requires(VIEW)
def show(public_id: UUID) -> Response:
    """Show a meeting: its agenda as it is now, or as it was frozen, and the minutes."""
    return _page(public_id)


@blueprint.post("/<uuid:public_id>/hold")
@requires(EDIT)
def hold(public_id: UUID) -> Response:
    """Begin a meeting; its agenda is frozen."""

    def act(session: Session) -> str:
        span = queries.span_of(session, clock.today())
        points = agenda.agenda_of(session, span, SOURCES)
        services.hold(session, public_id, points)
        return "Held. The agenda is frozen as it was now; write the minutes."

    return _acted(public_id, act)


@blueprint.post("/<uuid:public_id>/discard")
@requires(EDIT)
def discard(public_id: UUID) -> Response:
    """Take away a meeting that was only planned."""
    with db.transaction() as session:
        services.discard(session, public_id)
    flash("The meeting is off the list; it can be planned again.")
    return make_response(redirect(url_for("meetings.index"), 303))


@blueprint.post("/<uuid:public_id>/close")
@requires(EDIT)
def close(public_id: UUID) -> Response:
    """End the minutes."""

    def act(session: Session) -> str:
        services.close(session, public_id)
        return "Closed. Only what is still owed goes on."

    return _acted(public_id, act)


@blueprint.post("/<uuid:public_id>/minutes")
@requires(EDIT)
def minutes(public_id: UUID) -> Response:
    """Write the minutes and who was there."""
    form = MinutesForm()

    def act(session: Session) -> str:
        services.write_minutes(
            session,
            public_id,
            minutes=form.minutes.data or "",
            attendees=form.people(),
            seen_version=form.seen_version,
        )
        return "Written."

    return _acted(public_id, act, form)


@blueprint.post("/<uuid:public_id>/points/<uuid:point_id>")
@requires(EDIT)
def note(public_id: UUID, point_id: UUID) -> Response:
    """Write down what was said to a point."""
    form = NoteForm()

    def act(session: Session) -> str:
        services.note_point(
            session,
            public_id,
            point_id,
            note=form.note.data or "",
            seen_version=form.seen_version,
        )
        return "Noted."

    return _acted(public_id, act, form, point_id)


@blueprint.post("/<uuid:public_id>/decisions")
@requires(EDIT)
def decide(public_id: UUID) -> Response:
    """Write down a decision."""
    form = DecisionForm()
    _offer(public_id, form)

    def act(session: Session) -> str:
        services.decide(session, public_id, said=form.said.data or "", about=form.point_id)
        return "Decided."

    return _acted(public_id, act, form)


@blueprint.post("/<uuid:public_id>/commitments")
@requires(EDIT)
def commit(public_id: UUID) -> Response:
    """Write down what somebody promised."""
    form = CommitmentForm()
    _offer(public_id, form)

    def act(session: Session) -> str:
        services.commit(
            session,
            public_id,
            what=form.what.data or "",
            owner=form.owner.data or "",
            due_on=form.due_on.data or clock.today(),
            about=form.point_id,
        )
        return "Noted; it stands on the next agenda until it is done."

    return _acted(public_id, act, form)


@blueprint.post("/<uuid:public_id>/commitments/<uuid:commitment_id>")
@requires(EDIT)
def settle(public_id: UUID, commitment_id: UUID) -> Response:
    """Say what came of a commitment."""
    form = SettleForm()

    def act(session: Session) -> str:
        services.settle(
            session,
            public_id,
            commitment_id,
            state=CommitmentState(form.state.data),
            reason=form.reason.data or "",
            seen_version=form.seen_version,
        )
        return "Noted."

    return _acted(public_id, act, form, commitment_id)


def _acted(
    public_id: UUID,
    act: Act,
    form: FlaskForm | None = None,
    about: UUID | None = None,
) -> Response:
    """Do something with a meeting, or show its page again with what is wrong."""
    return acted(
        act,
        form,
        again=lambda status: _page(public_id, form, about, status=status),
        there=url_for("meetings.show", public_id=public_id),
    )


def _offer(public_id: UUID, form: DecisionForm | CommitmentForm) -> None:
    with db.reading() as session:
        form.offer(queries.meeting(session, public_id).points)


def _to(public_id: UUID) -> Response:
    return make_response(redirect(url_for("meetings.show", public_id=public_id), 303))


def _index_page(form: PlanForm | None, status: int = 200) -> Response:
    with db.reading() as session:
        rows = queries.meeting_rows(session)
        owed = queries.open_commitments(session)
    if form is None:
        form = PlanForm(formdata=None)
        form.title.data = "Monthly risk meeting"
    page = render_template(
        "meetings/index.html",
        rows=rows,
        owed=owed,
        form=form,
        today=clock.today(),
        words=wording,
    )
    return make_response(page, status)


def _page(
    public_id: UUID, form: FlaskForm | None = None, about: UUID | None = None, *, status: int = 200
) -> Response:
    with db.reading() as session:
        found = queries.meeting(session, public_id)
        span = queries.span_of(session, found.planned_on)
        live = agenda.agenda_of(session, span, SOURCES) if found.is_planned else []
    points: list[Point] | list[FrozenPoint] = live if found.is_planned else list(found.points)
    page = render_template(
        "meetings/show.html",
        meeting=found,
        span=span,
        sections=[(key, list(own)) for key, own in groupby(points, key=lambda each: each.section)],
        count_of_points=len(points),
        today=clock.today(),
        words=wording,
        form=form,
        about=about,
        **_forms(form, found),
    )
    return make_response(page, status)


def _forms(form: FlaskForm | None, found: Meeting) -> dict[str, FlaskForm]:
    """Return the forms of the page: the one that was sent as it was typed, the others fresh."""
    written = form if isinstance(form, MinutesForm) else MinutesForm(formdata=None)
    if written is not form:
        written.version.data, written.minutes.data = str(found.version), found.minutes
        lines = (f"{name}, {part}" if part else name for name, part in found.attendees)
        written.attendees.data = "\n".join(lines)
    decision = form if isinstance(form, DecisionForm) else DecisionForm(formdata=None)
    commitment = form if isinstance(form, CommitmentForm) else CommitmentForm(formdata=None)
    decision.offer(found.points)
    commitment.offer(found.points)
    return {
        "minutes_form": written,
        "decision_form": decision,
        "commitment_form": commitment,
        "note_form": form if isinstance(form, NoteForm) else NoteForm(formdata=None),
        "settle_form": form if isinstance(form, SettleForm) else SettleForm(formdata=None),
    }
