"""Money under the contract of one world of the access tests: a claim, days off, a saving."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.facts.suppliers.models import Supplier
from app.judgement.contracts.models import Contract, ContractTerms
from app.judgement.contracts.money.claim_content import ApartLine, ClaimContent
from app.judgement.contracts.money.models import (
    ClaimItem,
    ContractClaim,
    ContractRelief,
    ContractSaving,
)
from app.judgement.contracts.money_models import GainShare, ImprovementClause
from app.platform.approvals.values import content_hash
from tests.conftest import NOW, TODAY

ONE = Decimal(1)
CHILDREN = {
    "claim_id": ContractClaim, "relief_id": ContractRelief, "saving_id": ContractSaving,
    "clause_id": ImprovementClause,
}  # fmt: skip


def move_in(session: Session, canary: str, of: Supplier) -> None:
    """Add a draft claim, days off and a saving under the supplier's contract."""
    contract = session.scalars(select(Contract).where(Contract.supplier_id == of.id)).one()
    content = _content(canary).as_json()
    claim = ContractClaim(
        contract_id=contract.id, sequence=1, number=f"{canary}/1", first_on=TODAY, last_on=TODAY,
        as_of=TODAY, currency="EUR", total=ONE, content=content,
        content_hash=content_hash(content), reason=f"{canary} has its reason",
        drawn_by=canary, drawn_at=NOW,
    )  # fmt: skip
    share = session.scalars(_of(GainShare, of.id)).one()
    session.add(claim)
    session.flush()
    session.add_all(
        [
            ClaimItem(claim_id=claim.id, key=f"credit:{canary}", due_on=TODAY, amount=ONE),
            ContractRelief(
                contract_id=contract.id, kind="buyer", first_on=TODAY, last_on=TODAY,
                reason=f"{canary} has its reason", entered_by=canary,
            ),
            ContractSaving(
                gain_share_id=share.id, label=canary, first_on=TODAY, last_on=TODAY,
                actual_cost=ONE, investment=ONE, reason=f"{canary} has its reason",
                entered_by=canary,
            ),
        ]
    )  # fmt: skip


def parts_of(supplier: Callable[[Any], int], *names: str, **more: Any) -> Callable[..., Any]:
    """Return how the parts of an address are found in a world."""

    def parts(session: Session, world: Any) -> dict[str, Any]:
        key = supplier(world)
        own = select(Contract.public_id).where(Contract.supplier_id == key)
        found = {"public_id": world.public_id, "contract_id": session.scalars(own).one()}
        children = {name: session.scalars(_of(CHILDREN[name], key)).one().public_id
                    for name in names}  # fmt: skip
        return found | children | more

    return parts


def _of(model: Any, supplier_id: int) -> Any:  # Any: a mapped class
    contracts = select(Contract.id).where(Contract.supplier_id == supplier_id)
    terms = select(ContractTerms.id).where(ContractTerms.contract_id.in_(contracts))
    if model is ContractSaving:
        shares = select(GainShare.id).where(GainShare.terms_id.in_(terms))
        return select(model).where(model.gain_share_id.in_(shares))
    if model in (GainShare, ImprovementClause):
        return select(model).where(model.terms_id.in_(terms))
    return select(model).where(model.contract_id.in_(contracts))


def _content(canary: str) -> ClaimContent:
    day = TODAY.isoformat()
    return ClaimContent(
        number=f"{canary}/1", contract=canary, title=canary, our_party="House", their_party=canary,
        supplier=canary, period="2026Q3", first_on=day, last_on=day, as_of=day, currency="EUR",
        drawn_by=canary, lines_in_all=1, lines=(), credits=(),
        apart=(ApartLine(canary, day, 1, canary),), days_off=(), damages="0", credited="1",
        total="1",
    )  # fmt: skip
