"""Turns a supplier's planned months into orders, schedule lines and receipts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from app.calc.periods import month_start
from app.faces.demo.cast import COUNTRIES, FAMILIES, LAST_DAY, PLANTS
from app.faces.demo.contract_money import REFERENCES
from app.faces.demo.months import MonthPlan, days_in
from app.faces.demo.promises import add_promise
from app.faces.demo.receiving import add_receipts
from app.faces.demo.rows import Row, Rows
from app.faces.demo.scripts import Miss
from app.faces.demo.stage import Actor, Delivery, Fate
from app.facts.deliveries.models import PurchaseOrder, ScheduleLine

# How lines fail where no script says otherwise.
USUAL_MISSES = (Miss.LATE, Miss.SPLIT, Miss.OVER)
USUAL_WEIGHTS = (78, 17, 5)
# Days before the promise that goods usually come, most often just in time.
EARLINESS = (0, 1, 2, 3, 4, 5)
EARLINESS_WEIGHTS = (32, 25, 19, 12, 7, 5)
SATURDAY = 5
# Of the lines missed in the last weeks some are still open on the last day.
STILL_OPEN_FROM = date(2026, 9, 14)
STILL_OPEN = 0.3
STILL_OPEN_DAYS = 50
# From so many lines a month on a supplier gets longer orders [lines].
BUSY_LINES, LONGEST_BUSY_ORDER, LONGEST_ORDER = 40, 9, 5
# How often the lines of an order share its day, and how far lead times spread [share].
ONE_DAY = 0.7
# The other lines of an order fall due within so many days of its first.
NEAR_DAYS = 4
LEAD_SPREAD = 0.09
# Packs of so many pieces, up to which size of lot.
PACKS = ((999, 10), (4999, 50), (10**9, 500))


def add_month(rows: Rows, actor: Actor, plan: MonthPlan) -> None:
    """Add the orders of one month, as far as they were placed by the last day."""
    fates = [Fate() for _ in range(plan.lines)]
    orders = list(_grouped(fates, actor))
    _spread_misses(orders, plan.missed, actor)
    kept = [fate for fate in fates if fate.miss is None]
    for fate in actor.rng.sample(kept, min(plan.dock_late, len(kept))):
        fate.is_dock_late = True
    for _ in range(plan.cancelled):
        actor.rng.choice(orders or [[]]).append(Fate(is_cancelled=True))
    for group in orders:
        _add_order(rows, actor, plan, group)


def _grouped(fates: list[Fate], actor: Actor) -> Iterator[list[Fate]]:
    """Cut the month's lines into orders; busy suppliers get longer ones."""
    longest = LONGEST_BUSY_ORDER if len(fates) > BUSY_LINES else LONGEST_ORDER
    start = 0
    while start < len(fates):
        size = actor.rng.randint(1, longest)
        yield fates[start : start + size]
        start += size


def _spread_misses(orders: list[list[Fate]], missed: int, actor: Actor) -> None:
    """Let misses come in clumps: what goes wrong with an order hits several of its lines."""
    left = missed
    for group in actor.rng.sample(orders, len(orders)):
        if left == 0:
            return
        struck = min(left, max(1, round(len(group) * actor.rng.uniform(0.3, 1.0))))
        for fate in actor.rng.sample(group, min(struck, len(group))):
            fate.miss = _miss(actor)
            left -= 1
    for fate in (fate for group in orders for fate in group if fate.miss is None):
        if left == 0:
            return
        fate.miss = _miss(actor)
        left -= 1


def _miss(actor: Actor) -> Miss:
    if actor.script.misses:
        return actor.rng.choice(actor.script.misses)
    return actor.rng.choices(USUAL_MISSES, USUAL_WEIGHTS)[0]


def _add_order(rows: Rows, actor: Actor, plan: MonthPlan, group: Sequence[Fate]) -> None:
    rng = actor.rng
    window = days_in(plan.month, actor.script.due_days)
    due = [_due_on(plan.month, window, rng)]
    near = _near(plan.month, window, due[0].day)
    due += [due[0] if rng.random() < ONE_DAY else _due_on(plan.month, near, rng) for _ in group[1:]]
    lead = max(4, round(rng.gauss(actor.lead_days, actor.lead_days * LEAD_SPREAD)))
    ordered_on = _working_day_before(min(due) - timedelta(days=lead))
    if ordered_on > LAST_DAY:
        return
    plant = rng.choices(range(len(PLANTS)), [plant.share for plant in PLANTS])[0]
    order = rows.add(
        PurchaseOrder,
        buyer_unit=PLANTS[plant].unit,
        number="",
        supplier_id=actor.supplier_id,
        status="released",
        ordered_on=ordered_on,
        currency=COUNTRIES[actor.member.country].currency,
        contract_reference=REFERENCES.get(
            actor.member.number, f"FC-{2020 + actor.supplier_id % 6}-{100 + actor.supplier_id}"
        ),
    )
    for index, (fate, reference_on) in enumerate(zip(group, sorted(due), strict=True)):
        line = _add_line(rows, actor, (order, plant, 10 * (index + 1)), reference_on, fate)
        actor.deliveries.append(line)


