"""Places among peers, their plausible range and percentiles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calc.ranking import Rank, best_first, percentiles, rank_peers, ranks

UNKNOWN = float("nan")
scores = st.lists(st.one_of(st.just(UNKNOWN), st.integers(0, 100).map(float)), max_size=40)


def arr(*values: float) -> np.ndarray:
    return np.array(values, np.float64)


def test_ties_share_the_better_place_and_the_next_is_skipped() -> None:
    assert ranks(arr(80, 95, 90, 90, 70)).tolist() == [4, 1, 2, 2, 5]


def test_where_less_is_better_the_least_is_first() -> None:
    assert ranks(arr(50, 0, 500), higher_is_better=False).tolist() == [2, 1, 3]


def test_unknown_has_no_place_and_takes_none() -> None:
    assert ranks(arr(UNKNOWN, 0, UNKNOWN, 100)).tolist() == [0, 2, 0, 1]


def test_unknown_is_listed_last_whichever_end_is_good() -> None:
    values = arr(UNKNOWN, 0, 100)
    assert best_first(values).tolist() == [2, 1, 0]
    assert best_first(values, higher_is_better=False).tolist() == [1, 2, 0]


def test_percentile_is_the_share_of_peers_left_behind() -> None:
    # Of four others: 4 worse, 3 worse, 1 worse and 1 equal (1.5), the same, none.
    assert percentiles(arr(99, 90, 80, 80, 10)).tolist() == [1.0, 0.75, 0.375, 0.375, 0.0]


def test_fewer_than_five_peers_have_no_percentile() -> None:
    assert np.isnan(percentiles(arr(99, 90, 80, 70, UNKNOWN))).all()


def test_suppliers_that_draws_cannot_tell_apart_share_a_range() -> None:
    generator = np.random.Generator(np.random.PCG64(1))
    values = arr(90.2, 90.1, 90.0, 40.0)
    draws = values[:, None] + generator.normal(0, 5, size=(4, 2000))

    near = rank_peers(values, draws)

    assert [(rank.low, rank.high) for rank in near if rank] == [(1, 3), (1, 3), (1, 3), (4, 4)]
    assert [rank.rank for rank in near if rank] == [1, 2, 3, 4]


def test_certain_values_have_a_range_of_one_place() -> None:
    values = arr(90, 80, 70, 60, 50)
    assert rank_peers(values, np.repeat(values[:, None], 10, axis=1))[1] == Rank(2, 2, 2, 5, 0.75)


def test_the_range_always_holds_the_place_itself() -> None:
    assert rank_peers(arr(1, 2), np.array([[9.0, 9.0], [3.0, 3.0]])) == [
        Rank(2, 1, 2, 2, None),
        Rank(1, 1, 2, 2, None),
    ]


def test_unknown_is_not_ranked_among_peers() -> None:
    ranked = rank_peers(arr(UNKNOWN, 5), np.array([[UNKNOWN], [5.0]]))
    assert ranked == [None, Rank(1, 1, 1, 1, None)]


def test_draws_without_a_value_are_refused() -> None:
    with pytest.raises(ValueError, match="known exactly where"):
        rank_peers(arr(UNKNOWN, 5), np.array([[1.0], [5.0]]))


@pytest.mark.parametrize("shape", [(3, 4), (2, 0)])
def test_draws_of_another_shape_are_refused(shape: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=r"\(m, d\)"):
        rank_peers(arr(1, 2), np.zeros(shape))


@given(scores)
def test_places_count_who_is_better(values: list[float]) -> None:
    places = ranks(arr(*values))
    for place, value in zip(places, values, strict=True):
        assert place == (0 if value != value else 1 + sum(other > value for other in values))


@given(scores)
def test_percentiles_of_a_group_average_a_half(values: list[float]) -> None:
    shares = percentiles(arr(*values))
    known = shares[~np.isnan(shares)]
    if sum(value == value for value in values) < 5:
        assert not known.size
    else:
        assert known.mean() == pytest.approx(0.5, abs=1e-12)
