"""Thirteen weeks and fiscal weeks count exactly what a straight count of their days does."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.db import Database
from app.calc.lead_time import percentiles_by_group
from app.calc.periods import Period
from app.calc.windows import fiscal_calendar, parse_window
from app.facts.deliveries import levels, queries, rollup
from app.facts.deliveries.levels import LevelScope
from app.facts.deliveries.lines import line_lists
from app.facts.deliveries.lines.line_lists import LineQuery
from app.facts.deliveries.models import InspectionLot, Receipt
from app.facts.deliveries.queries import HistogramKind, OrderMeasure
from app.facts.deliveries.rollup_models import LineVerdict, VerdictState
from tests.builders import facts

UNTIL = date(2026, 4, 30)
AS_OF = date(2026, 4, 16)
# Thirteen weeks run 16 January to 16 April; the fiscal quarter 28 December to 28 March.
WEEKS = fiscal_calendar("4-4-5 last saturday of 12")
WINDOWS = ("13w", "2w", "FY2026Q1", "FY2026P02")


def furnish(session: Session) -> int:
    """Orders of two lines due every fifth day, some late, early, open, undated or cancelled."""
    one = facts.supplier(session)
    part = facts.part(session).id
    for place in range(34):
        due = date(2025, 12, 2) + timedelta(days=5 * place)
        order = facts.order(session, one, ordered_on=due - timedelta(days=20 + place % 3))
        for step in range(2):
            given = {"quantity_cancelled_buyer": Decimal(1000)} if place % 11 == 5 else {}
            promised = due + timedelta(days=3 * step)
            line = facts.line(session, order, promised_original_on=promised, part_id=part, **given)
            if place % 7 == 3 and step:
                continue
            came = None if place % 9 == 4 else promised + timedelta(days=place % 4 * 3 - 2)
            facts.receipt(session, line, came, quantity_rejected=Decimal(place % 3))
        session.add(
            InspectionLot(
                supplier_id=one.id, lot=f"L{place}", inspected_on=due,
                month=due.year * 12 + due.month - 1, verdict="accepted", is_first_pass=True,
            )
        )  # fmt: skip
    rollup.rebuild(session, until=UNTIL)
    rollup.refresh_events(session, None)
    session.flush()
    return one.id


def straight(session: Session, period: Period) -> dict[str, int]:
    """Count the days of a window line by line and receipt by receipt."""
    first, last = period.first_day, period.last_day
    assert first is not None
    verdicts = session.scalars(select(LineVerdict)).all()
    within = [v for v in verdicts if v.window_end_on and first <= v.window_end_on <= last]
    due = [v for v in within if v.state == VerdictState.DUE]
    ends = {v.line_id: v.window_end_on for v in verdicts}
    receipts = [
        each
        for each in session.scalars(select(Receipt))
        if (day := each.arrived_on or ends[each.line_id]) and first <= day <= last
    ]
    return {
        "n_due": len(due),
        "n_pending": sum(v.state == VerdictState.PENDING for v in within),
        "n_excluded": sum(v.state == VerdictState.EXCLUDED for v in within),
        "otif_known": sum(v.otif is not None for v in due),
        "otif_true": sum(v.otif or 0 for v in due),
        "lead_time_sum": sum(v.lead_time_days or 0 for v in due),
        "lateness_squares": sum((v.lateness_days or 0) ** 2 for v in due),
        "quantity_in_window": sum(v.quantity_in_window or 0 for v in due),
        "receipts": len(receipts),
        "quantity_rejected": int(sum(each.quantity_rejected or 0 for each in receipts) * 1_000_000),
    }


@pytest.mark.parametrize("label", WINDOWS)
def test_a_run_of_days_is_the_straight_count_of_its_days(database: Database, label: str) -> None:
    with database.transaction() as session:
        one = furnish(session)
        period = parse_window(label, as_of=AS_OF, fiscal=WEEKS)
        found = queries.delivery_sums(session, period).of(one)
        own = queries.delivery_sums(session, period, supplier_ids=[one]).of(one)
        expected = straight(session, period)
        listed = line_lists.lines_page(session, LineQuery("otif_line", period, [one]), limit=500)
        excluded = queries.excluded_reasons(session, period, supplier_ids=[one])
    assert found is not None
    assert found == own
    assert {name: found[name] for name in expected} == expected
    assert expected["n_due"] >= 5
    # What stands behind the figure is what the figure counts.
    assert listed.total == expected["n_due"] + expected["n_pending"] + expected["n_excluded"]
    assert sum(excluded.values()) == expected["n_excluded"]


def test_a_receipt_without_a_date_counts_when_its_window_ends_though_no_fact_is_later(
    database: Database,
) -> None:
    with database.transaction() as session:
        one = facts.supplier(session)
        order = facts.order(session, one)
        # The latest fact is of 16 April; the other line's window ends on the 25th.
        for due, came in ((AS_OF, AS_OF), (date(2026, 4, 25), None)):
            line = facts.line(session, order, promised_original_on=due)
            facts.receipt(session, line, came, quantity_rejected=Decimal(3))
        rollup.rebuild(session, until=AS_OF)
        found = queries.delivery_sums(session, parse_window("2w", as_of=AS_OF)).of(one.id)
        later = queries.delivery_sums(session, parse_window("2w", as_of=date(2026, 4, 25)))
        after = later.of(one.id)
        period = parse_window("2w", as_of=AS_OF)
        as_level = levels.level_sums(session, period, LevelScope((one.id,))).of(queries.HOUSE)
    assert found is not None
    assert after is not None
    assert as_level == found
    assert (found["receipts"], found["receipts_undated"]) == (1, 0)
    assert found["quantity_rejected"] == 3_000_000
    assert (after["receipts"], after["receipts_undated"]) == (2, 1)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_orders_days_and_events_of_a_run_of_days_are_its_own(database: Database) -> None:
    with database.transaction() as session:
        one = furnish(session)
        period = parse_window("13w", as_of=AS_OF)
        first, last = period.first_day, period.last_day
        assert first is not None
        verdicts = session.scalars(select(LineVerdict).where(LineVerdict.state == 2)).all()
        orders = queries.order_sums(session, period)[OrderMeasure.OTIF].of(one)
        days = queries.histogram(session, period, HistogramKind.LATENESS)
        lots = queries.event_sums(session, period).of(one)
        told = queries.percentiles(session, period, HistogramKind.LATENESS, wanted=(0.9,))
    latest: dict[int, date] = {}
    for each in verdicts:
        assert each.window_end_on is not None
        latest[each.order_id] = max(latest.get(each.order_id, date.min), each.window_end_on)
    known = {v.order_id for v in verdicts if v.otif is not None}
    inside = {o for o, day in latest.items() if first <= day <= last} & known
    late = [
        v.lateness_days
        for v in verdicts
        if v.lateness_days is not None and v.window_end_on and first <= v.window_end_on <= last
    ]
    assert orders is not None
    assert lots is not None
    assert orders["orders"] == len(inside)
    assert days == {day: late.count(day) for day in sorted(set(late))}
    assert lots["lots_inspected"] == sum(
        first <= date(2025, 12, 2) + timedelta(days=5 * place) <= last for place in range(34)
    )
    _, exact = percentiles_by_group(
        np.zeros(len(late), np.int64), np.array(late), counts=np.ones(len(late), np.int64), p=0.9
    )
    assert told.values[0.9].tolist() == exact.tolist()
