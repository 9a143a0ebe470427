"""A line's supplier is its order's: the database itself keeps it so."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import IntegrityError

from app.base.db import Database
from app.facts.deliveries.models import PurchaseOrder, ScheduleLine
from app.facts.suppliers.models import Supplier
from tests.builders import facts


@pytest.fixture
def house(database: Database) -> tuple[int, int, int]:
    """One order with one line, its supplier, and another supplier."""
    with database.transaction() as session:
        own, other = facts.supplier(session), facts.supplier(session)
        order = facts.order(session, own)
        facts.line(session, order)
        return order.id, own.id, other.id


def test_a_line_of_another_supplier_than_its_orders_is_refused(
    database: Database, house: tuple[int, int, int]
) -> None:
    order_id, _, other = house
    with pytest.raises(IntegrityError), database.transaction() as session:
        facts.line(
            session, session.get_one(PurchaseOrder, order_id), line_no="2"
        ).supplier_id = other
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.execute(update(ScheduleLine).values(supplier_id=other))
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.execute(update(ScheduleLine).values(order_id=order_id + 1))


def test_an_order_with_lines_changes_no_hands(
    database: Database, house: tuple[int, int, int]
) -> None:
    order_id, own, other = house
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.execute(update(PurchaseOrder).values(supplier_id=other))
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.execute(delete(PurchaseOrder))
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.execute(delete(Supplier).where(Supplier.id == own))
    with database.reading() as session:
        line = select(ScheduleLine.order_id, ScheduleLine.supplier_id)
        assert session.execute(line).all() == [(order_id, own)]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_orders_lines_are_found_by_both_columns_without_statistics(database: Database) -> None:
    """As SQLite looks for them when an order is deleted: never through a supplier's lines."""
    with database.reading() as session:
        found = session.execute(
            text(
                "EXPLAIN QUERY PLAN SELECT 1 FROM schedule_line"
                " WHERE supplier_id = 1 AND order_id = 1"
            )
        ).all()
    assert [row.detail for row in found] == [
        "SEARCH schedule_line USING COVERING INDEX ix_schedule_line_supplier_id_order_id"
        " (supplier_id=? AND order_id=?)"
    ]
