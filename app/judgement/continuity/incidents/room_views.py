"""The room of one incident: how it stands, what is to be done, what was decided, its card."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import Response, current_app, make_response, render_template, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.pdf.printable import PaperSize
from app.base.web.access import requires
from app.judgement.continuity.incidents import acting, card, links, services, wording
from app.judgement.continuity.incidents.blueprint import ACT, VIEW, blueprint
from app.judgement.continuity.incidents.forms import (
    DecisionForm,
    FactsForm,
    LinkForm,
    MoveForm,
    PartForm,
    SettleForm,
    TaskForm,
    aware,
)
from app.judgement.continuity.incidents.models import DecisionState, IncidentState, TaskState
from app.judgement.continuity.incidents.room import Room, room
from app.judgement.continuity.printing import on_paper
from app.platform.audit.acted import Act, acted
from config import Settings

FORMS = (MoveForm, FactsForm, TaskForm, SettleForm, DecisionForm, PartForm, LinkForm)
FIRST_DUE = timedelta(hours=24)


@blueprint.get("/<uuid:public_id>")
@requires(VIEW)
def show(public_id: UUID) -> Response:
    """Show the room."""
    return _page(public_id)


@blueprint.post("/<uuid:public_id>/state")
@requires(ACT)
def move(public_id: UUID) -> Response:
    """Say how it stands now."""
    form = MoveForm()

    def act(session: Session) -> str:
        to = IncidentState(form.state.data)
        services.move(
            session, public_id, to, at=aware(form.at.data), reason=form.reason.data or "",
            seen_version=form.seen_version,
        )  # fmt: skip
        return f"It is {to}."

    return _acted(public_id, act, form, form.state.data)


@blueprint.post("/<uuid:public_id>/facts")
@requires(ACT)
def amend(public_id: UUID) -> Response:
    """Write down what is known by now."""
    form = FactsForm()

    def act(session: Session) -> str:
        services.amend(session, public_id, form.facts(), seen_version=form.seen_version)
        return "Kept."

    return _acted(public_id, act, form)


@blueprint.post("/<uuid:public_id>/tasks")
@requires(ACT)
def add_task(public_id: UUID) -> Response:
    """Add a task."""
    form = TaskForm()

    def act(session: Session) -> str:
        due = aware(form.due_at.data) or clock.now()
        acting.add_task(
            session, public_id, title=form.task.data or "", owner=form.owner.data or "", due_at=due
        )
        return "Added."

    return _acted(public_id, act, form)


@blueprint.post("/<uuid:public_id>/tasks/<uuid:task_id>")
@requires(ACT)
def settle_task(public_id: UUID, task_id: UUID) -> Response:
    """Say what came of a task."""
    form = SettleForm()

    def act(session: Session) -> str:
        state = TaskState(form.state.data)
        acting.settle_task(
            session, public_id, task_id, state, outcome=form.reason.data or "",
            seen_version=form.seen_version,
        )  # fmt: skip
        return f"The task is {state}."

    return _acted(public_id, act, form, str(task_id))


@blueprint.post("/<uuid:public_id>/decisions")
@requires(ACT)
def decide(public_id: UUID) -> Response:
    """Write down a decision."""
    form = DecisionForm()

    def act(session: Session) -> str:
        made = acting.decide(session, public_id, form.decision())
        if made.state == DecisionState.DECIDED:
            return "Decided."
        return "It goes beyond what was agreed beforehand: another person decides."

    return _acted(public_id, act, form)


@blueprint.post("/<uuid:public_id>/parts")
@requires(ACT)
def add_part(public_id: UUID) -> Response:
    """Put a part on the list of what is hit."""
    form = PartForm()

    def act(session: Session) -> str:
        services.add_part(session, public_id, form.part.data or "")
        return "The part is on the list."

    return _acted(public_id, act, form)


@blueprint.post("/<uuid:public_id>/parts/<int:part_id>/remove")
@requires(ACT)
def remove_part(public_id: UUID, part_id: int) -> Response:
    """Take a part off the list; it can be put back."""

    def act(session: Session) -> str:
        services.remove_part(session, public_id, part_id)
        return "The part is off the list; add it again where that was wrong."

    return _acted(public_id, act)


@blueprint.post("/<uuid:public_id>/links")
@requires(ACT)
def link(public_id: UUID) -> Response:
    """Say what the incident belongs to."""
    form = LinkForm()
    with db.reading() as session:
        found = room(session, public_id, now=clock.now())
        offered = links.choices(session, found.incident, list(found.links))
    form.offer(offered)

    def act(session: Session) -> str:
        chosen = next(each for each in offered if each.value == form.about.data)
        acting.link(session, public_id, chosen)
        return "Linked."

    return _acted(public_id, act, form)


@blueprint.post("/<uuid:public_id>/links/<uuid:link_id>/remove")
@requires(ACT)
def unlink(public_id: UUID, link_id: UUID) -> Response:
    """Take a link away; it can be made again."""

    def act(session: Session) -> str:
        acting.unlink(session, public_id, link_id)
        return "The link is gone; make it again where that was wrong."

    return _acted(public_id, act)


@blueprint.get("/<uuid:public_id>/card")
@requires(VIEW)
def print_card(public_id: UUID) -> Response:
    """Print what one needs at hand on one page."""
    settings: Settings = current_app.config["SETTINGS"]
    with db.reading() as session:
        found = room(session, public_id, now=clock.now())
        content = card.card(session, found, paper_size=PaperSize(settings.paper_size))
    return on_paper(content)


def _acted(
    public_id: UUID, act: Act, form: FlaskForm | None = None, about: str | None = None
) -> Response:
    """Do something in a room, or show it again with what is wrong."""
    return acted(
        act,
        form,
        again=lambda status: _page(public_id, form, about, status=status),
        there=url_for("incidents.show", public_id=public_id),
    )


def _page(
    public_id: UUID, form: FlaskForm | None = None, about: str | None = None, *, status: int = 200
) -> Response:
    with db.reading() as session:
        found = room(session, public_id, now=clock.now())
        offered = links.choices(session, found.incident, list(found.links))
    page = render_template(
        "incidents/show.html",
        room=found,
        incident=found.incident,
        words=wording,
        form=form,
        about=about,
        forms_of=_forms(form, found, offered),
    )
    return make_response(page, status)


def _forms(
    sent: FlaskForm | None, found: Room, offered: list[links.Choice]
) -> dict[str, FlaskForm]:
    """Return the forms of the page: the one that was sent as it was typed, the others fresh."""
    made = {
        kind.__name__: sent if isinstance(sent, kind) else kind(formdata=None) for kind in FORMS
    }
    facts, task, about = made["FactsForm"], made["TaskForm"], made["LinkForm"]
    if isinstance(facts, FactsForm) and facts is not sent:
        facts.show(found.incident)
    if isinstance(task, TaskForm) and task is not sent:
        task.due_at.data = (found.now + FIRST_DUE).replace(minute=0, second=0, microsecond=0)
    if isinstance(about, LinkForm):
        about.offer(offered)
    return made
