"""The approval pages: what waits for you, what you submitted, one approval, the decision."""

from __future__ import annotations

import uuid

from flask import (
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    url_for,
)

from app.base import clock, db, formatting
from app.base.errors import AppError, Conflict, Forbidden, InvalidInput, NotFound
from app.base.web.access import current_actor, requires
from app.base.web.errors import STATUS_OF_KIND
from app.base.web.exports import Sheet, exported
from app.base.web.lists import Filter, ListShape, ListState, Pages, read_list
from app.platform.accounts import gate
from app.platform.approvals import kinds, queries, services
from app.platform.approvals.blueprint import blueprint
from app.platform.approvals.changes import changes_of
from app.platform.approvals.eligibility import Refusal
from app.platform.approvals.forms import DecideForm, EmptyForm
from app.platform.approvals.models import State, Verdict
from app.platform.approvals.queries import Detail, Row
from app.platform.audit.services import ReasonNeeded

ALL = "approvals.view"
# What the rules, or the feature that acts on the decision, may say against it.
REFUSALS = (Conflict, Forbidden, InvalidInput)
EVERYTHING = 1_000_000
STATE_WORDS = {
    State.PENDING: ("info", "waits"),
    State.APPROVED: ("good", "approved"),
    State.REJECTED: ("act", "rejected"),
    State.VOIDED: ("none", "void"),
    State.WITHDRAWN: ("none", "withdrawn"),
}
WHY_NOT = {
    Refusal.WROTE_IT: "You wrote this version; another approver must decide.",
    Refusal.DECIDED_ALREADY: "Your decision counts already; a second approver must decide.",
    Refusal.NO_POWER: "You hold no approver grant for this.",
}
NO_SUCH = "There is no such approval, or you may not see it."


@blueprint.get("/")
@requires("approvals.own")
def index() -> Response:
    """List what waits for the person's decision."""
    with db.reading() as session:
        rows = queries.open_for(session, current_actor().id, on=clock.today())
    return _list_page("approvals/index.html", rows=rows, here="index")


@blueprint.get("/submitted")
@requires("approvals.own")
def submitted() -> Response:
    """List what the person submitted."""
    return _paged("submitted", submitted_by_id=current_actor().id)


@blueprint.get("/all")
@requires(ALL)
def everything() -> Response:
    """List all approvals, whoever they are of."""
    return _paged("everything")


@blueprint.get("/<uuid:public_id>")
@requires("approvals.own")
def show(public_id: uuid.UUID) -> Response:
    """Show one approval with what exactly is approved."""
    return _detail_page(_seen(public_id), DecideForm(formdata=None))


@blueprint.post("/<uuid:public_id>/decide")
@requires("approvals.decide")
def decide(public_id: uuid.UUID) -> Response:
    """Approve or reject what was shown."""
    found, form = _seen(public_id), DecideForm()
    if not form.validate():
        form.form_errors.append("Look at the page again, then approve or reject.")
        return _detail_page(found, form, 422)
    try:
        with db.transaction() as session:
            services.decide(
                session,
                approval_id=found.row.id,
                decision=Verdict(form.decision.data),
                reason=form.reason.data or "",
                seen_version=form.seen_version.data or 0,
                seen_hash=form.seen_hash.data or "",
            )
    except ReasonNeeded as error:
        form.reason.errors = [error.message]
        return _detail_page(found, form, 422)
    except REFUSALS as error:
        return _refused(public_id, form, error)
    flash("Approved." if form.decision.data == Verdict.APPROVE else "Rejected.")
    return make_response(redirect(url_for("approvals.show", public_id=public_id), 303))


@blueprint.post("/<uuid:public_id>/withdraw")
@requires("approvals.decide")
def withdraw(public_id: uuid.UUID) -> Response:
    """Take back what one submitted."""
    found, form = _seen(public_id), EmptyForm()
    try:
        with db.transaction() as session:
            services.withdraw(session, approval_id=found.row.id)
    except REFUSALS as error:
        return _refused(public_id, form, error)
    flash("Withdrawn. Nothing of it was approved.")
    return make_response(redirect(url_for("approvals.show", public_id=public_id), 303))


