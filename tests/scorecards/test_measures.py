"""Measures say what the sums say, and why they say nothing."""

from __future__ import annotations

import pytest

from app.calc.measure import MeasureState
from app.judgement.scorecards import absences as why
from app.judgement.scorecards.measures import measures_of
from app.judgement.scorecards.register import IDS
from tests.builders.sums import CENTS, MICRO, days, judged, sums


def test_a_supplier_without_lines_has_no_data_and_no_zero() -> None:
    measures = measures_of(sums())
    assert set(measures) == set(IDS)
    assert {measure.value for measure in measures.values()} == {None}
    assert {measure.state for measure in measures.values()} == {MeasureState.NO_DATA}
    assert measures["otif_line"].reason == why.NO_LINES
    assert measures["ppm"].reason == why.NOTHING_RECEIVED


def test_every_missing_value_says_why() -> None:
    assert [m.id for m in measures_of(sums()).values() if not m.reason] == []


def test_lines_that_are_only_pending_are_not_late() -> None:
    assert measures_of(sums(lines={"n_pending": 3}))["otd"].reason == why.ONLY_PENDING


def test_a_feed_without_received_quantities_has_dates_but_no_otif() -> None:
    lines = {"n_due": 484, "on_time_known": 484, "on_time_true": 400}
    measures = measures_of(sums(lines=lines))
    assert measures["otd"].value == pytest.approx(0.8264462809917356, abs=1e-12)
    for name in ("otif_line", "otif_order", "otif_unit", "otif_value", "in_full", "fill_unit"):
        assert measures[name].value is None
        assert measures[name].reason == why.NO_QUANTITIES
    assert measures["otif_line"].unknown == 484


def test_a_feed_without_receipt_dates_has_quantities_but_no_on_time() -> None:
    lines = {"n_due": 90, "in_full_known": 90, "in_full_true": 80}
    measures = measures_of(sums(lines=lines))
    assert measures["in_full"].value == pytest.approx(0.8888888888888888, abs=1e-12)
    assert measures["otd"].reason == why.NO_DATES
    assert measures["otif_line"].reason == why.NO_DATES
    assert measures["otif_order"].reason == why.NO_DATES
    assert measures["lt_mean"].reason == why.NO_DATES


def test_lines_that_are_worth_nothing_do_not_lack_prices() -> None:
    worthless = {"value_known": 40, "value_due": 0, "value_in_window": 0}
    lines = judged(40, 38) | {"quantity_known": 40}
    assert measures_of(sums(lines=lines))["otif_value"].reason == why.NO_PRICES
    value = measures_of(sums(lines=lines | worthless))["otif_value"]
    assert (value.value, value.reason) == (
        None, "All prices of the due lines are 0; there is no value to take a share of.",
    )  # fmt: skip


def test_a_feed_without_requested_dates_says_so() -> None:
    assert measures_of(sums(lines=judged(40, 38)))["otd_requested"].reason == (
        "The feed has no requested dates. Ask for the date wanted for each line."
    )


def test_four_of_four_is_shown_but_too_few() -> None:
    otif = measures_of(sums(lines=judged(4, 4)))["otif_line"]
    assert (otif.value, otif.n, otif.state) == (1.0, 4, MeasureState.INSUFFICIENT)
    assert not otif.counts
    assert otif.reason == "Too few lines: 4; at least 10 are needed."


def test_lines_of_one_order_widen_the_interval() -> None:
    # Ten orders of five lines, two wholly late: the published design effect is 5.56.
    own = {
        "orders": 10, "lines": 50, "lines_true": 40,
        "lines_squares": 250, "cross": 200, "true_squares": 200,
    }  # fmt: skip
    otif = measures_of(sums(lines=judged(50, 40), orders={"otif": own}))["otif_line"]
    assert otif.deff == pytest.approx(5.555555555555555, abs=1e-9)
    assert (otif.lo, otif.hi) == pytest.approx((0.47378850175721254, 0.9467244672065611), abs=1e-6)


def test_an_order_that_waits_is_not_an_unknown_one() -> None:
    # Of eight orders five are known and two still wait; one is unknown, and a ninth wholly so.
    own = {"orders": 8, "orders_known": 5, "orders_true": 4, "orders_unknown": 2}
    by_order = measures_of(sums(lines=judged(20, 19), orders={"otif": own}))["otif_order"]
    assert (by_order.value, by_order.n, by_order.unknown) == (0.8, 5, 2)


