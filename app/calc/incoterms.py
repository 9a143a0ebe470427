"""Which day of a receipt is judged: the delivery event of an Incoterm.

The supplier answers for what the term makes it answer for; the carrier we hired is not
its fault. What the day means for a line is said in `delivery`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType


class DeliveryEvent(StrEnum):
    """What happened to the goods on the day that is judged."""

    HAND_OVER = "hand_over"
    DISPATCH = "dispatch"
    ARRIVAL = "arrival"
    POSTING = "posting"


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
    return date_of(dates, delivery_event(incoterm))


def date_of(dates: ReceiptDates, event: DeliveryEvent) -> tuple[date | None, DeliveryEvent | None]:
    """Return the day of an agreed event, or of the first later one that is known.

    Formula: the first known date in `FALL_BACK` of the event.

    Args:
        dates: the receipt's dates, each may be None.
        event: what the rule judges, by Incoterm or fixed.
    Returns:
        (day, event it is the day of); a later event than asked for includes transit.
    Raises:
        Nothing.
    Source: domain rules §1.1.
    Edge cases: as `event_date`.

    >>> date_of(ReceiptDates(ready_on=date(2026, 3, 2)), DeliveryEvent.POSTING)
    (None, None)
    """
    known = {
        DeliveryEvent.HAND_OVER: dates.ready_on,
        DeliveryEvent.DISPATCH: dates.dispatched_on,
        DeliveryEvent.ARRIVAL: dates.arrived_on,
        DeliveryEvent.POSTING: dates.posted_on,
    }
    for found in FALL_BACK[event]:
        if (day := known[found]) is not None:
            return day, found
    return None, None
