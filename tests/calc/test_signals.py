"""Early-warning rules, their hysteresis and their severity."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calc.rate_trend import rate_trends
from app.calc.signals import (
    Severity,
    Signal,
    SignalKind,
    below_sla,
    degradation,
    first_seen,
    lateness_up,
    severity_of,
    standing,
    trend_signals,
)

UNKNOWN = float("nan")
conditions = st.lists(st.sampled_from([0.0, 1.0, UNKNOWN]), max_size=30)


def same(got: np.ndarray, *expected: float) -> bool:
    return np.array_equal(got, np.array(expected), equal_nan=True)


def test_below_sla_needs_two_periods_in_a_row() -> None:
    rates = np.array([[0.99, 0.94, 0.93], [0.93, 0.96, 0.94], [0.93, 0.94, 0.95]])
    assert same(below_sla(rates, 0.95), 1, 0, 0)


def test_below_sla_is_unknown_where_a_period_or_the_level_is() -> None:
    rates = np.array([[0.94, UNKNOWN], [UNKNOWN, 0.99], [0.5, 0.5]])
    assert same(below_sla(rates, np.array([0.95, 0.95, UNKNOWN])), UNKNOWN, 0, UNKNOWN)


def later(recent: list[float], year: list[float], lines: int = 20, count: int = 9) -> np.ndarray:
    size = len(recent)
    return lateness_up(
        np.array(recent),
        np.array(year),
        recent_lines=np.full(size, lines),
        later_lines=np.full(size, count),
    )


def test_lateness_is_up_from_one_and_a_half_times_the_year() -> None:
    assert same(later([6.0, 5.9, 9.0], [4.0, 4.0, 8.0]), 1, 0, 0)


def test_a_punctual_supplier_is_not_flagged_for_one_late_day() -> None:
    assert same(later([1.0, 1.5, 1.0], [0.0, 0.0, -5.0]), 0, 1, 0)


def test_lateness_that_chance_explains_is_not_up() -> None:
    # Binomial(20, 0.1): P(X ≥ 6) = 0.0113, P(X ≥ 7) = 0.0024, P(X ≥ 8) = 0.0004.
    assert same(later([60.0], [4.0], count=7), 0)
    assert same(later([60.0], [4.0], count=8), 1)


def test_lines_of_one_order_are_not_many_witnesses() -> None:
    got = lateness_up(
        np.array([60.0]),
        np.array([4.0]),
        recent_lines=np.array([20]),
        later_lines=np.array([8]),
        deff=np.array([2.75]),
    )
    assert same(got, 0)


def test_nine_lines_tell_no_percentile() -> None:
    assert same(later([60.0], [4.0], lines=9), UNKNOWN)
    assert same(later([UNKNOWN], [4.0], lines=90), UNKNOWN)


def test_at_most_one_stable_supplier_in_200_has_lateness_up_a_month() -> None:
    generator = np.random.Generator(np.random.PCG64(1))
    year_p90 = 6.0  # of these days, over 200,000 lines
    for lines in (10, 20, 100):
        days = np.rint(generator.gamma(0.5, 6, (20_000, lines)) - 2)
        got = lateness_up(
            np.quantile(days, 0.9, axis=1),
            np.full(20_000, year_p90),
            recent_lines=np.full(20_000, lines),
            later_lines=(days > year_p90).sum(axis=1),
        )
        assert got.mean() <= 1 / 200


def test_degradation_is_unknown_where_history_is_too_short() -> None:
    x = np.full((1, 7), 19.0)
    assert same(degradation(rate_trends(x, x)), UNKNOWN)


def test_degradation_carries_its_evidence() -> None:
    # 40, 39 … 29 of 40: 2.5 points a month, 30 over the window; p of S = −66 at n = 12.
    falling = np.array([[40.0] * 12 + [40.0 - step for step in range(12)]])
    signals = trend_signals(rate_trends(falling, np.full((1, 24), 40.0)), 0)

    degrading = signals[0]
    assert degrading.kind is SignalKind.DEGRADATION
    assert degrading.value == pytest.approx(-0.30, abs=1e-12)
    assert degrading.limit == -0.02
    # Z = 65/√212.667 = 4.4572: twice 4.15e-6.
    assert degrading.p == pytest.approx(8.3e-6, rel=0.01)


def test_a_signal_is_raised_at_once_and_cleared_after_two_good_periods() -> None:
    got = standing(np.array([[0, 1, 0, 0, 0, 1]]))
    assert got.tolist() == [[False, True, True, False, False, True]]


def test_one_good_period_between_two_bad_ones_does_not_clear() -> None:
    assert standing(np.array([[1, 0, 1, 0, 1]])).all()


def test_an_unknown_period_is_not_a_good_one() -> None:
    assert standing(np.array([[1, 0, UNKNOWN, UNKNOWN, UNKNOWN]])).all()
    assert not standing(np.array([[UNKNOWN, UNKNOWN]])).any()


def test_first_seen_counts_from_the_last_return() -> None:
    stands = np.array([[1, 1, 0, 1], [1, 1, 1, 1], [1, 1, 1, 0]], np.bool_)
    assert first_seen(stands).tolist() == [3, 0, -1]


def test_severity_is_the_gravest_never_a_sum() -> None:
    watch = Signal(SignalKind.LATENESS_UP, 6, 4.5)
    alarm = Signal(SignalKind.BELOW_SLA, 0.9, 0.95)
    assert severity_of([watch, watch, watch]) is Severity.WATCH
    assert severity_of([watch, alarm]) is Severity.ALARM
    assert severity_of([]) is None


@given(conditions)
def test_standing_follows_its_rule_step_by_step(row: list[float]) -> None:
    got = standing(np.array([row]).reshape(1, len(row)))[0]
    stands, good = False, 0
    for condition, actual in zip(row, got, strict=True):
        if condition == 1:
            stands, good = True, 0
        elif condition == 0:
            good += 1
            stands = stands and good < 2
        assert actual == stands


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: below_sla(np.array([[0.9]]), 0.95), "periods ≥ 2"),
        (lambda: later([1.0, 2.0], [1.0]), "must be equal"),
        (lambda: later([1.0], [1.0], lines=8, count=9), "0 ≤ x ≤ n"),
        (lambda: standing(np.array([[2.0]])), "1, 0 or NaN"),
        (lambda: standing(np.array([1.0])), "two-dimensional"),
        (lambda: first_seen(np.array([True])), "two-dimensional"),
    ],
)
def test_impossible_input_is_refused(call: object, message: str) -> None:
    assert callable(call)
    with pytest.raises(ValueError, match=message):
        call()
