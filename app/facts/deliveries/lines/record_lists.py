"""The records behind figures that order lines do not explain: lots, rejects, invoices, stops.

Plain lists, the newest first, of exactly the records that a period's sums count.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import case, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from app.calc.periods import Period
from app.facts.deliveries.models import (
    Acknowledgement,
    ContractPrice,
    Disruption,
    InspectionLot,
    InvoiceLine,
    PurchaseOrder,
    Receipt,
)
from app.facts.deliveries.models import ScheduleLine as Line
from app.facts.deliveries.period_reads import members
from app.facts.suppliers.models import Part, Site


@dataclass(frozen=True, slots=True)
class RecordKind:
    """A kind of record: its heads as (key, words), the first one a day.

    how: one sentence that says which records count.
    """

    title: str
    how: str
    heads: Sequence[tuple[str, str]]
    rows: Any  # Any: a select of columns of many types, and mapped columns
    day: Any
    supplier: Any
    has_moments: bool = False


@dataclass(frozen=True, slots=True)
class RecordsPage:
    """Some records, in the order of the kind's heads, and how many there are in all."""

    kind: RecordKind
    rows: list[tuple[Any, ...]]  # Any: dates, texts, quantities, money, True and False
    total: int


def records_page(
    session: Session,
    kind: str,
    period: Period,
    *,
    supplier_ids: Collection[int],
    limit: int,
    offset: int = 0,
) -> RecordsPage:
    """Return a page of records of a period; KeyError for a kind that there is not."""
    wanted = RECORDS[kind]
    rows = wanted.rows.where(
        wanted.supplier.in_(members(session, supplier_ids)),
        wanted.day < _start(period.last_day + timedelta(days=1), wanted),
    )
    if period.first_day is not None:
        rows = rows.where(wanted.day >= _start(period.first_day, wanted))
    total = session.scalar(select(func.count()).select_from(rows.subquery())) or 0
    found = session.execute(rows.order_by(wanted.day.desc()).limit(limit).offset(offset))
    return RecordsPage(wanted, [tuple(row) for row in found], total)


def _start(day: date, kind: RecordKind) -> date:
    """Return where a day begins, in the kind's own terms: a day or a moment in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) if kind.has_moments else day


_came_on = func.coalesce(
    Receipt.arrived_on, Receipt.posted_on, Receipt.dispatched_on, Receipt.ready_on
)
_price = aliased(ContractPrice)

RECORDS: Mapping[str, RecordKind] = {
    "receipts": RecordKind(
        title="Receipts with rejects",
        how="Units rejected, by the receipt they came with. Receipts without rejects are counted "
        "in the measure and left out here.",
        heads=(
            ("came_on", "Received"), ("order", "Order"), ("line", "Line"), ("part", "Part"),
            ("quantity", "Quantity"), ("rejected", "Rejected"), ("returned", "Returned"),
        ),
        rows=select(
            _came_on.label("came_on"), PurchaseOrder.number, Line.line_no,
            Part.number.label("part"), Receipt.quantity, Receipt.quantity_rejected,
            Receipt.quantity_returned,
        )
        .select_from(Receipt)
        .join(Line, Line.id == Receipt.line_id)
        .join(PurchaseOrder, PurchaseOrder.id == Line.order_id)
        .outerjoin(Part, Part.id == Line.part_id)
        .where(or_(Receipt.quantity_rejected != 0, Receipt.quantity_returned != 0)),
        day=_came_on,
        supplier=Line.supplier_id,
    ),
    "lots": RecordKind(
        title="Inspected lots",
        how="Lots that were inspected on receipt; lots that skipped inspection do not count.",
        heads=(
            ("inspected_on", "Inspected"), ("lot", "Lot"), ("part", "Part"), ("size", "Size"),
            ("sample", "Sample"), ("rejected", "Rejected"), ("verdict", "Verdict"),
            ("first_pass", "First pass"),
        ),
        rows=select(
            InspectionLot.inspected_on, InspectionLot.lot, Part.number.label("part"),
            InspectionLot.size, InspectionLot.sample, InspectionLot.rejected,
            InspectionLot.verdict, InspectionLot.is_first_pass,
        ).outerjoin(Part, Part.id == InspectionLot.part_id),
        day=InspectionLot.inspected_on,
        supplier=InspectionLot.supplier_id,
    ),
    "acknowledgements": RecordKind(
        title="Order acknowledgements",
        how="From sending an order to its acknowledgement. Orders never acknowledged have no "
        "hours and are counted apart.",
        heads=(("sent_at", "Sent"), ("order", "Order"), ("acknowledged_at", "Acknowledged")),
        rows=select(
            Acknowledgement.sent_at, PurchaseOrder.number, Acknowledgement.acknowledged_at
        ).join(PurchaseOrder, PurchaseOrder.id == Acknowledgement.order_id),
        day=Acknowledgement.sent_at,
        has_moments=True,
        supplier=Acknowledgement.supplier_id,
    ),
    "invoices": RecordKind(
        title="Invoice lines",
        how="Billed price against the contract's price on the day of the invoice.",
        heads=(
            ("invoiced_on", "Invoiced"), ("invoice", "Invoice"), ("line", "Line"),
            ("part", "Part"), ("quantity", "Quantity"), ("price", "Price"),
            ("contract", "Contract price"), ("currency", "Currency"), ("accurate", "Accurate"),
        ),
        rows=select(
            InvoiceLine.invoiced_on, InvoiceLine.invoice_number, InvoiceLine.line_no,
            Part.number.label("part"), InvoiceLine.quantity, InvoiceLine.unit_price,
            select(_price.price)
            .where(
                _price.supplier_id == InvoiceLine.supplier_id,
                _price.part_id == InvoiceLine.part_id,
                _price.currency == InvoiceLine.currency,
                _price.valid_from <= InvoiceLine.invoiced_on,
                or_(_price.valid_to.is_(None), _price.valid_to >= InvoiceLine.invoiced_on),
            )
            .order_by(_price.valid_from.desc())
            .limit(1)
            .correlate(InvoiceLine)
            .scalar_subquery()
            .label("contract"),
            InvoiceLine.currency, InvoiceLine.is_accurate,
        ).outerjoin(Part, Part.id == InvoiceLine.part_id),
        day=InvoiceLine.invoiced_on,
        supplier=InvoiceLine.supplier_id,
    ),
    "disruptions": RecordKind(
        title="Line stops, premium freight, special status",
        how="Every recorded disruption; those the supplier caused are the ones scored.",
        heads=(
            ("occurred_on", "On"), ("reference", "Reference"), ("kind", "What"),
            ("plant", "Our plant"), ("hours", "Hours"), ("cost", "Cost"),
            ("currency", "Currency"), ("caused_by", "Caused by"), ("note", "Note"),
        ),
        rows=select(
            Disruption.occurred_on, Disruption.reference,
            func.replace(Disruption.kind, "_", " ").label("kind"), Site.name.label("plant"),
            Disruption.hours, Disruption.cost, Disruption.currency,
            case((Disruption.caused_by == "buyer", literal("our own")),
                 else_=func.replace(Disruption.caused_by, "_", " ")).label("caused_by"),
            Disruption.note,
        )
        .outerjoin(Site, Site.id == Disruption.site_id)
        .where(Disruption.withdrawn_at.is_(None)),
        day=Disruption.occurred_on,
        supplier=Disruption.supplier_id,
    ),
}  # fmt: skip
