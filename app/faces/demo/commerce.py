"""Adds what happens around deliveries: acknowledgements and invoices."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from math import log

from app.calc.periods import month_index
from app.faces.demo.cast import LAST_DAY
from app.faces.demo.parts import money
from app.faces.demo.rows import Row, Rows
from app.faces.demo.scripts import DRIFT, YEAR
from app.faces.demo.stage import Actor, Delivery
from app.facts.deliveries.models import Acknowledgement, InvoiceLine

# Feeds that the house never set up.
NO_ACKNOWLEDGEMENTS = frozenset({"V-10574", "V-10608"})
NO_INVOICE_MATCH = frozenset({DRIFT, "V-10415", "V-10562", "V-10767"})
NEVER_ACKNOWLEDGED = 0.012
SPREAD_OF_HOURS = 0.45
# Hours around the scripted mean, in turn, so that each pair meets it.
SWING_HOURS = 5
BILLED_OFF_CONTRACT = 0.3


def add_acknowledgements(rows: Rows, actor: Actor) -> None:
    """Add one acknowledgement per order, where the supplier's feed knows them."""
    if actor.member.number in NO_ACKNOWLEDGEMENTS:
        return
    orders = {delivery.order["id"]: delivery.order for delivery in actor.deliveries}
    by_month: dict[int, list[Row]] = {}
    for order in orders.values():
        by_month.setdefault(month_index(order["ordered_on"]), []).append(order)
    for month, placed in by_month.items():
        for turn, order in enumerate(placed):
            sent_at = datetime.combine(order["ordered_on"], time(8 + order["id"] % 7), UTC)
            rows.add(
                Acknowledgement,
                supplier_id=actor.supplier_id,
                order_id=order["id"],
                sent_at=sent_at,
                acknowledged_at=_acknowledged_at(actor, sent_at, (turn, len(placed))),
                month=month,
            )


def _acknowledged_at(actor: Actor, sent_at: datetime, place: tuple[int, int]) -> datetime | None:
    if actor.script.acknowledge_hours is not None:
        hours = float(actor.script.acknowledge_hours + _swing(*place))
    elif actor.rng.random() < NEVER_ACKNOWLEDGED:
        return None
    else:
        # The mean of a lognormal is exp(μ + σ²/2).
        middle = log(actor.habit.acknowledge_hours) - SPREAD_OF_HOURS**2 / 2
        hours = actor.rng.lognormvariate(middle, SPREAD_OF_HOURS)
    at = sent_at + timedelta(minutes=round(hours * 60))
    return at if at.date() <= LAST_DAY else None


def _swing(turn: int, turns: int) -> int:
    """Return hours above and below the mean in turn; an odd last one stands on it."""
    if turn == turns - 1 and turns % 2:
        return 0
    return SWING_HOURS if turn % 2 else -SWING_HOURS


def add_invoices(rows: Rows, actor: Actor) -> None:
    """Add one invoice line per receipt that was posted."""
    turn = 0
    for delivery in actor.deliveries:
        for receipt in delivery.receipts:
            if receipt["posted_on"] is None:
                continue
            delay = 0 if actor.script.wrong_invoices is not None else actor.rng.randint(0, 9)
            invoiced_on = min(LAST_DAY, receipt["posted_on"] + timedelta(days=delay))
            turn += f"{invoiced_on:%Y-%m}" in YEAR
            rows.add(
                InvoiceLine,
                supplier_id=actor.supplier_id,
                invoice_number=f"R{actor.supplier_id:02d}-{800000 + receipt['id']}",
                line_no="1",
                part_id=delivery.offer.part["id"],
                invoiced_on=invoiced_on,
                month=month_index(invoiced_on),
                quantity=receipt["quantity"],
                unit_price=_billed(actor, delivery, invoiced_on.year),
                currency=delivery.line["currency"],
                is_accurate=_is_accurate(actor, turn),
            )


def _billed(actor: Actor, delivery: Delivery, year: int) -> Decimal:
    price = delivery.offer.prices[year]
    if actor.script.wrong_invoices is not None or actor.rng.random() >= BILLED_OFF_CONTRACT:
        return price
    drift = actor.habit.price_drift / BILLED_OFF_CONTRACT
    return money(float(price) * (1 + drift * actor.rng.uniform(0.4, 1.6)))


def _is_accurate(actor: Actor, turn: int) -> bool | None:
    if actor.member.number in NO_INVOICE_MATCH:
        return None
    if actor.script.wrong_invoices is not None:
        return not 1 <= turn <= actor.script.wrong_invoices
    return actor.rng.random() < actor.habit.invoice_accuracy
