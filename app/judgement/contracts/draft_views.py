"""The pages of a version that is being worked on: begin, edit, add lines, submit, drop."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Response, current_app, flash, make_response, redirect, render_template, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.errors import AppError, Conflict, NotFound
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.facts.suppliers.directory import head_by_public_id
from app.judgement.contracts import drafting, line_values, services, sheets, wording
from app.judgement.contracts.blueprint import EDIT, OF_ONE, blueprint
from app.judgement.contracts.content import sheet_of
from app.judgement.contracts.forms import (
    ClausesForm,
    NewContractForm,
    ReasonForm,
    SeenForm,
    TermsForm,
    tell,
)
from app.judgement.contracts.line_forms import FORMS, LineForm, Values
from app.judgement.contracts.line_values import LineKind
from app.judgement.contracts.models import ClauseKind, Contract, ContractObligation
from app.judgement.contracts.queries import calendar_names
from app.judgement.contracts.rule_naming import rule_to_name
from app.judgement.contracts.values import TermsRefused
from app.judgement.contracts.views import Act, done, locked
from app.platform.audit.services import ReasonNeeded

Shown = Callable[[FlaskForm | None, int], Response]


@blueprint.get("/suppliers/<uuid:public_id>/contracts/new")
@requires(EDIT)
def new(public_id: UUID) -> Response:
    """Ask for a contract."""
    form = NewContractForm(formdata=None)
    with db.reading() as session:
        head = head_by_public_id(session, public_id)
        form.offer(calendar_names(session))
    form.their_party.data, form.currency.data = head.name, head.currency
    form.our_party.data = current_app.config["SETTINGS"].house_name
    return _new_page(public_id, form)


@blueprint.post("/suppliers/<uuid:public_id>/contracts/new")
@requires(EDIT)
def create(public_id: UUID) -> Response:
    """Open a contract with its first draft."""
    form = NewContractForm()
    with db.reading() as session:
        form.offer(calendar_names(session))
    if not form.validate():
        return _new_page(public_id, form, 422)
    try:
        with db.transaction() as session:
            head = head_by_public_id(session, public_id)
            contract = services.open_contract(session, head.id, form.number.data or "", form.said())
            key = contract.public_id
    except TermsRefused as error:
        tell(form, error.problems)
        return _new_page(public_id, form, 422)
    except Conflict as error:
        form.number.errors = [error.message]
        return _new_page(public_id, form, 409)
    flash(f"Contract {form.number.data} is a draft. Enter what it says, then submit it.")
    return _to_draft(public_id, key)


@blueprint.post(OF_ONE + "/amend")
@requires(EDIT)
def amend(public_id: UUID, contract_id: UUID) -> Response:
    """Begin an amendment."""
    form = ReasonForm()

    def act(session: Session, contract: Contract) -> object:
        return drafting.amend(session, contract, reason=form.reason.data or "")

    answer = done(public_id, contract_id, form, act, "The amendment is a draft of its own.")
    return _to_draft(public_id, contract_id) if answer.status_code == 303 else answer


@blueprint.get(OF_ONE + "/draft")
@requires(EDIT)
def draft(public_id: UUID, contract_id: UUID) -> Response:
    """Show the version that is being worked on, to edit it."""
    return _draft_page(public_id, contract_id)


@blueprint.post(OF_ONE + "/draft/terms")
@requires(EDIT)
def write_terms(public_id: UUID, contract_id: UUID) -> Response:
    """Say what the head of the terms says."""
    form = TermsForm()
    with db.reading() as session:
        form.offer(calendar_names(session))

    def act(session: Session, contract: Contract) -> object:
        return drafting.write_terms(session, contract, form.said(), seen_version=form.seen_version)

    return _edited(public_id, contract_id, form, act, "The terms are stored in the draft.")


@blueprint.post(OF_ONE + "/draft/clauses")
@requires(EDIT)
def write_clauses(public_id: UUID, contract_id: UUID) -> Response:
    """Say which clauses there are."""
    form = ClausesForm()

    def act(session: Session, contract: Contract) -> object:
        return drafting.write_clauses(
            session,
            contract,
            form.entered(),
            seen_version=form.seen_version,
            recovery_days=form.recovery_days.data,
        )

    return _edited(public_id, contract_id, form, act, "The checklist is stored in the draft.")


@blueprint.get(OF_ONE + "/draft/lines/<kind>/new")
@requires(EDIT)
def new_line(public_id: UUID, contract_id: UUID, kind: str) -> Response:
    """Ask for a line of the terms."""
    return _line_page(public_id, contract_id, kind, _line_form(kind, is_sent=False))


@blueprint.post(OF_ONE + "/draft/lines/<kind>/new")
@requires(EDIT)
def add_line(public_id: UUID, contract_id: UUID, kind: str) -> Response:
    """Add a line to the draft."""
    form, found = _line_form(kind, is_sent=True), _line_kind(kind)
    with db.reading() as session:
        form.offer(_obligations(session, public_id, contract_id))

    def shown(_form: FlaskForm | None, status: int) -> Response:
        return _line_page(public_id, contract_id, kind, form, status)

    def act(session: Session, contract: Contract) -> object:
        values = _values(session, contract, form)
        return drafting.add_line(session, contract, found, values, seen_version=form.seen_version)

    told = f"{found.words} is in the draft."
    return _edited(public_id, contract_id, form, act, told, shown=shown)


@blueprint.post(OF_ONE + "/draft/lines/<kind>/<int:line_id>/remove")
@requires(EDIT)
def remove_line(public_id: UUID, contract_id: UUID, kind: str, line_id: int) -> Response:
    """Take a line out of the draft."""
    form, found = SeenForm(), _line_kind(kind)

    def act(session: Session, contract: Contract) -> None:
        drafting.remove_line(session, contract, found, line_id, seen_version=form.seen_version)

    told = f"{found.words} is out of the draft; the terms that hold keep theirs."
    return _edited(public_id, contract_id, form, act, told)


@blueprint.post(OF_ONE + "/draft/submit")
@requires(EDIT)
def submit(public_id: UUID, contract_id: UUID) -> Response:
    """Submit the draft for approval."""
    form = ReasonForm()

    def act(session: Session, contract: Contract) -> object:
        return services.submit(
            session, contract, reason=form.reason.data or "", seen_version=form.seen_version
        )

    return _edited(public_id, contract_id, form, act, "Submitted. Another person decides.")


@blueprint.post(OF_ONE + "/draft/discard")
@requires(EDIT)
def discard(public_id: UUID, contract_id: UUID) -> Response:
    """Drop the draft."""
    form = SeenForm()
    gone: list[bool] = []

    def act(session: Session, contract: Contract) -> None:
        gone.append(drafting.discard(session, contract, seen_version=form.seen_version))

    answer = _edited(public_id, contract_id, form, act, "The draft is dropped.")
    if answer.status_code != 303:
        return answer
    if gone == [True]:
        return make_response(redirect(url_for("contracts.index"), 303))
    there = url_for("contracts.show", public_id=public_id, contract_id=contract_id)
    return make_response(redirect(there, 303))


def _edited(
    public_id: UUID,
    contract_id: UUID,
    form: FlaskForm,
    act: Act,
    told: str,
    *,
    shown: Shown | None = None,
) -> Response:
    """Edit the draft, or show the page again with what is wrong and what was typed."""

    def again(status: int) -> Response:
        if shown is not None:
            return shown(form, status)
        return _draft_page(public_id, contract_id, form=form, status=status)

    if not form.validate():
        return again(422)
    try:
        with db.transaction() as session:
            act(session, locked(session, public_id, contract_id))
    except TermsRefused as error:
        tell(form, error.problems)
        return again(422)
    except ReasonNeeded as error:
        form["reason"].errors = [error.message]
        return again(422)
    except AppError as error:
        if error.kind == "not_found":
            raise
        form.form_errors.append(error.message)
        return again(STATUS_OF_KIND[error.kind])
    flash(told)
    return _to_draft(public_id, contract_id)


def _draft_page(
    public_id: UUID, contract_id: UUID, *, form: FlaskForm | None = None, status: int = 200
) -> Response:
    with db.reading() as session:
        head, row = sheets.found_row(session, public_id, contract_id, as_of=clock.today())
        terms = drafting.open_version(session, row.contract)
        if terms is None:
            raise NotFound("E-CTR-26", "Nothing is open in this contract. Begin an amendment.")
        sheet = sheet_of(session, row.contract, terms)
        waits = drafting.waits(session, terms)
        calendars = calendar_names(session)
        documents = sheets.documents_of(session, row.contract.id)
    head_form = form if isinstance(form, TermsForm) else TermsForm(formdata=None)
    clauses_form = form if isinstance(form, ClausesForm) else ClausesForm(formdata=None)
    head_form.offer(calendars)
    if head_form is not form:
        head_form.show(terms)
    if clauses_form is not form:
        clauses_form.show({ClauseKind(each.kind): each for each in sheet.clauses}, terms)
    page = render_template(
        "contracts/draft.html",
        head=head,
        row=row,
        contract=row.contract,
        terms=terms,
        sheet=sheet,
        waits=waits,
        documents=[each for each in documents if each.row.sequence == terms.sequence],
        head_form=head_form,
        clauses_form=clauses_form,
        submit_form=form if type(form) is ReasonForm else ReasonForm(formdata=None),
        form=form,
        kinds=line_values.KINDS,
        words=wording,
        second_from=services.SECOND_APPROVER_FROM,
    )
    return make_response(page, status)


def _line_page(
    public_id: UUID, contract_id: UUID, kind: str, form: LineForm, status: int = 200
) -> Response:
    with db.reading() as session:
        head, row = sheets.found_row(session, public_id, contract_id, as_of=clock.today())
        terms = drafting.open_version(session, row.contract)
        if terms is None:
            raise NotFound("E-CTR-26", "Nothing is open in this contract. Begin an amendment.")
        form.offer(sheet_of(session, row.contract, terms).obligations)
    if not form.version.data:
        form.version.data = str(terms.version)
    page = render_template(
        "contracts/line.html", head=head, row=row, kind=_line_kind(kind), form=form, terms=terms
    )
    return make_response(page, status)


def _new_page(public_id: UUID, form: NewContractForm, status: int = 200) -> Response:
    with db.reading() as session:
        head = head_by_public_id(session, public_id)
    return make_response(render_template("contracts/new.html", head=head, form=form), status)


def _line_kind(name: str) -> LineKind:
    if name not in line_values.BY_NAME:
        raise NotFound("E-CTR-24", "There is no such kind of line.")
    return line_values.BY_NAME[name]


def _line_form(kind: str, *, is_sent: bool) -> LineForm:
    form = FORMS[_line_kind(kind).name]
    return form() if is_sent else form(formdata=None)


def _obligations(session: Session, public_id: UUID, contract_id: UUID) -> list[ContractObligation]:
    _, row = sheets.found_row(session, public_id, contract_id, as_of=clock.today())
    terms = drafting.open_version(session, row.contract)
    return [] if terms is None else list(sheet_of(session, row.contract, terms).obligations)


def _values(session: Session, contract: Contract, form: LineForm) -> Values:
    """Return what was filled in, with the delivery rule that it names."""
    values = form.line()
    if "rule" not in values:
        return values
    name = values.pop("rule")
    rule = None if name is None else rule_to_name(session, contract, name)
    return values | {
        "rule_label": None if rule is None else rule.label,
        "rule_version": None if rule is None else rule.version,
    }


def _to_draft(public_id: UUID, contract_id: UUID) -> Response:
    there = url_for("contracts.draft", public_id=public_id, contract_id=contract_id)
    return make_response(redirect(there, 303))
