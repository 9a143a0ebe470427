"""Puts rejects on receipts and adds the lots that incoming inspection looked at."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from app.calc.periods import month_index
from app.faces.demo.cast import LAST_DAY
from app.faces.demo.rows import Row, Rows
from app.faces.demo.scripts import NO_REJECTS_FED, YEAR
from app.faces.demo.stage import Actor
from app.facts.deliveries.models import InspectionLot, LotVerdict

# The part of a supplier's rejects that comes in bad lots; the rest is scattered.
IN_BAD_LOTS = 0.6
CONCESSIONS = 0.006
# From this many rejects on a lot is sent back; below, they are sorted out.
SENT_BACK_FROM = 3
# Sample sizes by lot size, as an inspection department's wall chart has them.
SAMPLES = ((50, 8), (150, 20), (500, 50), (1200, 80), (3200, 125), (10000, 200), (10**9, 315))


def add_quality(rows: Rows, actor: Actor) -> None:
    """Decide the rejects of a supplier's receipts, then inspect its lots."""
    receipts = [
        (delivery.offer.part, receipt)
        for delivery in actor.deliveries
        for receipt in delivery.receipts
    ]
    posted = [(part, receipt) for part, receipt in receipts if receipt["posted_on"] is not None]
    for _, receipt in receipts:
        if receipt["posted_on"] is None or actor.member.number == NO_REJECTS_FED:
            receipt["quantity_rejected"] = None
    if actor.member.number == NO_REJECTS_FED:
        return
    if actor.script.rejects is None:
        _draw_rejects(actor, [receipt for _, receipt in posted])
    else:
        _fix_rejects(actor, [receipt for _, receipt in posted])
    inspected = posted if actor.script.lots_rejected is None else _every_second(posted)
    for part, receipt in inspected:
        if actor.script.lots_rejected is not None or _is_inspected(actor, receipt):
            _inspect(rows, actor, part, receipt)


def _draw_rejects(actor: Actor, receipts: list[Row]) -> None:
    rng, habit = actor.rng, actor.habit
    units = sum(float(receipt["quantity"]) for receipt in receipts)
    expected = habit.ppm * units / 1e6
    bad_lots = max(1.0, habit.bad_lots * len(receipts))
    scattered_rate = (1 - IN_BAD_LOTS) * habit.ppm / 1e6
    for receipt in receipts:
        quantity = int(receipt["quantity"])
        rejected = _poisson(actor, scattered_rate * quantity)
        if rng.random() < bad_lots / len(receipts):
            size = IN_BAD_LOTS * expected / bad_lots
            rejected += max(SENT_BACK_FROM, round(size * rng.uniform(0.5, 1.5)))
        receipt["quantity_rejected"] = Decimal(min(rejected, quantity // 2))


def _poisson(actor: Actor, mean: float) -> int:
    """Draw a small Poisson count by waiting times."""
    count, waited = 0, actor.rng.expovariate(1.0)
    while waited < mean:
        count += 1
        waited += actor.rng.expovariate(1.0)
    return count


def _fix_rejects(actor: Actor, receipts: list[Row]) -> None:
    """Spread the scripted rejects of each month over as many different lots."""
    months: dict[str, list[Row]] = defaultdict(list)
    for receipt in receipts:
        months[f"{receipt['posted_on']:%Y-%m}"].append(receipt)
    for month, counts in (actor.script.rejects or {}).items():
        chosen = actor.rng.sample(months[month], min(len(counts), len(months[month])))
        for receipt, rejected in zip(chosen, counts, strict=False):
            receipt["quantity_rejected"] = Decimal(rejected)


def _every_second(posted: list[tuple[Row, Row]]) -> list[tuple[Row, Row]]:
    """Return every second lot of the scripted year, and every second one before."""
    in_year = [pair for pair in posted if pair[1]["posted_on"] >= date(2025, 11, 1)]
    before = [pair for pair in posted if pair[1]["posted_on"] < date(2025, 11, 1)]
    return before[::2] + in_year[::2]


def _is_inspected(actor: Actor, receipt: Row) -> bool:
    is_bad = receipt["quantity_rejected"] >= SENT_BACK_FROM
    return is_bad or actor.rng.random() < actor.habit.inspected


def _inspect(rows: Rows, actor: Actor, part: Row, receipt: Row) -> None:
    rejected = int(receipt["quantity_rejected"])
    verdict = _verdict(actor, rejected, receipt)
    inspected_on = receipt["posted_on"] + timedelta(days=actor.rng.randint(0, 2))
    if actor.script.lots_rejected is not None:
        inspected_on = receipt["posted_on"]
    inspected_on = min(inspected_on, LAST_DAY)
    size = int(receipt["quantity"])
    rows.add(
        InspectionLot,
        supplier_id=actor.supplier_id,
        part_id=part["id"],
        lot=f"L{600000 + receipt['id']}",
        inspected_on=inspected_on,
        month=month_index(inspected_on),
        size=Decimal(size),
        sample=Decimal(min(size, next(sample for upto, sample in SAMPLES if size <= upto))),
        rejected=Decimal(rejected),
        verdict=verdict,
        is_first_pass=verdict is LotVerdict.ACCEPTED,
    )


def _verdict(actor: Actor, rejected: int, receipt: Row) -> LotVerdict:
    if actor.script.lots_rejected is not None:
        return _fixed_verdict(actor, rejected, receipt)
    if rejected >= SENT_BACK_FROM:
        return LotVerdict.REJECTED
    is_conceded = not actor.is_scripted and actor.rng.random() < CONCESSIONS
    return LotVerdict.CONCESSION if is_conceded else LotVerdict.ACCEPTED


def _fixed_verdict(actor: Actor, rejected: int, receipt: Row) -> LotVerdict:
    """Reject as many of the year's lots as the script says, the first of them."""
    del rejected
    if f"{receipt['posted_on']:%Y-%m}" not in YEAR:
        return LotVerdict.ACCEPTED
    actor.rejected_lots += 1
    is_rejected = actor.rejected_lots <= (actor.script.lots_rejected or 0)
    return LotVerdict.REJECTED if is_rejected else LotVerdict.ACCEPTED