def _paged(here: str, *, submitted_by_id: int | None = None) -> Response:
    state = read_list(_shape())
    wanted = queries.approvals(
        submitted_by_id=submitted_by_id,
        states=state.values("state"),
        types=state.values("kind"),
    )
    with db.reading() as session:
        rows, total = queries.page_of(
            session,
            wanted,
            sort=state.sort,
            is_falling=state.is_falling,
            limit=EVERYTHING if state.export else state.size,
            offset=0 if state.export else state.offset,
        )
    if state.export:
        return exported(_sheet(rows), state.export)
    return _list_page(
        "approvals/list.html", rows=rows, here=here, state=state, pages=Pages(state, total)
    )


def _shape() -> ListShape:
    words = {kind.type: kind.words for kind in kinds.all_kinds()}
    states = {str(state): words for state, (_, words) in STATE_WORDS.items()}
    return ListShape(
        sorts={"submitted": True, "decided": True, "title": False, "state": False},
        default="-submitted",
        filters=(Filter("state", "State", states), Filter("kind", "Kind", words)),
    )


def _list_page(
    template: str,
    *,
    rows: list[Row],
    here: str,
    state: ListState | None = None,
    pages: Pages | None = None,
) -> Response:
    return make_response(
        render_template(
            template,
            rows=rows,
            here=here,
            state=state,
            pages=pages,
            state_words=STATE_WORDS,
            kind_words={kind.type: kind.words for kind in kinds.all_kinds()},
            sees_all=gate.may(current_actor(), ALL),
        )
    )


def _seen(public_id: uuid.UUID) -> Detail:
    """Return an approval that the person has to do with, or may see because they see all."""
    person = current_actor()
    with db.reading() as session:
        found = queries.detail(session, public_id)
        if found is None:
            raise NotFound("E-SOD-20", NO_SUCH)
        has_to_do = person.id in {*found.writers, *(one.by for one in found.said)}
        may_decide = queries.standing(session, found, person.id, on=clock.today()).may_decide
    if not (has_to_do or may_decide or gate.may(person, ALL)):
        raise NotFound("E-SOD-20", NO_SUCH)
    return found


def _detail_page(found: Detail, form: DecideForm | EmptyForm, status: int = 200) -> Response:
    person, today = current_actor(), clock.today()
    with db.reading() as session:
        standing = queries.standing(session, found, person.id, on=today)
        names = queries.approver_names(session, found, on=today)
    kind = kinds.kind_of(found.row.about.type)
    page = render_template(
        "approvals/show.html",
        found=found,
        row=found.row,
        form=form if isinstance(form, DecideForm) else DecideForm(formdata=None),
        problems=form.form_errors,
        kind=kind,
        page_of_object=kind.address(found.row.about.key),
        changes=changes_of(
            None if found.before is None else kind.told(found.before), kind.told(found.content)
        ),
        standing=standing,
        why_not=None if standing.refusal is None else WHY_NOT[standing.refusal],
        approvers=names,
        is_mine=found.row.submitted_by_id == person.id,
        is_expired=found.row.expires_on is not None and found.row.expires_on < today,
        state_words=STATE_WORDS,
        verdict_words={Verdict.APPROVE: ("good", "approved"), Verdict.REJECT: ("act", "rejected")},
    )
    return make_response(page, status)


def _refused(public_id: uuid.UUID, form: DecideForm | EmptyForm, error: AppError) -> Response:
    """Show the approval as it is now, with what went wrong above it."""
    form.form_errors.append(error.message)
    return _detail_page(_seen(public_id), form, STATUS_OF_KIND[error.kind])


def _sheet(rows: list[Row]) -> Sheet:
    heads = [
        ("kind", "Kind"), ("title", "What"), ("version", "Version"), ("state", "State"),
        ("submitted_by", "Submitted by"), ("submitted_at", "Submitted"),
        ("decided_by", "Decided by"), ("decided_at", "Decided"),
        ("is_independent", "Independent"), ("expires_on", "Holds until"),
    ]  # fmt: skip
    cells = [
        (
            row.about.type, row.title, row.version, str(row.state), row.submitted_by,
            formatting.moment(row.submitted_at), row.decided_by,
            formatting.moment(row.decided_at) if row.decided_at else None,
            row.is_independent, row.expires_on,
        )
        for row in rows
    ]  # fmt: skip
    return Sheet("approvals", heads, cells)
