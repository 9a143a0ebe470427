"""Reads of renewals that nobody decided on, as far as they still bind."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from app.base import formatting
from app.calc.contract_dates import renewed_end
from app.facts.suppliers.models import Supplier
from app.facts.suppliers.queries import effective_id
from app.judgement.contracts.models import (
    Contract,
    ContractEvent,
    ContractStatus,
    ContractTerms,
    EventKind,
)
from app.judgement.contracts.running import NOTICES

# Whoever did one of these since has looked at how the contract runs on.
DECIDING = (*NOTICES, EventKind.RENEWAL_WANTED, EventKind.APPROVED)


@dataclass(frozen=True, slots=True)
class Overlooked:
    """An active contract that renews itself because nobody had decided in time.

    day: the first one on which it was too late. ends_on: of the run that is renewed. until: up
    to which day that binds. supplier_id: for whom it is counted (the one it was merged into).
    """

    day: date
    ends_on: date
    until: date
    supplier_id: int
    supplier_public_id: UUID
    contract_public_id: UUID
    number: str
    title: str
    is_critical: bool

    @property
    def words(self) -> str:
        """What happened, in one sentence."""
        return (
            f"Nobody had decided in time: it renews itself after {formatting.day(self.ends_on)}, "
            f"until {formatting.day(self.until)}"
        )


def overlooked_renewals(session: Session, as_of: date) -> list[Overlooked]:
    """Return the renewals that nobody decided on and that bind on a day, the earliest first."""
    events = _events(session)
    found = []
    for contract, terms, supplier_id, supplier in session.execute(
        select(Contract, ContractTerms, effective_id(), Supplier.public_id)
        .join(
            ContractTerms,
            and_(
                ContractTerms.contract_id == Contract.id,
                ContractTerms.sequence == Contract.sequence,
            ),
        )
        .join(Supplier, Supplier.id == Contract.supplier_id)
        .where(Contract.status == ContractStatus.ACTIVE, Contract.id.in_(_rolled_over()))
    ):
        own = events[contract.id]
        last = [each for each in own if each.kind == EventKind.ROLLED_OVER and each.ends_on][-1]
        until = renewed_end(last.ends_on, terms.renewal_months or 1, 1)
        if until >= as_of and not _is_decided(own, last.happened_on):
            found.append(
                Overlooked(
                    last.happened_on, last.ends_on, until, supplier_id, supplier,
                    contract.public_id, contract.number, terms.title, terms.is_critical,
                )
            )  # fmt: skip
    return sorted(found, key=lambda each: (each.day, each.number))


def _is_decided(events: list[Any], since: date) -> bool:  # Any: rows of events' columns
    return any(each.kind in DECIDING and each.happened_on >= since for each in events)


def _rolled_over() -> Any:  # Any: a select of one column
    return select(ContractEvent.contract_id).where(ContractEvent.kind == EventKind.ROLLED_OVER)


def _events(session: Session) -> dict[int, list[Any]]:  # Any: rows of events' columns
    """Return by contract that was ever renewed unseen what happened to it, oldest first."""
    event = ContractEvent
    rows = session.execute(
        select(event.contract_id, event.kind, event.happened_on, event.ends_on)
        .where(event.contract_id.in_(_rolled_over()))
        .order_by(event.happened_on, event.id)
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for each in rows:
        found[each.contract_id].append(each)
    return found
