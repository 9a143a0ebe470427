"""Delivery facts with plain defaults: one supplier, one order, lines due on 5 March 2026."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from app.facts.deliveries.models import PurchaseOrder, Receipt, ScheduleLine
from app.facts.suppliers.models import Part, Supplier

ORDERED_ON = date(2026, 2, 1)
DUE_ON = date(2026, 3, 5)
_numbers = count(1)
Row = TypeVar("Row")


def supplier(session: Session, name: str = "Kestrel Castings", **given: Any) -> Supplier:
    """Add a supplier that bills in euro."""
    given = {"currency": "EUR", "number": f"S{next(_numbers)}"} | given
    return _added(session, Supplier(name=name, **given))


def part(session: Session, **given: Any) -> Part:
    """Add a part counted in pieces."""
    given = {"number": f"P{next(_numbers)}", "unit": "pc"} | given
    return _added(session, Part(**given))


def order(session: Session, of: Supplier, **given: Any) -> PurchaseOrder:
    """Add an order of ORDERED_ON."""
    given = {"number": f"PO{next(_numbers)}", "ordered_on": ORDERED_ON} | given
    return _added(session, PurchaseOrder(supplier_id=of.id, **given))


def line(session: Session, of: PurchaseOrder, **given: Any) -> ScheduleLine:
    """Add a line of 1,000 pieces at 2 euro each, promised for DUE_ON."""
    given = {
        "line_no": str(next(_numbers)),
        "promised_original_on": DUE_ON,
        "quantity_ordered": Decimal(1000),
        "unit_price": Decimal(2),
        "currency": "EUR",
    } | given
    return _added(session, ScheduleLine(order_id=of.id, supplier_id=of.supplier_id, **given))


def receipt(
    session: Session,
    of: ScheduleLine,
    arrived_on: date | None = DUE_ON,
    quantity: int | Decimal | None = 1000,
    **given: Any,
) -> Receipt:
    """Add a receipt that arrived on a day."""
    given = {"source_key": str(next(_numbers))} | given
    amount = None if quantity is None else Decimal(quantity)
    return _added(session, Receipt(line_id=of.id, arrived_on=arrived_on, quantity=amount, **given))


def _added(session: Session, row: Row) -> Row:
    session.add(row)
    session.flush()
    return row
