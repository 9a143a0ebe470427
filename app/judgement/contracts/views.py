"""The pages of contracts: the list, one with its dates and obligations, and what happens to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.errors import AppError
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.base.web.exports import Sheet, exported
from app.base.web.lists import Filter, ListShape, ListState, Pages, read_list
from app.facts.deliveries.period_reads import members
from app.facts.suppliers.directory import head_by_public_id
from app.judgement.contracts import ending, events, pictures, queries, services, sheets, wording
from app.judgement.contracts.blueprint import EDIT, OF_ONE, VIEW, blueprint
from app.judgement.contracts.content import sheet_of
from app.judgement.contracts.drafting import version_of
from app.judgement.contracts.forms import (
    DocumentForm,
    NoticeForm,
    ReasonForm,
    RenewalForm,
    TerminationForm,
)
from app.judgement.contracts.models import Contract, ContractKind, ContractStatus
from app.judgement.contracts.queries import ContractRow
from app.platform.audit.services import ReasonNeeded

SOON_DAYS = 90
LATEST = date.max
SHAPE = ListShape(
    sorts={"notice": False, "supplier": False, "number": False, "end": False},
    default="notice",
    filters=(
        Filter("status", "Status", {str(k): words for k, (_, words) in
                                    wording.STATUS_WORDS.items()}),
        Filter("kind", "Kind", {str(k): words for k, words in wording.KIND_WORDS.items()}),
        Filter("next", "Notice", {"soon": "within 90 days", "overlooked": "renewal overlooked",
                                  "unknown": "not known"}),
    ),
)  # fmt: skip
Act = Callable[[Session, Contract], object]


@blueprint.get("/contracts/")
@requires(VIEW)
def index() -> Response:
    """List the contracts of all suppliers within reach, the next notice date first."""
    state, today = read_list(SHAPE), clock.today()
    with db.reading() as session:
        rows = _listed(queries.contract_rows(session, today), state, today)
    if state.export:
        return exported(_sheet(rows), state.export)
    page = render_template(
        "contracts/index.html",
        state=state,
        pages=Pages(state, len(rows)),
        rows=rows[state.offset : state.offset + state.size],
        words=wording,
        today=today,
    )
    return make_response(page)


@blueprint.get(OF_ONE)
@requires(VIEW)
def show(public_id: UUID, contract_id: UUID) -> Response:
    """Show a contract: its days, obligations, clauses, money, documents and history."""
    return show_page(public_id, contract_id)


@blueprint.get(OF_ONE + "/versions/<int:sequence>")
@requires(VIEW)
def version(public_id: UUID, contract_id: UUID, sequence: int) -> str:
    """Show one version of the terms as it was approved, or as it is being worked on."""
    with db.reading() as session:
        head, row = sheets.found_row(session, public_id, contract_id, as_of=clock.today())
        sheet = sheet_of(session, row.contract, version_of(session, row.contract, sequence))
    clauses = {each.kind: each for each in sheet.clauses}
    return render_template(
        "contracts/version.html", head=head, row=row, sheet=sheet, clauses=clauses, words=wording
    )


@blueprint.post(OF_ONE + "/notice")
@requires(EDIT)
def notice(public_id: UUID, contract_id: UUID) -> Response:
    """Record a notice."""
    form = NoticeForm()

    def act(session: Session, contract: Contract) -> object:
        return events.give_notice(
            session,
            contract,
            on=form.on.data or date.min,
            is_theirs=form.whose.data == "theirs",
            reason=form.reason.data or "",
        )

    return done(public_id, contract_id, form, act, "The notice is recorded; the end follows.")


@blueprint.post(OF_ONE + "/renewal")
@requires(EDIT)
def renewal(public_id: UUID, contract_id: UUID) -> Response:
    """Record that the next renewal is wanted."""
    form = RenewalForm()

    def act(session: Session, contract: Contract) -> object:
        return events.want_renewal(
            session, contract, after=form.ends_on.data or date.min, reason=form.reason.data or ""
        )

    return done(public_id, contract_id, form, act, "Recorded: it may renew itself.")


@blueprint.post(OF_ONE + "/events/<int:event_id>/take-back")
@requires(EDIT)
def take_back(public_id: UUID, contract_id: UUID, event_id: int) -> Response:
    """Take back a notice or a wanted renewal that was entered by mistake."""
    form = ReasonForm()

    def act(session: Session, contract: Contract) -> None:
        events.take_back(session, contract, event_id, reason=form.reason.data or "")

    return done(public_id, contract_id, form, act, "Taken back. The history keeps it.")


@blueprint.post(OF_ONE + "/terminate")
@requires(EDIT)
def terminate(public_id: UUID, contract_id: UUID) -> Response:
    """Record that the contract ended before its time, or ask another person to agree."""
    form = TerminationForm()

    def act(session: Session, contract: Contract) -> object:
        return ending.terminate(
            session, contract, on=form.on.data or date.min, reason=form.reason.data or ""
        )

    waits = "Its value asks for a second person: it ends once another one has approved that."
    return done(public_id, contract_id, form, act, "The contract is terminated.", waits)


def done(
    public_id: UUID, contract_id: UUID, form: FlaskForm, act: Act, told: str, waits: str = ""
) -> Response:
    """Do something with a contract, or show its page again with what is wrong."""
    if not form.validate():
        return show_page(public_id, contract_id, form=form, status=422)
    try:
        with db.transaction() as session:
            made = act(session, locked(session, public_id, contract_id))
    except ReasonNeeded as error:
        form["reason"].errors = [error.message]
        return show_page(public_id, contract_id, form=form, status=422)
    except AppError as error:
        if error.kind == "not_found":
            raise
        form.form_errors.append(error.message)
        return show_page(public_id, contract_id, form=form, status=STATUS_OF_KIND[error.kind])
    flash(waits if made is False else told)
    return to(public_id, contract_id)


def locked(session: Session, public_id: UUID, contract_id: UUID) -> Contract:
    """Return the contract of the address, locked; raises NotFound, also for another's."""
    own = members(session, [head_by_public_id(session, public_id).id])
    return services.to_change(session, own, contract_id)


