"""Financial health of one supplier: statements, the score and its terms, declared proxies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from app.base import clock, db, formatting, scope
from app.base.errors import AppError, NotFound
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.base.web.rendering import address
from app.calc.financial_proxy import ProxyKind
from app.faces.overview import financial_page, risk_pages
from app.faces.overview.blueprint import blueprint
from app.faces.overview.financial_forms import (
    KIND_WORDS,
    MarketForm,
    ProxyForm,
    StatementForm,
    WithdrawProxyForm,
    day_of,
)
from app.faces.overview.supplier_frame import shared, supplier_frame
from app.facts.evidence.finance import queries, services
from app.facts.evidence.finance.queries import FIGURES, FullStatement
from app.facts.suppliers import queries as suppliers
from app.facts.suppliers.queries import SupplierHead
from app.judgement.risk_index.explanations import REASONS
from app.platform.audit.services import ReasonNeeded
from app.platform.records import queries as files

VIEW, EDIT = "suppliers.view", "evidence.edit"
FILES_OF = "supplier"
Write = Callable[[Session, SupplierHead], object]


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms of the page that were sent, with what was typed."""

    proxy: ProxyForm | None = None
    withdrawal: WithdrawProxyForm | None = None
    withdrawn: UUID | None = None
    market: MarketForm | None = None


@blueprint.get("/suppliers/<uuid:public_id>/financial")
@requires(VIEW)
def supplier_financial(public_id: UUID) -> Response:
    """Show every statement, the model's terms, and what stands in where there is none."""
    return _page(public_id)


@blueprint.get("/suppliers/<uuid:public_id>/financial/statements/new")
@requires(EDIT)
def new_statement(public_id: UUID) -> Response:
    """Ask for a statement."""
    form = StatementForm(formdata=None)
    with db.reading() as session:
        form.currency.data = _head(session, public_id).currency
    return _statement_page(public_id, form)


@blueprint.post("/suppliers/<uuid:public_id>/financial/statements/new")
@requires(EDIT)
def enter_statement(public_id: UUID) -> Response:
    """Enter a statement."""
    form = StatementForm()
    return _statement_written(
        public_id,
        form,
        lambda session, head: services.enter_statement(session, head.id, form.said()),
        told="The statement is entered. The index follows with the next recompute.",
    )


@blueprint.get("/suppliers/<uuid:public_id>/financial/statements/<closed_on>")
@requires(EDIT)
def edit_statement(public_id: UUID, closed_on: str) -> Response:
    """Show a statement as a form."""
    with db.reading() as session:
        row = _statement(session, _head(session, public_id), closed_on)
    return _statement_page(public_id, StatementForm.of(row), row)


@blueprint.post("/suppliers/<uuid:public_id>/financial/statements/<closed_on>")
@requires(EDIT)
def amend_statement(public_id: UUID, closed_on: str) -> Response:
    """Correct a statement; 409 where somebody else corrected it meanwhile."""
    form = StatementForm()
    with db.reading() as session:
        row = _statement(session, _head(session, public_id), closed_on)
    return _statement_written(
        public_id,
        form,
        lambda session, head: services.amend_statement(
            session,
            head.id,
            row.closed_on,
            form.said(),
            version=form.seen_version,
            reason=form.reason.data or "",
        ),
        told="Corrected. What it said before stays in the audit log.",
        row=row,
    )


@blueprint.post("/suppliers/<uuid:public_id>/financial/proxies")
@requires(EDIT)
def declare_proxy(public_id: UUID) -> Response:
    """Declare what stands in for a statement."""
    form = ProxyForm()

    def write(session: Session, head: SupplierHead) -> object:
        return services.declare_proxy(
            session,
            head.id,
            kind=ProxyKind(form.kind.data),
            observed=form.observed,
            observed_on=day_of(form.observed_on),
            source=form.source.data or "",
            note=form.note.data or None,
        )

    return _written(public_id, form, write, Forms(proxy=form), "The proxy is declared.")


@blueprint.post("/suppliers/<uuid:public_id>/financial/proxies/<uuid:proxy_id>/withdraw")
@requires(EDIT)
def withdraw_proxy(public_id: UUID, proxy_id: UUID) -> Response:
    """Withdraw a proxy that was wrong."""
    form = WithdrawProxyForm()

    def write(session: Session, head: SupplierHead) -> object:
        services.withdraw_proxy(session, head.id, proxy_id, reason=form.reason.data or "")
        return None

    return _written(
        public_id,
        form,
        write,
        Forms(withdrawal=form, withdrawn=proxy_id),
        "Withdrawn. It counts nowhere any more.",
    )


@blueprint.post("/suppliers/<uuid:public_id>/financial/market")
@requires(EDIT)
def set_market(public_id: UUID) -> Response:
    """Say whether the supplier's market is an emerging one."""
    form = MarketForm()

    def write(session: Session, head: SupplierHead) -> object:
        services.set_market(
            session,
            head.id,
            is_emerging=form.is_emerging.data,
            reason=form.reason.data or "",
        )
        return None

    return _written(public_id, form, write, Forms(market=form), "Stored.")


