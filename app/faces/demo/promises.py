"""Which promises moved, who moved them, and what was asked for in the first place."""

from __future__ import annotations

from datetime import date, timedelta

from app.faces.demo.cast import LAST_DAY
from app.faces.demo.rows import Rows
from app.faces.demo.scripts import Miss
from app.faces.demo.stage import Actor, Delivery
from app.facts.deliveries.models import ChangedBy, PromiseChange

# How often we move a line ourselves, and how often a late line was announced as late.
BUYER_MOVES = 0.022
ANNOUNCED = 0.35
# How often we asked for an earlier day than was promised.
ASKED_EARLIER = 0.16
# How often we agree when a supplier moves a promise; it never moves what is judged.
AGREED = 0.5
REASONS = {
    ChangedBy.SUPPLIER: ("Capacity", "Material late", "Tool under repair", "Machine down"),
    ChangedBy.BUYER: ("Forecast changed", "Line plan moved", "Stock too high"),
}
# Of the lines whose promise the supplier moved, one in so many missed even the new day.
MISSED_AGAIN = 29
MISSED_AGAIN_TURNS = 4


def add_promise(rows: Rows, actor: Actor, delivery: Delivery) -> None:
    """Fill in the three dates of a line and add the changes that led there."""
    line, reference_on = delivery.line, delivery.reference_on
    line["promised_original_on"] = line["promised_current_on"] = reference_on
    if delivery.fate.miss is Miss.SLIPPED:
        _move_by_supplier(rows, actor, delivery, _slip(actor, delivery))
    elif delivery.fate.miss in (Miss.LATE, Miss.SPLIT) and not actor.script.lateness:
        if actor.rng.random() < ANNOUNCED:
            _move_by_supplier(rows, actor, delivery, delivery.fate.days)
    elif not actor.is_scripted and actor.rng.random() < BUYER_MOVES:
        _move_by_buyer(rows, actor, delivery)
    elif actor.script.early_days is None and actor.rng.random() < actor.habit.slips:
        _move_by_supplier(rows, actor, delivery, actor.rng.randint(3, 12))
    asked = actor.rng.randint(3, 10) if actor.rng.random() < ASKED_EARLIER else 0
    line["requested_on"] = line["promised_original_on"] - timedelta(days=asked)


def _slip(actor: Actor, delivery: Delivery) -> int:
    """Return how far the supplier moved the promise: mostly far enough, sometimes not."""
    actor.slip_turn += 1
    is_missed_again = actor.slip_turn % MISSED_AGAIN < MISSED_AGAIN_TURNS
    return delivery.fate.days - 2 if is_missed_again else delivery.fate.days


def _move_by_supplier(rows: Rows, actor: Actor, delivery: Delivery, days: int) -> None:
    """Move the promise that is shown; the line is still judged by the original one."""
    old = delivery.reference_on
    new = old + timedelta(days=days)
    delivery.line["promised_current_on"] = new
    _change(rows, actor, delivery, (old, new), ChangedBy.SUPPLIER)


def _move_by_buyer(rows: Rows, actor: Actor, delivery: Delivery) -> None:
    """Agree on another day at our wish: the new day is the one that counts."""
    days = actor.rng.choice((-7, -5, 7, 10, 14))
    original = delivery.reference_on + timedelta(days=days)
    if original <= delivery.line["ordered_on"]:
        return
    delivery.line["promised_original_on"] = original
    _change(rows, actor, delivery, (original, delivery.reference_on), ChangedBy.BUYER)


def _change(
    rows: Rows, actor: Actor, delivery: Delivery, move: tuple[date, date], by: ChangedBy
) -> None:
    earliest = delivery.line["ordered_on"]
    room = max(1, (min(move) - earliest).days)
    rows.add(
        PromiseChange,
        line_id=delivery.line["id"],
        from_on=move[0],
        to_on=move[1],
        changed_by=by,
        is_agreed=by is ChangedBy.BUYER or actor.rng.random() < AGREED,
        changed_on=min(LAST_DAY, earliest + timedelta(days=actor.rng.randint(room // 2, room))),
        reason=actor.rng.choice(REASONS[by]),
    )
