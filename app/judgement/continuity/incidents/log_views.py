"""The log of incidents, which is that of disruptions as well, and opening one by hand."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.errors import AppError, NotFound
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.base.web.exports import Sheet, exported
from app.base.web.lists import Filter, ListShape, ListState, Pages, read_list
from app.judgement.continuity.incidents import queries, services, wording
from app.judgement.continuity.incidents.blueprint import ACT, VIEW, blueprint
from app.judgement.continuity.incidents.forms import OpenForm
from app.judgement.continuity.incidents.models import IncidentState
from app.judgement.continuity.incidents.queries import IncidentRow
from app.judgement.continuity.responses import queries as responses
from app.judgement.continuity.responses.services import supplier_numbered

UNKNOWN_CAUSE = "unknown"
RUNNING = "running"
SHAPE = ListShape(
    sorts={"opened": True, "title": False, "supplier": False, "state": False, "recovery": True},
    default="-opened",
    filters=(
        Filter("state", "State", {
            RUNNING: "running", **{str(k): words for k, (_, words) in wording.STATE_WORDS.items()},
        }),
        Filter("cause", "Cause", {
            **{str(each): words for each, words in wording.CAUSE_WORDS.items()},
            UNKNOWN_CAUSE: "not known",
        }),
        Filter("by", "Opened by", {"trigger": "a trigger", "person": "a person"}),
    ),
)  # fmt: skip


@blueprint.get("/")
@requires(VIEW)
def index() -> Response:
    """List the incidents within reach, with the mean time to recover of what is listed."""
    state, now = read_list(SHAPE), clock.now()
    with db.reading() as session:
        every = queries.bare_rows(session, now=now)
        rows = listed(every, state)
        shown = rows if state.export else rows[state.offset : state.offset + state.size]
        shown = queries.with_details(session, shown, now=now)
    if state.export:
        return exported(sheet_of(shown), state.export)
    page = render_template(
        "incidents/index.html",
        state=state,
        pages=Pages(state, len(rows)),
        rows=shown,
        running=sum(1 for row in every if row.incident.is_running),
        mean=queries.mean_time_to_recover(rows, now=now),
        words=wording,
    )
    return make_response(page)


@blueprint.get("/new")
@requires(ACT)
def new() -> Response:
    """Ask what happens."""
    form = OpenForm(formdata=None)
    form.supplier.data = request.args.get("supplier", "")[:200]
    return _form_page(form)


@blueprint.post("/new")
@requires(ACT)
def record() -> Response:
    """Open an incident."""
    form = OpenForm()
    with db.reading() as session:
        form.offer(responses.in_force(session))
    if not form.validate():
        return _form_page(form, 422)
    try:
        with db.transaction() as session:
            there = _opened(session, form)
    except AppError as error:
        form.form_errors.append(error.message)
        status = 422 if isinstance(error, NotFound) else STATUS_OF_KIND[error.kind]
        return _form_page(form, status)
    flash("The room is open. Confirm it, or dismiss it with a reason.")
    return make_response(redirect(url_for("incidents.show", public_id=there), 303))


def listed(rows: list[IncidentRow], state: ListState) -> list[IncidentRow]:
    """Return the rows that a list asks for, in its order."""
    states, causes, by = (state.values(name) for name in ("state", "cause", "by"))
    text = state.search.casefold()
    kept = [
        row
        for row in rows
        if (not states or row.incident.state in states
            or (RUNNING in states and row.incident.is_running))
        and (not causes or (row.incident.cause or UNKNOWN_CAUSE) in causes)
        and (not by or ("person" if row.incident.trigger_key is None else "trigger") in by)
        and text in f"{row.incident.number} {row.incident.title} {row.supplier.name}".casefold()
    ]  # fmt: skip
    order = list(IncidentState)
    keys: dict[str, Callable[[IncidentRow], object]] = {
        "opened": lambda row: (row.incident.opened_at, row.incident.id),
        "title": lambda row: row.incident.title.casefold(),
        "supplier": lambda row: row.supplier.name.casefold(),
        "state": lambda row: order.index(IncidentState(row.incident.state)),
        "recovery": lambda row: row.delays.lasts or 0.0,
    }
    return sorted(kept, key=keys[state.sort], reverse=state.is_falling)  # type: ignore[arg-type] # each key is of one type


def sheet_of(rows: list[IncidentRow]) -> Sheet:
    """Return the rows as an export."""
    heads = [
        ("number", "Incident"), ("title", "What happened"), ("state", "State"),
        ("supplier_no", "Supplier"), ("supplier", "Name"), ("cause", "Cause"),
        ("started_at", "Supply hit"), ("signalled_at", "First heard of"),
        ("opened_at", "Opened"), ("opened_by", "Opened by"), ("confirmed_at", "Confirmed"),
        ("contained_at", "Contained"), ("restored_at", "Restored"),
        ("dismissed_at", "Dismissed"), ("because", "Why"), ("decided_at", "First decision"),
        ("detection_hours", "Detection delay, hours"),
        ("decision_hours", "Decision delay, hours"), ("recovery_hours", "Recovery, hours"),
        ("parts", "Parts hit"), ("exposed", "Revenue exposed"),
        ("parts_unknown", "Parts without a figure"), ("cost", "Cost"), ("currency", "Currency"),
    ]  # fmt: skip
    cells = (
        (
            row.incident.number, row.incident.title, row.incident.state, row.supplier.number,
            row.supplier.name, row.incident.cause, row.incident.started_at,
            row.incident.signalled_at, row.incident.opened_at, row.incident.opened_by,
            row.incident.confirmed_at, row.incident.contained_at, row.incident.restored_at,
            row.incident.dismissed_at, row.incident.state_because, row.decided_at,
            row.delays.detection, row.delays.decision, row.delays.recovery,
            row.exposure.parts,
            "; ".join(f"{currency} {amount}" for currency, amount in row.exposure.sums) or None,
            row.exposure.unknown, row.incident.cost, row.incident.currency,
        )
        for row in rows
    )  # fmt: skip
    return Sheet("incidents", heads, cells, "Log of incidents and disruptions")


def _opened(session: Session, form: OpenForm) -> UUID:
    supplier = supplier_numbered(session, form.supplier.data or "")
    response = None
    if form.response.data:
        response = responses.by_public_id(session, UUID(form.response.data)).response
    return services.open_incident(session, supplier.id, form.opening(), response=response).public_id


def _form_page(form: OpenForm, status: int = 200) -> Response:
    with db.reading() as session:
        form.offer(responses.in_force(session))
    return make_response(render_template("incidents/new.html", form=form), status)
