"""The pages of webhooks: where they lead, each delivery, the secret shown once."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from app.base import clock, db
from app.base.errors import Conflict, InvalidInput
from app.base.outbound import Origin, origins
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.platform.outbox import webhooks
from app.platform.outbox.views import STATE_WORDS
from app.platform.outbox.webhook_models import LONGEST_URL, Webhook

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks")

MANAGE = "webhooks.manage"
REQUIRED = "Required"


def _stripped(text: str | None) -> str:
    return (text or "").strip()


class WebhookForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """Where a webhook leads."""

    name = StringField(
        "Name",
        [DataRequired(REQUIRED), Length(max=200, message="At most 200 characters.")],
        filters=[_stripped],
    )
    url = StringField(
        "Address",
        [DataRequired(REQUIRED), Length(max=LONGEST_URL, message="At most 500 characters.")],
        filters=[_stripped],
    )


@blueprint.get("/")
@requires(MANAGE)
def index() -> Response:
    """List the webhooks."""
    return _index_page(WebhookForm(formdata=None))


@blueprint.post("/")
@requires(MANAGE)
def add() -> Response:
    """Add a webhook and show its secret, this once."""
    form = WebhookForm()
    if not form.validate():
        return _index_page(form, 422)
    try:
        with db.transaction() as session:
            made = webhooks.add(
                session, name=form.name.data or "", url=form.url.data or "", allowed=_allowed()
            )
    except InvalidInput as error:
        form.url.errors = [error.message]
        return _index_page(form, 422)
    return _show_page(made.public_id, secret=webhooks.secret_of(made))


@blueprint.get("/<uuid:public_id>")
@requires(MANAGE)
def show(public_id: UUID) -> Response:
    """Show a webhook with its latest deliveries."""
    return _show_page(public_id)


@blueprint.post("/<uuid:public_id>/rotate")
@requires(MANAGE)
def rotate(public_id: UUID) -> Response:
    """Begin another secret and show it, this once."""
    return _changed(
        public_id,
        lambda session, hook: webhooks.rotate(session, hook, seen=_seen()),
        shows_secret=True,
    )


@blueprint.post("/<uuid:public_id>/switch")
@requires(MANAGE)
def switch(public_id: UUID) -> Response:
    """Switch a webhook on or off."""
    is_active = request.form.get("to") == "on"

    def act(session: Session, hook: Webhook) -> None:
        webhooks.switch(session, hook, is_active=is_active, seen=_seen())

    return _changed(public_id, act)


@blueprint.post("/<uuid:public_id>/ping")
@requires(MANAGE)
def ping(public_id: UUID) -> Response:
    """Put a test call in."""
    with db.transaction() as session:
        hook = webhooks.by_public_id(session, public_id)
        webhooks.enqueue(session, webhooks.PING, {"said": "This is a test."}, only=hook)
    flash("A test call is on its way; reload to see how it went.")
    return make_response(redirect(url_for("webhooks.show", public_id=public_id), 303))


@blueprint.post("/deliveries/<uuid:delivery_id>/retry")
@requires(MANAGE)
def retry(delivery_id: UUID) -> Response:
    """Let a delivery that was given up be tried again."""
    with db.transaction() as session:
        webhooks.retry(session, delivery_id)
    flash("It is tried again with the next round.")
    return make_response(redirect(url_for("webhooks.index"), 303))


def _changed(
    public_id: UUID, act: Callable[[Session, Webhook], None], *, shows_secret: bool = False
) -> Response:
    try:
        with db.transaction() as session:
            hook = webhooks.by_public_id(session, public_id)
            act(session, hook)
    except Conflict as error:
        return _show_page(public_id, error=error.message, status=STATUS_OF_KIND[error.kind])
    if shows_secret:
        return _show_page(public_id, secret=webhooks.secret_of(hook))
    return make_response(redirect(url_for("webhooks.show", public_id=public_id), 303))


def _seen() -> int:
    seen = request.form.get("seen", "")
    return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0


def _allowed() -> tuple[Origin, ...]:
    return origins(current_app.config["SETTINGS"].outbound)


def _index_page(form: WebhookForm, status: int = 200) -> Response:
    with db.reading() as session:
        found, counts = webhooks.webhooks(session), webhooks.counts_of(session)
    page = render_template(
        "webhooks/index.html", form=form, hooks=found, counts=counts, allowed=_allowed()
    )
    return make_response(page, status)


def _show_page(
    public_id: UUID, *, secret: str = "", error: str = "", status: int = 200
) -> Response:
    with db.reading() as session:
        hook = webhooks.by_public_id(session, public_id)
        log = webhooks.deliveries_of(session, hook.id)
    page = render_template(
        "webhooks/show.html",
        hook=hook,
        log=log,
        secret=secret,
        error=error,
        state_words=STATE_WORDS,
        is_old_good=hook.old_until is not None and clock.now() < hook.old_until,
    )
    return make_response(page, status)
