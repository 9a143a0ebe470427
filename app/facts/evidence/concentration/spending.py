"""What was bought from whom in a run of months, as the roll-up has it; nothing is added up
over currencies.

Money is in the supplier's currency and in its smallest kept unit, 1/10,000; quantities in
1/1,000,000 of the part's unit. Lines whose value is not known are counted beside.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, cast, func, select
from sqlalchemy.orm import Session

from app.calc.periods import month_index
from app.facts.deliveries.models import Receipt
from app.facts.deliveries.period_reads import fetched, merged_suppliers
from app.facts.deliveries.rollup_models import (
    LineVerdict,
    MonthlyRollup,
    PartMonthlyRollup,
    VerdictState,
)
from app.facts.suppliers.models import Supplier, SupplierKind
from app.facts.suppliers.queries import effective_id

Integers = NDArray[np.int64]
MONTHS_OFFERED = (12, 3, 6, 24, 36)


@dataclass(frozen=True, slots=True)
class Window:
    """Whole months, by the month in which the due window ended; the last one may be cut short."""

    first: int
    last: int

    @property
    def months(self) -> int:
        """How many months it has."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Vendor:
    """A supplier as concentration needs it: who it is and what it is paid in."""

    id: int
    public_id: UUID
    number: str
    name: str
    currency: str | None
    country: str | None
    category_id: int | None


@dataclass(frozen=True, slots=True)
class Spend:
    """What was bought of one supplier; `unvalued` counts due lines without a known value."""

    amount: int
    lines: int
    unvalued: int


def window_of(as_of: date, months: int) -> Window:
    """Return the months that end with the month of a day."""
    last = month_index(as_of)
    return Window(last - months + 1, last)


def vendors(session: Session) -> dict[int, Vendor]:
    """Return every rated supplier by key; own warehouses and merged ones are not among them."""
    s = Supplier
    asked = select(s.id, s.public_id, s.number, s.name, s.currency, s.country, s.category_id)
    asked = asked.where(s.kind == SupplierKind.SUPPLIER, effective_id() == s.id)
    return {row[0]: Vendor(*row) for row in session.execute(asked)}


def spend_by_supplier(session: Session, window: Window) -> dict[int, Spend]:
    """Return by effective supplier what was bought in the window."""
    found: dict[int, Spend] = {}
    for (supplier_id, _), each in spend_by_category(session, window).items():
        known = found.get(supplier_id, Spend(0, 0, 0))
        found[supplier_id] = Spend(
            known.amount + each.amount, known.lines + each.lines, known.unvalued + each.unvalued
        )
    return found


def spend_by_category(session: Session, window: Window) -> dict[tuple[int, int], Spend]:
    """Return by (effective supplier, category) what was bought; category 0 is none."""
    r = MonthlyRollup
    asked = (
        select(r.supplier_id, r.category_id, _sum(r.spend), _sum(r.n_due), _sum(r.spend_lines))
        .where(r.month.between(window.first, window.last))
        .group_by(r.supplier_id, r.category_id)
    )
    merged = merged_suppliers(session)
    found: dict[tuple[int, int], Spend] = {}
    for supplier_id, category_id, amount, lines, valued in session.execute(asked):
        key = (merged.get(supplier_id, supplier_id), category_id)
        known = found.get(key, Spend(0, 0, 0))
        found[key] = Spend(
            known.amount + amount, known.lines + lines, known.unvalued + lines - valued
        )
    return found


def bought_parts(session: Session, window: Window) -> tuple[Integers, Integers, Integers, Integers]:
    """Return part, effective supplier, value and quantity of all that was bought, as columns."""
    p = PartMonthlyRollup
    asked = (
        select(p.part_id, p.supplier_id, _sum(p.value_due), _sum(p.quantity_due))
        .where(p.month.between(window.first, window.last))
        .group_by(p.supplier_id, p.part_id)
    )
    table = fetched(session, [asked], 4).copy()
    merged = merged_suppliers(session)
    if merged and len(table):
        old = np.array(sorted(merged), dtype=np.int64)
        new = np.array([merged[key] for key in sorted(merged)], dtype=np.int64)
        place = np.minimum(np.searchsorted(old, table[:, 1]), len(old) - 1)
        is_old = old[place] == table[:, 1]
        table[is_old, 1] = new[place[is_old]]
    return table[:, 0], table[:, 1], table[:, 2], table[:, 3]


def bought_of_part(session: Session, part_id: int, window: Window) -> dict[int, tuple[int, int]]:
    """Return by effective supplier the value and quantity of one part.

    Goes supplier by supplier: the roll-up is ordered so, and knows no other way to a part.
    """
    p = PartMonthlyRollup
    asked = (
        select(effective_id(), _sum(p.value_due), _sum(p.quantity_due))
        .select_from(Supplier)
        .join(p, (p.supplier_id == Supplier.id) & (p.part_id == part_id))
        .where(p.month.between(window.first, window.last), Supplier.kind == SupplierKind.SUPPLIER)
        .group_by(effective_id())
    )
    return {row[0]: (row[1], row[2]) for row in session.execute(asked)}


def spend_by_port(session: Session, window: Window) -> dict[int, Mapping[str, int]]:
    """Return by effective supplier the value of due lines by the port of their receipts.

    A line that came through several ports counts with the first by name.
    """
    v = LineVerdict
    ports = (
        select(Receipt.line_id, func.min(Receipt.port).label("port"))
        .where(Receipt.port.is_not(None), Receipt.reverses_receipt_id.is_(None))
        .group_by(Receipt.line_id)
        .subquery()
    )
    asked = (
        select(v.supplier_id, ports.c.port, _sum(v.value_due))
        .join(ports, ports.c.line_id == v.line_id)
        .where(v.month.between(window.first, window.last), v.state == VerdictState.DUE)
        .group_by(v.supplier_id, ports.c.port)
    )
    merged = merged_suppliers(session)
    found: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for supplier_id, port, amount in session.execute(asked):
        found[merged.get(supplier_id, supplier_id)][port] += amount
    return {key: dict(own) for key, own in found.items()}


def first_month(session: Session) -> int | None:
    """Return the first month of which deliveries are known."""
    return session.scalar(select(func.min(MonthlyRollup.month)).where(MonthlyRollup.month > 0))


def _sum(column: Any) -> Any:  # Any: a mapped attribute; a sum of integers on both engines
    return cast(func.coalesce(func.sum(column), 0), BigInteger)
