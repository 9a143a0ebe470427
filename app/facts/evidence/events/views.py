"""The pages of private events: the list, one with whom it hits, record, correct, end, withdraw."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import cast
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
from app.base.errors import AppError, Conflict, Forbidden, InvalidInput, NotFound
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.base.web.exports import Sheet, exported
from app.base.web.lists import Filter, ListShape, Pages, read_list
from app.facts.evidence.events import hits, queries, services
from app.facts.evidence.events.forms import (
    KIND_WORDS,
    PLACE_WORDS,
    EndForm,
    EventForm,
    WithdrawForm,
)
from app.facts.evidence.events.models import DisruptionEvent, EventKind, Severity
from app.facts.evidence.events.queries import Standing
from app.facts.suppliers import queries as suppliers
from app.platform.audit.services import ReasonNeeded

blueprint = Blueprint("events", __name__, url_prefix="/events")

VIEW, EDIT = "suppliers.view", "events.edit"
REFUSALS = (Conflict, Forbidden, InvalidInput, NotFound)
STANDING_WORDS = {
    Standing.COMING: ("info", "coming"),
    Standing.UNDER_WAY: ("act", "under way"),
    Standing.OVER: ("none", "over"),
    Standing.WITHDRAWN: ("none", "withdrawn"),
}
SEVERITY_WORDS = {
    Severity.MINOR: ("info", "minor"),
    Severity.SERIOUS: ("watch", "serious"),
    Severity.SEVERE: ("act", "severe"),
}
SHAPE = ListShape(
    sorts={"from": True, "title": False, "severity": True},
    default="-from",
    filters=(
        Filter("state", "State", {str(each): words for each, (_, words) in STANDING_WORDS.items()}),
        Filter("kind", "Kind", {str(each): words for each, words in KIND_WORDS.items()}),
    ),
)
Act = Callable[[Session], object]


@blueprint.get("/")
@requires(VIEW)
def index() -> Response:
    """List the events within reach."""
    state, today = read_list(SHAPE), clock.today()
    with db.reading() as session:
        found = queries.events(session)
    states, kinds, text = state.values("state"), state.values("kind"), state.search.lower()
    rows = [
        each
        for each in found
        if (not states or queries.standing_on(each, today) in states)
        and (not kinds or each.kind in kinds)
        and (not text or text in f"{each.title} {each.place or ''} {each.countries or ''}".lower())
    ]
    keys: dict[str, Callable[[DisruptionEvent], object]] = {
        "from": lambda each: each.from_on,
        "title": lambda each: each.title.lower(),
        "severity": lambda each: list(Severity).index(Severity(each.severity)),
    }
    rows.sort(key=keys[state.sort], reverse=state.is_falling)  # type: ignore[arg-type] # each key is of one type
    if state.export:
        return exported(_sheet(rows), state.export)
    page = render_template(
        "events/index.html",
        state=state,
        pages=Pages(state, len(rows)),
        rows=rows[state.offset : state.offset + state.size],
        today=today,
        **_words(),
    )
    return make_response(page)


@blueprint.get("/new")
@requires(EDIT)
def new() -> Response:
    """Ask what happened."""
    return _form_page(EventForm(formdata=None), None)


@blueprint.post("/new")
@requires(EDIT)
def record() -> Response:
    """Record an event."""
    return _written(None)


@blueprint.get("/<uuid:event_id>")
@requires(VIEW)
def show(event_id: UUID) -> Response:
    """Show an event with everybody whom it hits."""
    return _show_page(event_id)


@blueprint.get("/<uuid:event_id>/edit")
@requires(EDIT)
def edit(event_id: UUID) -> Response:
    """Ask for a correction."""
    form = EventForm(formdata=None)
    with db.reading() as session:
        found = queries.event_by_public_id(session, event_id)
        number = ""
        if found.supplier_id is not None:
            number = suppliers.head_of(session, found.supplier_id).number
        form.show(found, number)
    return _form_page(form, event_id, seen=found.version)


@blueprint.post("/<uuid:event_id>/edit")
@requires(EDIT)
def correct(event_id: UUID) -> Response:
    """Correct an event."""
    return _written(event_id)


@blueprint.post("/<uuid:event_id>/end")
@requires(EDIT)
def end(event_id: UUID) -> Response:
    """Say when it was over."""
    form = EndForm()

    def act(session: Session) -> object:
        return services.end(session, event_id, cast(date, form.until_on.data))

    return _done(event_id, form, act, "Its end is kept. From then on it hits nobody.")


@blueprint.post("/<uuid:event_id>/withdraw")
@requires(EDIT)
def withdraw(event_id: UUID) -> Response:
    """Withdraw an event that was none."""
    form = WithdrawForm()

    def act(session: Session) -> object:
        services.withdraw(session, event_id, reason=form.reason.data or "")
        return None

    return _done(event_id, form, act, "Withdrawn. It hits nobody and stays readable.")


def _written(event_id: UUID | None) -> Response:
    form, seen = EventForm(), request.form.get("seen", "")
    version = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0
    if not form.validate():
        return _form_page(form, event_id, seen=version, status=422)
    try:
        with db.transaction() as session:
            if event_id is None:
                found = services.record(session, form.told())
            else:
                found = services.correct(session, event_id, form.told(), seen=version)
    except REFUSALS as error:
        if error.code in ("E-EVT-01", "E-ACC-02"):
            raise
        form.form_errors.append(error.message)
        return _form_page(form, event_id, seen=version, status=_status(error))
    flash("Recorded. Below is whom it hits.")
    return make_response(redirect(url_for("events.show", event_id=found.public_id), 303))


def _status(error: AppError) -> int:
    # A supplier that was typed and is not there is wrong input, not a missing page.
    return 422 if isinstance(error, NotFound) else STATUS_OF_KIND[error.kind]


def _done(event_id: UUID, form: FlaskForm, act: Act, told: str) -> Response:
    if not form.validate():
        return _show_page(event_id, form=form, status=422)
    try:
        with db.transaction() as session:
            act(session)
    except ReasonNeeded as error:
        form["reason"].errors = [error.message]
        return _show_page(event_id, form=form, status=422)
    except (Conflict, Forbidden, InvalidInput) as error:
        form.form_errors.append(error.message)
        return _show_page(event_id, form=form, status=STATUS_OF_KIND[error.kind])
    flash(told)
    return make_response(redirect(url_for("events.show", event_id=event_id), 303))


def _form_page(
    form: EventForm, event_id: UUID | None, *, seen: int = 0, status: int = 200
) -> Response:
    page = render_template("events/form.html", form=form, event_id=event_id, seen=seen)
    return make_response(page, status)


def _show_page(event_id: UUID, *, form: FlaskForm | None = None, status: int = 200) -> Response:
    today = clock.today()
    with db.reading() as session:
        found = queries.event_by_public_id(session, event_id)
        hit = hits.hits_of(session, found, today)
        unknown = hits.unknown_of(session, found, today)
        heads = suppliers.heads_of(session, [each.supplier_id for each in hit])
    page = render_template(
        "events/show.html",
        event=found,
        hits=[(each, heads[each.supplier_id]) for each in hit if each.supplier_id in heads],
        unknown=unknown,
        standing=queries.standing_on(found, today),
        form=form,
        end=form if isinstance(form, EndForm) else EndForm(formdata=None),
        withdrawal=form if isinstance(form, WithdrawForm) else WithdrawForm(formdata=None),
        **_words(),
    )
    return make_response(page, status)


def _words() -> dict[str, object]:
    return {
        "kind_words": {str(each): words for each, words in KIND_WORDS.items()},
        "place_words": {str(each): words for each, words in PLACE_WORDS.items()},
        "severity_words": SEVERITY_WORDS,
        "standing_words": STANDING_WORDS,
        "standing_on": queries.standing_on,
        "where": _where,
    }


def _where(event: DisruptionEvent) -> str:
    place = event.place or (event.countries or "").replace(" ", ", ")
    if event.radius_km is not None:
        place += f", within {event.radius_km:,} km"
    return f"{place}, goods by {event.mode}" if event.mode else place


def _sheet(rows: list[DisruptionEvent]) -> Sheet:
    heads = [
        ("id", "Event"), ("title", "What happened"), ("kind", "Kind"), ("severity", "Severity"),
        ("place_kind", "Where"), ("place", "Place"), ("from_on", "From"), ("until_on", "Until"),
        ("source", "Source"), ("recorded_by", "Recorded by"), ("withdrawn", "Withdrawn"),
    ]  # fmt: skip
    cells = (
        (
            str(row.public_id), row.title, KIND_WORDS[EventKind(row.kind)], row.severity,
            row.place_kind, _where(row), row.from_on, row.until_on, row.source, row.recorded_by,
            row.withdrawn_at is not None,
        )
        for row in rows
    )  # fmt: skip
    return Sheet("events", heads, cells, "Private events")
