"""An order line in words: why it counts as it does, and what happened, in one sentence.

Pages and packs say it alike. Decides nothing: the verdict stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from app.base import formatting
from app.facts.deliveries.lines.arrivals import Arrival
from app.facts.deliveries.lines.line_lists import OrderLine

REASON_WORDS = {
    "status_not_counted": "the order's status does not count",
    "ruled_out": "left out by a ruling on a dispute",
    "reference_date_unknown": "no promised date",
    "nothing_ordered": "ordered quantity 0",
    "cancelled_by_buyer": "cancelled by us",
    "window_open": "the window is still open",
    "ordered_quantity_unknown": "the ordered quantity is unknown",
    "receipt_date_unknown": "a receipt has no date",
    "receipt_quantity_unknown": "a receipt has no quantity",
    "nothing_received": "nothing received",
    "over_delivered": "more than agreed",
    "short": "less than agreed",
    "late": "late",
    "early": "too early",
    "split": "split, though not allowed",
}
UNKNOWN_QUANTITIES = ("ordered_quantity_unknown", "receipt_quantity_unknown")
CAUSE_WORDS = {
    "supplier": "supplier",
    "buyer": "our own",
    "carrier": "carrier",
    "customs": "customs",
    "receiving": "our dock",
    "force_majeure": "force majeure",
    "unknown": "unknown",
}
EVENT_WORDS = {
    "hand_over": "hand-over",
    "dispatch": "dispatch",
    "arrival": "arrival at our dock",
    "posting": "posting of the goods receipt",
}
# What was done on a day that is not the goods' coming.
DONE_WORDS = {"hand_over": "handed over ", "dispatch": "dispatched "}
OUTCOME_WORDS = {
    "met": "met",
    "missed": "missed",
    "unknown": "unknown",
    "pending": "pending",
    "excluded": "excluded",
}
# More arrivals than these are added up.
MOST_TOLD = 3


def reason_words(reason: str | None) -> str:
    """Return a verdict's reason in words, an empty text where there is none."""
    if reason is None:
        return ""
    return REASON_WORDS.get(reason, reason.replace("_", " "))


def outcome_words(line: OrderLine) -> str:
    """Return how a line counts and why (“missed: late”, “met by date; a receipt has no quantity”).

    A line of unknown quantity is judged by its date alone: what is unknown is no reason for that.
    """
    outcome, reason = OUTCOME_WORDS[line.outcome], reason_words(line.reason)
    if line.reason in UNKNOWN_QUANTITIES and line.outcome in ("met", "missed"):
        return f"{outcome} by date; {reason}"
    return f"{outcome}: {reason}" if reason else outcome


def late_words(line: OrderLine, *, as_of: date) -> str:
    """Return how late a line is (“14 d”, “> 31 d” while it is open), or an empty text."""
    if line.open_since is not None and line.open_since <= as_of:
        return f"> {(as_of - line.open_since).days}{formatting.NARROW_SPACE}d"
    if line.lateness_days is None:
        return ""
    return formatting.days(line.lateness_days, 0)


def story(line: OrderLine, arrivals: Sequence[Arrival], *, opens_on: date | None = None) -> str:
    """Return what happened to a line (“600 of 1,000 on 3 Sep in the window, 400 on 17 Sep”).

    `opens_on` is the window's first day; without it early goods are told by their date alone.
    Days are those of the event that was judged, so that they agree with how late the line is:
    “all 900 handed over on 25 Nov, due 21 Nov” where it came to our dock on the 30th.
    """
    came = [each for each in arrivals if not each.is_reversal]
    came.sort(key=lambda each: each.judged_on(line.event) or date.max)
    if not came:
        return _nothing_came(line)
    if len(came) == 1 and came[0].quantity is not None and came[0].quantity == line.quantity_due:
        told = _whole(came[0], line)
    elif len(came) > MOST_TOLD:
        told = _added_up(came, line)
    else:
        told = ", ".join(
            _one(each, line, opens_on, is_first=not place) for place, each in enumerate(came)
        )
    sent_back = sum((each.quantity_returned or Decimal(0) for each in came), Decimal(0))
    lacking = _lacking(line)
    reversals = len(arrivals) - len(came)
    notes = [told]
    if sent_back:
        notes.append(f"{formatting.quantity(sent_back)} sent back")
    if lacking:
        notes.append(lacking)
    if reversals:
        notes.append(formatting.count(reversals, "reversal"))
    return "; ".join(notes)


