"""A contract that ends before its time: recorded with its reason, and by two where it weighs.

From the value on from which terms need a second approver, and where the value is not known,
another person approves the end before it holds.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from app.base.errors import Conflict
from app.facts.suppliers.models import Supplier
from app.judgement.contracts import approval_words, events, places
from app.judgement.contracts.drafting import version_of
from app.judgement.contracts.models import Contract, ContractStatus
from app.judgement.contracts.services import asks_for_second
from app.platform.approvals import queries as approval_queries
from app.platform.approvals import services as approvals
from app.platform.approvals.eligibility import holders_of_grant
from app.platform.approvals.kinds import Content, ObjectKind, ObjectRef, Settled
from app.platform.approvals.models import Approval
from app.platform.approvals.queries import Waiting
from app.platform.audit import services as audit

TYPE = "contract_end"


def terminate(session: Session, contract: Contract, *, on: date, reason: str) -> bool:
    """End a contract before its time, or ask another person to; returns whether it ended."""
    terms = events.may_end(session, contract, on)
    if waiting(session, contract.id) is not None:
        raise Conflict(
            "E-CTR-38", "Its end waits for another person already. Have that decided first."
        )
    if not asks_for_second(terms):
        events.terminate(session, contract, on=on, reason=reason)
        return True
    approvals.submit(
        session,
        about=ObjectRef(TYPE, str(contract.id)),
        version=contract.version,
        title=f"End of contract {contract.number}: {terms.title}",
        content=_content(session, contract, ContractStatus.TERMINATED, on),
        before=_content(session, contract, ContractStatus.ACTIVE, terms.ends_on),
        because=audit.give_reason(session, reason),
        supplier_id=contract.supplier_id,
    )
    return False


def waiting(session: Session, contract_id: int) -> Waiting | None:
    """Return the end of a contract that waits for a decision."""
    return approval_queries.waiting_for(session, ObjectRef(TYPE, str(contract_id)))


def _content(
    session: Session, contract: Contract, becomes: ContractStatus, last_day: date | None
) -> Content:
    supplier = session.get_one(Supplier, contract.supplier_id)
    terms = version_of(session, contract, contract.sequence)
    return {
        "supplier": f"{supplier.name} ({supplier.number})",
        "number": contract.number,
        "title": terms.title,
        "value": None if terms.value is None else f"{terms.value.normalize():f}",
        "currency": terms.currency,
        "becomes": str(becomes),
        "last_day": None if last_day is None else last_day.isoformat(),
    }


def _settle(session: Session, settled: Settled) -> None:
    if not settled.is_approved:
        return
    contract = session.get_one(Contract, int(settled.about.key), with_for_update=True)
    if contract.version != settled.version:
        raise Conflict(
            "E-CTR-37", f"Contract {contract.number} was changed since. Reject it and ask anew."
        )
    asked = session.get_one(Approval, settled.approval_id)
    on = date.fromisoformat(asked.content["last_day"])
    events.terminate(session, contract, on=on, reason=asked.because or settled.reason)


KIND = ObjectKind(
    type=TYPE,
    words="Ends of contracts before their time",
    approvers=holders_of_grant(TYPE),
    settle=_settle,
    address=places.of_contract,
    told=approval_words.told,
)
