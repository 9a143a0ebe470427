"""Whoever moves a month's figures leaves a note of it, in the same transaction."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.base import db
from app.base.db import Database
from app.calc.periods import month_index
from app.facts.deliveries import rollup
from app.facts.deliveries.models import Receipt
from app.facts.deliveries.rollup_models import MonthlyRollup
from app.facts.deliveries.touched_models import TouchedBy, TouchedMonth
from app.facts.deliveries.touching import Because
from tests.builders import facts

UNTIL = date(2026, 11, 20)
MARCH, APRIL, MAY = (month_index(date(2026, month, 1)) for month in (3, 4, 5))


def noted(session: Session) -> set[tuple[int, str, int | None]]:
    """The months that are noted, with what moved them; the queue is empty afterwards."""
    t = TouchedMonth
    found = {(*row,) for row in session.execute(select(t.month, t.cause, t.cause_id))}
    session.execute(delete(t))
    return found


def test_a_late_receipt_touches_the_due_month_its_own_and_that_of_its_order(
    database: Database,
) -> None:
    with db.transaction() as session:
        order = facts.order(session, facts.supplier(session))
        with rollup.change(session, until=UNTIL) as change:
            line = facts.line(session, order)
            later = facts.line(session, order, promised_original_on=date(2026, 5, 4))
            change.touch_new([line.id, later.id])
        assert noted(session) == {(MARCH, "facts", None), (MAY, "facts", None)}
        with rollup.change(session, until=UNTIL, because=Because(TouchedBy.IMPORT, 7)) as change:
            change.touch([line.id])
            facts.receipt(session, line, date(2026, 4, 8))
        assert noted(session) == {(month, "import", 7) for month in (MARCH, APRIL, MAY)}


def test_a_receipt_that_moves_touches_the_month_it_leaves(database: Database) -> None:
    with db.transaction() as session:
        order = facts.order(session, facts.supplier(session))
        with rollup.change(session, until=UNTIL) as change:
            line = facts.line(session, order)
            facts.receipt(session, line, date(2026, 4, 8))
            change.touch_new([line.id])
        noted(session)
        with rollup.change(session, until=UNTIL) as change:
            change.touch([line.id])
            session.scalars(select(Receipt)).one().arrived_on = date(2026, 3, 2)
        assert {month for month, _, _ in noted(session)} == {MARCH, APRIL}


def test_months_that_have_not_begun_are_not_noted(database: Database) -> None:
    with db.transaction() as session:
        order = facts.order(session, facts.supplier(session))
        with rollup.change(session, until=date(2026, 2, 27)) as change:
            change.touch_new([facts.line(session, order).id])
        assert noted(session) == set()


def test_a_rebuild_notes_what_comes_out_different_and_nothing_else(database: Database) -> None:
    with db.transaction() as session:
        of = facts.supplier(session)
        for day in (date(2026, 3, 5), date(2026, 4, 7)):
            line = facts.line(session, facts.order(session, of), promised_original_on=day)
            facts.receipt(session, line, day, quantity_rejected=Decimal(0))
        rollup.rebuild(session, until=UNTIL)
        assert {month for month, _, _ in noted(session)} == {MARCH, APRIL}
        rollup.rebuild(session, until=UNTIL)
        assert noted(session) == set()
        session.execute(
            MonthlyRollup.__table__.update()
            .where(MonthlyRollup.month == APRIL)
            .values(quantity_rejected=5)
        )
        rollup.rebuild(session)
        assert {month for month, _, _ in noted(session)} == {APRIL}
