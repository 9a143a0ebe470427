"""Every verdict that SQL writes is the one that `calc.delivery.judge_line` gives."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.db import Database
from app.calc import delivery as calc
from app.facts.deliveries import rollup
from app.facts.deliveries.models import PromiseChange, PurchaseOrder, Receipt, ScheduleLine
from app.facts.deliveries.rollup_models import LineVerdict, VerdictState
from tests.builders import facts

UNTIL = date(2026, 3, 31)
FAR = date(2027, 1, 1)
SCALE = 1_000_000
LINES_AT_ONCE = 300


def judged(session: Session, until: date = UNTIL) -> LineVerdict:
    """Judge every line and return the verdict of the latest."""
    rollup.rebuild(session, until=until)
    return session.scalars(select(LineVerdict).order_by(LineVerdict.line_id.desc())).first()


@dataclass(frozen=True)
class Came:
    """A receipt: days after the promise, pieces."""

    day: int | None
    quantity: int | None
    returned: int | None


@dataclass(frozen=True)
class Case:
    """A line with its terms and receipts; days count from the promise."""

    ordered: int | None
    cancelled: int
    cancelled_after: int | None
    due_in: int
    early_days: int | None
    late_days: int | None
    under: int
    over: int
    split: bool | None
    feed: bool | None
    other_dates: tuple[int | None, int | None]
    receipts: tuple[Came, ...]


def drawn(seed: int) -> Case:
    """Return a case that lives near the edges: half of the quantities are what is owed."""
    draw = random.Random(seed)  # noqa: S311 — no secret
    ordered = draw.choice([None, 0, *range(4, 21)])
    owed = ordered or 8

    def some_day() -> int | None:
        return draw.choice([None, *range(-4, 7)])

    def amount(pieces: int) -> int | None:
        exact = [owed, owed // pieces, owed - 1, owed + 1, owed - 3]
        return None if draw.random() < 0.1 else max(0, draw.choice([*exact, draw.randint(0, 22)]))

    pieces = draw.choice([0, 1, 1, 2, 2, 3, 4])
    has_dates = draw.random() < 0.85
    return Case(
        ordered=ordered,
        cancelled=draw.choice([0, 0, 0, 3, 20]),
        cancelled_after=some_day(),
        due_in=draw.choice([0, 0, 0, 0, 24, 26, 30]),
        early_days=draw.choice([None, 0, 1, 3]),
        late_days=draw.choice([None, 0, 1, 3]),
        under=draw.choice([0, 0, 50_000, 333_333]),
        over=draw.choice([0, 0, 50_000, 250_000]),
        split=draw.choice([None, True, False]),
        feed=draw.choice([None, None, None, True, False]),
        other_dates=(some_day(), some_day()),
        receipts=tuple(
            Came(
                (some_day() if not has_dates else draw.randint(-4, 6)),
                amount(pieces),
                draw.choice([None, None, None, 0, 2]),
            )
            for _ in range(pieces)
        ),
    )


def promised_on(case: Case) -> date:
    return facts.DUE_ON + timedelta(days=case.due_in)


def written(session: Session, order: PurchaseOrder, case: Case) -> ScheduleLine:
    due_on = promised_on(case)

    def day(after: int | None) -> date | None:
        return None if after is None else due_on + timedelta(days=after)

    line = facts.line(
        session,
        order,
        quantity_ordered=None if case.ordered is None else Decimal(case.ordered),
        quantity_cancelled_buyer=Decimal(case.cancelled),
        cancelled_on=day(case.cancelled_after),
        promised_original_on=due_on,
        requested_on=day(case.other_dates[0]),
        promised_current_on=day(case.other_dates[1]),
        early_days=case.early_days,
        late_days=case.late_days,
        under_millionths=case.under,
        over_millionths=case.over,
        is_split_allowed=case.split,
        completes_without_quantity=case.feed,
    )
    for came in case.receipts:
        facts.receipt(
            session,
            line,
            day(came.day),
            came.quantity,
            quantity_returned=None if came.returned is None else Decimal(came.returned),
            completes_line=case.feed is True,
        )
    return line


def expected(case: Case, *, reference_on: date, as_of: date) -> calc.LineVerdict:
    due_on = promised_on(case)

    def day(after: int | None) -> date | None:
        return None if after is None else due_on + timedelta(days=after)

    return calc.judge_line(
        calc.Line(
            None if case.ordered is None else case.ordered * SCALE,
            reference_on,
            facts.ORDERED_ON,
            case.cancelled * SCALE,
            day(case.cancelled_after),
        ),
        [
            calc.Receipt(
                day(came.day),
                None if came.quantity is None else came.quantity * SCALE,
                None,
                None if came.returned is None else came.returned * SCALE,
            )
            for came in case.receipts
        ],
        window=calc.Window(case.early_days, case.late_days or 0, case.under, case.over),
        as_of=as_of,
        allow_split=case.split is not False,
        receipt_completes_line=case.feed is True,
        feed_has_quantities=case.feed is None,
    )


def as_judged(verdict: LineVerdict) -> dict[str, Any]:
    def known(value: int | None) -> bool | None:
        return None if value is None else bool(value)

    return {
        "state": VerdictState(verdict.state).name.lower(),
        "reason": verdict.reason,
        "closes_on": verdict.window_end_on,
        "on_time": known(verdict.on_time),
        "in_full": known(verdict.in_full),
        "otif": known(verdict.otif),
        "unit_on_time": verdict.quantity_in_window,
        "filled": verdict.quantity_by_close,
        "total": verdict.quantity_total,
        "completed_on": verdict.completed_on,
        "lateness_days": verdict.lateness_days,
        "lead_time_days": verdict.lead_time_days,
    }


def as_expected(case: Case) -> dict[str, Any]:
    reference_on = promised_on(case)
    closes_on = reference_on + timedelta(days=case.late_days or 0)
    # The roll-up says what is known now; `until` decides only which windows have closed.
    as_of = FAR if closes_on <= UNTIL else closes_on - timedelta(days=1)
    found = expected(case, reference_on=reference_on, as_of=as_of)
    is_due = found.state == calc.LineState.DUE
    shown = found if is_due else expected(case, reference_on=reference_on, as_of=FAR)
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


def filled(found: calc.LineVerdict) -> int | None:
    """Units that came by the window's end, early ones too, at most those due."""
    if found.unit_on_time is None or found.quantity_due is None:
        return None
    came = (found.early_quantity or 0) + (found.quantity_in_window or 0)
    return max(0, min(came, found.quantity_due))


