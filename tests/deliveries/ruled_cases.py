"""Random lines under random delivery rules, and what `calc` says of each."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from app.calc import delivery as calc
from app.calc import delivery_rules as rules
from app.calc.calendars import BusinessCalendar
from app.calc.delivery_rules import DayCount, ReferenceDate, RuleScope
from app.calc.incoterms import DeliveryEvent, date_of
from app.facts.deliveries.models import PromiseChange, ScheduleLine
from app.facts.deliveries.rules.models import DeliveryRule
from app.facts.suppliers.calendar_models import Calendar, Holiday
from app.facts.suppliers.models import Category, Part, Site, Supplier
from tests.builders import facts

UNTIL = date(2026, 3, 31)
FAR = date(2027, 6, 1)
SCALE = 1_000_000
TURN = date(2026, 2, 1)
CONTRACT = "C-77"
HOLIDAYS = (date(2026, 3, 6), date(2026, 3, 19), date(2026, 3, 23), date(2026, 4, 3))
INCOTERMS = (None, "DDP", "FCA", "CIP")
DATES = ("requested", "original", "current")


@dataclass
class World:
    """Two suppliers, a tree of categories, parts, sites, and rules at every place."""

    suppliers: list[Supplier]
    parts: list[Part]
    categories: list[Category]
    sites: list[Site]
    rules: list[DeliveryRule] = field(default_factory=list)

    def category_keys(self, category_id: int) -> tuple[int, ...]:
        """Return a category and its parents: they stand in a row, the root first."""
        ids = [each.id for each in self.categories]
        return tuple(reversed(ids[: ids.index(category_id) + 1])) if category_id else ()

    def contract_key(self, supplier_id: int) -> int:
        """Return a number for the contract of a supplier."""
        return 1_000 + supplier_id


@dataclass(frozen=True)
class Case:
    """A line as it was written, with its receipts."""

    line: ScheduleLine
    order_day: date | None
    contract: str | None
    incoterm: str | None
    unit: str
    moved_to: date | None
    receipts: tuple[dict[str, Any], ...]


def world(session: Session, draw: random.Random) -> World:
    """Write the things that rules are for, and rules with random terms for most of them."""
    suppliers = [facts.supplier(session) for _ in range(2)]
    parts = [facts.part(session, unit=unit) for unit in ("pc", "kg")]
    categories: list[Category] = []
    for name in ("Metal", "Castings", "Sand castings"):
        categories.append(Category(name=name, parent_id=categories[-1].id if categories else None))
        session.add(categories[-1])
        session.flush()
    made = World(suppliers, parts, categories, _sites(session))
    places: list[tuple[RuleScope, dict[str, Any]]] = [
        (RuleScope.DEFAULT, {}),
        (RuleScope.CATEGORY, {"category_id": categories[0].id}),
        (RuleScope.CATEGORY, {"category_id": categories[2].id}),
        (RuleScope.SUPPLIER, {"supplier_id": suppliers[0].id}),
        (RuleScope.PART, {"part_id": parts[1].id}),
        (RuleScope.CONTRACT, {"supplier_id": suppliers[0].id, "contract_reference": CONTRACT}),
    ]
    for place, (scope, keys) in enumerate(places):
        spans = [(None, TURN - timedelta(days=1)), (TURN, None)]
        for start, end in draw.sample(spans, draw.choice([1, 1, 2])):
            rule = random_rule(draw, f"rule {place}", 1 if start is None else 2)
            for name, value in {"scope": scope, "valid_from": start, "valid_to": end}.items():
                setattr(rule, name, value)
            for name, value in keys.items():
                setattr(rule, name, value)
            session.add(rule)
            made.rules.append(rule)
    session.flush()
    return made


def _sites(session: Session) -> list[Site]:
    calendar = Calendar(name="Verona", weekend="46")
    session.add(calendar)
    session.flush()
    session.add_all(Holiday(calendar_id=calendar.id, day=day) for day in HOLIDAYS)
    sites = [Site(name="Verona", calendar_id=calendar.id), Site(name="Bari")]
    session.add_all(sites)
    session.flush()
    return sites


def random_rule(draw: random.Random, label: str, version: int) -> DeliveryRule:
    """Return a rule with random terms, for nobody yet."""
    return DeliveryRule(
        label=label,
        version=version,
        reference=draw.choice(list(ReferenceDate)),
        event=draw.choice([None, None, *DeliveryEvent]),
        early_days=draw.choice([None, 0, 1, 3]),
        late_days=draw.choice([0, 1, 2]),
        day_count=draw.choice(list(DayCount)),
        under_millionths=draw.choice([None, 0, 100_000]),
        over_millionths=draw.choice([None, 0, 100_000]),
        is_split_allowed=draw.random() < 0.7,
        accepted_only=draw.random() < 0.5,
    )


def written(session: Session, world: World, draw: random.Random) -> Case:
    """Write one random line with its receipts."""
    supplier, part = draw.choice(world.suppliers), draw.choice(world.parts)
    order_day, contract = draw.choice([None, *_order_days()]), draw.choice([None, CONTRACT])
    order = facts.order(session, supplier, ordered_on=order_day, contract_reference=contract)
    due_on, ordered = facts.DUE_ON + timedelta(days=draw.choice([*range(-9, 12), 24, 26])), 20

    def near() -> date | None:
        return None if draw.random() < 0.15 else due_on + timedelta(days=draw.randint(-5, 6))

    line = facts.line(
        session,
        order,
        part_id=part.id,
        category_id=draw.choice([0, *(each.id for each in world.categories)]),
        site_id=draw.choice([0, *(each.id for each in world.sites)]),
        ordered_on=draw.choice([None, None, *_order_days()]),
        quantity_ordered=Decimal(ordered),
        promised_original_on=None if draw.random() < 0.1 else due_on,
        requested_on=near(),
        promised_current_on=near(),
        incoterm=draw.choice(INCOTERMS),
        early_days=draw.choice([None, None, None, 0, 2]),
        late_days=draw.choice([None, None, None, 0, 2]),
        under_millionths=draw.choice([None, None, None, 0, 200_000]),
        over_millionths=draw.choice([None, None, None, 0, 200_000]),
        is_split_allowed=draw.choice([None, None, True, False]),
        completes_without_quantity=draw.choice([None, None, None, True]),
    )
    moved_to = _moved(session, line, draw, due_on)
    receipts = _receipts(session, line, draw, due_on)
    return Case(line, order_day, contract, line.incoterm, str(part.unit), moved_to, receipts)


def _order_days() -> tuple[date, date]:
    return TURN - timedelta(days=1), TURN


def _moved(session: Session, line: ScheduleLine, draw: random.Random, due_on: date) -> date | None:
    if draw.random() > 0.2:
        return None
    to_on = due_on + timedelta(days=draw.randint(-2, 3))
    session.add(PromiseChange(line_id=line.id, to_on=to_on, changed_by="buyer", changed_on=TURN))
    return to_on


def _receipts(
    session: Session, line: ScheduleLine, draw: random.Random, due_on: date
) -> tuple[dict[str, Any], ...]:
    made = []
    pieces = draw.choice([0, 1, 1, 1, 2, 2, 3])
    for _ in range(pieces):
        amount = draw.choice([20 // pieces, 20 // pieces, 20, 18, 19, 22, 7])
        has_none = line.completes_without_quantity and draw.random() < 0.5
        given = {
            "quantity": None if has_none else Decimal(amount),
            "quantity_rejected": draw.choice([None, *map(Decimal, (0, 0, 0, 2))]),
            "quantity_returned": draw.choice([None, None, *map(Decimal, (1, 2))]),
            **_days(draw, due_on),
        }
        row = facts.receipt(
            session, line, completes_line=line.completes_without_quantity is True, **given
        )
        made.append(given)
        if given["quantity"] is not None and draw.random() < 0.15:
            made.append(_reversed(session, line, draw, row.id, given))
    return tuple(made)


def _days(draw: random.Random, due_on: date) -> dict[str, date | None]:
    arrived = due_on + timedelta(days=draw.randint(-5, 7))
    days: dict[str, date | None] = {
        "ready_on": arrived - timedelta(days=draw.randint(1, 4)),
        "dispatched_on": arrived - timedelta(days=1),
        "arrived_on": arrived,
        "posted_on": arrived + timedelta(days=draw.randint(0, 2)),
    }
    return {name: None if draw.random() < 0.15 else day for name, day in days.items()}


def _reversed(
    session: Session, line: ScheduleLine, draw: random.Random, of: int, given: dict[str, Any]
) -> dict[str, Any]:
    """Write a reversal of all or of half, and return it as `calc` reads it."""
    whole, rejected = given["quantity"], given["quantity_rejected"]
    amount = draw.choice([whole, Decimal(int(whole / 2))])
    said = draw.choice([None, None, Decimal(0), Decimal(-1)])
    facts.receipt(
        session,
        line,
        None,
        -amount,
        quantity_rejected=said,
        reverses_receipt_id=of,
    )
    # What it does not say: the rejects of a whole receipt, none of a part.
    taken = None if rejected is None else -rejected
    days = {name: given[name] for name in given if name.endswith("_on")}
    return days | {
        "quantity": -amount,
        "quantity_rejected": said if said is not None else taken if amount == whole else Decimal(0),
        "quantity_returned": None,
    }


# What calc says


def rule_of(world: World, case: Case) -> rules.DeliveryRule:
    """Return the rule of a line by calc's own book, with the line's terms put in."""
    line = case.line
    otherwise = rules.STANDARD_BULK_RULE if case.unit == "kg" else rules.STANDARD_RULE
    book = rules.rule_book(_calculated(world, rule, otherwise) for rule in world.rules)
    keys = rules.LineKeys(
        categories=world.category_keys(line.category_id),
        supplier=line.supplier_id,
        part=line.part_id,
        contract=world.contract_key(line.supplier_id) if case.contract else None,
    )
    known = (
        line.ordered_on, case.order_day, line.promised_original_on, line.requested_on,
        line.promised_current_on,
    )  # fmt: skip
    day = next((each for each in known if each is not None), None)
    found = otherwise if day is None else book.rule_for(keys, day, otherwise=otherwise)
    own = rules.OwnTerms(
        line.early_days, line.late_days, line.under_millionths, line.over_millionths,
        line.is_split_allowed,
    )  # fmt: skip
    return rules.with_own_terms(found, own)


def _calculated(
    world: World, rule: DeliveryRule, otherwise: rules.DeliveryRule
) -> rules.DeliveryRule:
    key = rule.category_id or rule.part_id or rule.supplier_id
    if rule.scope == RuleScope.CONTRACT and rule.supplier_id is not None:
        key = world.contract_key(rule.supplier_id)
    under, over = rule.under_millionths, rule.over_millionths
    return rules.DeliveryRule(
        f"{rule.label} v{rule.version}",
        RuleScope(rule.scope),
        key,
        rule.valid_from,
        rule.valid_to,
        ReferenceDate(rule.reference),
        None if rule.event is None else DeliveryEvent(rule.event),
        calc.Window(
            rule.early_days,
            rule.late_days,
            otherwise.window.under_ppm if under is None else under,
            otherwise.window.over_ppm if over is None else over,
        ),
        DayCount(rule.day_count),
        rule.is_split_allowed,
        rule.accepted_only,
    )


def calendar_of(world: World, case: Case) -> BusinessCalendar:
    """Return the working days of the line's site."""
    if case.line.site_id == world.sites[0].id:
        return BusinessCalendar(HOLIDAYS, {4, 6})
    return BusinessCalendar()