def _add_line(
    rows: Rows, actor: Actor, place: tuple[Row, int, int], reference_on: date, fate: Fate
) -> Delivery:
    order, plant, line_no = place
    offer = actor.pick_offer()
    quantity = actor.script.quantity or _quantity(actor)
    price = offer.price_on(order["ordered_on"])
    _decide(actor, fate, reference_on)
    line = rows.add(
        ScheduleLine,
        public_id=UUID(int=actor.rng.getrandbits(128), version=4),
        order_id=order["id"],
        line_no=str(line_no),
        schedule_no="1",
        supplier_id=actor.supplier_id,
        category_id=actor.category_id,
        site_id=actor.own_site_ids[plant],
        part_id=offer.part["id"],
        status="open",
        is_counted=True,
        ordered_on=order["ordered_on"],
        quantity_ordered=Decimal(quantity),
        quantity_cancelled_buyer=Decimal(quantity if fate.is_cancelled else 0),
        quantity_cancelled_supplier=Decimal(0),
        cancelled_on=_cancelled_on(actor, order, reference_on) if fate.is_cancelled else None,
        unit_price=price,
        line_value=price * quantity,
        currency=order["currency"],
        incoterm=actor.member.incoterm,
        early_days=actor.script.early_days,
        late_days=None,
        under_millionths=None,
        over_millionths=None,
        is_split_allowed=None,
    )
    delivery = Delivery(line, order, offer, reference_on, fate)
    add_promise(rows, actor, delivery)
    add_receipts(rows, actor, delivery)
    return delivery


def _decide(actor: Actor, fate: Fate, reference_on: date) -> None:
    """Roll when the line comes, in days against its reference date."""
    rng = actor.rng
    if fate.miss in (Miss.LATE, Miss.SPLIT):
        fate.days = actor.next_lateness()
        if reference_on >= STILL_OPEN_FROM and not actor.script.lateness:
            fate.days += STILL_OPEN_DAYS if rng.random() < STILL_OPEN else 0
    elif fate.miss is Miss.SLIPPED:
        fate.days = rng.randint(4, 12)
    elif fate.miss is Miss.EARLY:
        fate.days = -rng.randint(4, 8)
    elif fate.is_dock_late:
        fate.days = -rng.randint(0, 1)
    elif actor.script.dock_late is not None:
        fate.days = -rng.randint(6, 7)
    elif actor.script.early_days is not None:
        fate.days = -rng.randint(0, actor.script.early_days)
    else:
        fate.days = -rng.choices(EARLINESS, EARLINESS_WEIGHTS)[0]
    if fate.days <= 0 or not actor.script.lateness:
        fate.days += _to_working_day(reference_on + timedelta(days=fate.days), late=fate.days > 0)
    if actor.script.early_days is not None and fate.miss is None:
        fate.days = 0 if fate.days < -actor.script.early_days else fate.days


def _quantity(actor: Actor) -> int:
    low, high = FAMILIES[actor.member.category].lot
    step = next(pack for upto, pack in PACKS if high <= upto)
    return max(step, round(actor.rng.triangular(low, high, low * 1.5) / step) * step)


def _due_on(month: int, window: tuple[int, int], rng: Random) -> date:
    """Return a working day of the month, inside the window of due days."""
    first = month_start(month)
    days = [first.replace(day=day) for day in range(window[0], window[1] + 1)]
    return rng.choice([day for day in days if day.weekday() < SATURDAY])


def _near(month: int, window: tuple[int, int], day: int) -> tuple[int, int]:
    """Return the days around one, at least a week so that a working day is among them."""
    first = max(window[0], min(day, window[1] - NEAR_DAYS) - NEAR_DAYS)
    return days_in(month, (first, min(window[1], first + 2 * NEAR_DAYS)))


def _cancelled_on(actor: Actor, order: Row, reference_on: date) -> date:
    notice = max(1, min(9, (reference_on - order["ordered_on"]).days // 2))
    return min(LAST_DAY, reference_on - timedelta(days=actor.rng.randint(1, notice)))


def _working_day_before(day: date) -> date:
    return day - timedelta(days=max(0, day.weekday() - SATURDAY + 1))


def _to_working_day(day: date, *, late: bool) -> int:
    """Return the days to the nearest working day: on for what is late, back for the rest."""
    over = day.weekday() - SATURDAY
    if over < 0:
        return 0
    return 2 - over if late else -1 - over