# One example judges many lines at once; a seed names them, so a failure can be repeated.
@settings(
    max_examples=5,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 1_000_000))
def test_the_set_based_verdict_is_the_calculated_one(database: Database, seed: int) -> None:
    with database.transaction() as session:
        order = facts.order(session, facts.supplier(session))
        drawn_cases = [drawn(1_000 * seed + place) for place in range(LINES_AT_ONCE)]
        lines = {written(session, order, case).id: case for case in drawn_cases}
        rollup.rebuild(session, until=UNTIL)
        found = session.scalars(select(LineVerdict).where(LineVerdict.line_id.in_(lines))).all()
        assert len(found) == len(lines)
        for verdict in found:
            case = lines[verdict.line_id]
            assert as_judged(verdict) == as_expected(case), case
            check_other_dates(verdict, case)


def check_other_dates(verdict: LineVerdict, case: Case) -> None:
    if verdict.state != VerdictState.DUE:
        assert verdict.on_time_requested is verdict.on_time_current is None
        return
    pairs = zip(case.other_dates, ("on_time_requested", "on_time_current"), strict=True)
    for after, name in pairs:
        judged_so, wanted = getattr(verdict, name), None
        if after is not None:
            day = promised_on(case) + timedelta(days=after)
            if day + timedelta(days=case.late_days or 0) <= UNTIL:
                wanted = against(case, day)
        assert (None if judged_so is None else bool(judged_so)) == wanted, (name, case)


def against(case: Case, day: date) -> bool | None:
    """On time against another date: the quantity due stays that of the reference date's window."""
    reference_on = promised_on(case)
    due = expected(case, reference_on=reference_on, as_of=FAR).quantity_due
    line = calc.Line(due, day, facts.ORDERED_ON)
    receipts = [
        calc.Receipt(
            None if came.day is None else reference_on + timedelta(days=came.day),
            None if came.quantity is None else came.quantity * SCALE,
            None,
            None if came.returned is None else came.returned * SCALE,
        )
        for came in case.receipts
    ]
    return calc.judge_line(
        line,
        receipts,
        window=calc.Window(case.early_days, case.late_days or 0, case.under, case.over),
        as_of=FAR,
        receipt_completes_line=case.feed is True,
        feed_has_quantities=case.feed is None,
    ).on_time


def test_a_line_of_an_uncounted_status_is_excluded_with_its_reason(database: Database) -> None:
    with database.transaction() as session:
        order = facts.order(session, facts.supplier(session))
        facts.receipt(session, facts.line(session, order, is_counted=False))
        found = judged(session)
    assert (found.state, found.reason) == (VerdictState.EXCLUDED, "status_not_counted")


