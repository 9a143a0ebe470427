"""EWMA and CUSUM against NIST's examples; the baseline is never the series under test."""

from __future__ import annotations

import numpy as np
import pytest

from app.calc.drift_charts import Baseline, cusum_chart, ewma_chart, split_baseline


def numbers(text: str) -> list[float]:
    return [float(word) for word in text.split()]


EWMA_VALUES = numbers("""
    52.0 47.0 53.0 49.3 50.1 47.0 51.0 50.1 51.2 50.5
    49.6 47.6 49.9 51.3 47.8 51.2 52.6 52.4 53.6 52.1
""")
EWMA_SMOOTHED = numbers("""
    50.6 49.52 50.56 50.18 50.16 49.21 49.75 49.85 50.26 50.33
    50.11 49.36 49.52 50.05 49.38 49.92 50.73 51.23 51.94 51.99
""")
CUSUM_VALUES = numbers("""
    324.925 324.675 324.725 324.35 325.35 325.225 324.125 324.525 325.225 324.6
    324.625 325.15 328.325 327.25 327.825 328.5 326.675 327.775 326.875 328.35
""")
CUSUM_HIGH = numbers("0 0 0 0 0.03 0 0 0 0 0 0 0 3.01 4.94 7.45 10.63 11.99 14.44 16.0 19.04")
CUSUM_LOW = numbers("0 0.01 0 0.33 0 0 0.56 0.72 0.17 0.25 0.31 0 0 0 0 0 0 0 0 0")


def baseline(target: float, sigma: float) -> Baseline:
    return Baseline(np.array([target]), np.array([sigma]))


def test_ewma_equals_nist_s_example() -> None:
    chart = ewma_chart(np.array([EWMA_VALUES]), baseline=baseline(50, 2.0539), weight=0.3, sigmas=3)
    assert chart.smoothed[0] == pytest.approx(EWMA_SMOOTHED, abs=0.006)
    assert not chart.signals.any()


def test_ewma_limits_open_towards_nist_s_limits() -> None:
    chart = ewma_chart(np.array([EWMA_VALUES]), baseline=baseline(50, 2.0539), weight=0.3, sigmas=3)
    # NIST prints 50 ∓ 0.4201·3·2.0539 = 47.4115 and 52.5884; the first period has λLσ = 1.8485.
    assert (chart.lower[0, -1], chart.upper[0, -1]) == pytest.approx((47.4115, 52.5884), abs=2e-3)
    assert (chart.lower[0, 0], chart.upper[0, 0]) == pytest.approx((48.1515, 51.8485), abs=1e-4)


def test_an_estimated_target_widens_the_limits_as_it_takes_hold() -> None:
    # First period: √((0.2·1)² + (0.5·0.2)²)·2.7; settled: √(1/9 + 0.25)·2.7.
    unsure = Baseline(np.array([0.0]), np.array([1.0]), np.array([0.5]))
    chart = ewma_chart(np.zeros((1, 60)), baseline=unsure)
    assert chart.upper[0, 0] == pytest.approx(2.7 * 0.05**0.5, abs=1e-9)
    assert chart.upper[0, -1] == pytest.approx(2.7 * (1 / 9 + 0.25) ** 0.5, abs=1e-4)


def test_ewma_signals_on_the_side_it_leaves() -> None:
    both = Baseline(np.array([10.0, 10.0]), np.array([1.0, 1.0]))
    chart = ewma_chart(np.array([[10.0, 4, 4, 4], [10, 16, 16, 16]]), baseline=both)
    assert chart.signals.tolist() == [[0, -1, -1, -1], [0, 1, 1, 1]]


def test_cusum_equals_nist_s_example_and_first_signals_at_14() -> None:
    chart = cusum_chart(
        np.array([CUSUM_VALUES]), baseline=baseline(325, 1.0), slack=0.3175, limit=4.1959
    )
    assert chart.high[0] == pytest.approx(CUSUM_HIGH, abs=0.031)
    assert chart.low[0] == pytest.approx(CUSUM_LOW, abs=0.031)
    assert chart.first_signal.tolist() == [14]


def test_cusum_at_its_limit_does_not_signal_and_is_not_reset_above() -> None:
    chart = cusum_chart(
        np.array([[1.0, 1.0, 1.5, 0.0]]), baseline=baseline(0, 1.0), slack=0.0, limit=2.0
    )
    assert chart.signals.tolist() == [[0, 0, 1, 1]]


def test_cusum_defaults_are_half_a_sigma_and_five() -> None:
    chart = cusum_chart(np.array([[2.0, 2.0]]), baseline=baseline(0, 2.0))
    assert chart.high.tolist() == [[1.0, 2.0]]
    assert chart.limit.tolist() == [10.0]


def test_sigma_comes_from_the_baseline_s_moving_range_only() -> None:
    calm = [5.0, 6, 5, 6, 5, 6, 5, 6]
    base, tested = split_baseline(np.array([[*calm, 9, 40], [*calm, 5, 5]]), tested_from=8)

    # Moving range 1, σ = 1/1.128, whatever comes after.
    assert base.sigma == pytest.approx([0.886525, 0.886525], abs=1e-6)
    assert base.target_error == pytest.approx([0.313434, 0.313434], abs=1e-6)
    assert base.target.tolist() == [5.5, 5.5]
    assert tested.tolist() == [[9, 40], [5, 5]]


@pytest.mark.parametrize("tested_from", [0, 7, 10])
def test_a_chart_without_a_separate_baseline_is_refused(tested_from: int) -> None:
    with pytest.raises(ValueError, match="tested_from"):
        split_baseline(np.zeros((1, 10)), tested_from=tested_from)


def test_seven_known_periods_make_no_baseline_and_no_signal() -> None:
    rows = np.array([[5.0, 6, 5, np.nan, 5, 6, 5, 6, -99]])
    base, tested = split_baseline(rows, tested_from=8)
    assert np.isnan(base.sigma).all()
    assert not ewma_chart(tested, baseline=base).signals.any()
    assert cusum_chart(tested, baseline=base).first_signal.tolist() == [0]


def test_an_unknown_period_changes_nothing() -> None:
    gap, none = np.array([[12.0, np.nan, 13.0]]), np.array([[12.0, 13.0]])
    base = baseline(10, 1.0)

    assert ewma_chart(gap, baseline=base).smoothed[0, [0, 2]].tolist() == (
        ewma_chart(none, baseline=base).smoothed[0].tolist()
    )
    assert ewma_chart(gap, baseline=base).lower[0, 2] == ewma_chart(none, baseline=base).lower[0, 1]
    assert cusum_chart(gap, baseline=base).high.tolist() == [[1.5, 1.5, 4.0]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: baseline(1, -1), "sigma"),
        (lambda: Baseline(np.zeros(2), np.zeros(3)), "target has shape"),
        (lambda: ewma_chart(np.zeros((1, 3)), baseline=baseline(0, 1), weight=0), "weight"),
        (lambda: ewma_chart(np.zeros((1, 3)), baseline=baseline(0, 1), sigmas=0), "sigmas"),
        (lambda: ewma_chart(np.zeros((2, 3)), baseline=baseline(0, 1)), "2 series"),
        (lambda: cusum_chart(np.zeros((1, 3)), baseline=baseline(0, 1), limit=0), "limit"),
        (lambda: cusum_chart(np.zeros(3), baseline=baseline(0, 1)), r"\(suppliers, periods\)"),
    ],
)
def test_impossible_input_is_refused(call: object, message: str) -> None:
    assert callable(call)
    with pytest.raises(ValueError, match=message):
        call()
