"""The pages of exercises: planned, noted when done, called off."""

from __future__ import annotations

from uuid import UUID

from flask import Response, make_response, render_template
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.web.access import requires
from app.judgement.continuity import exercising, queries, services, wording
from app.judgement.continuity.answering import done
from app.judgement.continuity.blueprint import EDIT, VIEW, blueprint
from app.judgement.continuity.exercise_forms import ExerciseForm, ResultForm
from app.judgement.continuity.forms import ReasonForm


@blueprint.get("/continuity/plans/<uuid:plan_id>/exercises/new")
@requires(EDIT)
def new_exercise(plan_id: UUID) -> Response:
    """Ask what is to be exercised."""
    return _new_page(plan_id, ExerciseForm(formdata=None))


@blueprint.post("/continuity/plans/<uuid:plan_id>/exercises/new")
@requires(EDIT)
def add_exercise(plan_id: UUID) -> Response:
    """Plan an exercise."""
    form = ExerciseForm()

    def act(session: Session) -> object:
        return exercising.plan_exercise(session, plan_id, form.said())

    def again(status: int) -> Response:
        return _new_page(plan_id, form, status)

    return done(form, act, again, "Planned. Note its result when it was done.", plan_id)


@blueprint.get("/continuity/plans/<uuid:plan_id>/exercises/<uuid:exercise_id>")
@requires(VIEW)
def exercise(plan_id: UUID, exercise_id: UUID) -> Response:
    """Show an exercise, and ask what it showed."""
    return _page(plan_id, exercise_id)


@blueprint.post("/continuity/plans/<uuid:plan_id>/exercises/<uuid:exercise_id>")
@requires(EDIT)
def note_result(plan_id: UUID, exercise_id: UUID) -> Response:
    """Note what an exercise showed."""
    form = ResultForm()

    def act(session: Session) -> object:
        return exercising.note_result(
            session, plan_id, exercise_id, form.said(), seen_version=form.seen_version
        )

    def again(status: int) -> Response:
        return _page(plan_id, exercise_id, result=form, status=status)

    return done(form, act, again, "The result is noted.", plan_id)


@blueprint.post("/continuity/plans/<uuid:plan_id>/exercises/<uuid:exercise_id>/call-off")
@requires(EDIT)
def call_off(plan_id: UUID, exercise_id: UUID) -> Response:
    """Call an exercise off."""
    form = ReasonForm()

    def act(session: Session) -> object:
        exercising.call_off(
            session,
            plan_id,
            exercise_id,
            reason=form.reason.data or "",
            seen_version=form.seen_version,
        )
        return None

    def again(status: int) -> Response:
        return _page(plan_id, exercise_id, off=form, status=status)

    return done(form, act, again, "Called off.", plan_id)


def _new_page(plan_id: UUID, form: ExerciseForm, status: int = 200) -> Response:
    with db.reading() as session:
        plan = services.plan_by_public_id(session, plan_id)
        owner = queries.owner_of(session, plan.supplier_id)
    page = render_template("continuity/new_exercise.html", plan=plan, owner=owner, form=form)
    return make_response(page, status)


def _page(
    plan_id: UUID,
    exercise_id: UUID,
    *,
    result: ResultForm | None = None,
    off: ReasonForm | None = None,
    status: int = 200,
) -> Response:
    with db.reading() as session:
        plan = services.plan_by_public_id(session, plan_id)
        owner = queries.owner_of(session, plan.supplier_id)
        found = exercising.exercise_of(session, plan, exercise_id)
    shown, off_form = result or ResultForm(formdata=None), off or ReasonForm(formdata=None)
    if result is None:
        shown.show(found, clock.today())
    if off is None:
        off_form.version.data = str(found.version)
    page = render_template(
        "continuity/exercise.html",
        plan=plan,
        owner=owner,
        exercise=found,
        form=shown,
        off_form=off_form,
        today=clock.today(),
        words=wording,
    )
    return make_response(page, status)
