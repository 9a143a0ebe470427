"""What the demo company calls off by releases, what it has in stock, and to whom it writes.

No dice: weeks follow one another, with the four events of the story among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal

from app.faces.demo.cast import LAST_DAY
from app.faces.demo.rows import Row, Rows
from app.faces.demo.scripts import CALLED_OFF, DRIFT
from app.faces.demo.stage import Actor
from app.facts.deliveries.agreements.models import AgreementReceipt, Release, SchedulingAgreement
from app.facts.deliveries.expediting.models import StockLevel
from app.facts.suppliers.contact_keeping import usual_end
from app.facts.suppliers.contact_models import ORDERS, Contact

NUMBER = "5500017"
FIRM_ZONE_DAYS, TRADE_OFF_ZONE_DAYS = 10, 42
VERIFIED_ON = date(2026, 3, 16)
WEEK = timedelta(days=7)
WEEKLY = 4_000
FIRST_DUE, LAST_DUE = date(2026, 2, 16), date(2026, 12, 28)
FIRST_RELEASE, LAST_RELEASE = date(2026, 2, 2), date(2026, 10, 12)
# A release every four weeks names the weeks from its second one on, a quarter far.
BETWEEN_RELEASES, NAMED_FROM, NAMED_WEEKS = 4 * WEEK, 2 * WEEK, 13
# Less asked for inside the firm zone, and the same again a week later: nothing changes.
ASKED_LATE_ON, ASKED_LATE_FOR, ASKED_LATE = date(2026, 5, 25), date(2026, 6, 1), 2_000
# A week withdrawn in time, its goods called for the next one.
WITHDRAWN_ON, WITHDRAWN = date(2026, 8, 17), date(2026, 8, 31)
# Goods come on the Friday before; once half of the next week's came with them.
TOO_MUCH_ON, TOO_MUCH = date(2026, 4, 17), 2_000
LATE_BY_DAYS = {date(2026, 9, 21): 3, date(2026, 10, 5): 3}
EARLY_DAYS = 3
# How many days the stock of each next part lasts, and how many working days a year has.
LASTS_DAYS = (4, 11, 26, 58)
WORKING_DAYS = 240
ADDRESSES = {CALLED_OFF: "disposition@siegerland.example", DRIFT: "orders@kestrel.example"}


def add_agreement(rows: Rows, actor: Actor) -> None:
    """Add the agreement with its releases and with what came for it."""
    offer = actor.offers[0]
    agreement: int = rows.add(
        SchedulingAgreement,
        supplier_id=actor.supplier_id,
        number=NUMBER,
        part_id=offer.part["id"],
        site_id=actor.own_site_ids[0],
        unit=offer.part["unit"],
        firm_zone_days=FIRM_ZONE_DAYS,
        trade_off_zone_days=TRADE_OFF_ZONE_DAYS,
        valid_from=FIRST_RELEASE,
        valid_to=None,
        under_millionths=None,
        over_millionths=None,
        incoterm=actor.member.incoterm,
        unit_price=offer.price_on(FIRST_RELEASE),
        currency="EUR",
        contract_reference=None,
        opening_cumulative=Decimal(0),
        order_id=None,
    )["id"]
    for number, sent_on in enumerate(_weeks(FIRST_RELEASE, LAST_RELEASE, BETWEEN_RELEASES), 1):
        for due_on, by_then in _called(sent_on):
            rows.add(
                Release,
                agreement_id=agreement,
                release_no=number,
                released_on=sent_on,
                due_on=due_on,
                quantity=None,
                cumulative=Decimal(by_then),
            )
    for due_on in _weeks(FIRST_DUE, LAST_DUE, WEEK):
        _receive(rows, agreement, due_on)


def add_stock(rows: Rows, actors: Mapping[str, Actor]) -> None:
    """Add what was counted of the drift's parts and of what is called off; the rest is unknown."""
    parts = [offer.part for offer in actors[DRIFT].offers] + [actors[CALLED_OFF].offers[0].part]
    for place, part in enumerate(parts):
        daily = max(Decimal(1), (part["annual_usage"] / WORKING_DAYS).quantize(Decimal(1)))
        rows.add(
            StockLevel,
            part_id=part["id"],
            site_id=actors[DRIFT].own_site_ids[0],
            on_hand=daily * LASTS_DAYS[place % len(LASTS_DAYS)],
            daily_usage=daily,
            counted_on=LAST_DAY - timedelta(days=1),
        )


def add_contacts(rows: Rows, actors: Mapping[str, Actor]) -> None:
    """Add to whom open orders are written."""
    for number, address in ADDRESSES.items():
        rows.add(
            Contact,
            supplier_id=actors[number].supplier_id,
            email=address,
            name=None,
            role=ORDERS,
            is_emergency=False,
            last_verified_on=VERIFIED_ON,
            keep_until=usual_end(VERIFIED_ON),
        )
    rows.add(
        Contact,
        supplier_id=actors[DRIFT].supplier_id,
        email=f"duty@{ADDRESSES[DRIFT].partition('@')[2]}",
        name="Duty manager",
        role="night and weekend",
        is_emergency=True,
        last_verified_on=None,
        keep_until=LAST_DAY,
    )


def _weeks(first: date, last: date, step: timedelta) -> Iterator[date]:
    while first <= last:
        yield first
        first += step


def _called(sent_on: date) -> Iterator[tuple[date, int]]:
    """What a release calls by each of its days."""
    asked_late = sent_on == ASKED_LATE_ON
    first = ASKED_LATE_FOR if asked_late else sent_on + NAMED_FROM
    before, last = first - WEEK, min(LAST_DUE, sent_on + NAMED_FROM + (NAMED_WEEKS - 1) * WEEK)
    if asked_late:
        yield before, _by(before)
        yield ASKED_LATE_FOR, _by(before) + ASKED_LATE
        first += WEEK
    for due_on in _weeks(first, last, WEEK):
        if due_on != WITHDRAWN or sent_on < WITHDRAWN_ON:
            yield due_on, _by(due_on)


def _by(due_on: date) -> int:
    return ((due_on - FIRST_DUE) // WEEK + 1) * WEEKLY


def _receive(rows: Rows, agreement: int, due_on: date) -> None:
    arrived_on = due_on + timedelta(days=LATE_BY_DAYS.get(due_on, -EARLY_DAYS))
    if arrived_on > LAST_DAY or due_on == WITHDRAWN:
        return
    quantity = 2 * WEEKLY if due_on == WITHDRAWN + WEEK else WEEKLY
    quantity += {TOO_MUCH_ON: TOO_MUCH, TOO_MUCH_ON + WEEK: -TOO_MUCH}.get(arrived_on, 0)
    receipt: Row = {
        "agreement_id": agreement,
        "source_key": f"GR-{arrived_on:%y%m%d}",
        "reverses_key": None,
        "ready_on": None,
        "dispatched_on": arrived_on - timedelta(days=1),
        "arrived_on": arrived_on,
        "posted_on": arrived_on,
        "quantity": Decimal(quantity),
        "quantity_rejected": Decimal(0),
        "quantity_returned": None,
        "is_documents_ok": True,
        "is_undamaged": True,
        "carrier": None,
    }
    rows.add(AgreementReceipt, **receipt)
