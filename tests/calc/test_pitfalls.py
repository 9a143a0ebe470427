"""The known ways to get supplier figures wrong, one test each (domain rules §13, 1–14 and 31).

30 stands with the packs, 32 with the snapshots: they are about more than a formula.
"""

from __future__ import annotations

from datetime import date
from statistics import pstdev

import numpy as np
import pytest

from app.calc.delivery import Line, LineState, LineVerdict, Receipt, Window, judge_line
from app.calc.delivery_levels import Claim, line_rate, otif_by_unit
from app.calc.drift_charts import split_baseline
from app.calc.grading import DEFAULT_BANDS, Grade, grade_for
from app.calc.intervals import wilson
from app.calc.lead_time import spread, spread_from_sums
from app.calc.measure import rate
from app.calc.scoring import ScorePart, check_weights, score_card
from app.calc.shrinkage import shrink_group
from app.calc.slippage import slippage
from app.calc.trend_tests import mann_kendall

DUE, AS_OF = date(2026, 3, 5), date(2026, 3, 31)


def line(ordered: int, *receipts: tuple[int, int], window: Window | None = None) -> LineVerdict:
    """A line due on 5 March, with receipts as (day of March, quantity)."""
    came = [Receipt(date(2026, 3, day), quantity) for day, quantity in receipts]
    return judge_line(Line(ordered, DUE), came, window=window or Window(), as_of=AS_OF)


def test_pitfall_01_an_open_past_due_line_is_a_miss_not_a_line_without_receipt() -> None:
    lines = [line(100, (5, 100)), line(100, (4, 100)), line(100)]
    # By receipts alone two of two would be on time.
    measure = line_rate(lines, Claim.OTIF)
    assert (measure.numerator, measure.n) == (2, 3)
    assert lines[2].state is LineState.DUE
    assert lines[2].otif is False


def test_pitfall_02_split_receipts_that_complete_in_the_window_are_one_delivery() -> None:
    verdict = line(1000, (3, 600), (5, 400))
    assert (verdict.otif, verdict.on_time, verdict.in_full) == (True, True, True)


def test_pitfall_03_no_data_is_neither_0_nor_100() -> None:
    assert line_rate([], Claim.OTIF).value is None
    nothing = score_card([ScorePart("otif", "delivery", 100, None)], bands=DEFAULT_BANDS)
    assert (nothing.score, nothing.grade) == (None, None)


def test_pitfall_03_a_rate_of_nothing_says_what_is_missing() -> None:
    measure = rate("otd", 0, 0, reason_no_data="No line is due.")
    assert (measure.value, measure.reason) == (None, "No line is due.")


def test_pitfall_04_a_supplier_s_reschedule_does_not_hide_its_lateness() -> None:
    moved = slippage(
        ordered_on=date(2026, 1, 5),
        promised_original_on=date(2026, 2, 4),
        promised_current_on=date(2026, 2, 14),
        completed_on=date(2026, 2, 18),
    )
    assert (moved.reschedule_slip_days, moved.lateness_original_days) == (10, 14)
    assert moved.lateness_current_days == 4


def test_pitfall_05_units_never_count_beyond_what_was_ordered() -> None:
    over = line(1000, (4, 1060), window=Window(under_ppm=50_000, over_ppm=50_000))
    assert (over.otif, over.on_time, over.in_full) == (False, True, False)
    assert otif_by_unit([over]).value == 1.0


def test_pitfall_06_a_rate_over_two_months_is_not_the_mean_of_their_rates() -> None:
    few = [line(10, (5, 10)), line(10)]
    many = [line(10, (5, 10)) for _ in range(8)]
    # 1/2 and 8/8: their mean is 75 %, 9 of 10 lines are 90 %.
    assert line_rate(few + many, Claim.OTIF).value == 0.9


def test_pitfall_07_spread_is_the_sample_s_not_the_population_s() -> None:
    lead_times = [28, 30, 35, 40, 33, 31, 29, 42]
    sums = spread_from_sums(8, sum(lead_times), sum(days * days for days in lead_times))
    assert sums.sd == pytest.approx(5.15475, abs=5e-5)
    assert pstdev(lead_times) == pytest.approx(4.82183, abs=5e-5)


def test_pitfall_08_spread_of_lateness_and_of_lead_time_are_two_measures() -> None:
    # Quoted lead times that vary and are always met.
    lead_times = quoted = [10, 20, 30, 40]
    assert spread([a - q for a, q in zip(lead_times, quoted, strict=True)]).sd == 0.0
    assert spread(lead_times).sd == pytest.approx(12.9099, abs=5e-4)


def test_pitfall_09_three_of_three_does_not_rank_above_57_of_60() -> None:
    rates = shrink_group(np.array([3.0, 57, 80, 160]), np.array([3.0, 60, 100, 200]))
    assert rates.raw[0] > rates.raw[1]
    assert rates.shrunk[0] < rates.shrunk[1]


def test_pitfall_10_none_and_all_of_few_are_not_certain() -> None:
    # Wald's interval would have no width at either end.
    assert wilson(0, 10) == pytest.approx((0.0, 0.277533), abs=1e-6)
    assert wilson(24, 24) == pytest.approx((0.862024, 1.0), abs=1e-6)


def test_pitfall_11_four_points_never_show_a_trend() -> None:
    falling = mann_kendall([0.98, 0.95, 0.9, 0.8])
    assert falling is not None
    assert falling.p == pytest.approx(1 / 12)
    assert falling.p > 0.05


def test_pitfall_12_sigma_is_the_baseline_s_not_the_tested_periods() -> None:
    calm = [5.0, 6, 5, 6, 5, 6, 5, 6]
    base, _ = split_baseline(np.array([[*calm, 5, 5], [*calm, 9, 40]]), tested_from=8)
    assert base.sigma[0] == base.sigma[1] == pytest.approx(1 / 1.128)


def test_pitfall_13_weights_add_up_to_100_and_missing_ones_are_shared_out() -> None:
    with pytest.raises(ValueError, match="add up to 99"):
        check_weights({"delivery": 50, "quality": 49})
    parts = [ScorePart("otif", "delivery", 60, 80.0), ScorePart("ppm", "quality", 40, None)]
    result = score_card(parts, bands=DEFAULT_BANDS)
    assert (result.score, result.lower, result.upper) == (80.0, 48.0, 88.0)


def test_pitfall_14_bands_are_read_unrounded_and_have_no_hole_at_100() -> None:
    assert grade_for(89.999) is Grade.B
    assert grade_for(90) is Grade.A
    assert grade_for(100) is Grade.A


def test_pitfall_31_weights_are_integers_that_no_rounding_breaks() -> None:
    # 0.1 + 0.2 is not 0.3: thirds of 100 as floats may miss it, integers never do.
    check_weights({"a": 10, "b": 20, "c": 70})
    with pytest.raises(ValueError, match="must be an integer"):
        check_weights({"a": 33.3, "b": 33.3, "c": 33.4})  # type: ignore[dict-item]