def _nothing_came(line: OrderLine) -> str:
    if line.reason == "cancelled_by_buyer":
        return "cancelled by us, nothing came"
    if line.reason == "nothing_ordered":
        return "nothing was ordered, nothing came"
    if line.window_end_on is None:
        return "nothing came, no date was promised"
    if line.reason == "window_open":
        return f"nothing came yet, due {formatting.short_day(line.window_end_on)}"
    return f"nothing came by {formatting.short_day(line.window_end_on)}"


def _whole(arrival: Arrival, line: OrderLine) -> str:
    """Tell of a line that came at once, with its due day when that was another."""
    when = arrival.judged_on(line.event)
    if when is None:
        return f"all {_amount(arrival.quantity)}, date unknown"
    told = f"all {_amount(arrival.quantity)} {_done(line)}on {_day(when, line)}"
    end = line.window_end_on
    if end is None or (line.reason not in ("late", "early") and when <= end):
        return told
    return f"{told}, due {_day(end, line)}"


def _one(arrival: Arrival, line: OrderLine, opens_on: date | None, *, is_first: bool) -> str:
    amount = _amount(arrival.quantity)
    is_part = arrival.quantity is not None and arrival.quantity != line.quantity_due
    if is_first and line.quantity_due is not None and is_part:
        amount += f" of {formatting.quantity(line.quantity_due)}"
    when = arrival.judged_on(line.event)
    if when is None:
        return f"{amount}, date unknown"
    done = _done(line) if is_first else ""
    return f"{amount} {done}on {_day(when, line)}{_place(when, line, opens_on)}"


def _added_up(came: Sequence[Arrival], line: OrderLine) -> str:
    known = [each.quantity for each in came if each.quantity is not None]
    amount = _amount(sum(known, Decimal(0)) if len(known) == len(came) else None)
    days = [when for each in came if (when := each.judged_on(line.event)) is not None]
    span = "" if not days else f", {_done(line)}{_day(min(days), line)} to {_day(max(days), line)}"
    return f"{amount} in {len(came)} deliveries{span}"


def _place(when: date, line: OrderLine, opens_on: date | None) -> str:
    if line.window_end_on is None or when > line.window_end_on:
        return ""
    if opens_on is not None and when < opens_on:
        return f", {formatting.count((opens_on - when).days, 'day')} before the window opened"
    is_known = opens_on is not None or line.reason != "early"
    if is_known or line.reference_on is None or when >= line.reference_on:
        return " in the window"
    return f", {formatting.count((line.reference_on - when).days, 'day')} before its date"


def _lacking(line: OrderLine) -> str:
    if line.quantity_due is None or line.quantity_total is None:
        return ""
    gap = line.quantity_due - line.quantity_total
    if gap > 0 and line.open_since is not None:
        return f"{formatting.quantity(gap)} still open"
    if gap < 0 and line.reason == "over_delivered":
        return f"{formatting.quantity(-gap)} too many"
    return ""


def _done(line: OrderLine) -> str:
    return DONE_WORDS.get(line.event or "", "")


def _amount(quantity: Decimal | None) -> str:
    return "a delivery" if quantity is None else formatting.quantity(quantity)


def _day(when: date, line: OrderLine) -> str:
    due = line.reference_on
    if due is not None and due.year == when.year:
        return formatting.short_day(when)
    return formatting.day(when)
