"""Order lines as lists, pages and sheets show them: plain values, no rows of tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class LineOutcome(StrEnum):
    """What a line is to a measure; `counted` where the measure knows no miss."""

    MET = "met"
    MISSED = "missed"
    COUNTED = "counted"
    UNKNOWN = "unknown"
    PENDING = "pending"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One order line as lists and sheets show it; quantities in the part's unit.

    Money is in `currency`, the supplier's. `outcome` is what the line is to the measure
    it was asked for.
    """

    line_id: int
    supplier_id: int
    supplier: str
    order_number: str
    line_no: str
    schedule_no: str
    part_number: str | None
    part_name: str | None
    unit: str | None
    ordered_on: date | None
    reference_on: date | None
    window_end_on: date | None
    completed_on: date | None
    lateness_days: int | None
    lead_time_days: int | None
    quantity_due: Decimal | None
    quantity_in_window: Decimal | None
    quantity_total: Decimal | None
    value_due: Decimal | None
    value_in_window: Decimal | None
    currency: str | None
    on_time: int | None
    in_full: int | None
    otif: int | None
    open_since: date | None
    event: str | None
    is_fallback: int | None
    reason: str | None
    cause: str | None
    outcome: LineOutcome


@dataclass(frozen=True, slots=True)
class LineReceipt:
    """What came for a line at one time; `reverses` is the receipt that it takes back."""

    receipt_id: int
    ready_on: date | None
    dispatched_on: date | None
    arrived_on: date | None
    posted_on: date | None
    quantity: Decimal | None
    quantity_rejected: Decimal | None
    quantity_returned: Decimal | None
    reverses: int | None


@dataclass(frozen=True, slots=True)
class PromiseMove:
    """A promise that moved."""

    changed_on: date
    changed_by: str
    is_agreed: bool
    from_on: date | None
    to_on: date
    reason: str | None


@dataclass(frozen=True, slots=True)
class LineDetail:
    """One line with all that is known of it and how the rule judged it.

    `early_days` None: any early day is inside the window. Tolerances are what was agreed
    for the line, in millionths; None: the rule named `rule` decides.
    """

    line: OrderLine
    rule: str
    state: str
    incoterm: str | None
    requested_on: date | None
    promised_original_on: date | None
    promised_current_on: date | None
    on_time_requested: int | None
    on_time_original: int | None
    on_time_current: int | None
    on_time_dock: int | None
    early_days: int | None
    late_days: int | None
    under_millionths: int | None
    over_millionths: int | None
    quantity_ordered: Decimal | None
    quantity_cancelled_buyer: Decimal
    quantity_cancelled_supplier: Decimal
    cancelled_on: date | None
    receipts: tuple[LineReceipt, ...]
    moves: tuple[PromiseMove, ...]