@pytest.mark.parametrize(
    ("by", "is_agreed", "reference_on"),
    [
        ("buyer", True, date(2026, 3, 12)),
        ("buyer", False, facts.DUE_ON),
        ("supplier", True, facts.DUE_ON),
    ],
)
def test_only_an_agreed_change_by_the_buyer_moves_the_reference_date(
    database: Database, by: str, is_agreed: bool, reference_on: date
) -> None:
    with database.transaction() as session:
        line = facts.line(session, facts.order(session, facts.supplier(session)))
        session.add(
            PromiseChange(
                line_id=line.id,
                to_on=date(2026, 3, 12),
                changed_by=by,
                is_agreed=is_agreed,
                changed_on=date(2026, 2, 20),
            )
        )
        assert judged(session).reference_on == reference_on


def test_the_latest_agreed_change_of_the_buyer_counts(database: Database) -> None:
    with database.transaction() as session:
        line = facts.line(session, facts.order(session, facts.supplier(session)))
        for changed_on, to_on in ((20, 12), (25, 9)):
            session.add(
                PromiseChange(
                    line_id=line.id,
                    to_on=date(2026, 3, to_on),
                    changed_by="buyer",
                    changed_on=date(2026, 2, changed_on),
                )
            )
        assert judged(session).reference_on == date(2026, 3, 9)


@pytest.mark.parametrize(
    ("incoterm", "event", "is_fallback", "on_time", "on_time_dock"),
    [
        ("EXW", "hand_over", 0, 1, 0),
        ("FCA", "hand_over", 0, 1, 0),
        ("CIP", "dispatch", 0, 1, 0),
        ("DDP", "arrival", 0, 0, 0),
        (None, "arrival", 0, 0, 0),
    ],
)
def test_what_is_judged_follows_the_incoterm(
    database: Database,
    incoterm: str | None,
    event: str,
    is_fallback: int,
    on_time: int,
    on_time_dock: int,
) -> None:
    with database.transaction() as session:
        order = facts.order(session, facts.supplier(session))
        line = facts.line(session, order, incoterm=incoterm)
        facts.receipt(
            session,
            line,
            date(2026, 3, 9),
            ready_on=date(2026, 3, 3),
            dispatched_on=date(2026, 3, 4),
        )
        found = judged(session)
    assert (found.event, found.is_fallback) == (event, is_fallback)
    assert (found.on_time, found.on_time_dock) == (on_time, on_time_dock)


def test_goods_known_only_by_their_posting_are_judged_with_transit_and_say_so(
    database: Database,
) -> None:
    with database.transaction() as session:
        order = facts.order(session, facts.supplier(session))
        line = facts.line(session, order, incoterm="FCA")
        facts.receipt(session, line, None, posted_on=date(2026, 3, 6))
        found = judged(session)
    assert (found.event, found.is_fallback, found.on_time) == ("posting", 1, 0)


def test_a_reversal_takes_back_on_the_day_of_what_it_reverses(database: Database) -> None:
    with database.transaction() as session:
        line = facts.line(session, facts.order(session, facts.supplier(session)))
        first = facts.receipt(session, line, facts.DUE_ON, 1000)
        facts.receipt(session, line, date(2026, 3, 20), -400, reverses_receipt_id=first.id)
        found = judged(session)
    assert (found.otif, found.quantity_in_window, found.open_since) == (
        0,
        600 * SCALE,
        facts.DUE_ON,
    )


def test_a_reversed_receipt_without_quantity_never_came(database: Database) -> None:
    with database.transaction() as session:
        order = facts.order(session, facts.supplier(session))
        line = facts.line(session, order, completes_without_quantity=True)
        first = facts.receipt(session, line, facts.DUE_ON, None, completes_line=True)
        assert judged(session).on_time == 1
        facts.receipt(session, line, None, None, reverses_receipt_id=first.id)
        found = judged(session)
    assert (found.on_time, found.completed_on, found.open_since) == (0, None, facts.DUE_ON)


def test_one_receipt_without_its_day_at_our_dock_leaves_the_dock_unknown(
    database: Database,
) -> None:
    with database.transaction() as session:
        order = facts.order(session, facts.supplier(session))
        line = facts.line(session, order, completes_without_quantity=True, incoterm="EXW")
        facts.receipt(session, line, facts.DUE_ON, None, ready_on=facts.DUE_ON, completes_line=True)
        assert (judged(session).on_time, judged(session).on_time_dock) == (1, 1)
        facts.receipt(session, line, None, None, ready_on=facts.DUE_ON, completes_line=True)
        found = judged(session)
    assert (found.on_time, found.on_time_dock) == (1, None)