def test_units_and_value_in_the_window_are_ratios_of_sums() -> None:
    lines = judged(40, 37) | {
        "quantity_known": 40, "quantity_due": 400 * MICRO, "quantity_in_window": 370 * MICRO,
        "quantity_by_close": 390 * MICRO,
        "value_known": 40, "value_due": 800 * CENTS, "value_in_window": 740 * CENTS,
    }  # fmt: skip
    measures = measures_of(sums(lines=lines))
    unit = measures["otif_unit"]
    assert (unit.value, unit.numerator, unit.denominator) == (0.925, 370.0, 400.0)
    assert measures["otif_value"].value == 0.925
    # Units that came too early are not in the window, but they did come.
    assert measures["fill_unit"].value == 0.975


def test_values_of_several_currencies_do_not_add_up() -> None:
    lines = judged(40, 37) | {"quantity_known": 40, "quantity_due": 400, "quantity_in_window": 370}
    measures = measures_of(sums(lines=lines, values_add_up=False))
    assert measures["otif_value"].reason == why.MIXED_CURRENCIES
    assert measures["price_variance"].reason == why.MIXED_CURRENCIES


def test_the_scored_spread_counts_allowed_earliness_as_nothing() -> None:
    lateness = [-20, -10, 0, 0, 4]
    scored = [0, 0, 0, 0, 4]
    lines = judged(5, 4) | days("lateness", lateness)
    lines |= {"lateness_scored_sum": sum(scored), "lateness_scored_squares": 16}
    measures = measures_of(sums(lines=lines))
    assert measures["ltv_A"].value == pytest.approx(1.7888543819998317, abs=1e-9)
    assert measures["ltv_A_raw"].value == pytest.approx(9.757048734120374, abs=1e-9)
    assert measures["ltv_A"].state is MeasureState.PROVISIONAL


def test_one_completed_line_has_a_mean_but_no_spread() -> None:
    measures = measures_of(sums(lines=judged(1, 1) | days("lead_time", [12])))
    assert measures["lt_mean"].value == 12.0
    assert (measures["lt_sd"].value, measures["lt_sd"].reason) == (None, why.ONE_LINE)


def test_lead_time_has_mean_spread_and_ratio() -> None:
    # Eight lines: mean 33.5 d, sample sd 5.15475 d.
    lines = judged(8, 8) | {"lead_time_n": 8, "lead_time_sum": 268, "lead_time_squares": 9164}
    measures = measures_of(sums(lines=lines, within_part=(2.0, 6)))
    assert measures["lt_mean"].value == 33.5
    assert measures["lt_sd"].value == pytest.approx(5.15475, abs=1e-5)
    assert measures["lt_cv"].value == pytest.approx(0.153873, abs=1e-6)
    assert (measures["ltv_B"].value, measures["ltv_B"].n) == (2.0, 6)


def test_a_ratio_to_a_mean_below_zero_says_nothing() -> None:
    lines = judged(2, 2) | days("lead_time", [-5, -3])
    assert measures_of(sums(lines=lines))["lt_cv"].reason == why.NO_MEAN


def test_no_disruption_without_a_log_is_unknown() -> None:
    measures = measures_of(sums(lines=judged(40, 40)))
    assert measures["disruptions"].value is None
    assert measures["disruptions"].reason == why.NO_DISRUPTION_LOG


def test_no_disruption_with_a_log_is_zero() -> None:
    measures = measures_of(sums(lines=judged(40, 40), disruptions_recorded=True))
    assert (measures["disruptions"].value, measures["line_stops"].value) == (0.0, 0.0)


def test_line_stops_and_premium_freight_count_together() -> None:
    events = {"line_stops": 1, "premium_freights": 2}
    measures = measures_of(sums(events=events, disruptions_recorded=True))
    assert measures["disruptions"].value == 3.0


@pytest.mark.parametrize(
    ("received", "state"),
    [
        (300, MeasureState.INSUFFICIENT),
        (10_000, MeasureState.PROVISIONAL),
        (60_000, MeasureState.OK),
    ],
)
def test_ppm_is_rated_by_the_rejects_to_be_expected(received: int, state: MeasureState) -> None:
    lines = {"receipts": 5, "receipts_known": 5, "quantity_received": received * MICRO}
    ppm = measures_of(sums(lines=lines))["ppm"]
    assert (ppm.value, ppm.n, ppm.state) == (0.0, received, state)


