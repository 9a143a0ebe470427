"""Lists over all registers: actions, acceptances, reviews that are due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from flask import Response, flash, make_response, redirect, render_template, url_for

from app.base import clock, db
from app.base.errors import AppError
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.base.web.exports import Sheet, exported
from app.base.web.lists import Filter, ListShape, ListState, Pages, read_list
from app.calc.fmea_action import ActionState
from app.judgement.fmea.living import acceptances as acceptance_reads
from app.judgement.fmea.living import action_queries, wording
from app.judgement.fmea.living import reviews as review_reads
from app.judgement.fmea.living.acceptances import AcceptanceRow
from app.judgement.fmea.living.action_queries import ActionRow
from app.judgement.fmea.living.blueprint import VIEW, blueprint
from app.judgement.fmea.living.forms import CadenceForm
from app.judgement.fmea.living.reviews import DueReview
from app.platform.audit.services import ReasonNeeded

SOON = timedelta(days=31)
PRIORITIES = {"H": "high", "M": "medium", "L": "low", "none": "not rated"}
ACTIONS_SHAPE = ListShape(
    sorts={"due": False, "priority": True, "owner": False, "supplier": False, "cost": True},
    default="due",
    filters=(
        Filter("when", "When", {"overdue": "overdue", "running": "running"}),
        Filter("state", "State", {str(k): v[1] for k, v in wording.STATE_WORDS.items()}),
        Filter("kind", "Kind", {str(each): words for each, words in wording.KIND_WORDS.items()}),
        Filter("priority", "Priority", PRIORITIES),
    ),
)
ACCEPTANCES_SHAPE = ListShape(
    sorts={"until": False, "supplier": False},
    default="until",
    filters=(Filter("when", "When", {"expired": "expired", "soon": "ends within a month"}),),
)
REVIEWS_SHAPE = ListShape(
    sorts={"due": False, "priority": True, "supplier": False},
    default="due",
    filters=(
        Filter("when", "When", {"due": "due now", "raised": "raised by something"}),
        Filter("priority", "Priority", PRIORITIES),
    ),
)


@blueprint.get("/actions/")
@requires(VIEW)
def index() -> Response:
    """List the actions of all registers within reach."""
    state, today = read_list(ACTIONS_SHAPE), clock.today()
    with db.reading() as session:
        found = action_queries.actions(session)
    late = sum(1 for each in found if each.is_overdue(today))
    shown = _actions(found, state, today)
    if state.export:
        return exported(_action_sheet(shown, today), state.export)
    return _list("actions", state, shown, late=late, today=today)


@blueprint.get("/acceptances/")
@requires(VIEW)
def acceptances() -> Response:
    """List which risks are accepted, by whom and until when; what ran out first."""
    state, today = read_list(ACCEPTANCES_SHAPE), clock.today()
    with db.reading() as session:
        found = acceptance_reads.current(session, today)
    shown = _acceptances(found, state, today)
    if state.export:
        return exported(_acceptance_sheet(shown), state.export)
    return _list("acceptances", state, shown, today=today, soon=today + SOON)


@blueprint.get("/reviews/")
@requires(VIEW)
def reviews() -> Response:
    """List when each row is to be looked at again."""
    return _reviews_page(None)


@blueprint.post("/reviews/cadence")
@requires("methods.edit")
def set_cadence() -> Response:
    """Set how many months may pass between two looks."""
    form = CadenceForm()
    if not form.validate():
        return _reviews_page(form, 422)
    try:
        with db.transaction() as session:
            review_reads.set_cadence(
                session,
                high=form.high.data or 0,
                medium=form.medium.data or 0,
                low=form.low.data or 0,
                reason=form.reason.data or "",
            )
    except ReasonNeeded as error:
        form.reason.errors = [error.message]
        return _reviews_page(form, 422)
    except AppError as error:
        form.form_errors.append(error.message)
        return _reviews_page(form, STATUS_OF_KIND[error.kind])
    flash("Set. Every row is due by it from now on.")
    return make_response(redirect(url_for("actions.reviews"), 303))


def _reviews_page(form: CadenceForm | None, status: int = 200) -> Response:
    state, today = read_list(REVIEWS_SHAPE), clock.today()
    with db.reading() as session:
        found = review_reads.review_dates(session)
        months = review_reads.cadence(session)
    shown = _reviews(found, state, today)
    if state.export:
        return exported(_review_sheet(shown, today), state.export)
    if form is None:
        form = CadenceForm(formdata=None)
        form.high.data, form.medium.data, form.low.data = months["H"], months["M"], months["L"]
    due = sum(1 for each in found if each.is_due(today))
    return _list("reviews", state, shown, status, today=today, due=due, form=form, months=months)


def _list(
    name: str, state: ListState, shown: list[object] | list[ActionRow] | list[AcceptanceRow]
    | list[DueReview], status: int = 200, **more: object,
) -> Response:  # fmt: skip
    page = render_template(
        f"fmea_living/{name}.html",
        state=state,
        pages=Pages(state, len(shown)),
        rows=shown[state.offset : state.offset + state.size],
        words=wording,
        **more,
    )
    return make_response(page, status)


def _urgency(priority: str | None) -> int:
    return " LMH".index(priority or " ")


def _is_of(priority: str | None, state: ListState) -> bool:
    chosen = state.values("priority")
    return not chosen or (priority or "none") in chosen


def _actions(found: list[ActionRow], state: ListState, today: date) -> list[ActionRow]:
    keys: dict[str, Callable[[ActionRow], object]] = {
        "due": lambda each: each.due_on,
        "priority": lambda each: _urgency(each.row.priority),
        "owner": lambda each: each.owner.lower(),
        "supplier": lambda each: each.row.about.lower(),
        "cost": lambda each: each.cost or 0,
    }
    when, states, kinds = (state.values(name) for name in ("when", "state", "kind"))
    kept = [
        each
        for each in found
        if (not states or each.state in states)
        and (not kinds or each.kind in kinds)
        and ("running" not in when or each.is_running)
        and ("overdue" not in when or each.is_overdue(today))
        and _is_of(each.row.priority, state)
    ]
    return sorted(kept, key=keys[state.sort], reverse=state.is_falling)  # type: ignore[arg-type] # each key is of one type


def _acceptances(found: list[AcceptanceRow], state: ListState, today: date) -> list[AcceptanceRow]:
    when = state.values("when")
    kept = [
        each
        for each in found
        if not when
        or ("expired" in when and each.has_expired(today))
        or ("soon" in when and each.holds_on(today) and each.until_on <= today + SOON)
    ]
    if state.sort == "supplier":
        return sorted(kept, key=lambda each: each.row.about.lower(), reverse=state.is_falling)
    return kept[::-1] if state.is_falling else kept


def _reviews(found: list[DueReview], state: ListState, today: date) -> list[DueReview]:
    keys: dict[str, Callable[[DueReview], object]] = {
        "due": lambda each: (not each.raised, each.due_on),
        "priority": lambda each: _urgency(each.row.priority),
        "supplier": lambda each: each.row.about.lower(),
    }
    when = state.values("when")
    asked: dict[str, Callable[[DueReview], bool]] = {
        "due": lambda each: each.is_due(today),
        "raised": lambda each: bool(each.raised),
    }
    kept = [
        each
        for each in found
        if (not when or any(asked[name](each) for name in when))
        and _is_of(each.row.priority, state)
    ]
    return sorted(kept, key=keys[state.sort], reverse=state.is_falling)  # type: ignore[arg-type] # each key is of one type


def _action_sheet(shown: list[ActionRow], today: date) -> Sheet:
    heads = [
        ("action", "Action"), ("kind", "Kind"), ("about", "About"), ("mode", "Failure mode"),
        ("cause", "Cause"), ("priority", "Action priority"), ("owner", "Owner"), ("due", "Due"),
        ("overdue", "Overdue"), ("state", "State"), ("cost", "Cost"), ("currency", "Currency"),
        ("before", "Priority before"), ("after", "Priority after"), ("evidence", "Evidence"),
        ("because", "Why not done"),
    ]  # fmt: skip
    cells = (
        (
            each.title, each.kind, each.row.about, each.row.mode, each.row.cause,
            each.row.priority, each.owner, each.due_on, each.is_overdue(today),
            wording.STATE_WORDS[ActionState(each.state)][1], each.cost, each.currency,
            each.before.priority if each.before else None,
            each.revised.priority if each.revised else None, each.evidence, each.state_because,
        )
        for each in shown
    )  # fmt: skip
    return Sheet("risk-actions", heads, cells, "Actions against risks")


def _acceptance_sheet(shown: list[AcceptanceRow]) -> Sheet:
    heads = [
        ("about", "About"), ("mode", "Failure mode"), ("cause", "Cause"),
        ("accepted", "Priority accepted"), ("now", "Priority now"), ("by", "Accepted by"),
        ("until", "Until"), ("approved_by", "Approved by"), ("because", "Why"),
    ]  # fmt: skip
    cells = (
        (
            each.row.about, each.row.mode, each.row.cause,
            each.rating.priority if each.rating else None, each.row.priority, each.accepted_by,
            each.until_on, each.approved_by, each.reason,
        )
        for each in shown
    )  # fmt: skip
    return Sheet("accepted-risks", heads, cells, "Accepted risks")


def _review_sheet(shown: list[DueReview], today: date) -> Sheet:
    heads = [
        ("about", "About"), ("mode", "Failure mode"), ("cause", "Cause"),
        ("priority", "Action priority"), ("last", "Last look"), ("due", "Due"),
        ("is_due", "Due now"), ("raised", "Raised because"),
    ]  # fmt: skip
    cells = (
        (
            each.row.about, each.row.mode, each.row.cause, each.row.priority, each.last_on,
            each.due_on, each.is_due(today), " ".join(one.because for one in each.raised) or None,
        )
        for each in shown
    )  # fmt: skip
    return Sheet("reviews-of-risks", heads, cells, "Reviews of risks")
