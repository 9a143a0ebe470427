"""Statuses that no file changes: one that was decided on, a block, and what lifts one.

A block and its lifting take two persons, so an import neither sets nor lifts one, nor does
taking an import back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.facts.suppliers.models import Supplier
from app.facts.suppliers.standings.models import Standing, State, SupplierStanding
from app.facts.suppliers.standings.queries import WORDS
from app.platform.audit import services as audit

ASKED_AT_ONCE = 2_000
REMEDY = "Decide it on the supplier's standing page."


@dataclass(frozen=True, slots=True)
class KeptStatuses:
    """The present statuses by number, and whose follow a decision."""

    present: Mapping[str, str]
    decided: frozenset[str]

    def reason(self, number: str, status: str) -> str | None:
        """Return why a file's status is not taken, reading on after it; None where it is."""
        present = self.present.get(number)
        if status == present:
            return None
        if number in self.decided:
            return f"is not taken: {number} is {WORDS[str(present)]} by a decision. {REMEDY}"
        if status == Standing.BLOCKED:
            return f"is not taken: a block needs two persons. {REMEDY}"
        if present == Standing.BLOCKED:
            return f"is not taken: {number} is blocked; lifting that needs two persons. {REMEDY}"
        return None


def of_suppliers(session: Session, numbers: Iterable[str]) -> KeptStatuses:
    """Return what holds of suppliers named by number; who is not known yet is absent."""
    present: dict[str, str] = {}
    asked = list(dict.fromkeys(numbers))
    for begin in range(0, len(asked), ASKED_AT_ONCE):
        some = asked[begin : begin + ASKED_AT_ONCE]
        query = select(Supplier.number, Supplier.status).where(Supplier.number.in_(some))
        present.update((number, status) for number, status in session.execute(query))
    decided = session.scalars(
        select(Supplier.number)
        .join(SupplierStanding, SupplierStanding.supplier_id == Supplier.id)
        .where(SupplierStanding.state == State.CONFIRMED)
    )
    return KeptStatuses(present, frozenset(decided))


def put_back(session: Session, kept: KeptStatuses) -> None:
    """Give suppliers the statuses again that they had, where those are not a file's to change."""
    now = of_suppliers(session, kept.present)
    wrong = [number for number, status in now.present.items() if kept.reason(number, status)]
    if not wrong:
        return
    audit.give_reason(session, "People decide on this status; no import takes it back.")
    session.expire_all()
    for number in wrong:
        supplier = session.scalars(select(Supplier).where(Supplier.number == number)).one()
        supplier.status = kept.present[number]
    session.flush()
