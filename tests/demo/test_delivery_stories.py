"""The stories that deliveries tell: each sentence recomputed through the product's own reads."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calc.periods import Period, month_end, parse_period
from app.faces.demo import scripts
from app.faces.demo.cast import LAST_DAY
from app.facts.deliveries import queries
from app.facts.deliveries.agreements import call_offs
from app.facts.deliveries.agreements.models import CallOff
from app.facts.deliveries.lines.missed_lines import missed_lines
from app.facts.deliveries.models import Disruption, DisruptionKind
from app.facts.deliveries.rollup_models import LineVerdict
from tests.demo.conftest import supplier_id

OTIF_OF_THE_DRIFT = {
    "2025-09": (96, 100), "2025-10": (97, 102), "2025-11": (93, 98), "2025-12": (80, 84),
    "2026-01": (97, 103), "2026-02": (95, 101), "2026-03": (101, 108), "2026-04": (96, 104),
    "2026-05": (97, 106), "2026-06": (94, 105), "2026-07": (96, 108), "2026-08": (80, 92),
    "2026-09": (90, 106), "2026-10": (83, 100),
}  # fmt: skip
FLOOR = 0.90


def sums(session: Session, number: str, period: Period) -> dict[str, int]:
    key = supplier_id(session, number)
    found = queries.delivery_sums(session, period, supplier_ids=[key]).of(key)
    assert found is not None
    return found


def of_month(session: Session, number: str, month: str) -> dict[str, int]:
    return sums(session, number, parse_period(month, as_of=LAST_DAY))


def otif(found: dict[str, int]) -> tuple[int, int]:
    return found["otif_true"], found["otif_known"]


def test_one_supplier_drifts_from_96_to_83_per_cent_in_14_months(session: Session) -> None:
    found = {month: otif(of_month(session, scripts.DRIFT, month)) for month in OTIF_OF_THE_DRIFT}
    assert found == OTIF_OF_THE_DRIFT


def test_two_months_below_the_floor_stand_52_days_before_the_first_line_stop(
    session: Session,
) -> None:
    key = supplier_id(session, scripts.DRIFT)
    stops = session.scalars(
        select(Disruption.occurred_on)
        .where(Disruption.supplier_id == key, Disruption.kind == DisruptionKind.LINE_STOP)
        .order_by(Disruption.occurred_on)
    ).all()
    period = parse_period("36m", as_of=LAST_DAY)
    months = queries.delivery_sums_by_month(session, period, supplier_ids=[key]).of(key)
    below = [
        month for month, found in months.items() if found["otif_true"] < FLOOR * found["otif_known"]
    ]
    second_in_a_row = next(month for month in below if month - 1 in below)
    assert stops == [date(2026, 9, 21), date(2026, 10, 14)]
    assert month_end(second_in_a_row) == date(2026, 7, 31)
    assert (stops[0] - month_end(second_in_a_row)).days == 52


def test_the_drift_leaves_its_control_limits_in_june_before_any_line_stop(
    session: Session,
) -> None:
    # A p-chart by hand: 12 months to October 2025 as baseline, three sigma below.
    key = supplier_id(session, scripts.DRIFT)
    baseline = parse_period("12m", as_of=date(2025, 10, 31))
    base = queries.delivery_sums(session, baseline, supplier_ids=[key]).of(key)
    assert base is not None
    mean = base["otif_true"] / base["otif_known"]
    assert 0.95 < mean < 0.97
    outside = [
        month
        for month, (true, known) in OTIF_OF_THE_DRIFT.items()
        if true / known < mean - 3 * (mean * (1 - mean) / known) ** 0.5
    ]
    assert outside == ["2026-06", "2026-07", "2026-08", "2026-09", "2026-10"]


def test_twenty_of_the_113_missed_lines_are_our_own_doing(session: Session, year: Period) -> None:
    key = supplier_id(session, scripts.DRIFT)
    missed = missed_lines(session, year, supplier_ids=[key])[key]
    assert len(missed) == 113
    assert Counter(line.cause for line in missed) == {
        "supplier": 69,
        "buyer": 20,
        "carrier": 8,
        None: 16,
    }
    assert [line.cause for line in missed if line.has_stopped_us] == ["supplier", "supplier"]


def test_ex_works_is_97_per_cent_at_hand_over_and_81_at_our_dock(
    session: Session, year: Period
) -> None:
    found = sums(session, scripts.EXW, year)
    assert (found["on_time_true"], found["on_time_known"]) == (291, 300)
    assert (found["on_time_dock_true"], found["on_time_dock_known"]) == (243, 300)
    assert found["n_event_fallback"] == 0


def test_a_newcomer_with_4_of_4_stands_beside_a_veteran_with_57_of_60(
    session: Session, year: Period
) -> None:
    assert otif(sums(session, scripts.NEWCOMER, year)) == (4, 4)
    assert otif(sums(session, scripts.VETERAN, year)) == (57, 60)


def test_a_supplier_that_moves_promises_looks_better_by_the_current_date(
    session: Session, year: Period
) -> None:
    found = sums(session, scripts.RESCHEDULER, year)
    assert (found["on_time_original_true"], found["on_time_original_known"]) == (142, 200)
    assert (found["on_time_current_true"], found["on_time_current_known"]) == (192, 200)
    assert otif(found) == (142, 200)


def test_lines_that_we_cancelled_stand_outside_the_rate(session: Session, year: Period) -> None:
    found = sums(session, scripts.CANCELLED, year)
    reasons = queries.excluded_reasons(
        session, year, supplier_ids=[supplier_id(session, scripts.CANCELLED)]
    )
    assert otif(found) == (167, 180)
    assert (found["n_due"], found["n_excluded"]) == (180, 18)
    assert reasons == {"cancelled_by_buyer": 18}


def test_more_than_was_ordered_is_in_time_and_not_in_full(session: Session, year: Period) -> None:
    found = sums(session, scripts.OVER_DELIVERER, year)
    assert (found["on_time_true"], found["on_time_known"]) == (150, 150)
    assert otif(found) == (126, 150)
    assert found["quantity_in_window"] == found["quantity_due"]


def test_just_in_time_counts_what_comes_too_early_as_missed(session: Session, year: Period) -> None:
    assert otif(sums(session, scripts.EARLY, year)) == (210, 240)


@pytest.mark.parametrize(("is_dip", "expected"), [(True, (16, 20)), (False, (160, 164))])
def test_the_seasonal_one_dips_in_august_and_december(
    session: Session, is_dip: bool, expected: tuple[int, int]
) -> None:
    months = [month for month in scripts.YEAR if month.endswith(("-08", "-12")) is is_dip]
    found = [otif(of_month(session, scripts.SEASONAL, month)) for month in months]
    assert (sum(true for true, _ in found), sum(known for _, known in found)) == expected


def test_34_of_36_call_offs_were_met_and_a_withdrawn_week_is_in_no_rate(session: Session) -> None:
    rows = session.execute(
        select(CallOff.due_on, LineVerdict.otif, LineVerdict.reason, LineVerdict.quantity_due)
        .join(LineVerdict, LineVerdict.line_id == CallOff.line_id)
        .where(LineVerdict.window_end_on <= LAST_DAY)
        .order_by(CallOff.due_on)
    ).all()
    assert Counter(row.otif for row in rows) == {1: 34, 0: 2, None: 1}
    odd = [(row.due_on, row.reason) for row in rows if row.otif != 1]
    assert odd == [
        (date(2026, 8, 31), "cancelled_by_buyer"),
        (date(2026, 9, 21), "late"),
        (date(2026, 10, 5), "late"),
    ]
    due = {row.due_on: row.quantity_due for row in rows}
    assert due[date(2026, 6, 1)] == due[date(2026, 6, 8)] == 4_000_000_000
    line_id = session.scalars(
        select(CallOff.line_id).where(CallOff.due_on == date(2026, 4, 27))
    ).one()
    facts = call_offs.call_off_of(session, line_id)
    assert facts is not None
    assert [call_offs.served(each) for each in facts.servings] == [
        "2,000 of 6,000 of the delivery of 17 Apr 2026; the rest: 4,000 for the call-off of"
        " 20 Apr 2026.",
        "All 2,000 of the delivery of 24 Apr 2026.",
    ]


def test_lines_due_after_the_last_day_are_pending(session: Session) -> None:
    after = parse_period("2026-11", as_of=date(2026, 11, 30))
    found = queries.delivery_sums(session, after, together=True).of(queries.HOUSE)
    assert found is not None
    assert found["n_due"] == 0
    assert found["n_pending"] > 200


def test_misses_come_in_clumps_so_that_intervals_widen(session: Session, year: Period) -> None:
    key = supplier_id(session, scripts.DRIFT)
    found = queries.order_sums(session, year, supplier_ids=[key])[queries.OrderMeasure.OTIF].of(key)
    assert found is not None
    rate = found["lines_true"] / found["lines"]
    spread = (
        found["true_squares"] - 2 * rate * found["cross"] + rate * rate * found["lines_squares"]
    )
    assert spread / (found["lines"] * rate * (1 - rate)) > 1.5
