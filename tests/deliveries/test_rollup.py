"""A delta equals a rebuild, whatever happens in whatever order."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, delete, select, update
from sqlalchemy.orm import Session

from app.base.db import Database
from app.facts.deliveries import queries, rollup, services
from app.facts.deliveries.models import PromiseChange, PurchaseOrder, Receipt, ScheduleLine
from app.facts.deliveries.rollup_models import (
    LineVerdict,
    MonthlyHistogram,
    MonthlyOrderRollup,
    MonthlyRollup,
    PartMonthlyRollup,
)
from app.facts.suppliers.models import Supplier
from tests.builders import facts

DERIVED: tuple[Table, ...] = tuple(
    model.__table__
    for model in (
        LineVerdict,
        MonthlyRollup,
        MonthlyHistogram,
        MonthlyOrderRollup,
        PartMonthlyRollup,
    )
)
START = date(2026, 1, 10)
STEPS = 14


def picture(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """All derived rows, in the order of their keys."""
    return {
        table.name: [
            tuple(row) for row in session.execute(select(table).order_by(*table.primary_key))
        ]
        for table in DERIVED
    }


def differences(session: Session, until: date) -> list[str]:
    kept = picture(session)
    rollup.rebuild(session, until=until)
    made = picture(session)
    return [
        f"{name}: kept {sorted(set(kept[name]) - set(made[name]))}, "
        f"made {sorted(set(made[name]) - set(kept[name]))}"
        for name in made
        if kept[name] != made[name]
    ]


class House:
    """A buyer whose records change at random, each change inside one bracket."""

    def __init__(self, session: Session, seed: int) -> None:
        self.session, self.draw = session, random.Random(seed)  # noqa: S311 — no secret
        self.until = START
        suppliers = [facts.supplier(session) for _ in range(2)]
        self.orders = [facts.order(session, supplier) for supplier in suppliers for _ in range(3)]
        self.parts = [None, *(facts.part(session).id for _ in range(2))]

    def step(self) -> None:
        kind = self.draw.choice(
            [self.insert, self.insert, self.receive, self.correct, self.cancel, self.give_back,
             self.reverse, self.move, self.remove, self.close, self.regroup]
        )  # fmt: skip
        kind()

    def some_day(self) -> date:
        return START + timedelta(days=self.draw.randint(-20, 60))

    def lines(self) -> list[int]:
        found = list(self.session.scalars(select(ScheduleLine.id).order_by(ScheduleLine.id)))
        return self.draw.sample(found, min(len(found), self.draw.randint(1, 3)))

    def insert(self) -> None:
        with rollup.change(self.session, until=self.until) as change:
            made = []
            for _ in range(self.draw.randint(1, 4)):
                line = facts.line(
                    self.session,
                    self.draw.choice(self.orders),
                    quantity_ordered=self.draw.choice([None, Decimal(10), Decimal(12)]),
                    promised_original_on=self.draw.choice([None, *(self.some_day(),) * 5]),
                    requested_on=self.some_day(),
                    part_id=self.draw.choice(self.parts),
                    category_id=self.draw.randint(0, 1),
                    is_counted=self.draw.random() < 0.9,
                )
                made.append(line.id)
                self.add_receipt(line)
            change.touch_new(made)

    def add_receipt(self, line: ScheduleLine) -> None:
        for _ in range(self.draw.randint(0, 2)):
            quantity = self.draw.choice([None, 5, 6, 10, 12])
            facts.receipt(
                self.session,
                line,
                self.draw.choice([None, self.some_day(), self.some_day()]),
                quantity,
                quantity_rejected=None if quantity is None else Decimal(self.draw.randint(0, 1)),
            )

    def on_lines(self, change_line: Any) -> None:  # Any: a function of a line's id
        wanted = self.lines()
        with rollup.change(self.session, until=self.until) as change:
            change.touch(select(ScheduleLine.id).where(ScheduleLine.id.in_(wanted)))
            for line_id in wanted:
                change_line(line_id)

    def receive(self) -> None:
        self.on_lines(lambda line_id: self.add_receipt(self.session.get_one(ScheduleLine, line_id)))

    def set_line(self, line_id: int, **values: Any) -> None:
        self.session.execute(update(ScheduleLine).where(ScheduleLine.id == line_id).values(values))

    def correct(self) -> None:
        self.on_lines(
            lambda line_id: self.set_line(
                line_id,
                promised_original_on=self.some_day(),
                quantity_ordered=Decimal(self.draw.randint(8, 12)),
            )
        )

    def regroup(self) -> None:
        self.on_lines(lambda line_id: self.set_line(line_id, category_id=self.draw.randint(0, 1)))

    def cancel(self) -> None:
        self.on_lines(
            lambda line_id: self.set_line(
                line_id,
                quantity_cancelled_buyer=Decimal(self.draw.choice([2, 12])),
                cancelled_on=self.some_day(),
            )
        )

    def receipts_of(self, line_id: int) -> list[Receipt]:
        rows = select(Receipt).where(Receipt.line_id == line_id, Receipt.quantity > 0)
        return list(self.session.scalars(rows.where(Receipt.reverses_receipt_id.is_(None))))

    def give_back(self) -> None:
        def returned(line_id: int) -> None:
            for receipt in self.receipts_of(line_id)[:1]:
                receipt.quantity_returned = Decimal(1)

        self.on_lines(returned)

    def reverse(self) -> None:
        def reversed_(line_id: int) -> None:
            line = self.session.get_one(ScheduleLine, line_id)
            for receipt in self.receipts_of(line_id)[:1]:
                assert receipt.quantity is not None
                facts.receipt(
                    self.session,
                    line,
                    self.some_day(),
                    -self.draw.choice([receipt.quantity, Decimal(1)]),
                    quantity_rejected=self.draw.choice([None, Decimal(0), Decimal(-1)]),
                    reverses_receipt_id=receipt.id,
                )

        self.on_lines(reversed_)

    def move(self) -> None:
        def moved(line_id: int) -> None:
            taken = select(PromiseChange.id).where(PromiseChange.line_id == line_id)
            if self.session.scalar(taken) is None:
                self.session.add(
                    PromiseChange(
                        line_id=line_id,
                        to_on=self.some_day(),
                        changed_by="buyer",
                        changed_on=START,
                    )
                )

        self.on_lines(moved)

    def remove(self) -> None:
        def removed(line_id: int) -> None:
            for model in (PromiseChange, Receipt):
                newest_first = select(model.id).where(model.line_id == line_id)
                for row_id in sorted(self.session.scalars(newest_first), reverse=True):
                    self.session.execute(delete(model).where(model.id == row_id))
            self.session.execute(delete(ScheduleLine).where(ScheduleLine.id == line_id))

        self.on_lines(removed)

    def close(self) -> None:
        self.until += timedelta(days=self.draw.randint(1, 12))
        services.close_windows(self.session, until=self.until)


@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 1_000_000))
def test_a_delta_equals_a_rebuild(database: Database, seed: int) -> None:
    with database.transaction() as session:
        house = House(session, seed)
        for number in range(STEPS):
            house.step()
            if number % 4 == 3 or number == STEPS - 1:
                assert differences(session, house.until) == []
        session.rollback()


def test_a_line_touched_and_left_alone_changes_nothing(database: Database) -> None:
    with database.transaction() as session:
        order = facts.order(session, facts.supplier(session))
        with rollup.change(session, until=START) as change:
            lines = [facts.line(session, order, promised_original_on=START) for _ in range(3)]
            facts.receipt(session, lines[0], START)
            change.touch_new([line.id for line in lines])
        before = picture(session)
        with rollup.change(session, until=START) as change:
            change.touch([lines[0].id])
            change.touch(select(ScheduleLine.id))
        assert picture(session) == before


def test_undoing_an_insert_leaves_no_row_of_zeros(database: Database) -> None:
    with database.transaction() as session:
        order = facts.order(session, facts.supplier(session))
        with rollup.change(session, until=facts.DUE_ON) as change:
            line = facts.line(session, order, part_id=facts.part(session).id)
            receipt = facts.receipt(session, line, date(2026, 4, 2))
            change.touch_new([line.id])
        with rollup.change(session, until=facts.DUE_ON) as change:
            change.touch([line.id])
            session.delete(receipt)
            session.flush()
            session.delete(line)
        assert picture(session) == {table.name: [] for table in DERIVED}


def test_a_new_line_of_a_known_order_counts_the_order_once(database: Database) -> None:
    with database.transaction() as session:
        supplier = facts.supplier(session)
        order = facts.order(session, supplier)
        for quantity in (1000, 900):
            with rollup.change(session, until=facts.DUE_ON) as change:
                line = facts.line(session, order)
                facts.receipt(session, line, facts.DUE_ON, quantity)
                change.touch_new([line.id])
        found = session.scalars(select(MonthlyOrderRollup)).one()
    assert (found.otif_orders, found.otif_lines, found.otif_lines_true) == (1, 2, 1)
    assert (found.otif_lines_squares, found.otif_cross, found.otif_true_squares) == (4, 2, 1)
    assert (found.otif_orders_known, found.otif_orders_true) == (1, 0)


def test_an_order_with_an_open_line_is_not_yet_known_as_an_order(database: Database) -> None:
    with database.transaction() as session:
        order = facts.order(session, facts.supplier(session))
        with rollup.change(session, until=facts.DUE_ON) as change:
            for due_on in (facts.DUE_ON, date(2026, 4, 9)):
                line = facts.line(session, order, promised_original_on=due_on)
                facts.receipt(session, line, facts.DUE_ON)
                change.touch_new([line.id])
        known = select(MonthlyOrderRollup.month, MonthlyOrderRollup.otif_orders_known)
        assert session.execute(known).all() == [(24314, 0)]
        services.close_windows(session, until=date(2026, 4, 9))
        assert session.execute(known).all() == [(24315, 1)]


def order_level(session: Session) -> list[tuple[int, ...]]:
    m = MonthlyOrderRollup
    rows = select(m.month, m.otif_orders, m.otif_lines, m.otif_orders_known, m.otif_orders_unknown)
    return [tuple(row) for row in session.execute(rows)]


def test_an_order_of_which_nothing_is_known_is_unknown_as_an_order(database: Database) -> None:
    with database.transaction() as session:
        order = facts.order(session, facts.supplier(session))
        with rollup.change(session, until=facts.DUE_ON) as change:
            line = facts.line(session, order)
            receipt = facts.receipt(session, line, quantity=None)
            change.touch_new([line.id])
        assert order_level(session) == [(24314, 0, 0, 0, 1)]
        with rollup.change(session, until=facts.DUE_ON) as change:
            change.touch([line.id])
            receipt.quantity = Decimal(1000)
        assert order_level(session) == [(24314, 1, 1, 1, 0)]


def test_an_order_is_unknown_once_it_is_over_and_one_line_is(database: Database) -> None:
    """Of its lines one is known, one unknown; while a third is open, the order waits."""
    with database.transaction() as session:
        order = facts.order(session, facts.supplier(session))
        with rollup.change(session, until=facts.DUE_ON) as change:
            for due_on, quantity in (
                (facts.DUE_ON, 1000), (facts.DUE_ON, None), (date(2026, 4, 9), 1000),
            ):  # fmt: skip
                line = facts.line(session, order, promised_original_on=due_on)
                facts.receipt(session, line, facts.DUE_ON, quantity)
                change.touch_new([line.id])
        assert order_level(session) == [(24314, 1, 1, 0, 0)]
        services.close_windows(session, until=date(2026, 4, 9))
        assert order_level(session) == [(24315, 1, 2, 0, 1)]


def waiting_order(session: Session, quantity: int | None) -> PurchaseOrder:
    """An order with a line that came on an unknown day, and another that is due in April."""
    order = facts.order(session, facts.supplier(session))
    with rollup.change(session, until=facts.DUE_ON) as change:
        line = facts.line(session, order)
        facts.receipt(session, line, None, quantity)
        later = facts.line(session, order, promised_original_on=date(2026, 4, 9))
        change.touch_new([line.id, later.id])
    return order


def test_an_order_that_waits_with_nothing_known_has_no_row(database: Database) -> None:
    with database.transaction() as session:
        waiting_order(session, quantity=None)
        assert session.scalars(select(MonthlyOrderRollup)).all() == []
        assert differences(session, facts.DUE_ON) == []


def test_a_row_stays_while_one_measure_has_an_order(database: Database) -> None:
    """It came in full, nobody knows when; another order of that month comes and goes."""
    m = MonthlyOrderRollup
    rows = select(m.otif_orders, m.otd_orders, m.in_full_orders, m.otif_orders_unknown)
    with database.transaction() as session:
        order = waiting_order(session, quantity=1000)
        assert session.execute(rows).all() == [(0, 0, 1, 0)]
        other = facts.order(session, session.get_one(Supplier, order.supplier_id))
        with rollup.change(session, until=facts.DUE_ON) as change:
            line = facts.line(session, other)
            change.touch_new([line.id])
        assert session.execute(rows).all() == [(1, 1, 2, 0)]
        with rollup.change(session, until=facts.DUE_ON) as change:
            change.touch([line.id])
            session.delete(line)
        assert session.execute(rows).all() == [(0, 0, 1, 0)]
        assert differences(session, facts.DUE_ON) == []


def test_receipts_count_in_the_month_they_came_in(database: Database) -> None:
    with database.transaction() as session:
        order = facts.order(session, facts.supplier(session))
        with rollup.change(session, until=facts.DUE_ON) as change:
            line = facts.line(session, order)
            for arrived_on, rejected in ((date(2026, 2, 27), 3), (facts.DUE_ON, 0)):
                facts.receipt(session, line, arrived_on, 500, quantity_rejected=Decimal(rejected))
            facts.receipt(session, line, None, 100, quantity_rejected=Decimal(7))
            change.touch_new([line.id])
        rows = session.execute(
            select(
                MonthlyRollup.month,
                MonthlyRollup.receipts,
                MonthlyRollup.receipts_undated,
                MonthlyRollup.quantity_received,
                MonthlyRollup.quantity_rejected,
            ).order_by(MonthlyRollup.month)
        ).all()
    assert rows == [(24313, 1, 0, 500_000_000, 3_000_000), (24314, 2, 1, 600_000_000, 7_000_000)]


def test_a_receipt_of_unknown_rejects_is_counted_but_not_known(database: Database) -> None:
    with database.transaction() as session:
        order = facts.order(session, facts.supplier(session))
        with rollup.change(session, until=facts.DUE_ON) as change:
            line = facts.line(session, order)
            facts.receipt(session, line)
            change.touch_new([line.id])
        found = session.scalars(select(MonthlyRollup)).one()
    assert (found.receipts, found.receipts_known, found.quantity_received) == (1, 0, 0)


def test_a_reversal_takes_back_nothing_that_did_not_count(database: Database) -> None:
    """Rejects are unknown, so the receipt of 100 was never in the sums."""
    with database.transaction() as session:
        order = facts.order(session, facts.supplier(session))
        with rollup.change(session, until=facts.DUE_ON) as change:
            line = facts.line(session, order)
            first = facts.receipt(session, line, quantity=100)
            facts.receipt(session, line, quantity=-100, reverses_receipt_id=first.id)
            change.touch_new([line.id])
        found = session.scalars(select(MonthlyRollup)).one()
    assert (found.receipts, found.receipts_known) == (1, 0)
    assert (found.quantity_received, found.quantity_rejected) == (0, 0)


@pytest.mark.parametrize(
    ("taken_back", "said", "received", "rejected"),
    [(100, None, 0, 0), (40, None, 60, 7), (40, -2, 60, 5), (100, -7, 0, 0)],
)
def test_a_reversal_of_a_whole_receipt_takes_its_rejects_back_too(
    database: Database, taken_back: int, said: int | None, received: int, rejected: int
) -> None:
    with database.transaction() as session:
        order = facts.order(session, facts.supplier(session))
        with rollup.change(session, until=facts.DUE_ON) as change:
            line = facts.line(session, order)
            first = facts.receipt(session, line, quantity=100, quantity_rejected=Decimal(7))
            facts.receipt(
                session,
                line,
                quantity=-taken_back,
                quantity_rejected=None if said is None else Decimal(said),
                reverses_receipt_id=first.id,
            )
            change.touch_new([line.id])
        found = session.scalars(select(MonthlyRollup)).one()
    assert found.quantity_received == received * 1_000_000
    assert found.quantity_rejected == rejected * 1_000_000


def lots_of(session: Session, *came: tuple[Any, int | None]) -> tuple[int, int, int]:
    """Known receipts, those with nothing left, Σ rejects² ÷ units of one line's receipts.

    What is taken back speaks of the first receipt.
    """
    order = facts.order(session, facts.supplier(session))
    with rollup.change(session, until=facts.DUE_ON) as change:
        line = facts.line(session, order)
        first = None
        for units, bad in came:
            rejected = None if bad is None else Decimal(bad)
            back = {"reverses_receipt_id": first} if units < 0 else {}
            made = facts.receipt(session, line, quantity=units, quantity_rejected=rejected, **back)
            first = first or made.id
        change.touch_new([line.id])
    found = session.scalars(select(MonthlyRollup)).one()
    return found.receipts_known, found.receipts_gone, found.rejected_squares


@pytest.mark.parametrize(
    ("came", "gone", "squares"),
    [
        # 7²/100 = 0.49; 10²/100 = 1; none of 50.
        ([(100, 7)], 0, 490_000),
        ([(100, 7), (100, 10), (50, 0)], 0, 1_490_000),
        # Left of the first are 60 with 5: 25/60; 60 with 7: 49/60; nothing; 30 with none.
        ([(100, 7), (-40, -2)], 0, 416_666),
        ([(100, 7), (-40, None)], 0, 816_666),
        ([(100, 7), (-100, None)], 1, 0),
        ([(100, 7), (-40, -2), (-60, -5)], 1, 0),
        ([(100, 7), (-40, None), (-30, -7)], 0, 0),
        # A receipt of none is no lot, and no lot loses more than all of it.
        ([(0, 0), (5, 7)], 1, 7_000_000),
        # (5·10⁸)²/10⁹ = 2.5·10⁸.
        ([(10**9, 5 * 10**8)], 0, 250_000_000_000_000),
        ([(10**9, 10**9)], 0, 1_000_000_000_000_000),
    ],
)
def test_rejects_are_squared_by_what_is_left_of_a_lot(
    database: Database, came: list[tuple[int, int | None]], gone: int, squares: int
) -> None:
    receipts = sum(units >= 0 for units, _ in came)
    with database.transaction() as session:
        assert lots_of(session, *came) == (receipts, gone, squares)
        assert differences(session, facts.DUE_ON) == []


def test_windows_close_by_the_calendar_and_only_once(database: Database) -> None:
    with database.transaction() as session:
        order = facts.order(session, facts.supplier(session))
        with rollup.change(session, until=date(2026, 3, 4)) as change:
            facts.receipt(session, facts.line(session, order))
            change.touch_new(select(ScheduleLine.id))
        assert services.close_windows(session, until=date(2026, 3, 4)) == 0
        assert services.close_windows(session, until=facts.DUE_ON) == 1
        assert services.close_windows(session, until=facts.DUE_ON) == 0
        assert services.close_windows(session, until=date(2026, 3, 1)) == 0
        assert queries.closed_until(session) == facts.DUE_ON
        assert differences(session, facts.DUE_ON) == []


def test_a_failed_writing_leaves_verdicts_and_rollup_as_they_were(database: Database) -> None:
    with database.transaction() as session:
        order = facts.order(session, facts.supplier(session))
        with rollup.change(session, until=facts.DUE_ON) as change:
            change.touch_new([facts.line(session, order).id])
    with database.reading() as session:
        before = picture(session)

    def fail() -> None:
        with database.transaction() as session, rollup.change(session, until=facts.DUE_ON) as one:
            one.touch(select(ScheduleLine.id))
            session.execute(update(ScheduleLine).values(promised_original_on=START))
            raise RuntimeError("the writing fails")

    with pytest.raises(RuntimeError):
        fail()
    with database.reading() as session:
        assert picture(session) == before
        assert session.get_one(PurchaseOrder, order.id).number == order.number
