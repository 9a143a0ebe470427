"""Adds the receipts of a line: the days that its Incoterm makes known, and what came."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from app.calc.delivery import DeliveryEvent, delivery_event
from app.faces.demo.cast import COUNTRIES, LAST_DAY
from app.faces.demo.places import ONE_PORT
from app.faces.demo.rows import Row, Rows
from app.faces.demo.scripts import POSTED_ONLY, Miss
from app.faces.demo.stage import Actor, Delivery
from app.facts.deliveries.models import Receipt

# Lines that come in two parts, both in time.
IN_TWO_PARTS = 0.05
# Postings on a wrong line that were reversed the same day.
WRONG_POSTINGS = 0.0008
SEA_FROM_DAYS = 15
SEA = ("ocean", "Hanse Ocean Lines", "Hamburg")
# Ships call where there is room; one supplier ships to the first port alone.
PORTS = ("Hamburg", "Koper", "Rotterdam")
ROAD = ("road", "Lechtal Spedition", None)
DOCUMENTS_OK = 0.992
UNDAMAGED = 0.996


def add_receipts(rows: Rows, actor: Actor, delivery: Delivery) -> None:
    """Add what came for a line up to the last day; what comes later is not known yet."""
    if delivery.fate.is_cancelled:
        delivery.line["status"] = "cancelled"
        return
    ordered = int(delivery.line["quantity_ordered"])
    for event_on, quantity in _portions(actor, delivery, ordered):
        if event_on <= LAST_DAY:
            delivery.receipts.append(_receipt(rows, actor, delivery, event_on, quantity))
    if sum(receipt["quantity"] for receipt in delivery.receipts) >= ordered:
        delivery.line["status"] = "received"
    if delivery.receipts and not actor.is_scripted and actor.rng.random() < WRONG_POSTINGS:
        _post_and_reverse(rows, delivery)


def _portions(actor: Actor, delivery: Delivery, ordered: int) -> list[tuple[date, int]]:
    fate, rng = delivery.fate, actor.rng
    event_on = delivery.reference_on + timedelta(days=fate.days)
    if fate.miss is Miss.OVER:
        return [(event_on, ordered + max(1, round(ordered * rng.uniform(0.03, 0.12))))]
    is_parted = fate.miss is None and not actor.is_scripted and rng.random() < IN_TWO_PARTS
    if fate.miss is not Miss.SPLIT and not is_parted:
        return [(event_on, ordered)]
    first = max(1, round(ordered * rng.uniform(0.4, 0.85)))
    if first >= ordered:
        return [(event_on, ordered)]
    # A part in time, the rest late; or both in time.
    in_time = min(event_on, delivery.reference_on) - timedelta(days=rng.randint(0, 2))
    return [(in_time, first), (event_on, ordered - first)]


def _receipt(rows: Rows, actor: Actor, delivery: Delivery, event_on: date, quantity: int) -> Row:
    mode, carrier, port = SEA if _transit(actor) >= SEA_FROM_DAYS else ROAD
    number = len(rows.of(Receipt)) + 1
    if port is not None and actor.member.number != ONE_PORT:
        port = PORTS[number % len(PORTS)]
    return rows.add(
        Receipt,
        line_id=delivery.line["id"],
        source_key=f"GR-{5000000 + number}",
        **_days(actor, event_on),
        quantity=Decimal(quantity),
        quantity_rejected=Decimal(0),
        quantity_returned=None,
        is_documents_ok=actor.rng.random() < DOCUMENTS_OK,
        is_undamaged=actor.rng.random() < UNDAMAGED,
        completes_line=False,
        reverses_receipt_id=None,
        mode=mode,
        carrier=carrier,
        port=port,
    )


def _days(actor: Actor, event_on: date) -> dict[str, date | None]:
    """Return the four days of a receipt, those after the last day unknown."""
    transit = _transit(actor)
    on_the_way = transit + actor.rng.randint(0, max(1, transit // 8))
    to_post = actor.rng.randint(0, 1)
    days: dict[str, date | None] = dict.fromkeys(
        ("ready_on", "dispatched_on", "arrived_on", "posted_on")
    )
    if actor.member.number == POSTED_ONLY:
        return {**days, "posted_on": event_on}
    event = delivery_event(actor.member.incoterm)
    if event is DeliveryEvent.ARRIVAL:
        days["dispatched_on"] = event_on - timedelta(days=transit)
        days["arrived_on"] = event_on
        days["posted_on"] = min(LAST_DAY, event_on + timedelta(days=to_post))
        return days
    dispatched_on = event_on
    if event is DeliveryEvent.HAND_OVER:
        days["ready_on"] = event_on
        dispatched_on += timedelta(days=1)
    arrived_on = dispatched_on + timedelta(days=on_the_way)
    later = {
        "dispatched_on": dispatched_on,
        "arrived_on": arrived_on,
        "posted_on": arrived_on + timedelta(days=to_post),
    }
    return days | {name: day for name, day in later.items() if day <= LAST_DAY}


def _transit(actor: Actor) -> int:
    return COUNTRIES[actor.member.country].transit_days


def _post_and_reverse(rows: Rows, delivery: Delivery) -> None:
    """Post a receipt on the wrong line and take it back."""
    right = delivery.receipts[0]
    wrong = {key: value for key, value in right.items() if key != "id"}
    wrong["source_key"] += "-W"
    posted = rows.add(Receipt, **wrong)
    rows.add(
        Receipt,
        **wrong
        | {
            "source_key": wrong["source_key"] + "R",
            "quantity": -wrong["quantity"],
            "reverses_receipt_id": posted["id"],
        },
    )
