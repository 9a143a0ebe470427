"""The pages of manual scores: what is judged by hand, and the judgements of one supplier."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs

from app.base import clock, db, scope
from app.base.errors import Conflict, Forbidden, InvalidInput
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.calc.closing import open_from
from app.facts.suppliers.directory import head_by_public_id
from app.judgement.scorecards.manual import queries, services
from app.judgement.scorecards.manual.forms import (
    CriterionForm,
    JudgementForm,
    RetireForm,
    WithdrawForm,
)
from app.platform.audit.services import ReasonNeeded

blueprint = Blueprint("manual", __name__)

VIEW, EDIT, JUDGE = "suppliers.view", "methods.edit", "manual.judge"
REFUSALS = (Conflict, Forbidden, InvalidInput)


@blueprint.get("/criteria/")
@requires(VIEW)
def criteria() -> Response:
    """List what is judged by hand."""
    return _criteria_page(CriterionForm(formdata=None))


@blueprint.post("/criteria/")
@requires(EDIT)
def add_criterion() -> Response:
    """Add something that is judged by hand."""
    form = CriterionForm()
    if not form.validate():
        return _criteria_page(form, 422)
    try:
        with db.transaction() as session:
            services.add_criterion(session, name=form.name.data or "", short=form.short.data or "")
    except REFUSALS as error:
        form.form_errors.append(error.message)
        return _criteria_page(form, STATUS_OF_KIND[error.kind])
    flash("Added. Suppliers are judged by it on their own pages.")
    return make_response(redirect(url_for("manual.criteria"), 303))


@blueprint.post("/criteria/<uuid:public_id>/retire")
@requires(EDIT)
def retire_criterion(public_id: UUID) -> Response:
    """Let nobody judge it any more."""
    form, adding = RetireForm(), CriterionForm(formdata=None)
    try:
        with db.transaction() as session:
            found = queries.criterion_by_public_id(session, public_id)
            services.retire_criterion(session, found, reason=form.reason.data or "")
    except REFUSALS as error:
        adding.form_errors.append(error.message)
        return _criteria_page(adding, STATUS_OF_KIND[error.kind])
    flash("Retired. What was judged stands until it expires.")
    return make_response(redirect(url_for("manual.criteria"), 303))


@blueprint.get("/suppliers/<uuid:public_id>/judgements")
@requires(VIEW)
def judgements(public_id: UUID) -> Response:
    """Show what was judged of a supplier by hand."""
    return _judgements_page(public_id, _form(formdata=None))


@blueprint.post("/suppliers/<uuid:public_id>/judgements")
@requires(JUDGE)
def judge(public_id: UUID) -> Response:
    """Judge a supplier by hand."""
    with db.reading() as session:
        scope.require_writable(session, "supplier", head_by_public_id(session, public_id).id)
    form = _form()
    if not form.validate():
        return _judgements_page(public_id, form, 422)
    try:
        with db.transaction() as session:
            head = head_by_public_id(session, public_id)
            criterion = queries.criterion_by_public_id(session, UUID(form.criterion.data))
            services.judge(session, head.id, criterion, form.judged())
    except REFUSALS as error:
        form.form_errors.append(error.message)
        return _judgements_page(public_id, form, STATUS_OF_KIND[error.kind])
    flash("Judged. It is scored where the method gives it a weight.")
    return _back(public_id)


@blueprint.post("/suppliers/<uuid:public_id>/judgements/<uuid:score_id>/withdraw")
@requires(JUDGE)
def withdraw(public_id: UUID, score_id: UUID) -> Response:
    """Withdraw a judgement."""
    form, judging = WithdrawForm(), _form(formdata=None)
    try:
        with db.transaction() as session:
            head = head_by_public_id(session, public_id)
            scope.require_writable(session, "supplier", head.id)
            found = queries.score_of(session, head.id, score_id)
            services.withdraw(session, found, reason=form.reason.data or "")
    except (ReasonNeeded, *REFUSALS) as error:
        judging.form_errors.append(error.message)
        return _judgements_page(public_id, judging, STATUS_OF_KIND[error.kind])
    flash("Withdrawn. It stays in the list and counts nowhere.")
    return _back(public_id)


def _back(public_id: UUID) -> Response:
    return make_response(redirect(url_for("manual.judgements", public_id=public_id), 303))


def _form(**options: None) -> JudgementForm:
    form = JudgementForm(**options)
    with db.reading() as session:
        found = queries.criteria(session)
    form.criterion.choices = [SelectChoice(str(each.public_id), each.name) for each in found]
    return form


def _criteria_page(form: CriterionForm, status: int = 200) -> Response:
    with db.reading() as session:
        found = queries.criteria(session, with_retired=True)
    page = render_template(
        "manual/criteria.html", criteria=found, form=form, retiring=RetireForm(formdata=None)
    )
    return make_response(page, status)


def _judgements_page(public_id: UUID, form: JudgementForm, status: int = 200) -> Response:
    today = clock.today()
    with db.reading() as session:
        head = head_by_public_id(session, public_id)
        rows = queries.rows_of(session, head.id, day=today)
        known = queries.criteria(session)
    page = render_template(
        "manual/judgements.html",
        head=head,
        rows=rows,
        criteria=known,
        form=form,
        withdrawal=WithdrawForm(formdata=None),
        open_from=open_from(today),
    )
    return make_response(page, status)
