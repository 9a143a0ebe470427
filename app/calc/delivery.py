"""The verdict on one schedule line: on time, in full, both, or unknown.

Quantities are exact integers in any one unit (the facts hold 1/1,000,000 of a unit),
tolerances integer millionths, days calendar days in the receiving site's time zone.
Nothing is divided, so nothing is rounded. Rates over many lines stand in
`delivery_levels`, call-offs of an agreement in `call_off`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

MILLION = 1_000_000


class DeliveryEvent(StrEnum):
    """What happened to the goods on the day that is judged."""

    HAND_OVER = "hand_over"
    DISPATCH = "dispatch"
    ARRIVAL = "arrival"
    POSTING = "posting"


class LineState(StrEnum):
    """Whether a line's window has closed, or the line stands outside every rate."""

    PENDING = "pending"
    DUE = "due"
    EXCLUDED = "excluded"


class VerdictReason(StrEnum):
    """Why a line is not a plain OTIF line; the first that applies, in this order."""

    REFERENCE_DATE_UNKNOWN = "reference_date_unknown"
    CANCELLED_BY_BUYER = "cancelled_by_buyer"
    WINDOW_OPEN = "window_open"
    ORDERED_QUANTITY_UNKNOWN = "ordered_quantity_unknown"
    RECEIPT_DATE_UNKNOWN = "receipt_date_unknown"
    RECEIPT_QUANTITY_UNKNOWN = "receipt_quantity_unknown"
    NOTHING_RECEIVED = "nothing_received"
    EARLY = "early"
    OVER_DELIVERED = "over_delivered"
    SHORT = "short"
    LATE = "late"
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class Line:
    """What was ordered on one schedule line.

    Quantities [any integer unit]; `quantity_cancelled_buyer` counts when `cancelled_on`
    is on or before the window's last day, or is unknown. What the supplier cancelled
    stays in the ordered quantity: it is a miss.
    """

    quantity_ordered: int | None
    reference_on: date | None
    ordered_on: date | None = None
    quantity_cancelled_buyer: int = 0
    cancelled_on: date | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt: the day of the event that counts and what came.

    Give a reversal as a negative quantity on the event date of the receipt it reverses:
    history then reads as if the reversed quantity had never come. `quantity_returned`
    None means that no return is recorded; it is always subtracted.
    """

    event_on: date | None
    quantity: int | None
    quantity_rejected: int | None = None
    quantity_returned: int | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """What the rule allows around the reference date, in days and in quantity.

    `early_days` None: any early day is inside. Tolerances in millionths of the quantity
    due: `under_ppm` 50,000 is 5 %.
    """

    early_days: int | None = None
    late_days: int = 0
    under_ppm: int = 0
    over_ppm: int = 0

    def __post_init__(self) -> None:
        if self.early_days is not None and self.early_days < 0:
            raise ValueError(f"early_days is {self.early_days}, it must be at least 0 or None")
        if self.late_days < 0:
            raise ValueError(f"late_days is {self.late_days}, it must be at least 0")
        if not 0 <= self.under_ppm < MILLION:
            raise ValueError(f"under_ppm is {self.under_ppm}, it must lie in [0, 1,000,000)")
        if self.over_ppm < 0:
            raise ValueError(f"over_ppm is {self.over_ppm}, it must be at least 0")


@dataclass(frozen=True, slots=True)
class LineVerdict:
    """How the rule judged one line. None is unknown, or not judged yet.

    `quantity_due` is Q; `early_quantity`, `quantity_in_window` and `total` are e, w and
    tot of `judge_line`; `unit_on_time` is min(w, Q) of a due line. `completed_on`,
    `lateness_days` (early is negative) and `lead_time_days` are known as soon as the
    line is complete, also while it is pending.
    """

    state: LineState
    reason: VerdictReason | None
    window_closes_on: date | None = None
    quantity_due: int | None = None
    on_time: bool | None = None
    in_full: bool | None = None
    otif: bool | None = None
    early_quantity: int | None = None
    quantity_in_window: int | None = None
    total: int | None = None
    unit_on_time: int | None = None
    completed_on: date | None = None
    lateness_days: int | None = None
    lead_time_days: int | None = None


@dataclass(frozen=True, slots=True)
class ReceiptDates:
    """The days of one receipt as far as the feed knows them."""

    ready_on: date | None = None
    dispatched_on: date | None = None
    arrived_on: date | None = None
    posted_on: date | None = None


_HAND_OVER_TERMS = frozenset({"EXW", "FCA", "FAS", "FOB"})
_DISPATCH_TERMS = frozenset({"CFR", "CIF", "CPT", "CIP"})
_EVENT_ORDER = (
    DeliveryEvent.HAND_OVER,
    DeliveryEvent.DISPATCH,
    DeliveryEvent.ARRIVAL,
    DeliveryEvent.POSTING,
)
FALL_BACK: Mapping[DeliveryEvent, tuple[DeliveryEvent, ...]] = MappingProxyType(
    {event: _EVENT_ORDER[place:] for place, event in enumerate(_EVENT_ORDER)}
)


def delivery_event(incoterm: str | None) -> DeliveryEvent:
    """Return the event that fulfils the supplier's duty under an Incoterm.

    Formula: E and F terms (EXW, FCA, FAS, FOB) → hand-over; C terms (CFR, CIF, CPT,
    CIP) → dispatch; D terms and everything else → arrival.

    Args:
        incoterm: the term, its place may follow ("EXW Milano"); None where unknown.
    Returns:
        The event to judge; `FALL_BACK` lists what stands in when its date is unknown.
    Raises:
        Nothing.
    Source: Incoterms 2020, articles A2; domain rules §1.1.
    Edge cases: unknown or unreadable terms are judged at arrival.

    >>> [delivery_event(term).value for term in ("EXW Milano", "cip", "DDP", None)]
    ['hand_over', 'dispatch', 'arrival', 'arrival']
    """
    term = (incoterm or "").strip().upper()[:3]
    if term in _HAND_OVER_TERMS:
        return DeliveryEvent.HAND_OVER
    return DeliveryEvent.DISPATCH if term in _DISPATCH_TERMS else DeliveryEvent.ARRIVAL


def event_date(
    dates: ReceiptDates, incoterm: str | None
) -> tuple[date | None, DeliveryEvent | None]:
    """Return the day that counts for one receipt, and which event it is the day of.

    Formula: the first known date in the fall-back order of the Incoterm: E and F terms
    ready, dispatched, arrived, posted; C terms dispatched, arrived, posted; D terms and
    unknown arrived, posted.

    Args:
        dates: the receipt's dates, each may be None.
        incoterm: as `delivery_event`.
    Returns:
        (day, event). An event later than `delivery_event(incoterm)` means that transit
        is included, and a sheet must say so.
    Raises:
        Nothing.
    Source: domain rules §1.1.
    Edge cases: no usable date gives (None, None); dates before the term's event are not
    used (goods that were ready early have not arrived).

    >>> event_date(ReceiptDates(dispatched_on=date(2026, 3, 2)), "FCA")
    (datetime.date(2026, 3, 2), <DeliveryEvent.DISPATCH: 'dispatch'>)
    >>> event_date(ReceiptDates(dispatched_on=date(2026, 3, 2)), "DDP")
    (None, None)
    """
    known = {
        DeliveryEvent.HAND_OVER: dates.ready_on,
        DeliveryEvent.DISPATCH: dates.dispatched_on,
        DeliveryEvent.ARRIVAL: dates.arrived_on,
        DeliveryEvent.POSTING: dates.posted_on,
    }
    for event in FALL_BACK[delivery_event(incoterm)]:
        if (day := known[event]) is not None:
            return day, event
    return None, None


def quantity_due(line: Line, closes_on: date) -> int | None:
    """Return Q, the quantity that the supplier owes at the window's end.

    Formula: Q = quantity_ordered − quantity_cancelled_buyer, the latter only when it
    was cancelled on or before the window's last day, or on an unknown day.

    Args:
        line: the line [integer quantities].
        closes_on: the last day of the window.
    Returns:
        Q [the line's unit], may be 0 or negative; None where the order is unknown.
    Raises:
        Nothing.
    Source: domain rules §1.1.
    Edge cases: an undated cancellation counts as made in time, in the supplier's favour.

    >>> quantity_due(Line(100, date(2026, 3, 5), quantity_cancelled_buyer=40), date(2026, 3, 5))
    60
    """
    if line.quantity_ordered is None:
        return None
    in_time = line.cancelled_on is None or line.cancelled_on <= closes_on
    return line.quantity_ordered - (line.quantity_cancelled_buyer if in_time else 0)


def usable_quantity(receipt: Receipt, *, accepted_only: bool = False) -> int | None:
    """Return what a receipt contributes to its line.

    Formula: quantity − returned; with `accepted_only` quantity − max(rejected, returned),
    because rejected goods that went back are counted once.

    Args:
        receipt: the receipt [integer quantities].
        accepted_only: whether the rule counts accepted rather than received goods.
    Returns:
        The quantity [the line's unit]; negative for a reversal; None where unknown.
    Raises:
        Nothing.
    Source: domain rules §0.7, §1.2.
    Edge cases: with `accepted_only`, unknown rejects make it unknown.

    >>> usable_quantity(Receipt(date(2026, 3, 5), 100, quantity_rejected=30), accepted_only=True)
    70
    """
    returned = receipt.quantity_returned or 0
    if receipt.quantity is None:
        return None
    if not accepted_only:
        return receipt.quantity - returned
    if receipt.quantity_rejected is None:
        return None
    return receipt.quantity - max(receipt.quantity_rejected, returned)
