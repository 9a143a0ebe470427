"""Wilson's interval and the design effect of orders."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calc.intervals import design_effect_from_sums, wilson, wilson_many


@pytest.mark.parametrize(
    ("x", "n", "lo", "hi"),
    [
        (6, 12, 0.2538, 0.7462),
        (10, 12, 0.552, 0.953),
        (1, 1, 0.2065, 1.0),
        (24, 24, 0.862, 1.0),
        (3, 3, 0.4385, 1.0),
    ],
)
def test_wilson_equals_published_values(x: int, n: int, lo: float, hi: float) -> None:
    assert wilson(x, n) == pytest.approx((lo, hi), abs=5e-5)


def test_wilson_without_observations_is_the_whole_range() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def test_wilson_of_none_and_of_all_touches_the_end_exactly() -> None:
    assert wilson(0, 17)[0] == 0.0
    assert wilson(17, 17)[1] == 1.0


@pytest.mark.parametrize(("x", "n"), [(-1, 3), (4, 3), (0, -1)])
def test_wilson_refuses_impossible_counts(x: int, n: int) -> None:
    with pytest.raises(ValueError, match="0 ≤ x ≤ n"):
        wilson(x, n)


def test_orders_wholly_late_widen_the_interval() -> None:
    # Ten orders of five lines, two of them wholly late.
    deff = design_effect_from_sums(10, 50, true=40, sum_n2=250, sum_ny=200, sum_y2=200)

    assert deff == pytest.approx(5.555555555555555, abs=1e-6)
    assert 50 / deff == pytest.approx(9.0, abs=1e-6)
    assert wilson(40 / deff, 50 / deff) == pytest.approx(
        (0.47378850175721254, 0.9467244672065611), abs=1e-6
    )


def test_fewer_than_ten_orders_cannot_show_clustering() -> None:
    assert design_effect_from_sums(9, 45, true=40, sum_n2=225, sum_ny=200, sum_y2=200) is None


def test_lines_all_alike_show_no_clustering() -> None:
    assert design_effect_from_sums(10, 50, true=50, sum_n2=250, sum_ny=250, sum_y2=250) == 1.0
    assert design_effect_from_sums(10, 50, true=0, sum_n2=250, sum_ny=0, sum_y2=0) == 1.0


def test_misses_spread_evenly_never_narrow_the_interval() -> None:
    # Every order of five lines has exactly one miss: less than chance, yet the effect is 1.
    assert design_effect_from_sums(10, 50, true=40, sum_n2=250, sum_ny=200, sum_y2=160) == 1.0


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), max_size=20))
def test_many_intervals_equal_one_by_one(pairs: list[tuple[int, int]]) -> None:
    x = np.array([min(pair) for pair in pairs], dtype=np.float64)
    n = np.array([max(pair) for pair in pairs], dtype=np.float64)

    lo, hi = wilson_many(x, n)

    for place, bounds in enumerate(zip(lo, hi, strict=True)):
        assert bounds == pytest.approx(wilson(x[place], n[place]), abs=1e-12)


@given(st.floats(0, 1), st.floats(0.1, 1e6))
def test_the_interval_holds_the_share(share: float, n: float) -> None:
    x = min(share * n, n)
    lo, hi = wilson(x, n)

    assert 0 <= lo <= x / n + 1e-12
    assert x / n - 1e-12 <= hi <= 1
