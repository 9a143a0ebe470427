"""Call-offs of an agreement: receipts netted first in, first out against the schedule.

Receipts of a scheduling agreement name no schedule line. This says which line each unit
serves; `delivery` then judges the lines. Orders as such do not exist here, so order OTIF
does not apply to agreements.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.calc.schedule_line import Receipt, usable_quantity


@dataclass(frozen=True, slots=True)
class CallOff:
    """One line of the cumulative schedule: the last release before the firm-zone horizon."""

    due_on: date
    quantity: int

    def __post_init__(self) -> None:
        if self.quantity < 0:
            raise ValueError(f"quantity is {self.quantity}, it must be at least 0")


def net_call_offs(
    schedule: Sequence[CallOff], receipts: Sequence[Receipt], *, accepted_only: bool = False
) -> tuple[tuple[Receipt, ...], ...]:
    """Share receipts out to call-offs, first in, first out.

    Formula: cumulative receipts, by event date, fill cumulative call-offs, by due date. What
    exceeds the whole schedule goes to its last line, so that over-delivery stays visible.

    Args:
        schedule: shape (m,), any order [integer quantities].
        receipts: shape (n,), any order [same unit]; net of reversals.
        accepted_only: True: only accepted goods fill the schedule.
    Returns:
        Per call-off, in the order given, the receipts that serve it, split where a
        receipt serves two; their quantities add up to what is usable.
    Raises:
        ValueError: a usable quantity is negative (give receipts net of their reversals).
    Source: scheduling agreements (DELFOR, X12 830/862); domain rules §1.1.
    Edge cases: a receipt without quantity or date makes every line unknown, because the
    order of the rest is not known: each line gets a receipt of which nothing is known.

    >>> schedule = [CallOff(date(2026, 3, 1), 100), CallOff(date(2026, 3, 8), 100)]
    >>> came = [Receipt(date(2026, 3, 1), 150), Receipt(date(2026, 3, 9), 50)]
    >>> [[receipt.quantity for receipt in line] for line in net_call_offs(schedule, came)]
    [[100], [50, 50]]
    """
    usable = [(r.event_on, usable_quantity(r, accepted_only=accepted_only)) for r in receipts]
    queue = [
        (day, quantity) for day, quantity in usable if day is not None and quantity is not None
    ]
    if len(queue) < len(usable):
        return tuple((Receipt(None, None),) for _ in schedule)
    if any(quantity < 0 for _, quantity in queue):
        raise ValueError("receipts: quantities must be net of reversals, so at least 0")
    return _fill(schedule, sorted(queue))


def _fill(
    schedule: Sequence[CallOff], queue: list[tuple[date, int]]
) -> tuple[tuple[Receipt, ...], ...]:
    served: list[list[Receipt]] = [[] for _ in schedule]
    places = sorted(range(len(schedule)), key=lambda place: schedule[place].due_on)
    supply = iter(queue)
    day, left = next(supply, (None, 0))
    for place in places:
        is_last = place == places[-1]
        wanted = schedule[place].quantity
        while day is not None and (wanted > 0 or is_last):
            taken = left if is_last else min(left, wanted)
            if taken:
                served[place].append(Receipt(day, taken, 0))
            wanted, left = wanted - taken, left - taken
            if left == 0:
                day, left = next(supply, (None, 0))
    return tuple(tuple(line) for line in served)
