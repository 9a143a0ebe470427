"""A contract with everything that its terms may say, in one world of the access tests."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.facts.suppliers.models import Supplier
from app.judgement.contracts.models import (
    Contract,
    ContractClause,
    ContractDocument,
    ContractEvent,
    ContractObligation,
    ContractTerms,
)
from app.judgement.contracts.money_models import (
    DamagesSchedule,
    GainShare,
    ImprovementClause,
    Incentive,
    ServiceCreditBand,
)
from tests.conftest import NOW, TODAY

ONE = Decimal(1)


def move_in(session: Session, canary: str, of: Supplier) -> None:
    """Add an active contract, and an amendment of it that is being worked on."""
    contract = Contract(supplier_id=of.id, number=f"{canary} number", status="active")
    session.add(contract)
    session.flush()
    held, open_ = (
        ContractTerms(
            contract_id=contract.id, sequence=place, state=state, from_on=TODAY,
            title=f"{canary} terms", kind="framework", our_party="House", their_party=canary,
            currency="EUR", starts_on=TODAY, made_by=canary, made_at=NOW,
        )
        for place, state in ((1, "in_force"), (2, "draft"))
    )  # fmt: skip
    session.add_all([held, open_])
    session.flush()
    promised = ContractObligation(
        terms_id=open_.id, measure="otif_line", direction="at_least", target=ONE, note=canary
    )
    session.add(promised)
    session.flush()
    session.add_all(
        [
            ContractClause(terms_id=held.id, kind="penalties", presence="yes", note=canary),
            ContractDocument(
                contract_id=contract.id, sequence=1, role="contract", attachment=uuid.uuid4(),
                sha256="0" * 64,
            ),
            ContractEvent(
                contract_id=contract.id, kind="approved", key="1", happened_on=TODAY, said=canary,
                said_by=canary, said_at=NOW,
            ),
            DamagesSchedule(terms_id=held.id, mode="per_day_percent", rate=ONE, note=canary),
            ServiceCreditBand(obligation_id=promised.id, floor=ONE, percent=ONE),
            Incentive(
                terms_id=held.id, kind="bonus", label=canary, measure="ppm", direction="at_most",
                threshold=ONE, percent=ONE,
            ),
            GainShare(
                terms_id=held.id, label=canary, share=ONE, baseline=ONE, baseline_from=TODAY,
                baseline_to=TODAY,
            ),
            ImprovementClause(
                terms_id=held.id, measure="ppm", base_from=TODAY, base_to=TODAY, yearly_rate=ONE
            ),
        ]
    )  # fmt: skip


def parts_of(supplier: Callable[[Any], int], **more: Any) -> Callable[[Session, Any], Any]:
    """Return how the parts of a contract's address are found in a world."""

    def parts(session: Session, world: Any) -> dict[str, Any]:
        own = select(Contract.public_id).where(Contract.supplier_id == supplier(world))
        found = {"public_id": world.public_id, "contract_id": session.scalars(own).one()}
        extra = dict(more)
        if "line_id" in more:
            lines = (
                select(ContractObligation.id)
                .join(ContractTerms, ContractTerms.id == ContractObligation.terms_id)
                .join(Contract, Contract.id == ContractTerms.contract_id)
                .where(Contract.supplier_id == supplier(world))
            )
            extra["line_id"] = session.scalars(lines).first() or more["line_id"]
        return found | extra

    return parts