def dates_of(case: Case) -> dict[str, date | None]:
    """Return the three dates of a line."""
    line = case.line
    days = (line.requested_on, line.promised_original_on, line.promised_current_on)
    return dict(zip(DATES, days, strict=True))


def reference_of(rule: rules.DeliveryRule, case: Case) -> date | None:
    """Return the date that the line is judged against."""
    return rules.reference_on(rule, rules.LineDates(*dates_of(case).values(), case.moved_to))


def judged(
    world: World, case: Case, rule: rules.DeliveryRule, *, day: date | None, as_of: date,
    due: int | None = 20 * SCALE,
) -> calc.LineVerdict:  # fmt: skip
    """Return calc's verdict around a date."""
    terms = rule.window
    if day is not None:
        terms = rules.window_of(rule, day, calendar=calendar_of(world, case))
    feed = case.line.completes_without_quantity
    return calc.judge_line(
        calc.Line(due, day, case.line.ordered_on or case.order_day),
        [_receipt(each, rule, case) for each in case.receipts],
        window=terms,
        as_of=as_of,
        allow_split=rule.allow_split,
        accepted_only=rule.accepted_only,
        receipt_completes_line=feed is True,
        feed_has_quantities=feed is None,
    )


def _receipt(given: dict[str, Any], rule: rules.DeliveryRule, case: Case) -> calc.Receipt:
    days = calc.ReceiptDates(
        *(given[f"{name}_on"] for name in ("ready", "dispatched", "arrived", "posted"))
    )
    event_on, _ = date_of(days, rules.event_of(rule, case.incoterm))
    amounts = (given[name] for name in ("quantity", "quantity_rejected", "quantity_returned"))
    return calc.Receipt(event_on, *(None if a is None else int(a) * SCALE for a in amounts))
