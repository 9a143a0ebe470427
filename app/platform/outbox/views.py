"""The outbox page: which mails wait, went, or were given up, and why."""

from __future__ import annotations

import uuid

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    url_for,
)

from app.base import db, formatting
from app.base.errors import NotFound
from app.base.web.access import requires
from app.base.web.exports import Sheet, exported
from app.base.web.lists import Filter, ListShape, Pages, read_list
from app.platform.outbox import queries, services
from app.platform.outbox.models import MessageState

blueprint = Blueprint("outbox", __name__, url_prefix="/outbox")

EVERYTHING = 1_000_000
STATE_WORDS = {
    MessageState.WAITING: ("info", "waiting"),
    MessageState.SENDING: ("info", "being sent"),
    MessageState.SENT: ("good", "sent"),
    MessageState.DEAD: ("act", "given up"),
    MessageState.DROPPED: ("none", "no longer needed"),
}
SHAPE = ListShape(
    sorts={"created": True, "recipient": False, "state": False},
    default="-created",
    filters=(
        Filter("state", "State", {state: words for state, (_, words) in STATE_WORDS.items()}),
    ),
)


@blueprint.get("/")
@requires("outbox.view")
def index() -> Response:
    """List the messages."""
    state = read_list(SHAPE)
    with db.reading() as session:
        page = queries.messages_page(
            session,
            states=state.values("state"),
            search=state.search,
            sort=state.sort,
            is_falling=state.is_falling,
            limit=EVERYTHING if state.export else state.size,
            offset=0 if state.export else state.offset,
        )
        waiting = queries.waiting_count(session)
    if state.export:
        return exported(_sheet(page.messages), state.export)
    return make_response(
        render_template(
            "outbox/index.html",
            state=state,
            pages=Pages(state, page.total),
            messages=page.messages,
            waiting=waiting,
            is_configured=current_app.config["SETTINGS"].mail is not None,
            state_words=STATE_WORDS,
        )
    )


@blueprint.get("/<uuid:message_id>")
@requires("outbox.view")
def show(message_id: uuid.UUID) -> Response:
    """Show one message as it was put in; its link is made when it leaves."""
    with db.reading() as session:
        message = queries.message(session, message_id)
    if message is None:
        raise NotFound("E-MAI-03", "There is no such message.")
    return make_response(
        render_template(
            "outbox/message.html",
            message=message,
            state_words=STATE_WORDS,
            is_configured=current_app.config["SETTINGS"].mail is not None,
        )
    )


@blueprint.post("/<uuid:message_id>/retry")
@requires("outbox.retry")
def retry(message_id: uuid.UUID) -> Response:
    """Let a message be tried again."""
    with db.transaction() as session:
        services.retry(session, message_id)
    flash("The message is tried again with the next round.")
    return make_response(redirect(url_for("outbox.show", message_id=message_id), 303))


def _sheet(messages: list[queries.Message]) -> Sheet:
    heads = [
        ("id", "Message"), ("recipient", "To"), ("subject", "Subject"), ("state", "State"),
        ("attempts", "Tries"), ("created_at", "Put in"), ("sent_at", "Sent"), ("error", "Error"),
    ]  # fmt: skip
    rows = [
        (
            each.public_id, each.recipient, each.subject, STATE_WORDS[each.state][1],
            each.attempts, formatting.moment(each.created_at),
            formatting.moment(each.sent_at) if each.sent_at else None, each.last_error,
        )
        for each in messages
    ]  # fmt: skip
    return Sheet("outbox", heads, rows)
