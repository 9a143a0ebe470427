"""One version of the terms with all that hangs on it, and its content as it is approved.

The content is what people see before they approve and what the hash is of: texts, exact
numbers as text, days, and the hashes of the files that came with the version.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from app.base import formatting
from app.facts.suppliers.calendar_models import Calendar
from app.facts.suppliers.models import Supplier
from app.judgement.contracts import line_values
from app.judgement.contracts.line_values import Line, LineKind
from app.judgement.contracts.models import (
    Contract,
    ContractClause,
    ContractDocument,
    ContractObligation,
    ContractTerms,
    Presence,
)
from app.judgement.contracts.money_models import ServiceCreditBand
from app.platform.approvals.kinds import Content
from app.platform.approvals.values import content_hash

# What a row carries for itself and no approval is about.
OWN = frozenset({"id", "public_id", "terms_id", "obligation_id", "created_at", "updated_at"})
# Frozen from facts after the approval.
FROZEN_LATER = frozenset({"base_value", "base_n"})
HEAD = (
    "title", "kind", "our_party", "their_party", "value", "currency", "from_on", "starts_on",
    "ends_on", "auto_renew", "renewal_months", "our_notice_days", "their_notice_days",
    "notice_kind", "notice_method", "governing_law", "is_critical", "payment_days",
    "volume_commitment", "note",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TermsSheet:
    """A version of the terms with its clauses, its lines by kind, and its documents."""

    contract: Contract
    terms: ContractTerms
    clauses: tuple[ContractClause, ...]
    lines: Mapping[str, tuple[Any, ...]]  # Any: mapped rows
    documents: tuple[ContractDocument, ...]

    @property
    def obligations(self) -> tuple[ContractObligation, ...]:
        """What was promised as a number."""
        return self.lines["obligations"]

    def bands_of(self, obligation: ContractObligation) -> tuple[ServiceCreditBand, ...]:
        """The service credit bands of an obligation, the best first."""
        own = [each for each in self.lines["credits"] if each.obligation_id == obligation.id]
        return tuple(sorted(own, key=lambda each: each.floor, reverse=True))


def sheet_of(session: Session, contract: Contract, terms: ContractTerms) -> TermsSheet:
    """Return a version of the terms with all that hangs on it."""
    clauses = select(ContractClause).where(ContractClause.terms_id == terms.id)
    documents = select(ContractDocument).where(
        ContractDocument.contract_id == contract.id, ContractDocument.sequence == terms.sequence
    )
    return TermsSheet(
        contract,
        terms,
        tuple(session.scalars(clauses.order_by(ContractClause.id))),
        {kind.name: tuple(rows_of(session, kind, terms)) for kind in line_values.KINDS},
        tuple(session.scalars(documents.order_by(ContractDocument.id))),
    )


def rows_of(session: Session, kind: LineKind, terms: ContractTerms) -> list[Any]:  # Any: rows
    """Return the lines of one kind in the order in which they were entered."""
    asked = select(kind.model)
    if kind.model is ServiceCreditBand:
        through = ContractObligation.id == ServiceCreditBand.obligation_id
        asked = asked.join(ContractObligation, through).where(
            ContractObligation.terms_id == terms.id
        )
    else:
        asked = asked.where(kind.model.terms_id == terms.id)
    return list(session.scalars(asked.order_by(kind.model.id)))


def columns_of(row: Any, *, without: Iterable[str] = OWN) -> dict[str, Any]:  # Any: a mapped row
    """Return a row's values by column."""
    left_out = frozenset(without)
    return {
        each.key: getattr(row, each.key)
        for each in inspect(type(row)).column_attrs
        if each.key not in left_out
    }


def said_lines(rows: Iterable[Any]) -> list[Line]:  # Any: mapped rows
    """Return lines as they are said, for the rules."""
    return [columns_of(row, without=("id", "public_id", "created_at", "updated_at"))
            for row in rows]  # fmt: skip


def content_of(session: Session, sheet: TermsSheet) -> Content:
    """Return what is approved: everything that the version says, and its files."""
    supplier = session.get_one(Supplier, sheet.contract.supplier_id)
    calendar = None
    if sheet.terms.calendar_id is not None:
        calendar = session.get_one(Calendar, sheet.terms.calendar_id).name
    return {
        "supplier": f"{supplier.name} ({supplier.number})",
        "number": sheet.contract.number,
        "version": sheet.terms.sequence,
        **{name: _plain(getattr(sheet.terms, name)) for name in HEAD},
        "calendar": calendar,
        "clauses": {each.kind: _clause(each) for each in _by_kind(sheet.clauses)},
        **{
            kind.name: [_line(row) for row in sheet.lines[kind.name]]
            for kind in line_values.KINDS
            if kind.name != "credits"
        },
        "credits": [
            {"measure": each.measure, "window_kind": each.window_kind, **_line(band)}
            for each in sheet.obligations
            for band in sheet.bands_of(each)
        ],
        "documents": [f"{each.role} sha256 {each.sha256}" for each in sheet.documents],
    }


def hash_of(session: Session, contract: Contract, terms: ContractTerms) -> str:
    """Return the hash of a version's content as it is now."""
    return content_hash(content_of(session, sheet_of(session, contract, terms)))


def _by_kind(clauses: Iterable[ContractClause]) -> list[ContractClause]:
    return sorted(clauses, key=lambda each: each.kind)


def _clause(clause: ContractClause) -> str:
    page = "" if clause.page is None else f", page {clause.page}"
    days = clause.recovery_days
    back = "" if days is None else f", back within {formatting.count(days, 'day')}"
    told = "" if clause.presence == Presence.UNKNOWN or not clause.note else f": {clause.note}"
    return f"{clause.presence}{page}{back}{told}"


def _line(row: Any) -> dict[str, Any]:  # Any: a mapped row, its columns' values
    values = columns_of(row, without=OWN | FROZEN_LATER)
    return {name: _plain(value) for name, value in values.items() if value not in (None, "")}


def _plain(value: Any) -> str | int | bool | None:  # Any: a column's value
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else str(value)
