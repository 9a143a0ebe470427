"""A standing house knows its unknown orders once revision 0042 is in."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, text

from app.base import migrating
from app.base.db import Database
from app.facts.deliveries import rollup
from app.facts.deliveries.rollup_models import MonthlyOrderRollup
from tests.builders import facts

pytestmark = pytest.mark.usefixtures("revisions_read_once")

MARCH = 24314
LEVEL = text(
    "SELECT month, measure, orders, lines FROM monthly_order_rollup ORDER BY month, measure"
)


def test_orders_unknown_before_are_counted_and_leave_no_trace(empty_database: Database) -> None:
    """One order is wholly unknown, of another one line is, a third waits for April."""
    migrating.upgrade(empty_database)
    april = date(2026, 4, 9)
    with empty_database.transaction() as session:
        supplier = facts.supplier(session)
        with rollup.change(session, until=facts.DUE_ON) as change:
            for lines in (
                [(facts.DUE_ON, None)],
                [(facts.DUE_ON, None), (facts.DUE_ON, 1000)],
                [(facts.DUE_ON, None), (april, 1000)],
            ):
                order = facts.order(session, supplier)
                for due_on, quantity in lines:
                    line = facts.line(session, order, promised_original_on=due_on)
                    facts.receipt(session, line, facts.DUE_ON, quantity)
                    change.touch_new([line.id])
        kept = session.execute(select(MonthlyOrderRollup.__table__)).all()
    migrating.downgrade(empty_database, "0041")
    with empty_database.read_engine.connect() as connection:
        assert (MARCH, "otif", 1, 1) in [tuple(row) for row in connection.execute(LEVEL)]
    migrating.upgrade(empty_database)
    with empty_database.transaction() as session:
        again = session.execute(select(MonthlyOrderRollup.__table__)).all()
        otif = select(MonthlyOrderRollup.otif_orders_unknown)
        assert session.scalars(otif).all() == [2]
    assert sorted(map(tuple, again)) == sorted(map(tuple, kept))
