"""Call-offs: what is netted set-based is what calc nets, and a delta equals a rebuild."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, select
from sqlalchemy.orm import Session

from app.base.db import Database
from app.calc.call_off import CallOff as Wanted
from app.calc.call_off import net_call_offs
from app.calc.delivery import Receipt as Came
from app.facts.deliveries import rollup
from app.facts.deliveries.agreements import schedules
from app.facts.deliveries.agreements.models import AgreementReceipt, CallOff, Release
from app.facts.deliveries.agreements.models import SchedulingAgreement as Agreement
from app.facts.deliveries.models import PromiseChange, Receipt
from app.facts.deliveries.rollup_models import LineVerdict, MonthlyOrderRollup, MonthlyRollup
from app.facts.deliveries.rules.models import DeliveryRule
from tests.builders import agreements, facts
from tests.deliveries.test_rollup import differences, picture

START = date(2026, 3, 1)
SCALE = 1_000_000
# What the engine can't change is tried on one.
one_engine = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
WEEKS = [START + timedelta(days=3 * place) for place in range(7)]
MARCH = {day: date(2026, 3, day) for day in range(1, 32)}


def shares(session: Session, of: Agreement) -> list[tuple[str, list[tuple[date | None, int]]]]:
    """The receipts of each call-off, by the day it is due."""
    found = []
    for line in agreements.lines(session, of):
        rows = session.scalars(select(Receipt).where(Receipt.line_id == line.id))
        came = sorted((row.arrived_on, int(row.quantity or 0)) for row in rows)
        found.append((line.schedule_no[-2:], came))
    return found


def verdicts(session: Session, of: Agreement) -> list[tuple[str, int | None, str | None]]:
    """OTIF and reason of each call-off, by the day it is due."""
    return [
        (line.schedule_no[-2:], verdict.otif, verdict.reason)
        for line in agreements.lines(session, of)
        if (verdict := session.get_one(LineVerdict, line.id))
    ]


class Plant:
    """Agreements with rules whose releases and receipts change at random."""

    def __init__(self, session: Session, seed: int) -> None:
        self.session, self.draw = session, random.Random(seed)  # noqa: S311 — no secret
        self.until = START + timedelta(days=15)
        supplier = facts.supplier(session)
        self.agreements = [
            agreements.agreement(
                session, supplier, firm_zone_days=self.draw.choice([0, 4]),
                incoterm=self.draw.choice([None, "FCA"]), part_id=facts.part(session).id,
            )
            for _ in range(3)
        ]  # fmt: skip
        rule = DeliveryRule(
            label="accepted", scope="part", part_id=self.agreements[0].part_id,
            accepted_only=True, early_days=2,
        )  # fmt: skip
        session.add(rule)
        facts.line(session, facts.order(session, supplier), promised_original_on=START)
        session.flush()
        rollup.rebuild(session, until=self.until)
        self.sent = 0
        for each in self.agreements:
            self.release(each)
            self.receive(each)
            self.release(each)

    def step(self) -> None:
        self.draw.choice(
            [self.release, self.release, self.receive, self.receive, self.correct, self.take_back]
        )()

    def day(self) -> date:
        return START + timedelta(days=self.draw.randint(0, 25))

    def release(self, of: Agreement | None = None) -> None:
        self.sent += 1
        of, by_then, calls = of or self.draw.choice(self.agreements), 0, {}
        # Few days, so that releases call the same ones again among new ones.
        for day in sorted(self.draw.sample(WEEKS, self.draw.randint(2, 5))):
            by_then += self.draw.choice([10, 10, 20, 30])
            calls[day] = by_then
        sent_on = START + timedelta(days=self.sent - 8)
        agreements.release(self.session, of, self.sent, sent_on, calls, until=self.until)

    def receive(self, of: Agreement | None = None) -> None:
        rejected = self.draw.choice([None, *[Decimal(3)] * 8])
        agreements.receipts(
            self.session, of or self.draw.choice(self.agreements),
            [(self.day(), self.draw.choice([5, 10, 25, 40])) for _ in range(2)],
            until=self.until, quantity_rejected=rejected,
            ready_on=self.draw.choice([None, self.day()]),
            quantity_returned=self.draw.choice([None, None, None, Decimal(2)]),
        )  # fmt: skip

    def correct(self) -> None:
        for row in self.session.scalars(select(AgreementReceipt).limit(2)).all():
            with rollup.change(self.session, until=self.until) as change:
                row.quantity = Decimal(self.draw.choice([8, 16]))
                row.quantity_rejected = Decimal(1)
                change.renet([row.agreement_id])

    def take_back(self) -> None:
        """Take the last release of an agreement back, as undoing its import does."""
        of = self.draw.choice(self.agreements).id
        last = self.session.scalar(
            select(Release.release_no).where(Release.agreement_id == of)
            .order_by(Release.released_on.desc()).limit(1)
        )  # fmt: skip
        with rollup.change(self.session, until=self.until) as change:
            self.session.execute(
                delete(Release).where(Release.agreement_id == of, Release.release_no == last)
            )
            schedules.settle(self.session, change, [of])

    def calculated(self, of: Agreement) -> list[dict[tuple[date | None, int | None], int]]:
        """What calc gives each owed call-off: (day, quantity) with how often."""
        lines = [line for line in agreements.lines(self.session, of) if owed(line)]
        booked = self.session.scalars(
            select(AgreementReceipt).where(AgreementReceipt.agreement_id == of.id)
        )
        is_first = of.id == self.agreements[0].id
        came = [
            Came(
                (row.ready_on if of.incoterm == "FCA" else None) or row.arrived_on,
                int(row.quantity * SCALE),
                None if row.quantity_rejected is None else int(row.quantity_rejected * SCALE),
                None if row.quantity_returned is None else int(row.quantity_returned * SCALE),
            )
            for row in booked
        ]
        wanted = [Wanted(date.fromisoformat(line.schedule_no), owed(line)) for line in lines]
        netted = net_call_offs(wanted, came, accepted_only=is_first)
        return [counted((each.event_on, each.quantity) for each in line) for line in netted]

    def amounts(self, of: Agreement) -> Decimal | None:
        """What the call-offs got in all, as it was received; None where nobody knows."""
        rows = self.session.scalars(
            select(Receipt.quantity)
            .join(CallOff, CallOff.line_id == Receipt.line_id)
            .where(CallOff.agreement_id == of.id)
        ).all()
        return None if None in rows else sum((each or Decimal(0) for each in rows), Decimal(0))

    def booked(self, of: Agreement) -> Decimal | None:
        """What was booked in all, as far as there is a call-off that it can serve."""
        rows = self.session.scalars(
            select(AgreementReceipt).where(AgreementReceipt.agreement_id == of.id)
        ).all()
        if not any(owed(line) for line in agreements.lines(self.session, of)):
            return Decimal(0)
        is_first = of.id == self.agreements[0].id
        if is_first and any(row.quantity_rejected is None for row in rows):
            return None
        return sum((row.quantity for row in rows), Decimal(0))

    def netted(self, of: Agreement) -> list[dict[tuple[date | None, int | None], int]]:
        """What the statements gave each owed call-off, said as calc says it."""
        is_first, found = of.id == self.agreements[0].id, []
        for line in agreements.lines(self.session, of):
            if not owed(line):
                continue
            rows = self.session.scalars(select(Receipt).where(Receipt.line_id == line.id))
            found.append(counted(filter(None, (said(row, of, is_first) for row in rows))))
        return found


def owed(line: Any) -> int:
    return int((line.quantity_ordered - line.quantity_cancelled_buyer) * SCALE)


def counted(pairs: Any) -> dict[tuple[date | None, int | None], int]:
    found: dict[tuple[date | None, int | None], int] = defaultdict(int)
    for pair in pairs:
        found[pair] += 1
    return dict(found)


def said(row: Receipt, of: Agreement, is_first: bool) -> tuple[date | None, int | None] | None:
    if row.quantity is None:
        return None, None
    off = row.quantity_returned or Decimal(0)
    if is_first:
        off = max(off, row.quantity_rejected or Decimal(0))
    day = (row.ready_on if of.incoterm == "FCA" else None) or row.arrived_on
    usable = int((row.quantity - off) * SCALE)
    return (day, usable) if usable else None


@settings(
    max_examples=2,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 1_000_000))
def test_set_based_netting_is_calcs_and_a_delta_equals_a_rebuild(
    database: Database, seed: int
) -> None:
    with database.transaction() as session:
        plant = Plant(session, seed)
        for number in range(10):
            plant.step()
            if number % 3 == 2:
                for each in plant.agreements:
                    assert plant.netted(each) == plant.calculated(each)
                    assert plant.amounts(each) == plant.booked(each)
        assert differences(session, plant.until) == []
        session.rollback()


def test_receipts_fill_the_oldest_call_off_first(database: Database) -> None:
    with database.transaction() as session:
        of = agreements.agreement(session, facts.supplier(session))
        agreements.release(session, of, 7, MARCH[1], {MARCH[6]: 400, MARCH[13]: 800})
        agreements.receipts(session, of, [(MARCH[3], 600), (MARCH[16], 150)])
        assert shares(session, of) == [
            ("06", [(MARCH[3], 400)]),
            ("13", [(MARCH[3], 200), (MARCH[16], 150)]),
        ]
        assert verdicts(session, of) == [("06", 1, None), ("13", 0, "short")]


@one_engine
def test_an_early_overdelivery_serves_the_next_call_off(database: Database) -> None:
    with database.transaction() as session:
        of = agreements.agreement(session, facts.supplier(session))
        agreements.release(session, of, 1, MARCH[1], {MARCH[6]: 400})
        agreements.receipts(session, of, [(MARCH[5], 500)])
        assert verdicts(session, of) == [("06", 0, "over_delivered")]
        agreements.release(session, of, 2, MARCH[7], {MARCH[13]: 500})
        assert shares(session, of) == [("06", [(MARCH[5], 400)]), ("13", [(MARCH[5], 100)])]
        assert verdicts(session, of) == [("06", 1, None), ("13", 1, None)]


@one_engine
def test_a_change_inside_the_firm_zone_keeps_what_was_promised(database: Database) -> None:
    with database.transaction() as session:
        of = agreements.agreement(session, facts.supplier(session), firm_zone_days=5)
        agreements.release(session, of, 1, MARCH[1], {MARCH[9]: 100, MARCH[20]: 200})
        agreements.receipts(session, of, [(MARCH[9], 100), (MARCH[20], 40)])
        # Sent on the 6th: up to the 10th it binds nobody, from the 11th on it replaces.
        agreements.release(session, of, 2, MARCH[6], {MARCH[9]: 60, MARCH[20]: 140})
        assert [(line.schedule_no[-2:], int(line.quantity_ordered or 0))
                for line in agreements.lines(session, of)] == [("09", 100), ("20", 40)]  # fmt: skip
        assert verdicts(session, of) == [("09", 1, None), ("20", 1, None)]


@one_engine
def test_a_release_moves_what_lies_outside_the_firm_zone(database: Database) -> None:
    with database.transaction() as session:
        of = agreements.agreement(session, facts.supplier(session), firm_zone_days=5)
        agreements.release(session, of, 1, MARCH[1], {MARCH[9]: 100, MARCH[20]: 200})
        agreements.receipts(session, of, [(MARCH[9], 100), (MARCH[24], 100)])
        assert verdicts(session, of) == [("09", 1, None), ("20", 0, "late")]
        agreements.release(session, of, 2, MARCH[10], {MARCH[24]: 200})
        # What we withdrew leaves the rates; what we called for the 24th came on the 24th.
        assert verdicts(session, of) == [
            ("09", 1, None), ("20", None, "cancelled_by_buyer"), ("24", 1, None),
        ]  # fmt: skip


@one_engine
def test_the_order_of_receipts_does_not_matter_for_call_offs(database: Database) -> None:
    came = [(MARCH[3], 150), (MARCH[9], 100), (MARCH[9], 50)]
    found = []
    with database.transaction() as session:
        supplier = facts.supplier(session)
        for order in permutations(came):
            of = agreements.agreement(session, supplier)
            agreements.receipts(session, of, order)
            agreements.release(session, of, 1, MARCH[1], {MARCH[6]: 100, MARCH[13]: 300})
            found.append((shares(session, of), verdicts(session, of)))
    assert all(each == found[0] for each in found)


@one_engine
def test_a_supplier_s_new_date_for_a_call_off_does_not_move_its_reference(
    database: Database,
) -> None:
    with database.transaction() as session:
        of = agreements.agreement(session, facts.supplier(session))
        agreements.release(session, of, 1, MARCH[1], {MARCH[6]: 100})
        agreements.receipts(session, of, [(MARCH[9], 100)])
        line = agreements.lines(session, of)[0]
        with rollup.change(session, until=agreements.UNTIL) as change:
            change.touch([line.id])
            session.add(
                PromiseChange(
                    line_id=line.id, from_on=MARCH[6], to_on=MARCH[9], changed_by="supplier",
                    changed_on=MARCH[4],
                )
            )  # fmt: skip
        assert verdicts(session, of) == [("06", 0, "late")]


def test_an_agreement_is_no_order_at_the_order_level(database: Database) -> None:
    with database.transaction() as session:
        of = agreements.agreement(session, facts.supplier(session))
        agreements.release(session, of, 1, MARCH[1], {MARCH[6]: 100, date(2026, 2, 20): 50})
        agreements.receipts(session, of, [(date(2026, 2, 20), 50), (MARCH[6], 50)])
        rows = session.scalars(select(MonthlyOrderRollup).order_by(MonthlyOrderRollup.month)).all()
        # The call-offs of a month hang together; no order was delivered, missed or unknown.
        found = [
            (row.otif_orders, row.otif_lines, row.otif_orders_known, row.otif_orders_unknown)
            for row in rows
        ]
        assert found == [(1, 1, 0, 0)] * 2


def test_a_call_off_of_unknown_goods_is_no_unknown_order(database: Database) -> None:
    with database.transaction() as session:
        of = agreements.agreement(session, facts.supplier(session))
        agreements.release(session, of, 1, MARCH[1], {MARCH[6]: 100})
        agreements.receipts(session, of, [(None, 100)])
        line = agreements.lines(session, of)[0]
        assert session.get_one(LineVerdict, line.id).otif is None
        assert session.scalars(select(MonthlyOrderRollup)).all() == []


@one_engine
def test_goods_are_counted_once_however_many_call_offs_they_serve(database: Database) -> None:
    with database.transaction() as session:
        of = agreements.agreement(session, facts.supplier(session))
        agreements.release(session, of, 1, MARCH[1], {MARCH[6]: 100, MARCH[13]: 250})
        # The second ends where its call-off ends.
        for day, quantity in ((3, 60), (4, 40), (5, 90)):
            agreements.receipts(
                session, of, [(MARCH[day], quantity)], quantity_rejected=Decimal(30)
            )
        row = session.scalars(select(MonthlyRollup)).one()
        assert (row.quantity_received, row.quantity_rejected) == (190 * SCALE, 90 * SCALE)


def test_a_reversed_receipt_reads_as_if_it_had_never_come(database: Database) -> None:
    with database.transaction() as session:
        of = agreements.agreement(session, facts.supplier(session))
        agreements.release(session, of, 1, MARCH[1], {MARCH[6]: 100})
        first = agreements.receipts(session, of, [(MARCH[5], 100)])[0]
        before = picture(session)
        wrong = agreements.receipts(session, of, [(MARCH[5], 70)])[0]
        agreements.receipts(session, of, [(None, 70)], reverses_key=wrong.source_key)
        assert picture(session) == before
        agreements.receipts(session, of, [(None, 40)], reverses_key=first.source_key)
        assert shares(session, of) == [("06", [(MARCH[5], 60)])]


@one_engine
def test_without_agreements_a_change_looks_once_and_asks_nothing_more(database: Database) -> None:
    asked: list[str] = []
    with database.transaction() as session:
        line = facts.line(session, facts.order(session, facts.supplier(session)))
        event.listen(
            session.connection(), "before_cursor_execute",
            lambda _c, _cursor, statement, *_: asked.append(statement),
        )  # fmt: skip
        with rollup.change(session, until=agreements.UNTIL) as change:
            change.touch_new([line.id])
    about = [text for text in asked if "agreement" in text or "call_off" in text]
    assert len(set(about)) == 1
    assert all("LIMIT" in text for text in about)
