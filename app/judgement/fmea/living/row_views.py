"""The page of one row: how it stands and stood, what the facts say, what is done about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.charts.steps import Step, StepChart
from app.base.errors import AppError, NotFound
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.calc.fmea_scales import DIMENSIONS, Scales
from app.judgement.fmea import standards
from app.judgement.fmea.living import (
    acceptances,
    action_queries,
    beside,
    rating_services,
    reviews,
    rows,
    suggesting,
    wording,
)
from app.judgement.fmea.living.blueprint import ACCEPT, ACT, VIEW, blueprint
from app.judgement.fmea.living.forms import (
    AcceptForm,
    EndForm,
    JointForm,
    LinkForm,
    RateForm,
    ReviewedForm,
)
from app.judgement.fmea.living.papers import Paper, papers_of
from app.judgement.fmea.living.rows import RatingRow, RowHead
from app.judgement.fmea.models import PRESENT_KINDS, RatingKind
from app.platform.audit.services import ReasonNeeded

LARGEST_RPN = 1000
Act = Callable[[Session, RowHead], str]


@blueprint.get("/rows/<uuid:cause_id>")
@requires(VIEW)
def row(cause_id: UUID) -> Response:
    """Show a row with everything that is known and done about it."""
    return _page(cause_id)


@blueprint.post("/rows/<uuid:cause_id>/rating")
@requires(ACT)
def rate(cause_id: UUID) -> Response:
    """Rate a row with the facts in view: as they suggest, or otherwise with a reason."""
    form = RateForm()

    def act(session: Session, head: RowHead) -> str:
        found = suggesting.suggestions(session, [head], clock.today())[head.cause_id]
        rating_services.rate_with_facts(
            session, head, form.scores(), suggested=found, reason=form.reason.data or ""
        )
        return "Rated. What it was before stays in the history."

    return _done(cause_id, form, act)


@blueprint.post("/rows/<uuid:cause_id>/acceptances")
@requires(ACCEPT)
def accept(cause_id: UUID) -> Response:
    """Ask that a risk is accepted."""
    form = AcceptForm()

    def act(session: Session, head: RowHead) -> str:
        acceptances.ask(
            session,
            head,
            accepted_by=form.accepted_by.data or "",
            until_on=form.until_on.data or date.min,
            reason=form.reason.data or "",
        )
        return "The acceptance waits for another person."

    return _done(cause_id, form, act)


@blueprint.post("/rows/<uuid:cause_id>/acceptances/<uuid:acceptance_id>/end")
@requires(ACCEPT)
def end_acceptance(cause_id: UUID, acceptance_id: UUID) -> Response:
    """End an acceptance before its last day."""
    form = EndForm()

    def act(session: Session, head: RowHead) -> str:
        acceptances.end(session, head, acceptance_id, reason=form.reason.data or "")
        return "Nobody accepts it any more."

    return _done(cause_id, form, act)


@blueprint.post("/rows/<uuid:cause_id>/joint")
@requires(ACT)
def assess(cause_id: UUID) -> Response:
    """Enter how the supplier rates a row."""
    form = JointForm()

    def act(session: Session, head: RowHead) -> str:
        beside.enter_joint(
            session,
            head,
            met_on=form.met_on.data or date.min,
            spoke_with=form.spoke_with.data or "",
            theirs=form.scores(),
            note=form.note.data or "",
        )
        return "Entered beside ours."

    return _done(cause_id, form, act)


@blueprint.post("/rows/<uuid:cause_id>/links")
@requires(ACT)
def link(cause_id: UUID) -> Response:
    """Link the failure mode with a part, a supplier, or a contract or plan of its own one."""
    form = LinkForm()
    with db.reading() as session:
        head = rows.row_by_public_id(session, cause_id)
        form.offer(papers_of(session, head.supplier_id))

    def act(session: Session, head: RowHead) -> str:
        beside.link(session, head, *form.what)
        return "Linked."

    return _done(cause_id, form, act)


@blueprint.post("/rows/<uuid:cause_id>/links/<uuid:link_id>/remove")
@requires(ACT)
def unlink(cause_id: UUID, link_id: UUID) -> Response:
    """Take a link away."""

    def act(session: Session, head: RowHead) -> str:
        beside.unlink(session, head, link_id)
        return "The link is gone; it can be made again."

    return _done(cause_id, LinkForm(formdata=None), act, is_checked=False)


@blueprint.post("/rows/<uuid:cause_id>/reviewed")
@requires(ACT)
def reviewed(cause_id: UUID) -> Response:
    """Say that a row was looked at."""
    form = ReviewedForm()

    def act(session: Session, head: RowHead) -> str:
        reviews.reviewed(session, head, outcome=form.reason.data or "")
        return "Reviewed. The next look is due by its cadence."

    return _done(cause_id, form, act)


def _done(cause_id: UUID, form: FlaskForm, act: Act, *, is_checked: bool = True) -> Response:
    """Do something with a row, or show its page again with what is wrong."""
    if is_checked and not form.validate():
        return _page(cause_id, form, 422)
    try:
        with db.transaction() as session:
            said = act(session, rows.row_by_public_id(session, cause_id))
    except NotFound:
        raise
    except ReasonNeeded as error:
        form["reason"].errors = [error.message]
        return _page(cause_id, form, 422)
    except AppError as error:
        form.form_errors.append(error.message)
        return _page(cause_id, form, STATUS_OF_KIND[error.kind])
    flash(said)
    return make_response(redirect(url_for("actions.row", cause_id=cause_id), 303))


def _page(cause_id: UUID, form: FlaskForm | None = None, status: int = 200) -> Response:
    today = clock.today()
    with db.reading() as session:
        head = rows.row_by_public_id(session, cause_id)
        given = rows.ratings_of(session, head.cause_id)
        found = suggesting.suggestions(session, [head], today)[head.cause_id]
        papers = papers_of(session, head.supplier_id)
        due = reviews.review_dates(session, cause_ids=[head.cause_id])
        shown = {
            "actions": action_queries.actions(session, cause_id=head.cause_id),
            "acceptances": acceptances.acceptances(session, cause_id=head.cause_id)[::-1],
            "joints": beside.joints_of(session, head.cause_id),
            "links": beside.links_of(session, head.mode_id, papers),
            "reviews": reviews.reviews_of(session, head.cause_id),
            "noted": suggesting.history_of(session, head.cause_id)[::-1],
        }
        scales = standards.scales_in_force(session, head.scale_name)
    page = render_template(
        "fmea_living/row.html",
        row=head,
        ratings=given[::-1],
        stages=_stages(given),
        picture=_picture(given, today, head),
        suggested=found,
        dimensions=DIMENSIONS,
        due=due[0] if due else None,
        today=today,
        words=wording,
        form=form,
        **shown,
        **_forms(form, head, found, scales, papers),
    )
    return make_response(page, status)


def _forms(
    form: FlaskForm | None,
    head: RowHead,
    found: suggesting.Suggested,
    scales: Scales,
    papers: list[Paper],
) -> dict[str, FlaskForm]:
    """Return every form of the page: the one that was sent as it was typed, the others fresh."""
    kinds = {
        "rate_form": RateForm, "accept_form": AcceptForm, "end_form": EndForm,
        "joint_form": JointForm, "link_form": LinkForm, "reviewed_form": ReviewedForm,
    }  # fmt: skip
    made: dict[str, FlaskForm] = {
        name: form if isinstance(form, kind) else kind(formdata=None)
        for name, kind in kinds.items()
    }
    for name in ("rate_form", "joint_form"):
        made[name].offer(scales)
    made["link_form"].offer(papers)
    if made["rate_form"] is not form:
        stored = {name: getattr(head, name) for name in DIMENSIONS}
        proposed = {name: found.of(name) or stored[name] for name in DIMENSIONS}
        made["rate_form"].show(proposed)
    return made


def _stages(given: list[RatingRow]) -> list[tuple[str, RatingRow]]:
    """Return the ratings that stand side by side: inherent, first, now, planned."""
    present = [each for each in given if each.kind in PRESENT_KINDS]
    inherent = rows.newest(given, RatingKind.INHERENT)
    planned = rows.newest(given, RatingKind.PLANNED)
    found = [("Inherent, without controls", inherent)]
    if len(present) > 1:
        found.append(("When first rated", present[0]))
    found.append(("Residual, as it is now", present[-1] if present else None))
    found.append(("Planned", planned))
    return [(label, each) for label, each in found if each is not None]


def _picture(given: list[RatingRow], today: date, head: RowHead) -> str:
    """Draw how the RPN went, with the priority at each step; the AP decides, not the RPN."""
    steps = tuple(
        Step(each.rated_at.date(), float(each.rpn), each.priority or "")
        for each in given
        if each.is_present and each.rpn is not None
    )
    planned = rows.newest(given, RatingKind.PLANNED)
    aim = None if planned is None or planned.rpn is None else float(planned.rpn)
    highest = max([each.value for each in steps] + [aim or 0.0, 100.0])
    told = "; ".join(f"{each.on.isoformat()} RPN {each.value:.0f}, {each.words}" for each in steps)
    return StepChart(
        title=f"How the risk went: {head.mode}",
        description=told or "Not rated yet.",
        steps=steps,
        until=today,
        highest=min(LARGEST_RPN, highest * 1.1),
        aim=aim,
        aim_label="" if aim is None else f"planned {aim:.0f}",
    ).svg()