def to(public_id: UUID, contract_id: UUID) -> Response:
    """Go to a contract's page."""
    there = url_for("contracts.show", public_id=public_id, contract_id=contract_id)
    return make_response(redirect(there, 303))


def show_page(
    public_id: UUID, contract_id: UUID, *, form: FlaskForm | None = None, status: int = 200
) -> Response:
    """Show a contract's page, with a form of it as it was typed."""
    today = clock.today()
    with db.reading() as session:
        sheet = sheets.contract_sheet(session, public_id, contract_id, as_of=today)
    page = render_template(
        "contracts/show.html",
        sheet=sheet,
        head=sheet.head,
        row=sheet.row,
        contract=sheet.row.contract,
        terms=sheet.row.terms,
        runs=sheet.row.running,
        line=pictures.time_line(sheet.row, today),
        today=today,
        words=wording,
        removable=sheet.removable,
        form=form,
        notice_form=_given(form, NoticeForm),
        reason_form=_given(form, ReasonForm),
        renewal_form=_given(form, RenewalForm),
        end_form=_given(form, TerminationForm),
        document_form=_given(form, DocumentForm),
        needs_second=services.asks_for_second(sheet.row.terms),
        is_active=sheet.row.contract.status == ContractStatus.ACTIVE,
    )
    return make_response(page, status)


def _given(form: FlaskForm | None, kind: type[FlaskForm]) -> FlaskForm:
    return form if type(form) is kind else kind(formdata=None)


def _listed(rows: list[ContractRow], state: ListState, today: date) -> list[ContractRow]:
    """Return the contracts that are asked for, in the order asked for."""
    statuses, kinds, nexts = (state.values(name) for name in ("status", "kind", "next"))
    text = state.search.lower()
    found = [
        row
        for row in rows
        if (not statuses or row.contract.status in statuses)
        and (not kinds or row.terms.kind in kinds)
        and (not nexts or any(_is_next(row, each, today) for each in nexts))
        and text in f"{row.label} {row.supplier_name} {row.supplier_number}".lower()
    ]
    keys: dict[str, Callable[[ContractRow], object]] = {
        "supplier": lambda row: (row.supplier_name.lower(), row.contract.number),
        "number": lambda row: row.contract.number.lower(),
        "end": lambda row: row.running.committed_until or LATEST,
        # What has ended asks for no notice any more.
        "notice": lambda row: (_notice_by(row) or LATEST, row.contract.number),
    }
    return sorted(found, key=keys[state.sort], reverse=state.is_falling)  # type: ignore[arg-type]


def _notice_by(row: ContractRow) -> date | None:
    return row.running.notice_by if row.contract.status == ContractStatus.ACTIVE else None


def _is_next(row: ContractRow, asked: str, today: date) -> bool:
    if row.contract.status != ContractStatus.ACTIVE:
        return False
    day = row.running.notice_by
    if asked == "unknown":
        return row.terms.ends_on is None or row.terms.our_notice_days is None
    if asked == "overlooked":
        return row.is_overlooked
    return day is not None and 0 <= (day - today).days <= SOON_DAYS


def _sheet(rows: Iterable[ContractRow]) -> Sheet:
    heads = [
        ("number", "Number"), ("supplier_no", "Supplier number"), ("supplier", "Supplier"),
        ("title", "Title"), ("kind", "Kind"), ("status", "Status"), ("value", "Value"),
        ("currency", "Currency"), ("starts_on", "First day"), ("ends_on", "Last day"),
        ("auto_renew", "Renews itself"), ("renewal_months", "Renewal, months"),
        ("our_notice_days", "Our notice, days"), ("their_notice_days", "Their notice, days"),
        ("notice_by", "Our notice by"), ("committed_until", "Bound until"),
    ]  # fmt: skip
    cells = (
        (
            row.contract.number, row.supplier_number, row.supplier_name, row.terms.title,
            wording.KIND_WORDS[ContractKind(row.terms.kind)], row.contract.status,
            row.terms.value, row.terms.currency, row.terms.starts_on, row.terms.ends_on,
            row.terms.auto_renew, row.terms.renewal_months, row.terms.our_notice_days,
            row.terms.their_notice_days, _notice_by(row), row.running.committed_until,
        )
        for row in rows
    )  # fmt: skip
    return Sheet("contracts", heads, cells, "Contracts")