def test_ppm_has_an_exact_interval() -> None:
    lines = {
        "receipts": 9, "receipts_known": 9,
        "quantity_received": 100_000 * MICRO, "quantity_rejected": 3 * MICRO,
    }  # fmt: skip
    ppm = measures_of(sums(lines=lines))["ppm"]
    assert ppm.value == 30.0
    assert (ppm.lo, ppm.hi) == pytest.approx((6.186721, 87.672731), abs=1e-4)


def test_rejects_that_come_by_lot_widen_the_interval_of_ppm() -> None:
    # Ten lots of 100, ten rejects in one: Σr²/s = 1, χ² = 1000/10·1 − 10 = 90, φ = 90/9 = 10.
    # As uncertain as 1 reject in 100 units: exact limits 0.0253178 and 5.5716434.
    lines = {
        "receipts": 12, "receipts_known": 12, "receipts_gone": 2, "rejected_squares": MICRO,
        "quantity_received": 1000 * MICRO, "quantity_rejected": 10 * MICRO,
    }  # fmt: skip
    ppm = measures_of(sums(lines=lines))["ppm"]
    assert (ppm.value, ppm.deff) == (10_000.0, pytest.approx(10.0, abs=1e-9))
    assert (ppm.lo, ppm.hi) == pytest.approx((253.178, 55_716.434), abs=1e-3)


def test_one_lot_does_not_tell_how_rejects_bunch() -> None:
    lines = {
        "receipts": 1, "receipts_known": 1, "rejected_squares": 90_000,
        "quantity_received": 100_000 * MICRO, "quantity_rejected": 3 * MICRO,
    }  # fmt: skip
    ppm = measures_of(sums(lines=lines))["ppm"]
    assert ppm.deff is None
    assert (ppm.lo, ppm.hi) == pytest.approx((6.186721, 87.672731), abs=1e-4)


def test_receipts_without_quantities_leave_ppm_unknown() -> None:
    ppm = measures_of(sums(lines={"receipts": 5}))["ppm"]
    assert (ppm.value, ppm.unknown, ppm.reason) == (None, 5, why.NO_REJECTS)


def test_receipts_without_a_date_are_told_beside_the_figure() -> None:
    lines = {
        "receipts": 8169, "receipts_known": 8169, "receipts_undated": 8169,
        "quantity_received": 2_060_051 * MICRO, "quantity_rejected": 24_445 * MICRO,
    }  # fmt: skip
    ppm = measures_of(sums(lines=lines))["ppm"]
    assert ppm.value == pytest.approx(11_866.21, abs=0.005)
    assert ppm.reason == "Receipts without a date, counted in their line's due month: 8,169."


def test_lots_are_firm_from_ten() -> None:
    events = {"lots_inspected": 10, "lots_rejected": 1}
    measures = measures_of(sums(events=events))
    accepted = measures["lot_accept"]
    assert (accepted.value, accepted.state) == (0.9, MeasureState.OK)
    assert measures["lot_reject"].value == 0.1
    assert measures["first_pass"].reason == why.NO_FIRST_YIELD


def test_price_is_held_against_the_contract_of_the_same_lines() -> None:
    events = {"price_lines": 40, "price_billed": 1005 * CENTS, "price_contract": 1000 * CENTS}
    price = measures_of(sums(events=events))["price_variance"]
    assert price.value == pytest.approx(0.005, abs=1e-12)
    assert (price.numerator, price.denominator) == (5.0, 1000.0)


def test_orders_never_acknowledged_are_left_out_and_told() -> None:
    # 25 orders, mean 31 h, sd 10 h: Student's interval.
    minutes = [1260, 2460] * 12 + [1860]
    events = {
        "acknowledged": 25, "unacknowledged": 3,
        "acknowledge_minutes": sum(minutes),
        "acknowledge_minutes_squares": sum(value * value for value in minutes),
    }  # fmt: skip
    hours = measures_of(sums(events=events))["ack_hours"]
    assert hours.value == 31.0
    assert (hours.lo, hours.hi) == pytest.approx((26.872, 35.128), abs=0.001)
    assert "left out: 3" in (hours.reason or "")


def test_open_lines_of_a_past_period_are_not_told() -> None:
    assert measures_of(sums())["open_past_due"].reason == why.OPEN_IS_LIVE
    assert measures_of(sums(open_past_due=0))["open_past_due"].value == 0.0


def test_lines_judged_at_a_later_event_are_told() -> None:
    lines = judged(40, 38) | {"n_event_fallback": 1}
    assert measures_of(sums(lines=lines))["otd"].reason == (
        "Lines judged at a later event than agreed, transit included: 1."
    )
