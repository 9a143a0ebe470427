"""Writes of a contract's files: what an approval is bound to stays, the rest may be taken away."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.errors import Conflict, NotFound
from app.judgement.contracts import drafting
from app.judgement.contracts.models import Contract, ContractDocument, DocumentRole
from app.platform.records import services as records

ENTITY = "contract"


def check_takes_files(session: Session, contract: Contract) -> int:
    """Return the version that a file brought now comes with; Conflict while that one waits."""
    terms = drafting.open_version(session, contract)
    if terms is None:
        return contract.sequence
    if drafting.waits(session, terms):
        raise Conflict(
            "E-CTR-27",
            "It waits for approval, with its files. Have that decided or withdrawn first.",
        )
    return terms.sequence


def note_document(
    session: Session, contract: Contract, *, attachment: UUID, sha256: str, role: DocumentRole
) -> None:
    """Say what a file that was stored is to the contract; Conflict where the version has it."""
    made = ContractDocument(
        contract_id=contract.id,
        sequence=check_takes_files(session, contract),
        role=role,
        attachment=attachment,
        sha256=sha256,
    )
    same = select(ContractDocument.id).where(
        ContractDocument.contract_id == contract.id,
        ContractDocument.sequence == made.sequence,
        ContractDocument.role == role,
        ContractDocument.sha256 == sha256,
    )
    if session.scalar(same) is not None:
        raise Conflict("E-CTR-39", "This very file stands there already. Nothing was stored.")
    session.add(made)
    session.flush()


def remove_document(session: Session, contract: Contract, attachment: UUID, *, reason: str) -> None:
    """Take a file away that no approval is bound to."""
    row = session.scalar(
        select(ContractDocument).where(
            ContractDocument.contract_id == contract.id,
            ContractDocument.attachment == attachment,
        )
    )
    if row is None:
        raise NotFound("E-FIL-16", "There is no such file; it may have been removed.")
    if is_bound(session, contract, row):
        raise Conflict(
            "E-CTR-36", "This file is part of what was approved, or waits with it; it stays."
        )
    session.delete(row)
    session.flush()
    records.remove(
        session, entity=ENTITY, entity_id=contract.id, public_id=attachment, reason=reason
    )


def is_bound(session: Session, contract: Contract, row: ContractDocument) -> bool:
    """Tell whether an approval, given or awaited, is bound to a file."""
    terms = drafting.version_of(session, contract, row.sequence)
    if terms.state in drafting.OPEN:
        return drafting.waits(session, terms)
    return terms.decided_at is None or row.created_at <= terms.decided_at
