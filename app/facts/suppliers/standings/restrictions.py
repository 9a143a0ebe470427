"""Whom orders of a whole file are held against: read once, asked for every day of an order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.facts.suppliers.models import Supplier, SupplierKind, SupplierStatus
from app.facts.suppliers.queries import effective_id
from app.facts.suppliers.standings.models import OrderException, Standing, State, SupplierStanding
from app.facts.suppliers.standings.queries import (
    ExceptionRow,
    OrderTerms,
    StandingRow,
    exception_row,
    held_on,
    standing_row,
    status_without,
    terms_from,
)


@dataclass(frozen=True, slots=True)
class Restrictions:
    """Who was restricted or blocked, and when: what orders are held against.

    `decided` and `exceptions` by supplier; `statuses` of those whose master record says it.
    """

    decided: Mapping[int, tuple[StandingRow, ...]]
    exceptions: Mapping[int, tuple[ExceptionRow, ...]]
    statuses: Mapping[int, str]

    @property
    def suppliers(self) -> frozenset[int]:
        """Everybody whose orders need a look."""
        return frozenset(self.decided) | frozenset(self.statuses)

    def terms_on(self, supplier_id: int, day: date) -> OrderTerms:
        """Return what held for orders from a supplier on a day."""
        held = held_on(self.decided.get(supplier_id, ()), day)
        exceptions = self.exceptions.get(supplier_id, ())
        found = next((each for each in exceptions if each.holds_on(day)), None)
        status = self.statuses.get(supplier_id, str(SupplierStatus.APPROVED))
        decided = self.decided.get(supplier_id, ())
        return terms_from(held, status_without(decided, status), found)


def restrictions(session: Session) -> Restrictions:
    """Return whom orders are to be held against; empty where nobody was ever restricted."""
    strict = (Standing.RESTRICTED, Standing.BLOCKED)
    rows = session.execute(
        select(Supplier.id, effective_id(), Supplier.status).where(
            Supplier.kind == SupplierKind.SUPPLIER
        )
    ).all()
    own_status = {row[0]: row[2] for row in rows}
    troubled = set(
        session.scalars(
            select(SupplierStanding.supplier_id).where(
                SupplierStanding.standing.in_(strict), SupplierStanding.state == State.CONFIRMED
            )
        )
    )
    decided: dict[int, list[StandingRow]] = defaultdict(list)
    exceptions: dict[int, list[ExceptionRow]] = defaultdict(list)
    if troubled:
        for own in session.scalars(select(SupplierStanding)):
            if own.supplier_id in troubled:
                decided[own.supplier_id].append(standing_row(own))
        for other in session.scalars(select(OrderException)):
            exceptions[other.supplier_id].append(exception_row(other))
    statuses = {key: own_status[owner] for key, owner, _ in rows if own_status[owner] in strict}
    return Restrictions(
        {key: tuple(decided[owner]) for key, owner, _ in rows if owner in decided},
        {key: tuple(exceptions[owner]) for key, owner, _ in rows if owner in exceptions},
        statuses,
    )
