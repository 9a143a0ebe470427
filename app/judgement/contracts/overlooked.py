"""Reads of renewals that nobody decided on, as far as they still bind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
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
        last = undecided(terms, events[contract.id], as_of)
        if last is not None:
            found.append(
                Overlooked(
                    last.happened_on, last.ends_on, _until(terms, last), supplier_id, supplier,
                    contract.public_id, contract.number, terms.title, terms.is_critical,
                )
            )  # fmt: skip
    return sorted(found, key=lambda each: (each.day, each.number))


def undecided(terms: Any, events: Sequence[Any], as_of: date) -> Any | None:
    """Return the roll-over that binds on a day and that nobody decided on since, None without.

    Any: rows of the terms' and of the events' columns, the latter oldest first.
    """
    rolled = [each for each in events if each.kind == EventKind.ROLLED_OVER and each.ends_on]
    if not rolled or _until(terms, rolled[-1]) < as_of:
        return None
    since = rolled[-1].happened_on
    is_decided = any(each.kind in DECIDING and each.happened_on >= since for each in events)
    return None if is_decided else rolled[-1]


def _until(terms: Any, rolled: Any) -> date:  # Any: as above
    return renewed_end(rolled.ends_on, terms.renewal_months or 1, 1)


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
