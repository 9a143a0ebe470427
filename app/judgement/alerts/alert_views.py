"""The pages of alerts: the list, one, acknowledging one or many, of use or noise."""

from __future__ import annotations

from uuid import UUID

from flask import (
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from sqlalchemy.orm import Session

from app.base import db, formatting, scope
from app.base.errors import Conflict, Forbidden, InvalidInput
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.base.web.exports import Sheet, exported
from app.base.web.lists import BadQuery, Filter, ListShape, ListState, Pages, read_list
from app.base.web.rendering import address
from app.judgement.alerts import queries, services, wording
from app.judgement.alerts.blueprint import ACT, VIEW, blueprint
from app.judgement.alerts.forms import NoteForm
from app.judgement.alerts.models import Alert, AlertState, Verdict
from app.judgement.alerts.queries import AlertQuery, AlertRow

REFUSALS = (Conflict, Forbidden, InvalidInput)
STATES = {str(each): words for each, (_, words) in wording.STATE_WORDS.items()}
SEVERITIES = {str(each): words for each, (_, words) in wording.SEVERITY_WORDS.items()}


@blueprint.get("/")
@requires(VIEW)
def index() -> Response:
    """List alerts: those that stand, unless states are asked for."""
    with db.reading() as session:
        state = _state(session)
        query = _query(state)
        total = queries.alert_count(session, query)
        rows = queries.alert_rows(
            session,
            query,
            sort=state.sort,
            is_falling=state.is_falling,
            limit=None if state.export else state.size,
            offset=0 if state.export else state.offset,
        )
        waiting = len(services.acknowledgeable(session, query))
        judged_on = queries.last_judged_on(session)
        has_rules = bool(queries.rules_in_force(session))
    if state.export:
        return exported(_sheet(rows), state.export)
    page = render_template(
        "alerts/index.html",
        state=state,
        pages=Pages(state, total),
        rows=rows,
        waiting=waiting,
        judged_on=judged_on,
        has_rules=has_rules,
        bulk=_bulk_address(state),
        words=wording,
    )
    return make_response(page)


@blueprint.get("/acknowledge")
@requires(ACT)
def ask_acknowledge_all() -> Response:
    """Show how many open alerts a list holds, before all of them are acknowledged."""
    return _bulk_page(NoteForm(formdata=None))


@blueprint.post("/acknowledge")
@requires(ACT)
def acknowledge_all() -> Response:
    """Acknowledge every open alert of a list."""
    form = NoteForm()
    if not form.validate():
        return _bulk_page(form, 422)
    expected = request.form.get("expected", "")
    if not (expected.isascii() and expected.isdigit() and len(expected) < 10):
        raise BadQuery("E-ALR-17", "The number that was shown is missing; begin from the list.")
    try:
        with db.transaction() as session:
            count = services.acknowledge_all(
                session, _query(_state(session)), note=form.note.data or "", expected=int(expected)
            )
    except Conflict as error:
        form.form_errors.append(error.message)
        return _bulk_page(form, 409)
    flash(f"{formatting.count(count, 'alert')} acknowledged. Their ladders stop.")
    return make_response(redirect(url_for("alerts.index"), 303))


@blueprint.get("/<uuid:public_id>")
@requires(VIEW)
def show(public_id: UUID) -> Response:
    """Show one alert with its evidence."""
    return _show_page(public_id, NoteForm(formdata=None))


@blueprint.post("/<uuid:public_id>/acknowledge")
@requires(ACT)
def acknowledge(public_id: UUID) -> Response:
    """Take an alert on."""
    form, seen = NoteForm(), request.form.get("seen", "")
    if not form.validate():
        return _show_page(public_id, form, 422)
    try:
        with db.transaction() as session:
            services.acknowledge(
                session,
                public_id,
                note=form.note.data or "",
                seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None,
            )
    except REFUSALS as error:
        form.form_errors.append(error.message)
        return _show_page(public_id, form, STATUS_OF_KIND[error.kind])
    flash("Acknowledged. Its ladder stops here.")
    return make_response(redirect(url_for("alerts.show", public_id=public_id), 303))


@blueprint.post("/<uuid:public_id>/feedback")
@requires(ACT)
def judge(public_id: UUID) -> Response:
    """Say whether an alert was of use."""
    said = request.form.get("verdict", "")
    if said not in set(Verdict):
        raise BadQuery("E-ALR-18", "Say “useful” or “noise”.")
    with db.transaction() as session:
        services.judge(session, public_id, Verdict(said))
    flash(f"Noted as {wording.VERDICT_WORDS[Verdict(said)]}. The rule’s rate counts it.")
    return make_response(redirect(url_for("alerts.show", public_id=public_id), 303))


def door_of(alert: Alert, supplier_id: UUID) -> str:
    """Return the address of the page that shows what is behind an alert."""
    endpoint = alert.evidence.get("endpoint") or "overview.supplier"
    query = dict(alert.evidence.get("query") or {})
    # A page of something else than a supplier is named by its own id alone.
    if current_app.url_map.is_endpoint_expecting(endpoint, "public_id"):
        query.setdefault("public_id", str(supplier_id))
    return address(endpoint, query)


def _bulk_address(state: ListState) -> str:
    """Return the address of the counted preview of a list."""
    query: dict[str, object] = {name: list(values) for name, values in state.chosen.items()}
    if state.search:
        query["q"] = state.search
    return address("alerts.ask_acknowledge_all", query)


def _state(session: Session) -> ListState:
    rules = {each.key: each.name for each in queries.rules_in_force(session)}
    return read_list(
        ListShape(
            sorts={
                "severity": True, "raised": True, "supplier": False, "rule": False, "seen": True,
            },
            default="-severity",
            filters=(
                Filter("state", "State", STATES),
                Filter("severity", "Severity", SEVERITIES),
                Filter("rule", "Rule", rules),
            ),
        )
    )  # fmt: skip


def _query(state: ListState) -> AlertQuery:
    states = state.values("state") or tuple(str(each) for each in queries.STANDING)
    return AlertQuery(states, state.values("severity"), state.values("rule"), state.search)


def _bulk_page(form: NoteForm, status: int = 200) -> Response:
    with db.reading() as session:
        state = _state(session)
        query = _query(state)
        ids = services.acknowledgeable(session, query)
        shown = queries.alert_rows(session, AlertQuery(ids=ids), limit=services.MOST_SHOWN)
    page = render_template(
        "alerts/acknowledge.html",
        form=form,
        count=len(ids),
        more=len(ids) - len(shown),
        rows=shown,
        state=state,
        words=wording,
    )
    return make_response(page, status)


def _show_page(public_id: UUID, form: NoteForm, status: int = 200) -> Response:
    with db.reading() as session:
        row = queries.alert_row(session, public_id)
        told = queries.escalations_of(session, row.alert.id)
        others = queries.open_alerts(session, [row.alert.supplier_id])
        mine = queries.verdict_of(session, row.alert.id, db.actor_of(session).user_id)
        may_act = bool(scope.writable_ids(session, "alert", [row.alert.id]))
    page = render_template(
        "alerts/show.html",
        row=row,
        alert=row.alert,
        told=told,
        others=[each for each in others if each.alert.id != row.alert.id],
        mine=mine,
        may_act=may_act,
        form=form,
        door=door_of(row.alert, row.supplier_public_id),
        words=wording,
        is_open=row.alert.state == AlertState.OPEN,
        verdicts=list(Verdict),
    )
    return make_response(page, status)


def _sheet(rows: list[AlertRow]) -> Sheet:
    heads = [
        ("id", "Alert"), ("severity", "Severity"), ("state", "State"), ("supplier", "Supplier"),
        ("category", "Category"), ("rule", "Rule"), ("version", "Version"), ("says", "Says"),
        ("value", "Value"), ("threshold", "Threshold"), ("raised_on", "Raised on"),
        ("last_seen_on", "Last seen"), ("cleared_on", "Cleared on"),
        ("acknowledged_at", "Acknowledged"), ("acknowledged_by", "By"), ("hours", "Hours to it"),
        ("note", "Note"),
    ]  # fmt: skip
    cells = (
        (
            str(row.alert.public_id), row.alert.severity, row.alert.state, row.supplier_name,
            row.category, row.rule.name, row.rule.version, row.alert.last_words,
            row.alert.last_value, row.alert.evidence.get("threshold"), row.alert.raised_on,
            row.alert.last_seen_on, row.alert.cleared_on, row.alert.acknowledged_at,
            row.alert.acknowledged_by, row.hours_to_acknowledge, row.alert.note,
        )
        for row in rows
    )  # fmt: skip
    return Sheet("alerts", heads, cells, "Alerts")
