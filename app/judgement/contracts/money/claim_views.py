"""The pages of one claim: draw up, show, print, submit, settle, withdraw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from flask import Response, current_app, flash, make_response, redirect, render_template, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from app.base import db
from app.base.errors import Conflict, Forbidden, InvalidInput
from app.base.pdf import desk
from app.base.pdf.printable import PaperSize
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.base.web.exports import attached, exported
from app.calc.cents import coin_places
from app.judgement.contracts.forms import tell
from app.judgement.contracts.money import annex, claims, queries, wording
from app.judgement.contracts.money.blueprint import EDIT, VIEW, blueprint
from app.judgement.contracts.money.forms import DrawForm, StepForm
from app.judgement.contracts.money.held_terms import At, whose_contract
from app.judgement.contracts.money.views import index_page
from app.judgement.contracts.values import TermsRefused
from app.platform.approvals.kinds import ObjectRef
from app.platform.approvals.queries import waiting_for
from app.platform.audit.services import ReasonNeeded
from config import Settings

REFUSALS = (Conflict, Forbidden, InvalidInput)
ASKED = "Asked. Another person decides under “Approvals”; until then it stands as it did."
SHEETS = ("xlsx", "csv", "json")
# A claim and the form of its next step go in; what is said in the end comes out.
Act = Callable[[Session, Any, StepForm], str]


@blueprint.post("/claims")
@requires(EDIT)
def draw_up(public_id: UUID, contract_id: UUID) -> Response:
    """Draw up a claim for a period that is over."""
    form, at = DrawForm(), At(public_id, contract_id)
    if not form.validate():
        return index_page(at, form, 422)
    try:
        with db.transaction() as session:
            claim = claims.draw_up(
                session, at, period=form.period.data or "", reason=form.reason.data or ""
            )
            number, key = claim.number, claim.public_id
    except ReasonNeeded as error:
        form.reason.errors = [error.message]
        return index_page(at, form, 422)
    except REFUSALS as error:
        form.form_errors.append(error.message)
        return index_page(at, form, STATUS_OF_KIND[error.kind])
    flash(f"Claim {number} is a draft; its lines are frozen. Submit it when it is right.")
    return _to(at, key)


@blueprint.get("/claims/<uuid:claim_id>")
@requires(VIEW)
def claim(public_id: UUID, contract_id: UUID, claim_id: UUID) -> Response:
    """Show a claim with the lines that prove it, and its next steps."""
    return _page(At(public_id, contract_id), claim_id)


@blueprint.get("/claims/<uuid:claim_id>/annex.pdf")
@requires(VIEW)
def annex_pdf(public_id: UUID, contract_id: UUID, claim_id: UUID) -> Response:
    """Print the annex of a claim; the same claim gives the same bytes."""
    with db.reading() as session:
        printed = _printed(_found(session, At(public_id, contract_id), claim_id))
    answer = Response(desk.print_one(annex.TEMPLATE, printed), mimetype="application/pdf")
    return attached(answer, f"claim-{printed.number}.pdf".replace("/", "-"))


@blueprint.get("/claims/<uuid:claim_id>/annex.<kind>")
@requires(VIEW)
def annex_sheet(public_id: UUID, contract_id: UUID, claim_id: UUID, kind: str) -> Response:
    """Export the annex of a claim as a table."""
    with db.reading() as session:
        found = _found(session, At(public_id, contract_id), claim_id)
        sheet = annex.claim_sheet(claims.frozen(found), claim_hash=found.content_hash)
    return exported(sheet, kind if kind in SHEETS else SHEETS[0])


@blueprint.post("/claims/<uuid:claim_id>/submit")
@requires(EDIT)
def submit(public_id: UUID, contract_id: UUID, claim_id: UUID) -> Response:
    """Ask another person to let a claim go out."""

    def act(session: Session, found: Any, form: StepForm) -> str:  # Any: the claim
        claims.submit(session, found, reason=form.reason.data or "")
        return ASKED

    return _stepped(At(public_id, contract_id), claim_id, act)


@blueprint.post("/claims/<uuid:claim_id>/settle")
@requires(EDIT)
def settle(public_id: UUID, contract_id: UUID, claim_id: UUID) -> Response:
    """Ask to settle a claim by what came back; all of it where no amount is given."""

    def act(session: Session, found: Any, form: StepForm) -> str:  # Any: the claim
        amount = found.total if form.amount.data is None else form.amount.data
        claims.settle(session, found, amount=amount, reason=form.reason.data or "")
        return ASKED

    return _stepped(At(public_id, contract_id), claim_id, act)


@blueprint.post("/claims/<uuid:claim_id>/withdraw")
@requires(EDIT)
def withdraw(public_id: UUID, contract_id: UUID, claim_id: UUID) -> Response:
    """Withdraw a claim."""

    def act(session: Session, found: Any, form: StepForm) -> str:  # Any: the claim
        is_done = claims.withdraw(session, found, reason=form.reason.data or "")
        return "Withdrawn. Its lines can be claimed again." if is_done else ASKED

    return _stepped(At(public_id, contract_id), claim_id, act)


def _stepped(at: At, claim_id: UUID, act: Act) -> Response:
    form = StepForm()
    if not form.validate():
        return _page(at, claim_id, form, 422)
    try:
        with db.transaction() as session:
            found = claims.claim_to_change(session, at, claim_id, seen=form.version.data or 0)
            told = act(session, found, form)
    except TermsRefused as error:
        tell(form, error.problems)
        return _page(at, claim_id, form, 422)
    except ReasonNeeded as error:
        form.reason.errors = [error.message]
        return _page(at, claim_id, form, 422)
    except REFUSALS as error:
        form.form_errors.append(error.message)
        return _page(at, claim_id, form, STATUS_OF_KIND[error.kind])
    flash(told)
    return _to(at, claim_id)


def _found(session: Session, at: At, claim_id: UUID) -> Any:  # Any: a claim; views know no models
    return queries.claim_of(session, whose_contract(session, at).contract_id, claim_id)


def _printed(found: Any) -> annex.ClaimAnnex:  # Any: a claim; views know no models
    settings = cast(Settings, current_app.config["SETTINGS"])
    return annex.claim_annex(
        claims.frozen(found),
        state=wording.CLAIM_WORDS[found.state][1],
        claim_hash=found.content_hash,
        house=settings.house_name,
        paper=PaperSize(settings.paper_size),
    )


def _page(at: At, claim_id: UUID, form: FlaskForm | None = None, status: int = 200) -> Response:
    with db.reading() as session:
        whose = whose_contract(session, at)
        found = queries.claim_of(session, whose.contract_id, claim_id)
        said, printed = claims.frozen(found), _printed(found)
        waiting = waiting_for(session, ObjectRef(claims.TYPE, str(found.id)))
    page = render_template(
        "contract_money/claim.html",
        at=at,
        whose=whose,
        claim=found,
        said=said,
        printed=printed,
        lines=list(zip(said.lines, printed.rows, strict=True)),
        credits=list(zip(said.credits, printed.credit_rows, strict=True)),
        words=wording,
        waiting=waiting,
        step=form if isinstance(form, StepForm) else StepForm(formdata=None),
        form=form,
        coins=coin_places(found.currency),
        method=annex.METHOD,
    )
    return make_response(page, status)


def _to(at: At, claim_id: UUID) -> Response:
    there = url_for(
        "contract_money.claim", public_id=at.supplier, contract_id=at.contract, claim_id=claim_id
    )
    return make_response(redirect(there, 303))
