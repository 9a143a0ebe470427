"""What is entered beside the money: days off, savings, the freezing of a baseline."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Response, flash, make_response, redirect, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from app.base import db
from app.base.errors import Conflict, Forbidden, InvalidInput
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.judgement.contracts.forms import tell
from app.judgement.contracts.money import days_off, glide, reading, savings
from app.judgement.contracts.money.blueprint import EDIT, blueprint
from app.judgement.contracts.money.forms import DaysOffForm, ReasonForm, SavingForm, StepForm
from app.judgement.contracts.money.held_terms import At
from app.judgement.contracts.money.views import index_page, share_choices
from app.judgement.contracts.values import TermsRefused
from app.platform.audit.services import ReasonNeeded

REFUSALS = (Conflict, Forbidden, InvalidInput)
Act = Callable[[Session], object]


@blueprint.post("/days-off")
@requires(EDIT)
def enter_days_off(public_id: UUID, contract_id: UUID) -> Response:
    """Enter days that the supplier does not answer for."""
    form, at = DaysOffForm(), At(public_id, contract_id)
    return _done(
        at, form, lambda session: days_off.enter(session, at, form.said()),
        "Entered. These days come off every delay under this contract.",
    )  # fmt: skip


@blueprint.post("/days-off/<uuid:relief_id>/withdraw")
@requires(EDIT)
def withdraw_days_off(public_id: UUID, contract_id: UUID, relief_id: UUID) -> Response:
    """Withdraw days off."""
    form, at = ReasonForm(), At(public_id, contract_id)
    return _done(
        at, form,
        lambda session: days_off.withdraw(session, at, relief_id, reason=form.reason.data or ""),
        "Withdrawn. These days count as late again.",
    )  # fmt: skip


@blueprint.post("/savings")
@requires(EDIT)
def enter_saving(public_id: UUID, contract_id: UUID) -> Response:
    """Enter a saving; another person verifies it."""
    form, at = SavingForm(), At(public_id, contract_id)
    with db.reading() as session:
        form.share.choices = share_choices(reading.money_page(session, at))
    return _done(
        at, form, lambda session: savings.enter(session, at, form.said()),
        "Entered. It is shared once another person has verified it.",
    )  # fmt: skip


@blueprint.post("/savings/<uuid:saving_id>/verify")
@requires(EDIT)
def verify_saving(public_id: UUID, contract_id: UUID, saving_id: UUID) -> Response:
    """Say that a saving is real."""
    at = At(public_id, contract_id)
    return _stepped(at, saving_id, savings.verify, "Verified. It is shared now.")


@blueprint.post("/savings/<uuid:saving_id>/withdraw")
@requires(EDIT)
def withdraw_saving(public_id: UUID, contract_id: UUID, saving_id: UUID) -> Response:
    """Withdraw a saving."""
    told = "Withdrawn. It stays readable and is not shared."
    return _stepped(At(public_id, contract_id), saving_id, savings.withdraw, told)


@blueprint.post("/baselines/<uuid:clause_id>")
@requires(EDIT)
def freeze(public_id: UUID, contract_id: UUID, clause_id: UUID) -> Response:
    """Freeze the baseline of an improvement clause."""
    form, at = ReasonForm(), At(public_id, contract_id)

    def act(session: Session) -> object:
        reason = form.reason.data or ""
        return glide.freeze_baseline(session, at, clause_id, reason=reason)

    return _done(at, form, act, "Frozen. It never changes from now on.")


def _stepped(at: At, saving_id: UUID, step: Callable[..., object], told: str) -> Response:
    """Take the next step of a saving, as it was seen."""
    form = StepForm()

    def act(session: Session) -> object:
        seen, reason = form.version.data or 0, form.reason.data or ""
        return step(session, at, saving_id, seen=seen, reason=reason)

    return _done(at, form, act, told)


def _done(at: At, form: FlaskForm, act: Act, told: str) -> Response:
    """Do something, or show the page again with what is wrong and what was typed."""
    if not form.validate():
        return index_page(at, form, 422)
    try:
        with db.transaction() as session:
            act(session)
    except TermsRefused as error:
        tell(form, error.problems)
        return index_page(at, form, 422)
    except ReasonNeeded as error:
        form.reason.errors = [error.message]
        return index_page(at, form, 422)
    except REFUSALS as error:
        form.form_errors.append(error.message)
        return index_page(at, form, STATUS_OF_KIND[error.kind])
    flash(told)
    there = url_for(
        "contract_money.index", public_id=at.supplier, contract_id=at.contract,
        period=request.args.get("period"),
    )  # fmt: skip
    return make_response(redirect(there, 303))
