"""A card reads everything of one supplier; the house as one counts all lines."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from app.base import db
from app.base.db import Database
from app.calc.periods import Period, parse_period
from app.facts.suppliers.models import Supplier
from app.judgement.scorecards import queries
from app.judgement.scorecards.absences import NO_QUANTITIES, OPEN_IS_LIVE
from app.judgement.scorecards.gathering import full_quarters
from tests.builders import facts, houses
from tests.scorecards.conftest import CountQueries

AS_OF = date(2026, 10, 31)


def year() -> Period:
    return parse_period("12m", as_of=AS_OF)


def veteran(session: Session) -> Supplier:
    """57 of 60 on time."""
    supplier = facts.supplier(session, "Nordlys Elektronik AS")
    houses.deliveries(session, supplier, lines=60, late=3, rejected=6)
    return supplier


def test_a_card_says_what_the_lines_say(database: Database) -> None:
    with db.transaction() as session:
        own = veteran(session).id
    with db.reading() as session:
        card = queries.card(session, own, year())
    otif = card.measures["otif_line"]
    assert (otif.value, otif.n, otif.numerator) == (0.95, 60, 57)
    assert card.measures["ppm"].value == 100.0
    assert card.measures["ppm"].denominator == 60_000
    assert card.measures["lateness_mean"].value == 0.2
    assert card.measures["lt_p50"].value == 246.0
    assert card.measures["open_past_due"].value == 0.0
    assert card.population["n_due"] == 60
    assert card.lateness_days == {0: 57, 4: 3}
    assert card.method.label == "Direct material v1"
    assert card.snapshot is None


def test_months_without_lines_are_unknown_not_zero(database: Database) -> None:
    with db.transaction() as session:
        own = veteran(session).id
    with db.reading() as session:
        months = queries.card(session, own, year()).months
    assert [month.month for month in months] == list(range(24298, 24322))
    assert months[-1].measures["otif_line"].value == 0.95
    assert {month.measures["otif_line"].value for month in months[:-1]} == {None}


def test_the_house_counts_own_warehouses_and_the_list_leaves_them_out(database: Database) -> None:
    with db.transaction() as session:
        own = veteran(session).id
        houses.deliveries(session, houses.warehouse(session), lines=40)
    with db.reading() as session:
        house = queries.card(session, None, year())
        listed = queries.everybody(session, year())
    assert house.measures["otif_line"].n == 100
    assert house.measures["otif_line"].value == 0.97
    assert [one.supplier_id for one in listed] == [own]


def test_one_supplier_alone_has_the_figures_it_has_among_all(database: Database) -> None:
    with db.transaction() as session:
        own = veteran(session).id
        houses.deliveries(session, facts.supplier(session), lines=12, late=1)
    with db.reading() as session:
        alone = queries.scored(session, own, year())
        among = next(one for one in queries.everybody(session, year()) if one.supplier_id == own)
    assert alone == among


def test_values_of_several_currencies_are_not_added_up_for_the_house(database: Database) -> None:
    with db.transaction() as session:
        veteran(session)
        houses.deliveries(
            session, facts.supplier(session, currency="USD"), lines=12, currency="USD"
        )
    with db.reading() as session:
        card = queries.card(session, None, year())
    assert card.measures["otif_value"].value is None
    assert card.population["spend"] == 0
    assert card.measures["otif_unit"].value is not None


def test_a_feed_without_quantities_is_on_time_but_never_otif(database: Database) -> None:
    with db.transaction() as session:
        supplier = facts.supplier(session, "Aurobindo")
        houses.deliveries(session, supplier, lines=40, late=4, quantity=None)
        own = supplier.id
    with db.reading() as session:
        card = queries.card(session, own, year())
    assert card.measures["otd"].value == 0.9
    assert card.measures["otif_line"].value is None
    assert card.measures["otif_line"].reason == NO_QUANTITIES
    assert card.measures["ppm"].value is None
    assert card.result.grade is None


def test_a_quarter_holds_its_own_lines_only(database: Database) -> None:
    with db.transaction() as session:
        supplier = facts.supplier(session)
        houses.deliveries(session, supplier, lines=20, due_on=date(2026, 9, 30))
        houses.deliveries(session, supplier, lines=30, due_on=date(2026, 10, 1))
        own = supplier.id
    with db.reading() as session:
        third = queries.card(session, own, parse_period("2026Q3", as_of=AS_OF))
    assert third.measures["otif_line"].n == 20
    assert third.measures["open_past_due"].reason == OPEN_IS_LIVE


def test_lines_due_after_the_as_of_day_are_pending(database: Database) -> None:
    with db.transaction() as session:
        supplier = facts.supplier(session)
        houses.deliveries(session, supplier, lines=20, due_on=date(2026, 10, 5))
        houses.deliveries(session, supplier, lines=10, due_on=date(2026, 10, 20))
        own = supplier.id
    with db.reading() as session:
        card = queries.card(session, own, parse_period("12m", as_of=date(2026, 10, 19)))
    assert card.measures["otif_line"].n == 20
    assert card.population["n_pending"] == 10


def test_the_last_two_full_quarters_end_by_the_period() -> None:
    assert [quarter.label for quarter in full_quarters(year(), 2)] == ["2026Q3", "2026Q2"]
    closed = parse_period("2026Q3", as_of=AS_OF)
    assert [quarter.label for quarter in full_quarters(closed, 2)] == ["2026Q3", "2026Q2"]


def test_a_card_takes_as_many_queries_with_many_lines_as_with_few(
    database: Database, count_queries: CountQueries
) -> None:
    with db.transaction() as session:
        few, many = facts.supplier(session).id, veteran(session).id
    counts = []
    for own in (few, many):
        with db.reading() as session, count_queries(session) as counted:
            queries.card(session, own, year())
        counts.append(counted.count)
    assert counts[0] == counts[1] <= 30