def _written(public_id: UUID, form: FlaskForm, write: Write, forms: Forms, told: str) -> Response:
    """Do what a form asks for; what is wrong stands beside it, what was typed is kept."""
    if (refused := _refused(public_id, form, write)) is not None:
        return _page(public_id, forms, status=refused)
    flash(told)
    return _back(public_id)


def _statement_written(
    public_id: UUID,
    form: StatementForm,
    write: Write,
    *,
    told: str,
    row: FullStatement | None = None,
) -> Response:
    with db.reading() as session:
        form.offer_files(_file_choices(session, _head(session, public_id)))
    if (refused := _refused(public_id, form, write)) is not None:
        return _statement_page(public_id, form, row, status=refused)
    flash(told)
    return _back(public_id)


def _refused(public_id: UUID, form: FlaskForm, write: Write) -> int | None:
    """Write; return the status where something is wrong, with the reason in the form."""
    with db.reading() as session:
        # Before anything is told of a field: whoever may not write here learns no more than that.
        scope.require_writable(session, "supplier", _head(session, public_id).id)
    if not form.validate():
        return 422
    try:
        with db.transaction() as session:
            write(session, _head(session, public_id))
    except ReasonNeeded as error:
        form["reason"].errors = [error.message]
        return 422
    except NotFound:
        raise
    except AppError as error:
        form.form_errors.append(error.message)
        return STATUS_OF_KIND[error.kind]
    return None


def _page(public_id: UUID, forms: Forms | None = None, *, status: int = 200) -> Response:
    forms = forms or Forms()
    with db.reading() as session:
        frame = supplier_frame(session, public_id, tab="risk")
        own = frame.head.id
        names = {each.public_id: each.name for each in _files(session, own)}
        emerging = queries.is_emerging(session, own)
        sheet = financial_page.financial_page(
            queries.statements_of(session, own),
            queries.proxies_of(session, own),
            kind=frame.head.financial_kind,
            emerging=emerging,
            as_of=frame.shown.as_of,
            file_names=names,
        )
    market = forms.market or MarketForm(formdata=None, data={"is_emerging": emerging})
    proxy = forms.proxy or ProxyForm(formdata=None, data={"observed_on": clock.today()})
    page = render_template(
        "overview/financial.html",
        **shared(frame),
        pages=risk_pages.links(frame.public_id, frame.shown.query),
        sheet=sheet,
        figures=FIGURES,
        figure_words=financial_page.FIGURE_WORDS,
        model_words=financial_page.MODEL_WORDS,
        reasons=REASONS,
        scales=financial_page.scales(),
        said_of=financial_page.said_of,
        kind_words=KIND_WORDS,
        is_emerging=emerging,
        proxy_form=proxy,
        withdrawal=forms.withdrawal or WithdrawProxyForm(formdata=None),
        no_withdrawal=WithdrawProxyForm(formdata=None),
        withdrawn=forms.withdrawn,
        market=market,
    )
    return make_response(page, status)


def _statement_page(
    public_id: UUID, form: StatementForm, row: FullStatement | None = None, *, status: int = 200
) -> Response:
    with db.reading() as session:
        head = _head(session, public_id)
        form.offer_files(_file_choices(session, head))
        is_overtaken = False
        if row is not None:
            row = _statement(session, head, row.closed_on.isoformat())
            is_overtaken = form.seen_version != row.version
            # Sent again, this form stands over what the page shows now.
            form.version.data = str(row.version)
    page = render_template(
        "overview/statement.html",
        head=head,
        form=form,
        row=row,
        figures=FIGURES,
        figure_words=financial_page.FIGURE_WORDS,
        is_overtaken=is_overtaken,
    )
    return make_response(page, status)


def _head(session: Session, public_id: UUID) -> SupplierHead:
    found = suppliers.supplier_by_public_id(session, public_id)
    return suppliers.head_of(session, found.effective_supplier_id or found.id)


def _statement(session: Session, head: SupplierHead, closed_on: str) -> FullStatement:
    try:
        day = date.fromisoformat(closed_on)
    except ValueError as error:
        raise NotFound("E-FIN-01", "There is no such statement.") from error
    rows = queries.statements_of(session, head.id)
    found = next((row for row in rows if row.closed_on == day), None)
    if found is None:
        raise NotFound("E-FIN-01", "There is no such statement.")
    return found


def _files(session: Session, supplier_id: int) -> list[files.AttachedFile]:
    found = files.files_of(session, FILES_OF, supplier_id)
    return [each for each in found if each.removed_at is None]


def _file_choices(session: Session, head: SupplierHead) -> list[tuple[UUID, str]]:
    return [
        (
            each.public_id,
            each.name
            if each.evidence_on is None
            else f"{each.name}, {formatting.day(each.evidence_on)}",
        )
        for each in _files(session, head.id)
    ]


def _back(public_id: UUID) -> Response:
    there = address("overview.supplier_financial", {"public_id": public_id})
    return make_response(redirect(there, 303))
