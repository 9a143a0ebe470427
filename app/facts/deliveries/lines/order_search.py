"""Finding orders by the beginning of their number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.facts.deliveries.models import PurchaseOrder
from app.facts.suppliers.models import Supplier


@dataclass(frozen=True, slots=True)
class FoundOrder:
    """An order that a search found."""

    number: str
    supplier: str
    ordered_on: date | None


def find_orders(session: Session, text: str, *, limit: int) -> list[FoundOrder]:
    """Return orders whose number begins with `text`, in order of number."""
    rows = session.execute(
        select(PurchaseOrder.number, Supplier.name, PurchaseOrder.ordered_on)
        .join(Supplier, Supplier.id == PurchaseOrder.supplier_id)
        .where(PurchaseOrder.number.startswith(text, autoescape=True))
        .order_by(PurchaseOrder.number)
        .limit(limit)
    )
    return [FoundOrder(*row) for row in rows]
