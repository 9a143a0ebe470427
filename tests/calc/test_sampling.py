"""Draws honour the intervals that are printed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from app.calc.intervals import Z_95, wilson
from app.calc.measure_columns import Absence, rates, statistics
from app.calc.quality import garwood_interval
from app.calc.sampling import DrawScale, Sampling, draw, sampling, spread_intervals

ENDS = np.array([-Z_95, 0.0, Z_95])
NOTHING = np.array([np.nan])


def arr(*values: float) -> np.ndarray:
    return np.array(values, np.float64)


def why(size: int) -> Absence:
    return Absence(("Nothing is known.",), np.zeros(size, np.int8))


@given(st.integers(0, 60), st.integers(1, 60), st.sampled_from([1.0, 2.75]))
def test_a_rate_is_drawn_from_wilson_s_interval(x: int, n: int, deff: float) -> None:
    x = min(x, n)
    of = Sampling(DrawScale.WILSON, arr(x / n), NOTHING, NOTHING, arr(n / deff))
    lo, at, hi = draw(of, ENDS)[0]
    assert (lo, hi) == pytest.approx(wilson(x / deff, n / deff), abs=1e-9)
    assert at == pytest.approx(x / n, abs=1e-12)


@pytest.mark.parametrize("scale", [DrawScale.CUBE_ROOT, DrawScale.LOG, DrawScale.LINEAR])
def test_draws_at_the_ends_are_the_printed_bounds(scale: DrawScale) -> None:
    of = Sampling(scale, arr(30), arr(6), arr(88), NOTHING)
    assert draw(of, ENDS)[0] == pytest.approx([6, 30, 88], rel=1e-12)


def test_draws_of_ppm_follow_the_exact_interval_between_its_ends() -> None:
    # 9 rejects of 100,000; the exact 80 % interval is 54.3–142.1: χ²(0.1; 18)/2, χ²(0.9; 20)/2.
    lo, hi = garwood_interval(9, 100_000)
    of = Sampling(DrawScale.CUBE_ROOT, arr(90), arr(lo * 1e6), arr(hi * 1e6), NOTHING)
    assert draw(of, arr(-1.2815516, 1.2815516))[0] == pytest.approx([54.3, 142.1], rel=0.03)


def test_no_rejects_are_drawn_as_none_or_some_never_fewer() -> None:
    of = Sampling(DrawScale.CUBE_ROOT, arr(0), arr(0), arr(30), NOTHING)
    assert draw(of, arr(-3, -1, 0, Z_95))[0] == pytest.approx([0, 0, 0, 30], abs=1e-9)


def test_a_spread_of_zero_stays_zero() -> None:
    of = Sampling(DrawScale.LOG, arr(0), arr(0), arr(0), NOTHING)
    assert draw(of, ENDS)[0].tolist() == [0, 0, 0]


def test_a_census_and_what_has_no_interval_are_held_at_their_value() -> None:
    fixed = Sampling(DrawScale.FIXED, arr(2), NOTHING, NOTHING, NOTHING)
    bare = Sampling(DrawScale.LINEAR, arr(2), NOTHING, NOTHING, NOTHING)
    assert draw(fixed, ENDS)[0].tolist() == draw(bare, ENDS)[0].tolist() == [2, 2, 2]


def test_a_missing_measure_is_not_drawn() -> None:
    of = Sampling(DrawScale.WILSON, NOTHING, NOTHING, NOTHING, arr(0))
    assert np.isnan(draw(of, ENDS)).all()


def test_an_insufficient_measure_counts_as_missing() -> None:
    n = np.array([9, 10])
    column = rates("otif_line", n, n, unknown=n * 0, absence=why(2))
    assert np.isnan(sampling(column, DrawScale.WILSON).value).tolist() == [True, False]


def test_a_spread_without_interval_gets_one_from_its_sample() -> None:
    n = np.array([25])
    column = statistics("ltv_A", arr(2), n=n, unknown=n * 0, absence=why(1))
    of = sampling(column, DrawScale.LOG)
    # √(24/39.364) and √(24/12.401) of the printed χ² table.
    assert (of.lo[0], of.hi[0]) == pytest.approx((1.5617, 2.7823), abs=1e-4)


@given(st.integers(2, 300))
def test_spread_intervals_are_the_chi_square_ones(n: int) -> None:
    lo, hi = spread_intervals(arr(1), np.array([n]))
    assert lo[0] == pytest.approx(((n - 1) / chi2.ppf(0.975, n - 1)) ** 0.5, rel=1e-9)
    assert hi[0] == pytest.approx(((n - 1) / chi2.ppf(0.025, n - 1)) ** 0.5, rel=1e-9)


def test_one_value_says_nothing_about_spread() -> None:
    assert np.isnan(spread_intervals(arr(1), np.array([1]))).all()


def test_a_negative_spread_is_refused() -> None:
    with pytest.raises(ValueError, match="sd"):
        spread_intervals(arr(-1), np.array([5]))
