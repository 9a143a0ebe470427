"""Revision 0044 lays the order sums of the measures beside one another, and back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from sqlalchemy import select, text

from app.base import migrating
from app.base.db import Database
from app.facts.deliveries import rollup
from app.facts.deliveries.rollup_models import MonthlyOrderRollup
from tests.builders import facts

pytestmark = pytest.mark.usefixtures("revisions_read_once")

MARCH, APRIL = 24314, 24315
ROWS_OF_MEASURES = text(
    "SELECT month, measure, orders, lines, lines_true, lines_squares, "
    '"cross", true_squares, orders_known, orders_true, orders_unknown '
    "FROM monthly_order_rollup ORDER BY supplier_id, month, measure"
)
SECURED = text(
    "SELECT relrowsecurity, polname FROM pg_class JOIN pg_policy ON polrelid = pg_class.oid "
    "WHERE relname = 'monthly_order_rollup'"
)


def order_of(database: Database, *lines: tuple[date, Sequence[tuple[date | None, int]]]) -> None:
    """Record an order of lines due on a day, with what came on which (None: unknown)."""
    with database.transaction() as session:
        order = facts.order(session, facts.supplier(session))
        with rollup.change(session, until=date(2026, 4, 9)) as change:
            for due_on, receipts in lines:
                line = facts.line(session, order, promised_original_on=due_on)
                for arrived_on, quantity in receipts:
                    facts.receipt(session, line, arrived_on, quantity)
                change.touch_new([line.id])


def kept(database: Database) -> list[tuple[int, ...]]:
    with database.transaction() as session:
        return sorted(map(tuple, session.execute(select(MonthlyOrderRollup.__table__))))


def of_measures(database: Database) -> list[tuple[int | str, ...]]:
    with database.read_engine.connect() as connection:
        return [tuple(row) for row in connection.execute(ROWS_OF_MEASURES)]


def test_rows_of_measures_become_one_and_come_back(empty_database: Database) -> None:
    """The first order's lines: on time and in full, late, too much, on a day nobody knows.

    The second is perfect. The third waits for May; of April it is known that all came.
    """
    migrating.upgrade(empty_database)
    due, late, may = facts.DUE_ON, date(2026, 3, 9), date(2026, 5, 7)
    order_of(
        empty_database,
        (due, [(due, 1000)]),
        (due, [(late, 1000)]),
        (due, [(due, 1000), (late, 500)]),
        (due, [(None, 1000)]),
    )
    order_of(empty_database, (due, [(due, 1000)]))
    order_of(empty_database, (date(2026, 4, 9), [(None, 1000)]), (may, []))
    rows = kept(empty_database)
    assert [row[1:] for row in rows] == [
        (MARCH, 1, 3, 1, 9, 3, 1, 0, 0, 1, 1, 3, 2, 9, 6, 4, 0, 0, 1, 1, 4, 3, 16, 12, 9, 1, 0, 0),
        (MARCH, *(1, 1, 1, 1, 1, 1, 1, 1, 0) * 3),
        (APRIL, *(0,) * 18, 1, 1, 1, 1, 1, 1, 0, 0, 0),
    ]
    migrating.downgrade(empty_database, "0042")
    before = of_measures(empty_database)
    assert before == [
        (MARCH, "in_full", 1, 4, 3, 16, 12, 9, 1, 0, 0),
        (MARCH, "otd", 1, 3, 2, 9, 6, 4, 0, 0, 1),
        (MARCH, "otif", 1, 3, 1, 9, 3, 1, 0, 0, 1),
        (MARCH, "in_full", 1, 1, 1, 1, 1, 1, 1, 1, 0),
        (MARCH, "otd", 1, 1, 1, 1, 1, 1, 1, 1, 0),
        (MARCH, "otif", 1, 1, 1, 1, 1, 1, 1, 1, 0),
        (APRIL, "in_full", 1, 1, 1, 1, 1, 1, 0, 0, 0),
    ]
    migrating.upgrade(empty_database)
    assert kept(empty_database) == rows
    migrating.downgrade(empty_database, "0042")
    assert of_measures(empty_database) == before


@pytest.mark.parametrize("empty_databases", ["postgresql"], indirect=True)
def test_the_table_keeps_its_policy_in_both_shapes(empty_database: Database) -> None:
    for step in (
        lambda: migrating.upgrade(empty_database),
        lambda: migrating.downgrade(empty_database, "0042"),
    ):
        step()
        with empty_database.read_engine.connect() as connection:
            assert connection.execute(SECURED).all() == [(True, "suppliers")]
