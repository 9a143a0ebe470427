"""Writes of contracts: open one, submit its terms, let what was approved hold."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock, db, formatting, scope
from app.base.errors import Conflict, NotFound
from app.facts.suppliers.models import Supplier, SupplierKind
from app.judgement.contracts import approval_words, content, places, recovery
from app.judgement.contracts.drafting import TERMS, agreed_last, editable, touched
from app.judgement.contracts.events import note_event
from app.judgement.contracts.models import (
    Contract,
    ContractStatus,
    ContractTerms,
    EventKind,
    TermsState,
)
from app.judgement.contracts.values import TermsSaid, check_terms
from app.platform.approvals import services as approvals
from app.platform.approvals.eligibility import holders_of_grant
from app.platform.approvals.kinds import ObjectKind, ObjectRef, Settled
from app.platform.audit import services as audit

# From this value on, in the contract's own currency, a second person approves; so it is
# where the value is not known.
SECOND_APPROVER_FROM = Decimal(1_000_000)


def open_contract(session: Session, supplier_id: int, number: str, said: TermsSaid) -> Contract:
    """Open a contract with the first draft of its terms.

    Raises TermsRefused for what can't be, Conflict where the supplier has the number already.
    """
    supplier = session.scalar(select(Supplier).where(Supplier.id == supplier_id).with_for_update())
    if supplier is None:
        raise NotFound("E-SUP-01", "There is no such supplier.")
    scope.require_writable(session, "supplier", supplier.id)
    if supplier.kind != SupplierKind.SUPPLIER:
        raise Conflict("E-CTR-20", f"{supplier.name} is our own warehouse; it has no contract.")
    taken = select(Contract.id).where(
        Contract.supplier_id == supplier.id, Contract.number == number
    )
    if session.scalar(taken) is not None:
        raise Conflict(
            "E-CTR-21",
            f"{supplier.name} has a contract {number} already. Open that one and amend it.",
        )
    check_terms(said)
    contract = Contract(supplier_id=supplier.id, number=number)
    session.add(contract)
    session.flush()
    session.add(_terms(session, contract, 1, said, reason=None))
    session.flush()
    return contract


def submit(session: Session, contract: Contract, *, reason: str, seen_version: int) -> int:
    """Submit the open version; another person decides. Returns how many must agree."""
    terms = editable(session, contract, seen_version=seen_version)
    why = audit.give_reason(session, reason)
    before = None
    if contract.status == ContractStatus.ACTIVE:
        held = agreed_last(session, contract)
        before = content.content_of(session, content.sheet_of(session, contract, held))
    said = content.content_of(session, content.sheet_of(session, contract, terms))
    needs = 2 if asks_for_second(terms) else 1
    terms.state, terms.reason = TermsState.PROPOSED, why
    touched(session, terms)
    approvals.submit(
        session,
        about=ObjectRef(TERMS, str(terms.id)),
        version=terms.sequence,
        title=f"Contract {contract.number}: {terms.title}",
        content=said,
        before=before,
        because=why,
        writers=() if terms.made_by_id is None else (terms.made_by_id,),
        needs=needs,
        supplier_id=contract.supplier_id,
    )
    return needs


def asks_for_second(terms: ContractTerms) -> bool:
    """Tell whether the value asks for one more person: from the limit on, or not known."""
    return terms.value is None or terms.value >= SECOND_APPROVER_FROM


def to_change(session: Session, supplier_ids: list[int], public_id: UUID) -> Contract:
    """Return a contract of one of the suppliers, locked; raises NotFound, also for another's."""
    found = session.scalar(
        select(Contract)
        .where(Contract.public_id == public_id, Contract.supplier_id.in_(supplier_ids))
        .with_for_update()
    )
    if found is None:
        raise NotFound("E-CTR-01", "There is no such contract.")
    scope.require_writable(session, "supplier", found.supplier_id)
    return found


def begin_agreed(session: Session, today: date) -> int:
    """Let versions that were agreed for a day hold from it on; return how many."""
    found = session.scalars(
        select(ContractTerms)
        .where(ContractTerms.state == TermsState.AGREED, ContractTerms.from_on <= today)
        .order_by(ContractTerms.contract_id, ContractTerms.sequence)
    ).all()
    for terms in found:
        _take_force(session, session.get_one(Contract, terms.contract_id), terms)
    return len(found)


def _terms(
    session: Session, contract: Contract, sequence: int, said: TermsSaid, *, reason: str | None
) -> ContractTerms:
    actor = db.actor_of(session)
    values = asdict(said) | {"from_on": said.starts_on}
    return ContractTerms(
        contract_id=contract.id,
        sequence=sequence,
        reason=reason,
        made_by=actor.name,
        made_by_id=actor.user_id,
        made_at=clock.now(),
        **values,
    )


def _take_force(session: Session, contract: Contract, terms: ContractTerms) -> None:
    held = session.scalars(
        select(ContractTerms).where(
            ContractTerms.contract_id == contract.id, ContractTerms.state == TermsState.IN_FORCE
        )
    ).all()
    for each in held:
        each.state = TermsState.SUPERSEDED
    session.flush()
    terms.state = TermsState.IN_FORCE
    contract.sequence, contract.version = terms.sequence, contract.version + 1
    if contract.status == ContractStatus.DRAFT:
        contract.status = ContractStatus.ACTIVE
    session.flush()
    recovery.write_down(session, contract)


def _settle(session: Session, settled: Settled) -> None:
    terms = session.get_one(ContractTerms, int(settled.about.key))
    contract = session.get_one(Contract, terms.contract_id)
    terms.decided_by, terms.decided_at = db.actor_of(session).name, clock.now()
    terms.decided_because = settled.reason
    if not settled.is_approved:
        terms.state = TermsState.REFUSED
        session.flush()
        return
    terms.content_hash = settled.content_hash
    is_first = contract.status == ContractStatus.DRAFT
    if is_first or terms.from_on <= clock.today():
        _take_force(session, contract, terms)
    else:
        terms.state = TermsState.AGREED
    note_event(
        session,
        contract,
        EventKind.APPROVED,
        key=str(terms.sequence),
        on=clock.today(),
        said=f"Version {terms.sequence} of the terms was approved; it holds from "
        f"{formatting.day(terms.from_on)}.",
    )


def _present_hash(session: Session, key: str) -> str | None:
    terms = session.get(ContractTerms, int(key))
    if terms is None:
        # It was dropped: whatever was asked for is about nothing any more.
        return ""
    return content.hash_of(session, session.get_one(Contract, terms.contract_id), terms)


KIND = ObjectKind(
    type=TERMS,
    words="Contracts and their amendments",
    approvers=holders_of_grant(TERMS),
    settle=_settle,
    present_hash=_present_hash,
    address=places.of_terms,
    told=approval_words.told,
)
