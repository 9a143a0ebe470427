"""Under delivery rules of all scopes, SQL gives every line calc's rule and calc's verdict."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.db import Database
from app.calc import delivery as calc
from app.facts.deliveries import rollup
from app.facts.deliveries.rollup_models import LineVerdict, VerdictState
from app.facts.deliveries.rules.models import DeliveryRule
from app.facts.suppliers.calendar_models import Calendar, Holiday
from app.facts.suppliers.models import Category, Site
from tests.builders import facts
from tests.deliveries import ruled_cases as cases
from tests.deliveries.ruled_cases import DATES, FAR, UNTIL, Case, World
from tests.deliveries.test_judging import as_judged, filled
from tests.deliveries.test_rollup import STEPS, House, differences

LINES_AT_ONCE = 300


# One example judges many lines at once; a seed names them, so a failure can be repeated.
@settings(
    max_examples=5,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 1_000_000))
def test_the_set_based_verdict_is_the_calculated_one_under_rules(
    database: Database, seed: int
) -> None:
    draw = random.Random(seed)  # noqa: S311 — no secret
    with database.transaction() as session, session.begin_nested() as point:
        world = cases.world(session, draw)
        drawn = [cases.written(session, world, draw) for _ in range(LINES_AT_ONCE)]
        rollup.rebuild(session, until=UNTIL)
        found = {each.line_id: each for each in session.scalars(select(LineVerdict))}
        for case in drawn:
            check(world, case, found[case.line.id])
        point.rollback()


def check(world: World, case: Case, verdict: LineVerdict) -> None:
    rule = cases.rule_of(world, case)
    if rule.id not in ("standard", "standard_bulk"):
        assert verdict.rule == rule.id
    reference_on = cases.reference_of(rule, case)
    assert verdict.reference_on == reference_on, case
    assert as_judged(verdict) == as_expected(world, case, reference_on), (case, rule)
    check_other_dates(world, case, verdict, reference_on)


def as_expected(world: World, case: Case, reference_on: date | None) -> dict[str, Any]:
    rule = cases.rule_of(world, case)
    closes_on = cases.judged(world, case, rule, day=reference_on, as_of=FAR).window_closes_on
    # The roll-up says what is known now; `until` decides only which windows have closed.
    is_open = closes_on is not None and closes_on > UNTIL
    as_of = closes_on - timedelta(days=1) if closes_on is not None and is_open else FAR
    found = cases.judged(world, case, rule, day=reference_on, as_of=as_of)
    shown = cases.judged(world, case, rule, day=reference_on, as_of=FAR) if is_open else found
    is_due = found.state == calc.LineState.DUE
    return {
        "state": found.state.value,
        "reason": None if found.reason is None else found.reason.value,
        "closes_on": found.window_closes_on,
        "on_time": found.on_time,
        "in_full": found.in_full,
        "otif": found.otif,
        "unit_on_time": found.unit_on_time,
        "filled": filled(found),
        "total": shown.total,
        "completed_on": shown.completed_on,
        "lateness_days": found.lateness_days if is_due else None,
        "lead_time_days": found.lead_time_days if is_due else None,
    }


def check_other_dates(
    world: World, case: Case, verdict: LineVerdict, reference_on: date | None
) -> None:
    if verdict.state != VerdictState.DUE:
        return
    rule = cases.rule_of(world, case)
    for name in DATES:
        day, judged_so, wanted = (
            cases.dates_of(case)[name],
            getattr(verdict, f"on_time_{name}"),
            None,
        )
        if day is not None:
            around = cases.judged(world, case, rule, day=day, as_of=FAR)
            if around.window_closes_on is not None and around.window_closes_on <= UNTIL:
                wanted = around.on_time
        assert (None if judged_so is None else bool(judged_so)) == wanted, (name, case, rule)


class RuledHouse(House):
    """A house with a rule for everything, whose lines also change their site."""

    def __init__(self, session: Session, seed: int) -> None:
        super().__init__(session, seed)
        session.add(Category(id=1, name="Castings"))
        calendar = Calendar(name="Verona", weekend="46")
        session.add(calendar)
        session.flush()
        session.add_all(Holiday(calendar_id=calendar.id, day=day) for day in cases.HOLIDAYS)
        site = Site(name="Verona", calendar_id=calendar.id)
        session.add(site)
        session.flush()
        self.sites = [0, site.id]
        keys: list[dict[str, Any]] = [
            {"scope": "default"},
            {"scope": "category", "category_id": 1},
            {"scope": "supplier", "supplier_id": self.orders[0].supplier_id},
            {"scope": "part", "part_id": self.parts[1]},
        ]
        for place, key in enumerate(keys):
            rule = cases.random_rule(self.draw, f"rule {place}", 1)
            for name, value in key.items():
                setattr(rule, name, value)
            session.add(rule)
        session.flush()

    def regroup(self) -> None:
        self.on_lines(
            lambda line_id: self.set_line(
                line_id,
                category_id=self.draw.randint(0, 1),
                site_id=self.draw.choice(self.sites),
                ordered_on=self.some_day(),
            )
        )


@settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 1_000_000))
def test_a_delta_equals_a_rebuild_with_rules_calendars_and_returns(
    database: Database, seed: int
) -> None:
    with database.transaction() as session:
        house = RuledHouse(session, seed)
        for number in range(STEPS):
            house.step()
            if number % 4 == 3 or number == STEPS - 1:
                assert differences(session, house.until) == []
        # Every order has its day, and the default rule has no end.
        assert all(name.startswith("rule ") for name in session.scalars(select(LineVerdict.rule)))
        session.rollback()


def rule(session: Session, **given: Any) -> None:
    """Add a default rule."""
    session.add(DeliveryRule(**{"label": "House", "scope": "default"} | given))
    session.flush()


def lines_judged(session: Session) -> LineVerdict:
    rollup.rebuild(session, until=UNTIL)
    return session.scalars(select(LineVerdict)).one()


def test_the_order_of_receipts_does_not_matter_under_a_rule(database: Database) -> None:
    with database.transaction() as session:
        rule(session, early_days=1, day_count="business", accepted_only=True)
        order = facts.order(session, facts.supplier(session))
        # 5 March 2026 is a Thursday: Wednesday is in the window, Tuesday is not.
        came = [(date(2026, 3, 3), 100, 100), (date(2026, 3, 4), 650, 50), (facts.DUE_ON, 400, 0)]
        for receipts in permutations(came):
            line = facts.line(session, order)
            for day, quantity, rejected in receipts:
                facts.receipt(session, line, day, quantity, quantity_rejected=Decimal(rejected))
        rollup.rebuild(session, until=UNTIL)
        verdicts = session.scalars(select(LineVerdict)).all()
    assert len(verdicts) == 6
    assert {(each.otif, each.quantity_total, each.completed_on) for each in verdicts} == {
        (1, 1_000_000_000, facts.DUE_ON)
    }


def test_rejected_goods_do_not_count_where_the_rule_asks_for_accepted_ones(
    database: Database,
) -> None:
    with database.transaction() as session:
        rule(session, accepted_only=True)
        line = facts.line(session, facts.order(session, facts.supplier(session)))
        facts.receipt(session, line, facts.DUE_ON, 1000, quantity_rejected=Decimal(30))
        found = lines_judged(session)
    assert (found.otif, found.reason, found.quantity_total) == (0, "short", 970_000_000)


def test_unknown_rejects_make_an_accepted_only_verdict_unknown(database: Database) -> None:
    with database.transaction() as session:
        rule(session, accepted_only=True)
        line = facts.line(session, facts.order(session, facts.supplier(session)))
        facts.receipt(session, line)
        found = lines_judged(session)
    assert (found.otif, found.on_time, found.reason) == (None, None, "receipt_quantity_unknown")


def test_a_rule_for_the_posting_ignores_that_the_goods_arrived(database: Database) -> None:
    with database.transaction() as session:
        rule(session, event="posting", late_days=1)
        line = facts.line(session, facts.order(session, facts.supplier(session)))
        facts.receipt(session, line, facts.DUE_ON, posted_on=date(2026, 3, 9))
        found = lines_judged(session)
    assert (found.event, found.is_fallback, found.otif, found.lateness_days) == ("posting", 0, 0, 4)


@pytest.mark.parametrize(
    ("calendar", "window_end_on"),
    [
        # From Thursday 5 March, two business days: Friday and Monday.
        (None, date(2026, 3, 9)),
        # Friday is a holiday there: Monday and Tuesday.
        ("Verona", date(2026, 3, 10)),
    ],
)
def test_business_days_are_those_of_the_receiving_site(
    database: Database, calendar: str | None, window_end_on: date
) -> None:
    with database.transaction() as session:
        rule(session, late_days=2, day_count="business")
        kept = Calendar(name="Verona")
        session.add(kept)
        session.flush()
        session.add(Holiday(calendar_id=kept.id, day=date(2026, 3, 6)))
        site = Site(name="Plant", calendar_id=kept.id if calendar else None)
        session.add(site)
        session.flush()
        facts.line(session, facts.order(session, facts.supplier(session)), site_id=site.id)
        assert lines_judged(session).window_end_on == window_end_on


@pytest.mark.parametrize(
    ("ordered_on", "rule_name"),
    [
        (date(2026, 1, 31), "default"),
        (date(2026, 2, 1), "House v1"),
        (date(2026, 2, 28), "House v1"),
        (date(2026, 3, 1), "default"),
    ],
)
def test_the_rule_that_held_on_the_day_of_the_order_judges_a_line(
    database: Database, ordered_on: date, rule_name: str
) -> None:
    with database.transaction() as session:
        rule(session, valid_from=date(2026, 2, 1), valid_to=date(2026, 2, 28))
        order = facts.order(session, facts.supplier(session), ordered_on=ordered_on)
        facts.line(session, order)
        assert lines_judged(session).rule == rule_name


def test_a_category_is_judged_by_its_nearest_parents_rule(database: Database) -> None:
    with database.transaction() as session:
        root, middle = Category(name="Metal"), Category(name="Castings")
        session.add(root)
        session.flush()
        middle.parent_id = root.id
        session.add(middle)
        session.flush()
        leaf = Category(name="Sand", parent_id=middle.id)
        session.add(leaf)
        session.flush()
        rule(session, label="Metal", scope="category", category_id=root.id)
        rule(
            session, label="Castings", scope="category", category_id=middle.id,
            valid_to=date(2026, 1, 31),
        )  # fmt: skip
        supplier = facts.supplier(session)
        for ordered_on in (date(2026, 1, 31), date(2026, 2, 1)):
            order = facts.order(session, supplier, ordered_on=ordered_on)
            facts.line(session, order, category_id=leaf.id)
        rollup.rebuild(session, until=UNTIL)
        found = session.scalars(select(LineVerdict.rule).order_by(LineVerdict.line_id)).all()
    assert found == ["Castings v1", "Metal v1"]


def test_the_same_contract_number_of_another_supplier_is_another_contract(
    database: Database,
) -> None:
    with database.transaction() as session:
        ours, theirs = facts.supplier(session), facts.supplier(session)
        rule(
            session, label="Frame", scope="contract", supplier_id=ours.id, contract_reference="C-1"
        )
        for supplier in (ours, theirs):
            facts.line(session, facts.order(session, supplier, contract_reference="C-1"))
        rollup.rebuild(session, until=UNTIL)
        found = session.scalars(select(LineVerdict.rule).order_by(LineVerdict.line_id)).all()
    assert found == ["Frame v1", "default"]


def test_a_lines_own_terms_come_before_its_rule(database: Database) -> None:
    with database.transaction() as session:
        rule(session, late_days=5, under_millionths=100_000)
        order = facts.order(session, facts.supplier(session))
        line = facts.line(session, order, late_days=1)
        facts.receipt(session, line, date(2026, 3, 6), 900)
        found = lines_judged(session)
    assert (found.window_end_on, found.otif, found.rule) == (date(2026, 3, 6), 1, "House v1")
