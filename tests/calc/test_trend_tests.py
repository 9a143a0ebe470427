"""Mann–Kendall's test and Sen's slope against published and counted values."""

from __future__ import annotations

from itertools import permutations
from math import nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calc.trend_tests import mann_kendall, mann_kendall_many, permutation_p, sen_slopes

HOLY_CROSS = [12.9, 14.8, 13.2, 15.7, 13.8, 15.6, 12.9, 11.0, 17.3, 15.9, 19.0, 18.3, 20.1, 21.7]

series = st.lists(st.one_of(st.none(), st.integers(-5, 5).map(float)), max_size=14)


def test_mann_kendall_equals_the_published_example() -> None:
    trend = mann_kendall(HOLY_CROSS)

    assert trend is not None
    assert trend.s == 54
    assert trend.variance == pytest.approx(332.6667, abs=6e-5)
    assert trend.z == pytest.approx(2.9058, abs=6e-5)
    assert trend.p / 2 == pytest.approx(0.0018, abs=6e-5)


@pytest.mark.parametrize(
    ("n", "p"),
    [(3, 1 / 3), (4, 0.08333333333333333), (5, 0.016666666666666666), (6, 0.002777777777777778)],
)
def test_four_points_can_never_show_a_trend(n: int, p: float) -> None:
    trend = mann_kendall([float(place) for place in range(n)])
    assert trend is not None
    assert trend.p == pytest.approx(p, abs=1e-12)


def test_exact_p_with_ties_equals_counting_every_ordering() -> None:
    values = (1, 1, 2, 2, 2, 3)
    sums = [
        sum((b > a) - (b < a) for i, a in enumerate(order) for b in order[i + 1 :])
        for order in permutations(values)
    ]
    for s in {abs(value) for value in sums}:
        counted = sum(abs(value) >= s for value in sums) / len(sums)
        assert permutation_p(s, (2, 3, 1)) == pytest.approx(counted, abs=1e-12)


def test_ten_values_are_counted_and_eleven_are_normal() -> None:
    ten = mann_kendall([float(place) for place in range(10)])
    eleven = mann_kendall([float(place) for place in range(11)])

    assert ten is not None
    assert eleven is not None
    assert ten.p == pytest.approx(2 / 3_628_800, rel=1e-12)
    # S = 55, Var = 165, Z = 54/12.84523 = 4.20390: twice 1.312e-5 by the normal table.
    assert eleven.p == pytest.approx(2.624e-5, rel=2e-3)


def test_an_unknown_period_is_left_out_and_keeps_its_place() -> None:
    trend = mann_kendall([1.0, None, None, 4.0, 5.0])
    assert trend is not None
    assert (trend.n, trend.s, trend.slope) == (3, 3, 1.0)


def test_sen_slope_shrugs_at_one_wild_value() -> None:
    # The pairs' slopes are 1, 1, 33, 1, 49 and 97: their median is 17, their mean 30.3.
    assert sen_slopes(np.array([[0.0, 1, 2, 99], [0.0, 1, 2, 3]])).tolist() == [17.0, 1.0]


def test_all_equal_is_no_trend() -> None:
    trend = mann_kendall([0.9] * 12)
    assert trend is not None
    assert (trend.s, trend.variance, trend.z, trend.p, trend.slope) == (0, 0.0, 0.0, 1.0, 0.0)


@pytest.mark.parametrize("values", [[], [None, None], [1.0, None]])
def test_fewer_than_two_values_have_no_trend(values: list[float | None]) -> None:
    assert mann_kendall(values) is None


def test_infinite_values_are_refused() -> None:
    with pytest.raises(ValueError, match="infinite"):
        mann_kendall([1.0, float("inf")])


def test_a_flat_array_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\(suppliers, periods\)"):
        mann_kendall_many(np.array([1.0, 2.0]))


def test_ties_below_one_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        permutation_p(0, (0, 2))


@given(series)
def test_turning_time_round_turns_the_sign_only(values: list[float | None]) -> None:
    forward, backward = mann_kendall(values), mann_kendall(values[::-1])
    assert (forward is None) == (backward is None)
    if forward and backward:
        assert (backward.s, backward.p) == (-forward.s, forward.p)
        assert backward.slope == pytest.approx(-forward.slope, abs=1e-12)


@given(st.lists(series, min_size=1, max_size=6))
def test_many_series_are_tested_as_one_by_one(rows: list[list[float | None]]) -> None:
    width = max(len(row) for row in rows)
    padded = [[*row, *[None] * (width - len(row))] for row in rows]
    table = np.array([[nan if v is None else v for v in row] for row in padded], np.float64)

    many = mann_kendall_many(table.reshape(len(rows), width))

    for index, row in enumerate(rows):
        assert many.trend(index) == mann_kendall(row)
