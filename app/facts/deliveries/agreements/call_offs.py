"""One call-off in words: which release owes it, which receipts serve it, and how far."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from app.base import formatting
from app.facts.deliveries.agreements.models import AgreementReceipt as Booked
from app.facts.deliveries.agreements.models import CallOff, Release
from app.facts.deliveries.agreements.models import SchedulingAgreement as Agreement
from app.facts.deliveries.models import Receipt
from app.facts.deliveries.models import ScheduleLine as Line


@dataclass(frozen=True, slots=True)
class Serving:
    """A receipt that serves a call-off: how much of it, and what it leaves for whom.

    `left_for`: the day that each other call-off it serves is due, with its share.
    """

    receipt_no: str
    came_on: date | None
    quantity: Decimal
    received: Decimal
    left_for: tuple[tuple[date, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a later release asked of the day inside its firm zone; None: it left the day out."""

    release_no: int
    released_on: date
    quantity: Decimal | None


@dataclass(frozen=True, slots=True)
class CallOffFacts:
    """A schedule line as a call-off of its agreement."""

    agreement: str
    firm_zone_days: int
    trade_off_zone_days: int | None
    release_no: int
    released_on: date | None
    due_on: date
    quantity: Decimal
    withdrawn_on: date | None
    requested_on: date | None
    servings: tuple[Serving, ...]
    asked_in_vain: tuple[Asked, ...]


def call_off_of(session: Session, line_id: int) -> CallOffFacts | None:
    """Return what makes a line a call-off, None where it is a line of an order."""
    row = session.execute(
        select(CallOff, Agreement, Line)
        .join(Agreement, Agreement.id == CallOff.agreement_id)
        .join(Line, Line.id == CallOff.line_id)
        .where(CallOff.line_id == line_id)
    ).first()
    if row is None:
        return None
    call_off, agreement, line = row
    return CallOffFacts(
        agreement=agreement.number,
        firm_zone_days=agreement.firm_zone_days,
        trade_off_zone_days=agreement.trade_off_zone_days,
        release_no=call_off.release_no,
        released_on=line.ordered_on,
        due_on=call_off.due_on,
        quantity=line.quantity_ordered or Decimal(0),
        withdrawn_on=line.cancelled_on,
        requested_on=line.requested_on,
        servings=tuple(_servings(session, call_off)),
        asked_in_vain=tuple(_asked_in_vain(session, call_off, agreement, line)),
    )


def told(facts: CallOffFacts) -> list[str]:
    """Return how the call-off came about and what serves it, sentence by sentence."""
    sent = "" if facts.released_on is None else f" of {formatting.day(facts.released_on)}"
    said = [
        f"{_amount(facts.quantity)} of release {facts.release_no}{sent}, due on"
        f" {formatting.day(facts.due_on)}, by agreement {facts.agreement}."
    ]
    if facts.withdrawn_on is not None:
        said.append(f"We withdrew it by a release of {formatting.day(facts.withdrawn_on)}.")
    if facts.requested_on is not None and facts.requested_on < facts.due_on:
        said.append(
            f"Asked for on {formatting.day(facts.requested_on)}, inside the firm zone: it is owed"
            " when that ends."
        )
    said += [_asked(each, facts) for each in facts.asked_in_vain]
    return [*said, _zones(facts)]


def served(serving: Serving) -> str:
    """Return what a receipt gives to the call-off, and what it leaves for others."""
    day = "a day unknown" if serving.came_on is None else formatting.day(serving.came_on)
    if serving.quantity == serving.received:
        return f"All {_amount(serving.quantity)} of the delivery of {day}."
    rest = ", ".join(
        f"{_amount(quantity)} for the call-off of {formatting.day(due_on)}"
        for due_on, quantity in serving.left_for
    )
    given = f"{_amount(serving.quantity)} of {_amount(serving.received)} of the delivery of {day}"
    return f"{given}; the rest: {rest}." if rest else f"{given}."


def _zones(facts: CallOffFacts) -> str:
    if not facts.firm_zone_days:
        return "The agreement has no firm zone: each release replaces what was called."
    firm = formatting.count(facts.firm_zone_days, "day")
    if facts.trade_off_zone_days is None:
        return f"The firm zone is {firm}."
    return f"The firm zone is {firm}, the trade-off zone {facts.trade_off_zone_days}."


def _asked(each: Asked, facts: CallOffFacts) -> str:
    what = "left it out" if each.quantity is None else f"asked for {_amount(each.quantity)}"
    return (
        f"Release {each.release_no} of {formatting.day(each.released_on)} {what}, inside the firm"
        " zone: what was promised stands."
    )


def _amount(quantity: Decimal) -> str:
    return formatting.quantity(quantity)


def _servings(session: Session, call_off: CallOff) -> Iterator[Serving]:
    """What serves the call-off, oldest first, with the other shares of each receipt."""
    came_on = func.coalesce(
        Booked.arrived_on, Booked.posted_on, Booked.dispatched_on, Booked.ready_on
    )
    own = select(Receipt.source_key).where(Receipt.line_id == call_off.line_id)
    rows = session.execute(
        select(Booked.source_key, came_on, Booked.quantity, CallOff.due_on, Receipt.quantity)
        .join(CallOff, CallOff.agreement_id == Booked.agreement_id)
        .join(
            Receipt,
            and_(Receipt.line_id == CallOff.line_id, Receipt.source_key == Booked.source_key),
        )
        .where(Booked.agreement_id == call_off.agreement_id, Booked.source_key.in_(own))
        .order_by(came_on, Booked.source_key, CallOff.due_on)
    )
    for (number, day, received), shares in groupby(rows, key=lambda row: tuple(row[:3])):
        by_day = {row[3]: row[4] or Decimal(0) for row in shares}
        quantity = by_day.pop(call_off.due_on)
        yield Serving(number, day, quantity, received, tuple(by_day.items()))


def _asked_in_vain(
    session: Session, call_off: CallOff, agreement: Agreement, line: Line
) -> Iterator[Asked]:
    """Later releases whose firm zone holds the day, and which asked for something else."""
    if line.ordered_on is None:
        return
    zone = timedelta(days=agreement.firm_zone_days)
    rows = session.scalars(
        select(Release)
        .where(
            Release.agreement_id == call_off.agreement_id,
            Release.release_no != call_off.release_no,
            Release.released_on.between(line.ordered_on, call_off.due_on),
            Release.released_on > call_off.due_on - zone,
        )
        .order_by(Release.released_on, Release.release_no, Release.due_on)
    )
    by_release: dict[int, list[Release]] = defaultdict(list)
    for row in rows:
        by_release[row.release_no].append(row)
    for number, calls in by_release.items():
        if calls[0].due_on > call_off.due_on:
            continue
        quantity = _of_day(calls, call_off.due_on)
        if quantity != line.quantity_ordered and not _is_first_figure(calls, call_off.due_on):
            yield Asked(number, calls[0].released_on, quantity)


def _is_first_figure(calls: Sequence[Release], day: date) -> bool:
    """Tell whether a release names the day first, by a cumulative figure: it says nothing of it."""
    return calls[0].due_on == day and calls[0].cumulative is not None


def _of_day(calls: Sequence[Release], day: date) -> Decimal | None:
    """What a release calls for one day alone, None where it names no such day."""
    before: Decimal | None = None
    for call in calls:
        own = call.quantity
        if own is None and call.cumulative is not None:
            own = None if before is None else call.cumulative - before
        if call.due_on == day:
            return own
        before = call.cumulative
    return None
