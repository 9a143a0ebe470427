"""A small house with deliveries: a recurring cast, judged and rolled up."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.facts.deliveries import rollup
from app.facts.deliveries.models import ScheduleLine
from app.facts.suppliers.models import ApprovedSource, Part, Supplier, SupplierKind
from tests.builders import facts

UNTIL = date(2026, 11, 20)
FIRST_DUE = date(2026, 10, 5)


def deliveries(
    session: Session,
    of: Supplier,
    *,
    lines: int,
    late: int = 0,
    rejected: int = 0,
    due_on: date = FIRST_DUE,
    quantity: int | None = 1000,
    **given: Any,
) -> None:
    """Add one order per line, due on one day; the first `late` lines come four days late.

    `rejected` units of the first receipt are rejected; `quantity` None leaves it unknown.
    """
    if quantity is None:
        given = {"completes_without_quantity": True} | given
    with rollup.change(session, until=UNTIL) as change:
        start = session.scalar(select(ScheduleLine.id).order_by(ScheduleLine.id.desc()).limit(1))
        for place in range(lines):
            line = facts.line(
                session, facts.order(session, of), promised_original_on=due_on, **given
            )
            came_on = due_on + timedelta(days=4 if place < late else 0)
            known = None if quantity is None else Decimal(rejected if place == 0 else 0)
            facts.receipt(
                session,
                line,
                came_on,
                quantity,
                quantity_rejected=known,
                completes_line=quantity is None,
            )
        change.touch_new(select(ScheduleLine.id).where(ScheduleLine.id > (start or 0)))


def warehouse(session: Session) -> Supplier:
    """Add a warehouse of our own, which delivers but is not rated."""
    return facts.supplier(session, "Our warehouse", kind=SupplierKind.OWN_WAREHOUSE)


def source(session: Session, part: Part, of: Supplier, **given: Any) -> ApprovedSource:
    """Approve a supplier for a part."""
    row = ApprovedSource(part_id=part.id, supplier_id=of.id, **given)
    session.add(row)
    session.flush()
    return row
