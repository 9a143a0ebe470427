"""The lines whose window ended in a run of days, with what a claim under a contract needs.

Says what was due, what came by the window's end, when the rest came, who caused the miss and
whether a dispute is open. What that owes is said by the contract.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from app.base.db import QUANTITY_SCALE
from app.calc.attribution import MissCause
from app.facts.deliveries.disputes.models import Dispute, DisputeState
from app.facts.deliveries.models import CausedBy, MissAttribution, PurchaseOrder
from app.facts.deliveries.models import ScheduleLine as Line
from app.facts.deliveries.period_reads import members
from app.facts.deliveries.rollup_models import LineVerdict as V
from app.facts.deliveries.rollup_models import VerdictState
from app.facts.suppliers.models import Part


@dataclass(frozen=True, slots=True)
class PromisedLine:
    """A line whose window has ended, as its delivery rule judged it.

    on_time, in_full, otif: None where unknown. quantity_due, quantity_by_close: what was
    promised, and what of it was there when the window ended. value: of the whole order line,
    without tax, in `currency`. cause: who is to blame as a person coded it, None: nobody did.
    """

    line_id: int
    order_number: str
    line_no: str
    schedule_no: str
    contract_reference: str | None
    part_number: str | None
    window_end_on: date
    completed_on: date | None
    rule: str
    on_time: bool | None
    in_full: bool | None
    otif: bool | None
    quantity_ordered: Decimal | None
    quantity_due: Decimal | None
    quantity_by_close: Decimal | None
    unit_price: Decimal | None
    line_value: Decimal | None
    currency: str | None
    incoterm: str | None
    cause: MissCause | None
    dispute_id: uuid.UUID | None

    @property
    def label(self) -> str:
        """How people name it."""
        place = f"{self.order_number} / {self.line_no}"
        return place if self.schedule_no == "1" else f"{place} / {self.schedule_no}"

    def value_of(self, quantity: Decimal | None) -> Decimal | None:
        """Return what a part of it is worth, unrounded; None where that is not known."""
        if quantity is None or self.currency is None:
            return None
        if self.unit_price is not None:
            return quantity * self.unit_price
        if self.line_value is None or not self.quantity_ordered:
            return None
        return quantity * self.line_value / self.quantity_ordered

    @property
    def value_due(self) -> Decimal | None:
        """What was promised is worth."""
        return self.value_of(self.quantity_due)

    @property
    def delayed_value(self) -> Decimal | None:
        """What was not there when the window ended is worth."""
        if self.quantity_due is None or self.quantity_by_close is None:
            return None
        return self.value_of(self.quantity_due - self.quantity_by_close)


def promised_lines(
    session: Session, supplier_id: int, *, first_on: date, last_on: date
) -> list[PromisedLine]:
    """Return the due lines of a supplier whose window ended within two days, the oldest first."""
    rows = session.execute(
        select(
            V.line_id,
            PurchaseOrder.number,
            Line.line_no,
            Line.schedule_no,
            PurchaseOrder.contract_reference,
            Part.number.label("part_number"),
            V.window_end_on,
            V.completed_on,
            V.rule,
            V.on_time,
            V.in_full,
            V.otif,
            Line.quantity_ordered,
            V.quantity_due,
            V.quantity_by_close,
            Line.unit_price,
            Line.line_value,
            func.coalesce(Line.currency, PurchaseOrder.currency).label("currency"),
            Line.incoterm,
            MissAttribution.cause,
            Dispute.public_id.label("dispute_id"),
        )
        .select_from(Line)
        .join(V, V.line_id == Line.id)
        .join(PurchaseOrder, PurchaseOrder.id == Line.order_id)
        .outerjoin(Part, Part.id == Line.part_id)
        .outerjoin(MissAttribution, MissAttribution.line_id == Line.id)
        .outerjoin(Dispute, and_(Dispute.line_id == Line.id, Dispute.state == DisputeState.OPEN))
        .where(
            Line.supplier_id.in_(members(session, [supplier_id])),
            V.state == int(VerdictState.DUE),
            V.window_end_on.between(first_on, last_on),
        )
        .order_by(V.window_end_on, PurchaseOrder.number, Line.line_no, Line.schedule_no, Line.id)
    )
    return [_promised(row) for row in rows]


def _promised(row: Any) -> PromisedLine:  # Any: a row of `promised_lines`
    coded = row.cause
    return PromisedLine(
        line_id=row.line_id,
        order_number=row.number,
        line_no=row.line_no,
        schedule_no=row.schedule_no,
        contract_reference=row.contract_reference,
        part_number=row.part_number,
        window_end_on=row.window_end_on,
        completed_on=row.completed_on,
        rule=row.rule,
        on_time=_known(row.on_time),
        in_full=_known(row.in_full),
        otif=_known(row.otif),
        quantity_ordered=row.quantity_ordered,
        quantity_due=_quantity(row.quantity_due),
        quantity_by_close=_quantity(row.quantity_by_close),
        unit_price=row.unit_price,
        line_value=row.line_value,
        currency=row.currency,
        incoterm=row.incoterm,
        cause=None if coded is None or coded == CausedBy.UNKNOWN else MissCause(coded),
        dispute_id=row.dispute_id,
    )


def _known(flag: int | None) -> bool | None:
    return None if flag is None else flag == 1


def _quantity(millionths: int | None) -> Decimal | None:
    return None if millionths is None else Decimal(millionths) / QUANTITY_SCALE
