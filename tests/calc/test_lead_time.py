"""Lead time, lateness and their spreads."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calc.lead_time import (
    LeadTimeBand,
    Spread,
    coefficient_of_variation,
    lead_time_band,
    percentile,
    percentile_from_histogram,
    percentiles_by_group,
    pooled_within_sd,
    quantity_weighted_days,
    scored_lateness,
    spread,
    spread_from_sums,
)
from app.calc.robust import CensoredPercentile, censored_percentile, robust_spread
from app.calc.slippage import slippage

LATENESS = [0, 2, -1, 5, 0, 3, 0, 12]


def test_spread_from_sums_is_the_sample_spread() -> None:
    result = spread_from_sums(8, 268, 9164)

    assert result.mean == 33.5
    assert result.sd == pytest.approx(5.15475, abs=5e-5)
    assert coefficient_of_variation(result) == pytest.approx(0.153873, abs=5e-5)


def test_spread_of_lead_times_and_spread_of_lateness_are_not_the_same() -> None:
    lead_times, promised = [10, 20, 30, 40], [10, 20, 30, 40]
    lateness = [actual - said for actual, said in zip(lead_times, promised, strict=True)]

    assert spread(lateness).sd == 0.0
    assert spread(lead_times).sd == pytest.approx(12.9099, abs=5e-4)


def test_spread_of_nothing_is_unknown_and_of_one_line_has_no_deviation() -> None:
    assert spread([]) == Spread(None, None)
    assert spread([7]) == Spread(7.0, None)


def test_impossible_sums_are_refused() -> None:
    with pytest.raises(ValueError, match="total_squares"):
        spread_from_sums(2, 10, 49)
    with pytest.raises(ValueError, match="n is -1"):
        spread_from_sums(-1, 0, 0)


def test_scored_lateness_does_not_punish_what_the_rule_allows() -> None:
    days = [-20, -10, 0, 0, 4]

    scored = spread(scored_lateness(day, early_days=None) for day in days)

    assert scored.sd == pytest.approx(1.7888543819998317, abs=1e-9)
    assert spread(days).sd == pytest.approx(9.757048734120374, abs=1e-9)


def test_scored_lateness_stops_at_the_early_edge() -> None:
    assert [scored_lateness(day, early_days=2) for day in (-5, -2, -1, 3)] == [-2, -2, -1, 3]


def test_spread_pooled_within_parts_is_not_that_of_the_mixture() -> None:
    parts = [(3, 36, 440), (3, 126, 5300)]

    assert pooled_within_sd(parts) == pytest.approx(2.0, abs=1e-9)
    assert spread([10, 12, 14, 40, 42, 44]).sd == pytest.approx(16.52876280911551, abs=1e-9)


def test_parts_with_one_line_say_nothing_about_spread() -> None:
    assert pooled_within_sd([(1, 10, 100), (1, 90, 8100)]) is None


def test_p90_interpolates_by_type_7() -> None:
    assert percentile(LATENESS, 0.9) == pytest.approx(7.1, abs=1e-9)
    assert percentile([], 0.9) is None


def test_percentile_of_an_empty_histogram_is_unknown() -> None:
    assert percentile_from_histogram([], [], 0.5) is None
    assert percentile_from_histogram([3], [0], 0.5) is None


def test_bands_of_variation_give_their_edge_to_the_better() -> None:
    assert [lead_time_band(cv) for cv in (0.15, 0.16, 0.30, 0.31, None)] == [
        LeadTimeBand.STABLE,
        LeadTimeBand.MODERATE,
        LeadTimeBand.MODERATE,
        LeadTimeBand.ERRATIC,
        None,
    ]


def test_variation_around_a_mean_of_zero_is_unknown() -> None:
    assert coefficient_of_variation(Spread(0.0, 3.0)) is None


def test_lead_time_is_weighted_by_what_came_when() -> None:
    receipts = [(date(2026, 1, 11), 600), (date(2026, 1, 21), 400)]

    assert quantity_weighted_days(date(2026, 1, 1), receipts) == 14.0
    assert quantity_weighted_days(date(2026, 1, 1), []) is None


def test_slip_of_the_promise_is_told_apart_from_lateness() -> None:
    moved = slippage(
        ordered_on=date(2026, 1, 5),
        promised_original_on=date(2026, 2, 4),
        promised_current_on=date(2026, 2, 14),
        completed_on=date(2026, 2, 18),
    )

    assert moved.promised_lead_time_days == 30
    assert moved.reschedule_slip_days == 10
    assert moved.lateness_original_days == 14
    assert moved.lateness_current_days == 4
    assert moved.lead_time_days == 44


def test_slip_without_a_date_is_unknown() -> None:
    moved = slippage(
        ordered_on=None,
        promised_original_on=date(2026, 2, 4),
        promised_current_on=None,
        completed_on=date(2026, 2, 18),
    )

    assert (moved.promised_lead_time_days, moved.reschedule_slip_days) == (None, None)
    assert moved.lateness_original_days == 14


def test_robust_spread_is_not_moved_by_one_wild_value() -> None:
    result = robust_spread(LATENESS)

    assert result is not None
    assert result.median == 1.0
    assert result.mad_sd == pytest.approx(2.2239, abs=5e-4)
    assert result.outliers == (12,)
    assert result.preferred_sd == result.sd


def test_robust_spread_is_preferred_where_the_plain_one_is_twice_as_wide() -> None:
    result = robust_spread([0, 1, 2, 3, 4, 100])

    assert result is not None
    assert result.preferred_sd == result.mad_sd == pytest.approx(2.2239, abs=5e-4)


def test_robust_spread_falls_back_when_half_the_values_are_equal() -> None:
    quartiles = robust_spread([0, 0, 0, 0, 0, 4, 8])
    equal = robust_spread([5, 5, 5])

    assert quartiles is not None
    assert quartiles.mad_sd == 0.0
    assert quartiles.iqr_sd == pytest.approx(2 / 1.349, abs=1e-9)
    assert equal is not None
    assert (equal.sd, equal.outliers) == (0.0, ())
    assert robust_spread([]) is None


def test_trimmed_mean_drops_a_tenth_at_each_end() -> None:
    result = robust_spread([-100, 1, 2, 3, 4, 5, 6, 7, 8, 1000])

    assert result is not None
    assert result.trimmed_mean == 4.5


def test_open_lines_make_a_high_percentile_a_lower_bound() -> None:
    assert censored_percentile([0, 0, 1, 2], open_days=[10], p=0.9) == CensoredPercentile(10, True)
    assert censored_percentile([0, 0, 1, 2], open_days=[10], p=0.5) == CensoredPercentile(1, False)
    assert censored_percentile([], open_days=[], p=0.5) is None


def test_without_open_lines_the_percentile_is_reached() -> None:
    ten = list(range(1, 11))

    assert censored_percentile(ten, open_days=[], p=0.9) == CensoredPercentile(9, False)


@given(
    st.lists(st.integers(-50, 50), min_size=1, max_size=40),
    st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 0.95, 1.0]),
)
def test_percentile_of_the_histogram_equals_that_of_the_list(days: list[int], p: float) -> None:
    expected = float(np.percentile(days, p * 100))
    kinds = sorted(set(days), reverse=True)
    counts = [days.count(day) for day in kinds]

    assert percentile(days, p) == pytest.approx(expected, abs=1e-9)
    assert percentile_from_histogram(kinds, counts, p) == pytest.approx(expected, abs=1e-9)


@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(-20, 20), st.integers(0, 5)), max_size=30),
    st.sampled_from([0.0, 0.5, 0.9, 1.0]),
)
def test_percentiles_by_group_equal_those_group_by_group(
    rows: list[tuple[int, int, int]], p: float
) -> None:
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3)

    keys, values = percentiles_by_group(columns[:, 0], columns[:, 1], counts=columns[:, 2], p=p)

    expected = {}
    for key in {key for key, _, _ in rows}:
        own = [day for other, day, count in rows if other == key for _ in range(count)]
        if own:
            expected[key] = float(np.percentile(own, p * 100))
    assert dict(zip(keys.tolist(), values.tolist(), strict=True)) == pytest.approx(expected)


@given(st.lists(st.integers(-400, 400), min_size=2, max_size=60))
def test_spread_from_integer_sums_equals_the_two_pass_spread(days: list[int]) -> None:
    assert spread(days).sd == pytest.approx(float(np.std(days, ddof=1)), abs=1e-9)
