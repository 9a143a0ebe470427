"""Orders and schedule lines that other files name by key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.facts.deliveries.models import PurchaseOrder, ScheduleLine

T = TypeVar("T")
ASKED_AT_ONCE = 5_000
FIRST_SCHEDULE = "1"
Key = tuple[str, ...]


def orders(session: Session, keys: Sequence[Key], source: str) -> dict[Key, int]:
    """Return the ids of orders by (number, buyer unit)."""
    found: dict[Key, int] = {}
    wanted = set(keys)
    for some in _slices(list(dict.fromkeys(key[0] for key in keys))):
        query = select(PurchaseOrder.number, PurchaseOrder.buyer_unit, PurchaseOrder.id).where(
            PurchaseOrder.number.in_(some)
        )
        for number, unit, order_id in session.execute(query):
            if (number, unit) in wanted:
                found[number, unit] = order_id
    return found


def lines(session: Session, keys: Sequence[Key], source: str) -> dict[Key, int]:
    """Return the ids of lines by (order, line, schedule, buyer unit); without schedule: 1."""
    asked = {(key[0], key[1], key[2] or FIRST_SCHEDULE, key[3]): key for key in keys}
    found: dict[Key, int] = {}
    for some in _slices(list(dict.fromkeys(key[0] for key in keys))):
        query = (
            select(
                PurchaseOrder.number,
                ScheduleLine.line_no,
                ScheduleLine.schedule_no,
                PurchaseOrder.buyer_unit,
                ScheduleLine.id,
            )
            .join(ScheduleLine, ScheduleLine.order_id == PurchaseOrder.id)
            .where(PurchaseOrder.number.in_(some))
        )
        for *key, line_id in session.execute(query):
            if tuple(key) in asked:
                found[asked[tuple(key)]] = line_id  # type: ignore[index]  # four texts
    return found


def suppliers_of_orders(session: Session, order_ids: Sequence[int]) -> dict[int, int]:
    """Return whose orders they are."""
    found: dict[int, int] = {}
    for some in _slices(list(order_ids)):
        query = select(PurchaseOrder.id, PurchaseOrder.supplier_id).where(
            PurchaseOrder.id.in_(some)
        )
        found.update((order_id, supplier_id) for order_id, supplier_id in session.execute(query))
    return found


def _slices(items: Sequence[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while some := list(islice(rest, ASKED_AT_ONCE)):
        yield some
