"""What a concentration becomes when an award moves; many concentrations at once."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calc.concentration import concentration, concentrations
from app.calc.concentration_moves import UNKNOWN, moved, spread

AMOUNTS = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 9), st.integers(-50, 1000)),
    unique_by=lambda row: row[:2],
    max_size=30,
)


def test_a_quarter_of_the_largest_goes_to_the_second() -> None:
    result = moved({"A": 600, "B": 300, "C": 100}, amount=150, source={"A": 1}, target={"B": 1})
    assert result.before is not None
    assert result.after is not None
    # 60/30/10 is 4,600; 45/45/10 is 4,150.
    assert (result.before.hhi, result.after.hhi) == (4600.0, 4150.0)
    assert (result.is_changed, result.change) == (True, -450.0)


def test_a_move_within_one_bucket_changes_nothing() -> None:
    result = moved({"DEU": 600}, amount=150, source={"DEU": 1}, target={"DEU": 1})
    assert not result.is_changed


def test_what_shares_leave_is_a_bucket_of_its_own() -> None:
    assert spread(80, {"DEU": 0.25}) == {"DEU": Fraction(20), UNKNOWN: Fraction(60)}
    assert spread(80, {}) == {UNKNOWN: Fraction(80)}
    assert spread(80, {"DEU": 1.0}) == {"DEU": Fraction(80)}


@pytest.mark.parametrize("shares", [{"A": -0.1}, {"A": 1.1}, {"A": 0.6, "B": 0.6}])
def test_impossible_shares_are_refused(shares: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"shares"):
        spread(1, shares)


def test_a_negative_move_is_refused() -> None:
    with pytest.raises(ValueError, match="amount is -1"):
        moved({"A": 1}, amount=-1, source={}, target={})


def test_nothing_bought_has_no_concentration_and_no_change() -> None:
    result = moved({}, amount=0, source={}, target={})
    assert (result.before, result.after, result.change) == (None, None, None)


@given(AMOUNTS)
def test_many_at_once_equal_one_by_one(rows: list[tuple[int, int, int]]) -> None:
    found = concentrations(*([list(column) for column in zip(*rows, strict=True)] or [[], [], []]))
    for at, group in enumerate(found.groups.tolist()):
        own = {member: amount for key, member, amount in rows if key == group}
        expected = concentration(list(own.values()))
        if expected is None:
            assert str(found.hhi[at]) == "nan"
            assert found.biggest[at] == 0
            continue
        assert found.hhi[at] == pytest.approx(expected.hhi)
        assert found.effective_number[at] == pytest.approx(expected.effective_number)
        assert found.max_share[at] == pytest.approx(expected.max_share)
        assert (found.n[at], found.floored[at]) == (expected.n, expected.floored)
        # Of equals the lowest key, always the same.
        largest = max(own.values())
        assert found.biggest[at] == min(key for key, amount in own.items() if amount == largest)


def test_grouped_arrays_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="rows differ"):
        concentrations([1], [1, 2], [1.0])
