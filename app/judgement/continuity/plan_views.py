"""The pages of one plan: shown, drafted, submitted, reviewed, ended; its contacts and files."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response, flash, make_response, render_template, request
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.errors import AppError
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.calc.continuity import survival_gap
from app.judgement.continuity import drafting, exercising, queries, services, wording
from app.judgement.continuity.answering import Render, done, files_shown, sent, shelf, to_plan
from app.judgement.continuity.blueprint import EDIT, VIEW, blueprint
from app.judgement.continuity.content import TYPE, said_of
from app.judgement.continuity.exercise_forms import SurvivalForm
from app.judgement.continuity.forms import DraftForm, ReasonForm, ReviewForm
from app.judgement.continuity.queries import PlanSheet
from app.judgement.continuity.readiness import QUESTION
from app.platform.records import queries as files
from app.platform.records import services as records
from app.platform.records.forms import AttachForm
from app.platform.records.media import KINDS


@blueprint.get("/continuity/plans/<uuid:plan_id>")
@requires(VIEW)
def show(plan_id: UUID) -> Response:
    """Show a plan with its points, checks, versions, contacts and exercises."""
    return show_page(plan_id)


@blueprint.get("/continuity/versions/<uuid:version_id>")
@requires(VIEW)
def show_version(version_id: UUID) -> Response:
    """Show what one version of a plan says."""
    with db.reading() as session:
        plan_id = queries.plan_of_version(session, version_id).public_id
    return show_page(plan_id, version_id=version_id)


@blueprint.get("/continuity/plans/<uuid:plan_id>/draft")
@requires(EDIT)
def edit(plan_id: UUID) -> Response:
    """Ask what the draft is to say."""
    form = DraftForm(formdata=None)
    with db.reading() as session:
        plan = services.plan_by_public_id(session, plan_id)
        draft = services.draft_of(session, plan)
        if draft is None:
            flash("No draft is being written; begin the next version first.")
            return to_plan(plan_id)
        form.show(said_of(session, draft), plan.version)
    return _draft_page(plan_id, form)


@blueprint.post("/continuity/plans/<uuid:plan_id>/draft")
@requires(EDIT)
def save(plan_id: UUID) -> Response:
    """Store what the draft says."""
    form = DraftForm()

    def act(session: Session) -> object:
        return drafting.save_draft(session, plan_id, form.said(), seen_version=form.seen_version)

    def again(status: int) -> Response:
        return _draft_page(plan_id, form, status)

    return done(form, act, again, "Stored. It counts once another person approved it.", plan_id)


@blueprint.post("/continuity/plans/<uuid:plan_id>/versions")
@requires(EDIT)
def begin(plan_id: UUID) -> Response:
    """Begin the next version."""
    told = "The next version is begun as a copy; the approved one holds until it is followed."
    return _with_reason(plan_id, "begin", drafting.begin_version, told)


@blueprint.post("/continuity/plans/<uuid:plan_id>/submit")
@requires(EDIT)
def submit(plan_id: UUID) -> Response:
    """Submit the draft for approval."""
    return _with_reason(plan_id, "submit", drafting.submit, "Submitted. Another person decides.")


@blueprint.post("/continuity/plans/<uuid:plan_id>/withdraw")
@requires(EDIT)
def withdraw(plan_id: UUID) -> Response:
    """Take a submission back."""
    form = ReasonForm(prefix="withdraw")

    def act(session: Session) -> object:
        drafting.withdraw(session, plan_id)
        return None

    return done(form, act, _again(plan_id, form), "Taken back. Nobody decides on it now.", plan_id)


@blueprint.post("/continuity/plans/<uuid:plan_id>/review")
@requires(EDIT)
def review(plan_id: UUID) -> Response:
    """Note that the plan was gone through and stays as it is."""
    form = ReviewForm(prefix="review")

    def act(session: Session) -> object:
        services.note_review(
            session,
            plan_id,
            reviewed_on=form.day,
            next_on=form.next_on.data,
            reason=form.reason.data or "",
            seen_version=form.seen_version,
        )
        return None

    return done(form, act, _again(plan_id, form), "The review is noted.", plan_id)


@blueprint.post("/continuity/plans/<uuid:plan_id>/end")
@requires(EDIT)
def end(plan_id: UUID) -> Response:
    """End a plan."""
    return _with_reason(plan_id, "end", services.end_plan, "Ended. It stays readable.")


@blueprint.get("/continuity/plans/<uuid:plan_id>/survival")
@requires(VIEW)
def survive(plan_id: UUID) -> Response:
    """Work out how long we last without the supplier, beside what the plan promises."""
    asked = bool(request.args)
    form = SurvivalForm(request.args if asked else None)
    days = form.days() if asked and form.validate() else None
    with db.reading() as session:
        sheet = _sheet(session, plan_id)
        owner = queries.owner_of(session, sheet.plan.supplier_id)
    recovery = sheet.checks.stated if sheet.checks.shown is None else sheet.checks.shown
    page = render_template(
        "continuity/survive.html",
        sheet=sheet,
        owner=owner,
        form=form,
        days=days,
        is_unlimited=days is not None and math.isinf(days),
        gap=survival_gap(recovery, days),
        recovery=recovery,
        words=wording,
    )
    return make_response(page, 422 if asked and days is None else 200)


@blueprint.post("/continuity/plans/<uuid:plan_id>/files")
@requires("files.edit", takes_file=True)
def attach(plan_id: UUID) -> Response:
    """Take a file: the plan as the supplier sent it, a certificate, a report."""
    form = AttachForm()
    if not form.validate():
        return show_page(plan_id, form=form, status=422)
    with db.reading() as session:
        plan = services.plan_by_public_id(session, plan_id)
    try:
        upload = records.examine(form.file.data.filename, form.file.data.read(), shelf=shelf())
        records.attach(
            upload,
            entity=TYPE,
            entity_id=plan.id,
            supplier_id=plan.supplier_id,
            evidence_on=form.evidence_on.data,
            shelf=shelf(),
        )
    except AppError as error:
        form.form_errors.append(error.message)
        return show_page(plan_id, form=form, status=STATUS_OF_KIND[error.kind])
    flash("The file is stored.")
    return to_plan(plan_id)


@blueprint.get("/continuity/plans/<uuid:plan_id>/files/<uuid:file_id>")
@requires("files.view")
def download(plan_id: UUID, file_id: UUID) -> Response:
    """Send a file of a plan, always as a download that nothing can run in."""
    with db.reading() as session:
        plan = services.plan_by_public_id(session, plan_id)
        file = files.file_of(session, TYPE, plan.id, file_id)
    return sent(file)


@blueprint.get("/continuity/questions/<uuid:question_id>/files/<uuid:file_id>")
@requires("files.view")
def download_evidence(question_id: UUID, file_id: UUID) -> Response:
    """Send a document that proves an answer, as a download."""
    with db.reading() as session:
        found = exercising.question_by_public_id(session, question_id)
        file = files.file_of(session, QUESTION, found.id, file_id)
    return sent(file)


def show_page(
    plan_id: UUID,
    *,
    version_id: UUID | None = None,
    form: FlaskForm | None = None,
    status: int = 200,
) -> Response:
    """Show a plan, with a form that was sent and what is wrong with it."""
    with db.reading() as session:
        sheet = _sheet(session, plan_id, version_id)
        owner = queries.owner_of(session, sheet.plan.supplier_id)
        kept = files_shown(session, TYPE, sheet.plan.id)
    page = render_template(
        "continuity/show.html",
        sheet=sheet,
        plan=sheet.plan,
        owner=owner,
        files=kept,
        form=form,
        today=clock.today(),
        words=wording,
        accepted=",".join(f".{kind}" for kind in KINDS),
        evidence=form if isinstance(form, AttachForm) else AttachForm(formdata=None),
        **_forms(sheet, form),
    )
    return make_response(page, status)


def _forms(sheet: PlanSheet, sent: FlaskForm | None) -> dict[str, FlaskForm]:
    """Return the forms of the page; the one that was sent keeps what was typed."""
    found: dict[str, FlaskForm] = {}
    for name in ("begin", "submit", "withdraw", "end"):
        found[f"{name}_form"] = ReasonForm(prefix=name, formdata=None)
    found["review_form"] = ReviewForm(prefix="review", formdata=None)
    found["review_form"].reviewed_on.data = clock.today()
    for name, made in found.items():
        made.version.data = str(sheet.plan.version)
        if sent is not None and getattr(sent, "_prefix", "") == made._prefix:
            found[name] = sent
    return found


def _sheet(session: Session, plan_id: UUID, version_id: UUID | None = None) -> PlanSheet:
    plan = services.plan_by_public_id(session, plan_id)
    return queries.plan_sheet(session, plan, clock.today(), version=version_id)


def _with_reason(
    plan_id: UUID, name: str, write: Callable[..., Any], told: str
) -> Response:  # Any: what a service returns
    """Do what only needs a reason and the version of the plan that was seen."""
    form = ReasonForm(prefix=name)

    def act(session: Session) -> object:
        return write(
            session, plan_id, reason=form.reason.data or "", seen_version=form.seen_version
        )

    return done(form, act, _again(plan_id, form), told, plan_id)


def _again(plan_id: UUID, form: FlaskForm) -> Render:
    def again(status: int) -> Response:
        return show_page(plan_id, form=form, status=status)

    return again


def _draft_page(plan_id: UUID, form: DraftForm, status: int = 200) -> Response:
    with db.reading() as session:
        plan = services.plan_by_public_id(session, plan_id)
        owner = queries.owner_of(session, plan.supplier_id)
    page = render_template("continuity/draft.html", plan=plan, owner=owner, form=form)
    return make_response(page, status)
