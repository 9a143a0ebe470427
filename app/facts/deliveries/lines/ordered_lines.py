"""Order lines by the day they were ordered on: who bought while a supplier was blocked.

Read from the facts, so that nobody has to own up to it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from app.facts.deliveries.models import PurchaseOrder
from app.facts.deliveries.models import ScheduleLine as Line
from app.facts.deliveries.period_reads import members
from app.facts.suppliers.models import Part

Days = tuple[date, date]


@dataclass(frozen=True, slots=True)
class OrderedLine:
    """A line that was ordered on a day, by which of our units; value None where unknown."""

    line_id: int
    order_number: str
    line_no: str
    buyer_unit: str
    ordered_on: date
    part_number: str | None
    quantity: Decimal | None
    value: Decimal | None
    currency: str | None


def lines_ordered_in(
    session: Session, spans: Sequence[Days], *, supplier_ids: Collection[int]
) -> list[OrderedLine]:
    """Return the lines of suppliers ordered within runs of days, the newest first."""
    if not spans:
        return []
    day = func.coalesce(Line.ordered_on, PurchaseOrder.ordered_on)
    rows = session.execute(
        select(
            Line.id,
            PurchaseOrder.number,
            Line.line_no,
            PurchaseOrder.buyer_unit,
            day,
            Part.number,
            Line.quantity_ordered,
            Line.line_value,
            func.coalesce(Line.currency, PurchaseOrder.currency),
        )
        .select_from(Line)
        .join(PurchaseOrder, PurchaseOrder.id == Line.order_id)
        .outerjoin(Part, Part.id == Line.part_id)
        .where(
            Line.supplier_id.in_(members(session, supplier_ids)),
            or_(*(and_(day >= first, day <= last) for first, last in spans)),
        )
        .order_by(day.desc(), PurchaseOrder.number.desc(), Line.line_no)
    )
    return [OrderedLine(*row) for row in rows]
