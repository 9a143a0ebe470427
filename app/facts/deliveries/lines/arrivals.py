"""What came for order lines: the receipts, with their days as far as they are known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.calc.incoterms import DeliveryEvent, ReceiptDates, date_of
from app.facts.deliveries.models import Receipt


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came for a line: on which days, as far as they are known, and how much."""

    line_id: int
    source_key: str
    ready_on: date | None
    dispatched_on: date | None
    arrived_on: date | None
    posted_on: date | None
    quantity: Decimal | None
    quantity_rejected: Decimal | None
    quantity_returned: Decimal | None
    is_reversal: bool
    receipt_id: int = 0

    @property
    def came_on(self) -> date | None:
        """The day that people know it by: arrival, else posting, else what is known."""
        return self.arrived_on or self.posted_on or self.dispatched_on or self.ready_on

    def judged_on(self, event: str | None) -> date | None:
        """The day of the event that is judged, or of a later one; None: as people know it."""
        if event is None:
            return self.came_on
        days = ReceiptDates(self.ready_on, self.dispatched_on, self.arrived_on, self.posted_on)
        return date_of(days, DeliveryEvent(event))[0]


def arrivals_of(session: Session, line_ids: Sequence[int]) -> dict[int, list[Arrival]]:
    """Return what came for each line, in the order of time."""
    if not line_ids:
        return {}
    came: dict[int, list[Arrival]] = defaultdict(list)
    day = func.coalesce(
        Receipt.arrived_on, Receipt.posted_on, Receipt.dispatched_on, Receipt.ready_on
    )
    rows = select(
        Receipt.line_id,
        Receipt.source_key,
        Receipt.ready_on,
        Receipt.dispatched_on,
        Receipt.arrived_on,
        Receipt.posted_on,
        Receipt.quantity,
        Receipt.quantity_rejected,
        Receipt.quantity_returned,
        Receipt.reverses_receipt_id.is_not(None),
        Receipt.id,
    )
    found = session.execute(
        rows.where(Receipt.line_id.in_(line_ids)).order_by(day.nulls_last(), Receipt.id)
    )
    for row in found:
        came[row[0]].append(Arrival(*row[:9], is_reversal=bool(row[9]), receipt_id=row[10]))
    return came
