"""The pages of who is told: ladders, all subscriptions on one page, the link that ends one."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template, request, url_for

from app.base import acting, db
from app.base.acting import Source
from app.base.errors import Conflict, InvalidInput, NotFound
from app.base.web.access import current_actor, public, requires
from app.base.web.errors import STATUS_OF_KIND
from app.facts.suppliers import directory
from app.judgement.alerts import subscribing, telling, wording
from app.judgement.alerts.blueprint import ALL, OWN, RULES, VIEW, blueprint
from app.judgement.alerts.forms import RungForm, SubscriptionForm
from app.judgement.alerts.subscribing import Step
from app.platform.accounts import gate
from app.platform.accounts.models import User

BAD_LINK = "This link is not one of ours. Sign in and look under Risk, Alert mail."


@blueprint.get("/ladder")
@requires(VIEW)
def ladder() -> Response:
    """Show who is told by which ladder, and when."""
    return _ladder_page(RungForm(formdata=None))


@blueprint.post("/ladder")
@requires(RULES)
def set_rung() -> Response:
    """Set a rung."""
    form = RungForm()
    _offer(form)
    if not form.validate():
        return _ladder_page(form, 422)
    step = Step(
        int(form.category.data), int(form.place.data), form.title.data or "",
        int(form.person.data), form.alarm_hours.data, form.warning_hours.data,
        form.watch_hours.data,
    )  # fmt: skip
    try:
        with db.transaction() as session:
            subscribing.set_rung(session, step)
    except InvalidInput as error:
        form.form_errors.append(error.message)
        return _ladder_page(form, 422)
    flash(f"Rung {step.place} is set.")
    return make_response(redirect(url_for("alerts.ladder"), 303))


@blueprint.post("/ladder/<uuid:public_id>/drop")
@requires(RULES)
def drop_rung(public_id: UUID) -> Response:
    """Take a rung away."""
    with db.transaction() as session:
        subscribing.drop_rung(session, public_id)
    flash("The rung is gone. What was told by it stays noted.")
    return make_response(redirect(url_for("alerts.ladder"), 303))


@blueprint.get("/subscriptions")
@requires(OWN)
def subscriptions() -> Response:
    """Show one's own alert mail, and to administrators everybody's."""
    return _mail_page(SubscriptionForm(formdata=None))


@blueprint.post("/subscriptions")
@requires(OWN)
def subscribe() -> Response:
    """Say what one wants by mail."""
    form, seen = SubscriptionForm(), request.form.get("seen", "0")
    if not form.validate():
        return _mail_page(form, 422)
    version = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0
    try:
        with db.transaction() as session:
            subscribing.subscribe(session, current_actor().id, form.wanted(), seen=version)
    except Conflict as error:
        form.form_errors.append(error.message)
        return _mail_page(form, STATUS_OF_KIND[error.kind])
    flash("Kept. Every such mail carries a link that stops it.")
    return make_response(redirect(url_for("alerts.subscriptions"), 303))


@blueprint.post("/subscriptions/test")
@requires(OWN)
def test_mail() -> Response:
    """Send oneself a mail that only shows that mail arrives."""
    with db.transaction() as session:
        telling.send_test(session, session.get_one(User, current_actor().id))
    flash("A test is on its way to your address.")
    return make_response(redirect(url_for("alerts.subscriptions"), 303))


@blueprint.post("/subscriptions/<uuid:public_id>/end")
@requires(ALL)
def end_subscription(public_id: UUID) -> Response:
    """Stop somebody's alert mail."""
    with db.transaction() as session:
        subscribing.end(session, public_id)
    flash("Stopped. That person can begin it again.")
    return make_response(redirect(url_for("alerts.subscriptions"), 303))


@blueprint.get("/off/<uuid:public_id>/<mark>")
@public
def ask_off(public_id: UUID, mark: str) -> Response:
    """Ask for the one click that stops all alert mail of a subscription."""
    _check(public_id, mark)
    return make_response(render_template("alerts/off.html", public_id=public_id, mark=mark))


@blueprint.post("/off/<uuid:public_id>/<mark>")
@public
def off(public_id: UUID, mark: str) -> Response:
    """Stop all alert mail of a subscription."""
    _check(public_id, mark)
    # Nobody is signed in: the link itself says that this one may.
    with acting.acting_as(acting.system("alerts off", Source.UI)), db.transaction() as session:
        subscribing.end(session, public_id)
    return make_response(render_template("alerts/off.html", public_id=None, mark=""))


def _check(public_id: UUID, mark: str) -> None:
    if not subscribing.is_signed(public_id, mark):
        raise NotFound("E-ALR-16", BAD_LINK)


def _offer(form: RungForm) -> None:
    with db.reading() as session:
        form.offer(directory.category_names(session), subscribing.able(session))


def _ladder_page(form: RungForm, status: int = 200) -> Response:
    _offer(form)
    with db.reading() as session:
        found = subscribing.rungs(session)
        categories = directory.category_names(session)
    page = render_template(
        "alerts/ladder.html", form=form, rungs=found, categories=categories, words=wording
    )
    return make_response(page, status)


def _mail_page(form: SubscriptionForm, status: int = 200) -> Response:
    sees_all = gate.may(current_actor(), ALL)
    with db.reading() as session:
        own = subscribing.own(session, current_actor().id)
        found = subscribing.every(session) if sees_all else []
    if own is not None and not form.is_submitted():
        form.cadence.data, form.least_severity.data = own.cadence, own.least_severity
        form.at_once.data = own.at_once
    page = render_template(
        "alerts/subscriptions.html",
        form=form,
        own=own,
        seen=0 if own is None else own.version,
        everybody=found,
        sees_all=sees_all,
        words=wording,
    )
    return make_response(page, status)
