"""Reads of one contract as its pages show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.facts.deliveries.period_reads import members
from app.facts.suppliers.directory import head_by_public_id
from app.facts.suppliers.queries import SupplierHead
from app.judgement.contracts import drafting, ending, queries
from app.judgement.contracts.content import TermsSheet, sheet_of
from app.judgement.contracts.documents import ENTITY, is_bound
from app.judgement.contracts.measured import Measured
from app.judgement.contracts.models import (
    ClauseKind,
    ContractClause,
    ContractDocument,
    ContractEvent,
    ContractTerms,
)
from app.judgement.contracts.money.held_terms import At, terms_book, whose_contract
from app.judgement.contracts.money.obligations import measured
from app.judgement.contracts.queries import ContractRow
from app.platform.approvals.kinds import ObjectRef
from app.platform.approvals.queries import Waiting, waiting_for
from app.platform.records.queries import AttachedFile, files_of


@dataclass(frozen=True, slots=True)
class Document:
    """A file of the contract: what it is, with which version it came."""

    file: AttachedFile
    row: ContractDocument


@dataclass(frozen=True, slots=True)
class ContractSheet:
    """A contract with everything that its page shows."""

    head: SupplierHead
    row: ContractRow
    held: TermsSheet
    obligations: tuple[Measured, ...]
    open_terms: ContractTerms | None
    waiting: Waiting | None
    ending: Waiting | None
    versions: tuple[ContractTerms, ...]
    events: tuple[ContractEvent, ...]
    documents: tuple[Document, ...]
    # The files that no approval is bound to, by the key of their row.
    removable: frozenset[int]

    @property
    def clauses(self) -> Mapping[ClauseKind, ContractClause]:
        """What the terms that hold say on each point that was looked at."""
        return {ClauseKind(each.kind): each for each in self.held.clauses}


def contract_sheet(
    session: Session, public_id: UUID, contract_id: UUID, *, as_of: date
) -> ContractSheet:
    """Return a contract of a supplier; raises NotFound, also for another's."""
    head, row = found_row(session, public_id, contract_id, as_of=as_of)
    held = sheet_of(session, row.contract, row.terms)
    book = terms_book(session, whose_contract(session, At(public_id, contract_id)))
    open_terms = drafting.open_version(session, row.contract)
    waiting = None
    if open_terms is not None:
        waiting = waiting_for(session, ObjectRef(drafting.TERMS, str(open_terms.id)))
    found = documents_of(session, row.contract.id)
    return ContractSheet(
        head,
        row,
        held,
        tuple(measured(session, book, held.obligations, as_of=as_of)),
        open_terms,
        waiting,
        ending.waiting(session, row.contract.id),
        versions_of(session, row.contract.id),
        tuple(reversed(queries.events_of(session, [row.contract.id]).get(row.contract.id, ()))),
        found,
        frozenset(each.row.id for each in found if not is_bound(session, row.contract, each.row)),
    )


def found_row(
    session: Session, public_id: UUID, contract_id: UUID, *, as_of: date
) -> tuple[SupplierHead, ContractRow]:
    """Return the supplier and its contract; raises NotFound, also for another's."""
    head = head_by_public_id(session, public_id)
    own = members(session, [head.id])
    return head, queries.contract_row(session, own, contract_id, as_of=as_of)


def versions_of(session: Session, contract_id: int) -> tuple[ContractTerms, ...]:
    """Return all versions of a contract's terms, the newest first."""
    asked = select(ContractTerms).where(ContractTerms.contract_id == contract_id)
    return tuple(session.scalars(asked.order_by(ContractTerms.sequence.desc())))


def documents_of(session: Session, contract_id: int) -> tuple[Document, ...]:
    """Return the files of a contract, the newest first; removed ones say so."""
    asked = select(ContractDocument).where(ContractDocument.contract_id == contract_id)
    rows = {each.attachment: each for each in session.scalars(asked)}
    return tuple(
        Document(file, rows[file.public_id])
        for file in files_of(session, ENTITY, contract_id)
        if file.public_id in rows
    )
