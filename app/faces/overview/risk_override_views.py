"""A band that people set against the computed one: propose it, see it, end it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import cast
from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template, url_for

from app.base import clock, db
from app.base.errors import Conflict, Forbidden, InvalidInput
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.faces.overview import risk_pages
from app.faces.overview.blueprint import blueprint
from app.faces.overview.risk_forms import EndForm, OverrideForm
from app.faces.overview.supplier_frame import SupplierFrame, shared, supplier_frame
from app.judgement.risk_index.overrides import queries, services
from app.platform.audit.services import ReasonNeeded

REFUSALS = (Conflict, Forbidden, InvalidInput)
STATE_WORDS = {
    "proposed": ("watch", "waits for another person"),
    "confirmed": ("info", "agreed to"),
    "refused": ("none", "refused"),
}


@blueprint.get("/suppliers/<uuid:public_id>/risk/override")
@requires("suppliers.view")
def supplier_risk_override(public_id: UUID) -> Response:
    """Show what people set against the index, now and before."""
    return _page(public_id)


@blueprint.post("/suppliers/<uuid:public_id>/risk/override")
@requires("risk.override")
def propose_risk_override(public_id: UUID) -> Response:
    """Propose a band; another person decides."""
    form = OverrideForm()
    if not form.validate():
        return _page(public_id, form=form, status=422)
    value = form.value.data
    try:
        with db.transaction() as session:
            frame = supplier_frame(session, public_id, tab="risk")
            result = frame.risk.card.result
            services.propose(
                session,
                frame.head.id,
                band=form.band.data,
                value=None if value is None else float(value),
                until_on=cast(date, form.until_on.data),
                reason=form.reason.data or "",
                computed=(result.value, None if result.band is None else str(result.band)),
            )
    except ReasonNeeded as error:
        form.reason.errors = [error.message]
        return _page(public_id, form=form, status=422)
    except REFUSALS as error:
        form.form_errors.append(error.message)
        return _page(public_id, form=form, status=STATUS_OF_KIND[error.kind])
    flash("Proposed. Another person decides; until then the computed band stands alone.")
    return _back(public_id)


@blueprint.post("/suppliers/<uuid:public_id>/risk/override/<uuid:override_id>/end")
@requires("risk.override")
def end_risk_override(public_id: UUID, override_id: UUID) -> Response:
    """End an override before its day."""
    ending = EndForm()
    if not ending.validate():
        return _page(public_id, ending=ending, status=422)
    try:
        with db.transaction() as session:
            frame = supplier_frame(session, public_id, tab="risk")
            services.end(session, frame.head.id, override_id, reason=ending.reason.data or "")
    except ReasonNeeded as error:
        ending.reason.errors = [error.message]
        return _page(public_id, ending=ending, status=422)
    except REFUSALS as error:
        ending.form_errors.append(error.message)
        return _page(public_id, ending=ending, status=STATUS_OF_KIND[error.kind])
    flash("Ended. The computed band stands alone again.")
    return _back(public_id)


def _back(public_id: UUID) -> Response:
    address = url_for("overview.supplier_risk_override", public_id=public_id)
    return make_response(redirect(address, 303))


def _page(
    public_id: UUID,
    *,
    form: OverrideForm | None = None,
    ending: EndForm | None = None,
    status: int = 200,
) -> Response:
    today = clock.today()
    with db.reading() as session:
        frame = supplier_frame(session, public_id, tab="risk")
        known = queries.overrides_of(session, frame.head.id)
    if form is None:
        form = OverrideForm(formdata=None)
        form.until_on.data = today + timedelta(days=services.LONGEST_DAYS)
    page = render_template(
        "overview/risk_override.html",
        **shared(frame),
        pages=risk_pages.links(frame.public_id, frame.shown.query),
        known=known,
        holds=next((each for each in known if each.holds_on(today)), None),
        state_words=STATE_WORDS,
        form=form,
        ending=ending or EndForm(formdata=None),
        longest=services.LONGEST_DAYS,
        **_computed(frame),
    )
    return make_response(page, status)


def _computed(frame: SupplierFrame) -> dict[str, object]:
    result = frame.risk.card.result
    band = None if result.band is None else str(result.band)
    return {"computed_value": result.value, "computed_band": band}
