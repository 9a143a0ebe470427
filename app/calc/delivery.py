"""The verdict on one schedule line: on time, in full, both, or unknown.

Quantities are exact integers in any one unit (the facts hold 1/1,000,000 of a unit),
tolerances integer millionths, days calendar days in the receiving site's time zone.
Nothing is divided, so nothing is rounded. Rates over many lines stand in
`delivery_levels`, call-offs of an agreement in `call_off`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from app.calc.incoterms import DeliveryEvent, ReceiptDates, delivery_event, event_date
from app.calc.schedule_line import (
    MILLION,
    Line,
    LineSums,
    Receipt,
    Window,
    quantity_due,
    sum_receipts,
    usable_quantity,
)

# Whoever judges lines finds inputs and events here too: one door for delivery.
__all__ = [
    "DeliveryEvent",
    "Line",
    "LineState",
    "LineVerdict",
    "Receipt",
    "ReceiptDates",
    "VerdictReason",
    "Window",
    "delivery_event",
    "event_date",
    "judge_line",
    "quantity_due",
    "usable_quantity",
]


class LineState(StrEnum):
    """Whether a line's window has closed, or the line stands outside every rate."""

    PENDING = "pending"
    DUE = "due"
    EXCLUDED = "excluded"


class VerdictReason(StrEnum):
    """Why a line is not a plain OTIF line: the first that applies, in this order.

    With the names of `judge_line`: nothing received tot ≤ 0; over-delivered tot > cap;
    short tot < need; late e + w < need; early e > o·Q or w < need; split otherwise.
    """

    REFERENCE_DATE_UNKNOWN = "reference_date_unknown"
    NOTHING_ORDERED = "nothing_ordered"
    CANCELLED_BY_BUYER = "cancelled_by_buyer"
    WINDOW_OPEN = "window_open"
    ORDERED_QUANTITY_UNKNOWN = "ordered_quantity_unknown"
    RECEIPT_DATE_UNKNOWN = "receipt_date_unknown"
    RECEIPT_QUANTITY_UNKNOWN = "receipt_quantity_unknown"
    NOTHING_RECEIVED = "nothing_received"
    OVER_DELIVERED = "over_delivered"
    SHORT = "short"
    LATE = "late"
    EARLY = "early"
    SPLIT = "split"


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


def judge_line(
    line: Line,
    receipts: Sequence[Receipt],
    *,
    window: Window,
    as_of: date,
    allow_split: bool = True,
    accepted_only: bool = False,
    receipt_completes_line: bool = False,
    feed_has_quantities: bool = True,
) -> LineVerdict:
    """Judge one schedule line as the facts stand at the close of a day.

    Formula, with ref = line.reference_on, T = as_of, E and L the early and late days, u
    and o the tolerances, q the usable quantity of each receipt with event date ≤ T:

    1. ref unknown → excluded. W = [ref − E, ref + L], its start open when E is None.
       Q ≤ 0 (`quantity_due`) → excluded. ref + L > T → pending, complete or not. Else due.
    2. e = Σq before W; w = Σq in W; tot = Σq. need = Q(1 − u), cap = Q(1 + o), compared
       as tot·1e6 ≥ Q·(1e6 − u).
    3. completed_on = the first event date by whose close the cumulative q ≥ need.
       lateness_days = completed_on − ref; lead_time_days = completed_on − ordered_on.
    4. on_time = e ≤ o·Q ∧ e + w ≥ need. in_full = need ≤ tot ≤ cap.
       otif = on_time ∧ in_full ∧ need ≤ w ≤ cap; with `allow_split` off also: exactly one
       receipt with a positive quantity in W. unit_on_time = min(w, Q), at least 0.

    What is unknown, for the receipts with event date ≤ T or without a date:

    5. Q unknown: in_full and otif unknown, so are on_time and completed_on but for 7.
    6. A receipt without usable quantity: e, w, tot, the verdicts and completed_on are
       unknown, even if the rest would decide them, but for 7. (A late line without
       quantities is not OTIF 0.)
    7. Where `receipt_completes_line` and a receipt has no quantity: it completes the line
       on its date, unless the line was complete before; on_time = completed_on in W.
       This never makes in_full or otif known.
    8. A receipt without event date has come, so it is in tot and in_full stands; e, w,
       on_time, otif and completed_on are unknown.
    9. No receipt at all: a miss (e = w = tot = 0, all verdicts False) when
       `feed_has_quantities` and Q is known. Otherwise only on_time is known, as False,
       and only where `receipt_completes_line`.

    Args:
        line: what was ordered; quantities in any one integer unit.
        receipts: shape (m,), in any order; same unit.
        window: days and tolerances of the rule.
        as_of: T, the day at whose close is judged.
        allow_split: False: one receipt in the window must bring it all for otif.
        accepted_only: True: rejected goods do not count as received.
        receipt_completes_line: True: the feed's receipts may lack a quantity and then
            mean that the line is complete.
        feed_has_quantities: False: the feed never tells received quantities.
    Returns:
        The verdict; verdicts are None unless the state is due and the facts are known.
        Excluded lines carry nothing but their reason, window and Q.
    Raises:
        Nothing; `Window` checks its own values.
    Source: domain rules §1.1, §1.2; McKinsey 2019 for “on time, in full”.
    Edge cases: an early quantity up to o·Q does not fail on_time, but is not in w;
    a reversal carries the date of what it reverses.

    >>> line = Line(1000, date(2026, 3, 5), ordered_on=date(2026, 2, 1))
    >>> came = [Receipt(date(2026, 3, 5), 990), Receipt(date(2026, 3, 6), 10)]
    >>> verdict = judge_line(line, came, window=Window(), as_of=date(2026, 3, 31))
    >>> verdict.otif, verdict.unit_on_time, verdict.lateness_days, verdict.lead_time_days
    (False, 990, 1, 33)
    """
    ref = line.reference_on
    if ref is None:
        return LineVerdict(LineState.EXCLUDED, VerdictReason.REFERENCE_DATE_UNKNOWN)
    _, closes_on = window.around(ref)
    due = quantity_due(line, closes_on)
    if due is not None and due <= 0:
        was_ordered = line.quantity_ordered != 0
        why = VerdictReason.CANCELLED_BY_BUYER if was_ordered else VerdictReason.NOTHING_ORDERED
        return LineVerdict(LineState.EXCLUDED, why, closes_on, due)
    sums = sum_receipts(
        [r for r in receipts if r.event_on is None or r.event_on <= as_of],
        window=window,
        reference_on=ref,
        accepted_only=accepted_only,
        feed_has_quantities=feed_has_quantities,
    )
    bounds = None if due is None else _Bounds.of(due, window)
    by_event = receipt_completes_line and not sums.is_quantified
    completed_on = _completed_on(sums, bounds, by_event=by_event)
    pending = LineVerdict(
        state=LineState.PENDING,
        reason=VerdictReason.WINDOW_OPEN,
        window_closes_on=closes_on,
        quantity_due=due,
        early_quantity=sums.early,
        quantity_in_window=sums.within,
        total=sums.total,
        completed_on=completed_on,
        lateness_days=_days_between(ref, completed_on),
        lead_time_days=_days_between(line.ordered_on, completed_on),
    )
    if closes_on > as_of:
        return pending
    if sums.is_empty and receipt_completes_line:
        on_time: bool | None = False
    elif by_event:
        on_time = None if completed_on is None else window.holds(completed_on, ref)
    else:
        on_time = _on_time(sums, bounds)
    return _closed(pending, sums, bounds, on_time, allow_split=allow_split)