@pytest.mark.parametrize(
    ("unit", "otif", "rule"), [("pc", 0, "default"), ("KG", 1, "default_bulk")]
)
def test_weight_and_bulk_have_five_percent_of_tolerance(
    database: Database, unit: str, otif: int, rule: str
) -> None:
    with database.transaction() as session:
        order = facts.order(session, facts.supplier(session))
        line = facts.line(session, order, part_id=facts.part(session, unit=unit).id)
        facts.receipt(session, line, facts.DUE_ON, 950)
        found = judged(session)
    assert (found.otif, found.rule) == (otif, rule)


@pytest.mark.parametrize(
    ("supplier_currency", "currency", "value"),
    [("EUR", "EUR", 2000), ("EUR", "USD", None), (None, "EUR", None), (None, None, 2000)],
)
def test_a_line_in_another_currency_than_its_suppliers_has_no_known_value(
    database: Database, supplier_currency: str | None, currency: str | None, value: int | None
) -> None:
    with database.transaction() as session:
        supplier = facts.supplier(session, currency=supplier_currency)
        facts.receipt(
            session, facts.line(session, facts.order(session, supplier), currency=currency)
        )
        found = judged(session)
    assert found.value_due == (None if value is None else value * 10_000)


def test_the_value_in_the_window_is_the_share_that_came_in_it(database: Database) -> None:
    with database.transaction() as session:
        order = facts.order(session, facts.supplier(session))
        line = facts.line(session, order, quantity_ordered=Decimal(3), line_value=Decimal(100))
        facts.receipt(session, line, facts.DUE_ON, 2)
        found = judged(session)
    # 100 × 2/3 = 66.666…, cut to 1/10,000.
    assert (found.value_due, found.value_in_window) == (1_000_000, 666_666)


def test_ten_million_pieces_are_judged_exactly(database: Database) -> None:
    with database.transaction() as session:
        order = facts.order(session, facts.supplier(session))
        line = facts.line(
            session,
            order,
            quantity_ordered=Decimal(50_000_000),
            unit_price=Decimal("0.01"),
            under_millionths=50_000,
        )
        facts.receipt(session, line, facts.DUE_ON, Decimal("47499999.999999"))
        found = judged(session)
        assert (found.otif, found.reason) == (0, "short")
        facts.receipt(session, line, facts.DUE_ON, Decimal("0.000001"))
        found = judged(session)
    assert (found.otif, found.reason) == (1, None)


def test_a_later_date_still_open_is_unknown_and_closes_by_the_calendar(database: Database) -> None:
    with database.transaction() as session:
        order = facts.order(session, facts.supplier(session))
        line = facts.line(session, order, promised_current_on=date(2026, 4, 7))
        facts.receipt(session, line, date(2026, 3, 20))
        found = judged(session)
        assert (found.on_time, found.on_time_current) == (0, None)
        assert found.closes_next_on == date(2026, 4, 7)
        session.expire_all()
        found = judged(session, date(2026, 4, 7))
    assert (found.on_time_current, found.closes_next_on) == (1, None)


@pytest.mark.parametrize(
    ("may_split", "quantities", "otif", "reason"),
    [
        (None, (600, 400), 1, None),
        (False, (600, 400), 0, "split"),
        (False, (1000,), 1, None),
        # A receipt of nothing is no split.
        (False, (1000, 0), 1, None),
    ],
)
def test_where_splits_are_not_allowed_one_receipt_brings_it_all(
    database: Database,
    may_split: bool | None,
    quantities: tuple[int, ...],
    otif: int,
    reason: str | None,
) -> None:
    with database.transaction() as session:
        order = facts.order(session, facts.supplier(session))
        line = facts.line(session, order, is_split_allowed=may_split)
        for quantity in quantities:
            facts.receipt(session, line, facts.DUE_ON, quantity)
        found = judged(session)
    assert (found.otif, found.reason) == (otif, reason)


def test_every_line_has_one_verdict_however_many_receipts(database: Database) -> None:
    with database.transaction() as session:
        order = facts.order(session, facts.supplier(session))
        for receipts in range(4):
            line = facts.line(session, order)
            for _ in range(receipts):
                facts.receipt(session, line, quantity=250)
        rollup.rebuild(session, until=UNTIL)
        assert len(session.scalars(select(LineVerdict)).all()) == 4
        assert len(session.scalars(select(Receipt)).all()) == 6
