"""Limits of rates, their widening where lines cluster, and exact tails of small counts."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calc.p_chart import (
    Verdict,
    alarm_limits,
    binomial_tails,
    mean_moving_range,
    p_limits,
    p_verdicts,
    rate_baseline,
)


def arr(*values: float) -> np.ndarray:
    return np.array(values, np.float64)


def verdict(x: float, n: float, history: list[tuple[int, int]], deff: float = 1.0) -> Verdict:
    past = np.array([history], np.float64)
    baseline = rate_baseline(past[:, :, 0], past[:, :, 1], deff=arr(deff))
    return Verdict(int(p_verdicts(arr(x), arr(n), baseline)[0]))


def test_p_chart_equals_the_textbook_example() -> None:
    defectives = np.array([[40, 44, 22, 34, 24, 32, 28, 32, 34, 30]], np.float64)
    baseline = rate_baseline(defectives, np.full((1, 10), 200.0))
    lower, upper = p_limits(baseline.centre, arr(200))

    assert baseline.centre[0] == pytest.approx(0.16, abs=1e-12)
    assert (lower[0], upper[0]) == pytest.approx((0.0822, 0.2378), abs=6e-5)


def test_limits_follow_each_period_s_own_lines() -> None:
    lower, upper = p_limits(arr(0.95, 0.95), arr(40, 10))
    assert lower == pytest.approx([0.84662, 0.74324], abs=5e-5)
    assert upper.tolist() == [1.0, 1.0]


def test_inflation_widens_the_limits_by_its_factor() -> None:
    # 0.5 ∓ 3·1.5·√(0.25/100) = 0.5 ∓ 0.225.
    lower, upper = p_limits(arr(0.5), arr(100), inflation=1.5)
    assert (lower[0], upper[0]) == pytest.approx((0.275, 0.725), abs=1e-12)


def test_an_overdispersed_baseline_widens_by_laney_s_sigma() -> None:
    # 40 and 60 of 100 in turns: z = ∓2, φ = 8·4/7 = 4.571, moving range 4, σ_z = 4/1.128.
    x = np.array([[40, 60, 40, 60, 40, 60, 40, 60]], np.float64)
    baseline = rate_baseline(x, np.full((1, 8), 100.0))

    assert baseline.dispersion[0] == pytest.approx(32 / 7, abs=1e-12)
    assert baseline.inflation[0] == pytest.approx(4 / 1.128, abs=1e-12)


def test_a_baseline_of_pure_chance_does_not_widen() -> None:
    # z = ∓1.2 in turns: φ = 8·1.44/7 = 1.646 would widen; ∓1 has φ = 1.143 and does not.
    x = np.array([[45, 55, 45, 55, 45, 55, 45, 55]], np.float64)
    assert rate_baseline(x, np.full((1, 8), 100.0)).inflation.tolist() == [1.0]


def test_a_known_design_effect_widens_where_the_baseline_shows_none() -> None:
    x = np.full((1, 8), 50.0)
    baseline = rate_baseline(x, np.full((1, 8), 100.0), deff=arr(2.25))
    assert baseline.inflation.tolist() == [1.5]


def test_seven_periods_make_no_baseline() -> None:
    x = np.array([[38, 38, 38, 38, 0, 38, 38, 38]], np.float64)
    n = np.array([[40, 40, 40, 40, 0, 40, 40, 40]], np.float64)
    baseline = rate_baseline(x, n)
    assert np.isnan(baseline.centre[0])
    assert p_verdicts(arr(10), arr(40), baseline).tolist() == [Verdict.UNKNOWN]


def test_a_period_without_lines_is_unknown_not_bad() -> None:
    assert verdict(0, 0, [(38, 40)] * 8) is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        # n·p = 50: σ = 0.05; 3σ ends at 35 and 65, 1.96σ at 40.2 and 59.8.
        (34, Verdict.LOW_ALARM),
        (35, Verdict.LOW_WARNING),
        (40, Verdict.LOW_WARNING),
        (41, Verdict.IN_CONTROL),
        (60, Verdict.HIGH_WARNING),
        (66, Verdict.HIGH_ALARM),
    ],
)
def test_many_lines_are_judged_by_the_limits(x: int, expected: Verdict) -> None:
    assert verdict(x, 100, [(50, 100)] * 8) is expected


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        # Binomial(10, 0.95): P(X ≤ 6) = 0.00103, P(X ≤ 7) = 0.0115, P(X ≤ 8) = 0.0861.
        # The 3σ limit of 0.743 would let 7 of 10 alarm too.
        (6, Verdict.LOW_ALARM),
        (7, Verdict.LOW_WARNING),
        (8, Verdict.IN_CONTROL),
        (10, Verdict.IN_CONTROL),
    ],
)
def test_few_lines_are_judged_by_the_exact_tail(x: int, expected: Verdict) -> None:
    assert verdict(x, 10, [(19, 20)] * 8) is expected


def test_clustered_lines_alarm_later() -> None:
    # 32 of 40 at 0.95: P = 0.0007. In pairs it is 16 of 20: P = 0.0159.
    history = [(38, 40)] * 8
    assert verdict(32, 40, history) is Verdict.LOW_ALARM
    assert verdict(32, 40, history, deff=2.0) is Verdict.LOW_WARNING


def test_the_first_miss_after_a_perfect_year_is_no_alarm() -> None:
    assert verdict(9, 10, [(10, 10)] * 12) is Verdict.IN_CONTROL
    assert verdict(5, 10, [(10, 10)] * 12) is Verdict.LOW_ALARM


@given(st.integers(1, 40), st.integers(0, 40), st.floats(0.01, 0.99))
def test_tails_of_whole_counts_are_the_binomial_sums(n: int, x: int, p: float) -> None:
    x = min(x, n)
    chance = [comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]

    low, high = binomial_tails(arr(x), arr(n), arr(p))

    assert low[0] == pytest.approx(sum(chance[: x + 1]), abs=1e-9)
    assert high[0] == pytest.approx(sum(chance[x:]), abs=1e-9)


def test_moving_range_compares_neighbours_that_are_known() -> None:
    values = np.array([[1.0, np.nan, 4.0, 2.0], [np.nan, 5.0, np.nan, np.nan]])
    got = mean_moving_range(values)
    assert got[0] == 2.5
    assert np.isnan(got[1])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rate_baseline(np.full((1, 8), 5.0), np.full((1, 8), 4.0)), "0 ≤ x ≤ n"),
        (lambda: rate_baseline(np.ones((1, 8)), np.ones((1, 7))), "must be equal"),
        (lambda: rate_baseline(np.ones((1, 8)), np.ones((1, 8)), deff=arr(0.5)), "deff"),
        (lambda: p_limits(arr(1.2), arr(4)), "centre"),
        (lambda: p_limits(arr(0.9), arr(4), sigmas=0), "sigmas"),
        (lambda: binomial_tails(arr(1), arr(2), arr(-0.1)), "centre"),
        (lambda: mean_moving_range(arr(1, 2)), r"\(suppliers, periods\)"),
    ],
)
def test_impossible_input_is_refused(call: object, message: str) -> None:
    assert callable(call)
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("deff", [1.0, 3.5])
@pytest.mark.parametrize("n", [1, 12, 40, 150, 900])
def test_the_limits_that_are_drawn_are_those_that_alarm(n: int, deff: float) -> None:
    baseline = rate_baseline(np.full((1, 8), 38.0), np.full((1, 8), 40.0), deff=arr(deff))
    lower, upper = (float(limit[0, 0]) for limit in alarm_limits(np.array([[n]]), baseline))
    found = {x: Verdict(int(p_verdicts(arr(x), arr(n), baseline)[0])) for x in range(0, n + 1)}
    assert {x for x, told in found.items() if told is Verdict.LOW_ALARM} == {
        x for x in found if x / n < lower - 1e-9
    }
    assert {x for x, told in found.items() if told is Verdict.HIGH_ALARM} == {
        x for x in found if x / n > upper + 1e-9
    }


def test_a_month_without_lines_and_a_supplier_without_baseline_have_no_limits() -> None:
    short = rate_baseline(np.full((2, 8), 38.0), np.array([[40.0] * 8, [40.0] * 7 + [38.0]]))
    lower, _ = alarm_limits(np.array([[0.0, 40.0], [40.0, 40.0]]), short)
    assert np.isnan(lower).tolist() == [[True, False], [False, False]]
    young = rate_baseline(np.full((1, 3), 38.0), np.full((1, 3), 40.0))
    assert np.isnan(alarm_limits(np.array([[40.0]]), young)).all()