@dataclass(frozen=True, slots=True)
class _Bounds:
    """need, cap and o·Q of one line, in millionths of its unit, so that they are integers."""

    need: int
    cap: int
    early: int

    @classmethod
    def of(cls, due: int, window: Window) -> _Bounds:
        need, cap = due * (MILLION - window.under_ppm), due * (MILLION + window.over_ppm)
        return cls(need, cap, due * window.over_ppm)

    def are_reached(self, quantity: int) -> bool:
        return quantity * MILLION >= self.need

    def hold(self, quantity: int) -> bool:
        return self.need <= quantity * MILLION <= self.cap

    def allow_early(self, quantity: int) -> bool:
        return quantity * MILLION <= self.early


def _completed_on(sums: LineSums, bounds: _Bounds | None, *, by_event: bool) -> date | None:
    is_known = sums.is_dated and not sums.lacks_rejects and (sums.is_quantified or by_event)
    if not is_known:
        return None
    cumulative = 0
    for day, quantity, lacks_quantity in sums.by_day:
        cumulative += quantity
        if lacks_quantity or (bounds is not None and bounds.are_reached(cumulative)):
            return day
    return None


def _on_time(sums: LineSums, bounds: _Bounds | None) -> bool | None:
    if bounds is None or sums.early is None or sums.within is None:
        return None
    return bounds.allow_early(sums.early) and bounds.are_reached(sums.early + sums.within)


def _closed(
    pending: LineVerdict,
    sums: LineSums,
    bounds: _Bounds | None,
    on_time: bool | None,
    *,
    allow_split: bool,
) -> LineVerdict:
    in_full = None if bounds is None or sums.total is None else bounds.hold(sums.total)
    otif = None
    if bounds is not None and sums.within is not None:
        is_whole = allow_split or sums.receipts_within == 1
        otif = bool(on_time and in_full and bounds.hold(sums.within) and is_whole)
    due, within = pending.quantity_due, sums.within
    return replace(
        pending,
        state=LineState.DUE,
        reason=_reason(sums, bounds, otif),
        on_time=on_time,
        in_full=in_full,
        otif=otif,
        unit_on_time=None if due is None or within is None else max(0, min(within, due)),
    )


def _reason(sums: LineSums, bounds: _Bounds | None, otif: bool | None) -> VerdictReason | None:
    if otif:
        return None
    if bounds is None:
        return VerdictReason.ORDERED_QUANTITY_UNKNOWN
    if not sums.is_dated:
        return VerdictReason.RECEIPT_DATE_UNKNOWN
    if sums.total is None or sums.early is None or sums.within is None:
        return VerdictReason.RECEIPT_QUANTITY_UNKNOWN
    return _miss(bounds, early=sums.early, within=sums.within, total=sums.total)


def _miss(bounds: _Bounds, *, early: int, within: int, total: int) -> VerdictReason:
    if total <= 0:
        return VerdictReason.NOTHING_RECEIVED
    if total * MILLION > bounds.cap:
        return VerdictReason.OVER_DELIVERED
    if not bounds.are_reached(total):
        return VerdictReason.SHORT
    if not bounds.are_reached(early + within):
        return VerdictReason.LATE
    if not (bounds.allow_early(early) and bounds.are_reached(within)):
        return VerdictReason.EARLY
    return VerdictReason.SPLIT


def _days_between(start: date | None, end: date | None) -> int | None:
    return None if start is None or end is None else (end - start).days
