"""Rates pulled towards the group's, for ranking only."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calc.shrinkage import (
    Prior,
    PriorOrigin,
    draw_shrunk_rates,
    fit_prior,
    kleinman_k,
    shrink_group,
    shrunk_rates,
)

samples = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), min_size=1, max_size=30)


def arr(*values: float) -> np.ndarray:
    return np.array(values, np.float64)


@pytest.mark.parametrize(
    ("x", "n", "expected", "tolerance"), [(4, 10, 0.264, 5e-4), (300, 1000, 0.29, 6e-4)]
)
def test_shrunk_rate_equals_published_values(
    x: float, n: float, expected: float, tolerance: float
) -> None:
    got = shrunk_rates(arr(x), arr(n), alpha=78.7, beta=224.9)
    assert got[0] == pytest.approx(expected, abs=tolerance)


def test_kleinman_weight_of_four_suppliers() -> None:
    # S = 1.125, m = 0.9: ρ = (1.125 − 0.27)/(0.09·67) = 0.141791; k = 1/ρ − 1.
    assert kleinman_k(arr(18, 39, 6, 27), arr(20, 40, 10, 30)) == pytest.approx(6.0526316, abs=1e-6)


def test_three_of_three_is_shrunk_to_twelve_of_thirteen() -> None:
    # A prior of mean 0.9 and weight 10: (3 + 9)/(3 + 10).
    assert shrunk_rates(arr(3), arr(3), alpha=9, beta=1)[0] == pytest.approx(12 / 13, abs=1e-12)


def test_three_of_three_never_ranks_above_57_of_60() -> None:
    # m = 300/363 with four suppliers: k = 10, α = 8.26446, β = 1.73554;
    # 3/3 → 11.26446/13 = 0.86650, 57/60 → 65.26446/70 = 0.93235.
    rates = shrink_group(arr(3, 57, 80, 160), arr(3, 60, 100, 200))

    assert rates.raw[:2].tolist() == [1.0, 0.95]
    assert rates.shrunk[:2] == pytest.approx([0.86650, 0.93235], abs=5e-6)


def test_suppliers_without_spread_of_their_own_are_pulled_hardest() -> None:
    prior = fit_prior(arr(9, 18, 27, 36, 45), arr(10, 20, 30, 40, 50))
    assert prior == Prior(0.9, 50.0, PriorOrigin.NO_SPREAD)


def test_suppliers_far_apart_are_pulled_least() -> None:
    # Wholly on time or wholly late: ρ = 1 and k would be 0.
    prior = fit_prior(arr(50, 50, 50, 0, 0, 0), arr(50, 50, 50, 50, 50, 50))
    assert prior == Prior(0.5, 2.0, PriorOrigin.ESTIMATED)


def test_one_line_per_supplier_shows_no_spread() -> None:
    assert kleinman_k(arr(1, 0, 1, 1, 1), arr(1, 1, 1, 1, 1)) is None


def test_fewer_than_five_suppliers_get_the_default_weight() -> None:
    prior = fit_prior(arr(18, 39, 6, 27, 0), arr(20, 40, 10, 30, 0))
    assert prior == Prior(0.9, 10.0, PriorOrigin.TOO_FEW_SUPPLIERS)


def test_a_group_without_a_miss_is_not_taken_for_perfect() -> None:
    some = arr(10, 10, 10, 10, 10)
    assert fit_prior(some, some) == Prior(0.99, 10.0, PriorOrigin.NOTHING_BUT_ONE_OUTCOME)
    assert fit_prior(some * 0, some) == Prior(0.5, 10.0, PriorOrigin.NOTHING_BUT_ONE_OUTCOME)


def test_unknown_stays_unknown_beside_known_suppliers() -> None:
    rates = shrink_group(arr(9, 0), arr(10, 0))
    assert np.isnan(rates.raw).tolist() == [False, True]
    assert np.isnan(rates.shrunk).tolist() == [False, True]


def test_a_group_without_lines_has_no_prior() -> None:
    rates = shrink_group(arr(0, 0), arr(0, 0))
    assert rates.prior is None
    assert np.isnan(rates.shrunk).all()


@given(samples)
def test_the_shrunk_rate_lies_between_raw_and_prior(pairs: list[tuple[int, int]]) -> None:
    x = arr(*(min(pair) for pair in pairs))
    n = arr(*(max(pair) for pair in pairs))
    rates = shrink_group(x, n)
    if rates.prior is None:
        assert not n.any()
        return
    known = n > 0
    low = np.minimum(rates.raw, rates.prior.mean)[known]
    high = np.maximum(rates.raw, rates.prior.mean)[known]
    assert ((rates.shrunk[known] >= low - 1e-12) & (rates.shrunk[known] <= high + 1e-12)).all()
    assert 2 <= rates.prior.k <= 50


@given(samples)
def test_the_order_of_suppliers_does_not_matter(pairs: list[tuple[int, int]]) -> None:
    turned = pairs[::-1]
    first = fit_prior(arr(*(min(p) for p in pairs)), arr(*(max(p) for p in pairs)))
    second = fit_prior(arr(*(min(p) for p in turned)), arr(*(max(p) for p in turned)))
    assert (first is None) == (second is None)
    if first and second:
        assert first.origin is second.origin
        assert (first.mean, first.k) == pytest.approx((second.mean, second.k), rel=1e-9)


def test_draws_spread_around_the_shrunk_rate_and_repeat_with_their_seed() -> None:
    prior = Prior(0.9, 10.0, PriorOrigin.ESTIMATED)
    drawn = draw_shrunk_rates(arr(3, 0), arr(3, 0), prior=prior, draws=4000, seed=4)
    again = draw_shrunk_rates(arr(3, 0), arr(3, 0), prior=prior, draws=4000, seed=4)

    # Beta(12, 1): mean 12/13, standard deviation 0.0712; 4,000 draws err by 0.0011.
    assert drawn[0].mean() == pytest.approx(12 / 13, abs=5 * 0.0012)
    assert drawn[0].std() == pytest.approx(0.0712, abs=0.01)
    assert np.isnan(drawn[1]).all()
    assert np.array_equal(drawn, again, equal_nan=True)


@pytest.mark.parametrize(("x", "n"), [((-1.0,), (3.0,)), ((4.0,), (3.0,)), ((1.0,), (3.0, 4.0))])
def test_impossible_counts_are_refused(x: tuple[float, ...], n: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="x "):
        shrink_group(arr(*x), arr(*n))


def test_a_prior_without_weight_is_refused() -> None:
    with pytest.raises(ValueError, match="alpha is 0"):
        shrunk_rates(arr(1), arr(2), alpha=0, beta=1)
