"""The pages of corrective actions: the list, one with its steps, and what is done with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.errors import Conflict, Forbidden, InvalidInput
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.base.web.exports import Sheet, exported
from app.base.web.lists import Filter, ListShape, Pages, read_list
from app.calc.corrective import Severity, Step, StepState
from app.facts.deliveries.period_reads import members
from app.facts.suppliers.directory import head_by_public_id
from app.judgement.corrective import queries, services, wording
from app.judgement.corrective.forms import (
    AnswerForm,
    DecisionForm,
    DueForm,
    ProblemForm,
    WithdrawForm,
)
from app.judgement.corrective.models import ActionState, CorrectiveAction
from app.judgement.corrective.queries import ActionRow, Wanted
from app.platform.approvals.kinds import ObjectRef
from app.platform.approvals.queries import waiting_for
from app.platform.audit.services import ReasonNeeded

blueprint = Blueprint("corrective", __name__)

VIEW, EDIT, DECIDE = "suppliers.view", "scars.edit", "scars.decide"
ASKED = "It is critical: another person decides whether it is withdrawn. It counts until then."
REFUSALS = (Conflict, Forbidden, InvalidInput)
SHAPE = ListShape(
    sorts={"issued": True, "supplier": False, "severity": False},
    default="-issued",
    filters=(
        Filter("state", "State", {str(each): str(each) for each in ActionState}),
        Filter("severity", "Severity", {str(each): str(each) for each in Severity}),
        Filter("next", "Next step", {"overdue": "overdue", "answered": "waits for a decision"}),
    ),
)
Act = Callable[[Session, CorrectiveAction], object]
Where = Callable[[UUID, UUID], Response]


@blueprint.get("/scars/")
@requires(VIEW)
def index() -> Response:
    """List the corrective actions of all suppliers within reach."""
    state, moment = read_list(SHAPE), clock.now()
    wanted = Wanted(
        states=state.values("state"),
        severities=state.values("severity"),
        next_states=state.values("next"),
    )
    with db.reading() as session:
        if state.export:
            every = queries.action_rows(
                session, wanted, moment=moment, sort=state.sort, is_falling=state.is_falling
            )
            return exported(_sheet(every), state.export)
        rows, total = queries.actions_page(
            session,
            wanted,
            moment=moment,
            sort=state.sort,
            is_falling=state.is_falling,
            limit=state.size,
            offset=state.offset,
        )
    page = render_template(
        "corrective/index.html", state=state, pages=Pages(state, total), rows=rows, words=wording
    )
    return make_response(page)


@blueprint.get("/suppliers/<uuid:public_id>/scars/new")
@requires(EDIT)
def new(public_id: UUID) -> Response:
    """Ask what went wrong."""
    return _new_page(public_id, ProblemForm(formdata=None))


@blueprint.post("/suppliers/<uuid:public_id>/scars/new")
@requires(EDIT)
def open_action(public_id: UUID) -> Response:
    """Open a request; its clocks start."""
    form = ProblemForm()
    if not form.validate():
        return _new_page(public_id, form, 422)
    try:
        with db.transaction() as session:
            action = services.open_action(
                session, head_by_public_id(session, public_id).id, form.said()
            )
    except (Conflict, InvalidInput) as error:
        form.form_errors.append(error.message)
        return _new_page(public_id, form, STATUS_OF_KIND[error.kind])
    flash(f"{action.number} is open, {action.severity}. Its clocks run from now.")
    return _to(public_id, action.public_id)


@blueprint.get("/suppliers/<uuid:public_id>/scars/<uuid:action_id>")
@requires(VIEW)
def show(public_id: UUID, action_id: UUID) -> Response:
    """Show a request with each of its steps, answers and due times."""
    return _show_page(public_id, action_id)


@blueprint.post("/suppliers/<uuid:public_id>/scars/<uuid:action_id>/answers")
@requires(EDIT)
def answer(public_id: UUID, action_id: UUID) -> Response:
    """Enter what the supplier answered to a step."""
    form = AnswerForm()

    def act(session: Session, action: CorrectiveAction) -> object:
        return services.answer(session, action, Step(form.step.data), form.said())

    return _done(public_id, action_id, form, act, "The answer is entered. Somebody else decides.")


@blueprint.post("/suppliers/<uuid:public_id>/scars/<uuid:action_id>/answers/<uuid:answer_id>")
@requires(DECIDE)
def decide(public_id: UUID, action_id: UUID, answer_id: UUID) -> Response:
    """Accept or reject an answer."""
    form, accepts = DecisionForm(), request.form.get("decision") == "accept"

    def act(session: Session, action: CorrectiveAction) -> object:
        if accepts:
            return services.accept(session, action, answer_id)
        return services.reject(session, action, answer_id, reason=form.reason.data or "")

    told = "Accepted." if accepts else "Rejected. The clock runs on as it did."
    return _done(public_id, action_id, form, act, told)


@blueprint.post("/suppliers/<uuid:public_id>/scars/<uuid:action_id>/due")
@requires(EDIT)
def agree_due(public_id: UUID, action_id: UUID) -> Response:
    """Agree another due time of a step."""
    form = DueForm()

    def act(session: Session, action: CorrectiveAction) -> object:
        return services.agree_due(
            session,
            action,
            Step(form.step.data),
            due_at=form.moment,
            reason=form.reason.data or "",
        )

    return _done(public_id, action_id, form, act, "The due time is agreed; the first one stays.")


@blueprint.post("/suppliers/<uuid:public_id>/scars/<uuid:action_id>/withdraw")
@requires(EDIT)
def withdraw(public_id: UUID, action_id: UUID) -> Response:
    """Withdraw a request."""
    form = WithdrawForm()

    def act(session: Session, action: CorrectiveAction) -> object:
        is_done = services.withdraw(session, action, reason=form.reason.data or "")
        return None if is_done else ASKED

    return _done(public_id, action_id, form, act, "Withdrawn. It counts nowhere any more.")


def _done(public_id: UUID, action_id: UUID, form: FlaskForm, act: Act, told: str) -> Response:
    """Do something with a request, or show its page again with what is wrong."""
    if not form.validate():
        return _show_page(public_id, action_id, form=form, status=422)
    try:
        with db.transaction() as session:
            own = members(session, [head_by_public_id(session, public_id).id])
            said = act(session, services.action_to_change(session, own, action_id))
    except ReasonNeeded as error:
        form["reason"].errors = [error.message]
        return _show_page(public_id, action_id, form=form, status=422)
    except REFUSALS as error:
        form.form_errors.append(error.message)
        return _show_page(public_id, action_id, form=form, status=STATUS_OF_KIND[error.kind])
    flash(ASKED if said == ASKED else told)
    return _to(public_id, action_id)


def _to(public_id: UUID, action_id: UUID) -> Response:
    there = url_for("corrective.show", public_id=public_id, action_id=action_id)
    return make_response(redirect(there, 303))


def _new_page(public_id: UUID, form: ProblemForm, status: int = 200) -> Response:
    with db.reading() as session:
        head = head_by_public_id(session, public_id)
    return make_response(render_template("corrective/new.html", head=head, form=form), status)


def _show_page(
    public_id: UUID, action_id: UUID, *, form: FlaskForm | None = None, status: int = 200
) -> Response:
    now = clock.now()
    with db.reading() as session:
        head = head_by_public_id(session, public_id)
        own = members(session, [head.id])
        action = queries.action_by_public_id(session, own, action_id)
        sheet = queries.action_sheet(session, action, moment=now)
        waiting = waiting_for(session, ObjectRef(services.WITHDRAWAL, str(action.id)))
        me = db.actor_of(session).user_id
    open_step = next(
        (each.step for each in sheet.steps if each.standing.state is not StepState.ACCEPTED),
        Step.D8,
    )
    given = form if isinstance(form, AnswerForm) else AnswerForm(formdata=None)
    due = form if isinstance(form, DueForm) else DueForm(formdata=None)
    if not isinstance(form, AnswerForm):
        given.step.data, given.answered_at.data = open_step, now.replace(tzinfo=None)
    if not isinstance(form, DueForm):
        due.step.data = open_step
    page = render_template(
        "corrective/show.html",
        head=head,
        sheet=sheet,
        action=action,
        words=wording,
        form=form,
        answer=given,
        due=due,
        decision=form if isinstance(form, DecisionForm) else DecisionForm(formdata=None),
        withdrawal=form if isinstance(form, WithdrawForm) else WithdrawForm(formdata=None),
        me=me,
        waiting=waiting,
        is_open=action.state == ActionState.OPEN,
    )
    return make_response(page, status)


def _sheet(rows: Iterable[ActionRow]) -> Sheet:
    heads = [
        ("number", "Number"), ("supplier", "Supplier"), ("title", "Title"),
        ("severity", "Severity"), ("state", "State"), ("issued", "Issued"),
        ("next_step", "Next step"), ("due", "Due"), ("step_state", "Stands"),
    ]  # fmt: skip
    cells = (
        (
            row.action.number, row.supplier_name, row.action.title, row.action.severity,
            row.action.state, row.action.issued_at,
            None if row.next_step is None else wording.step_words(row.next_step),
            None if row.standing is None else row.standing.due_at,
            None if row.standing is None else str(row.standing.state),
        )
        for row in rows
    )  # fmt: skip
    return Sheet("corrective-actions", heads, cells, "Corrective actions")
