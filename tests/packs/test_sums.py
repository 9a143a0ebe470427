"""What is printed adds up: parts to their total, the total to the score."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.base.formatting import half_up
from app.reviews.packs.building.sums import apportioned, contributions, total_for


def test_parts_are_rounded_so_that_they_add_up() -> None:
    parts = [1.005, 1.005, 1.005, 1.005]
    printed = apportioned(parts, Decimal("4.02"), places=2)
    assert sum(printed) == Decimal("4.02")
    assert sorted(printed) == [Decimal("1.00"), Decimal("1.00"), Decimal("1.01"), Decimal("1.01")]


def test_parts_that_add_up_already_stay_as_they_round() -> None:
    assert apportioned([12.376, 3.764, 2.5], Decimal("18.64"), places=2) == [
        Decimal("12.38"), Decimal("3.76"), Decimal("2.50"),
    ]  # fmt: skip


def test_negative_parts_add_up_too() -> None:
    printed = apportioned([5.24, -0.64, -0.26], Decimal("4.3"), places=1)
    assert sum(printed) == Decimal("4.3")


def test_the_printed_sum_divided_by_the_coverage_prints_as_the_score() -> None:
    # 59.2326 / 0.95 = 62.35011 prints 62.4, but 59.23 / 0.95 = 62.347 would print 62.3.
    assert total_for(59.2326 / 0.95, 59.2326, 0.95) == Decimal("59.24")


@given(st.lists(st.floats(0, 25), min_size=1, max_size=10), st.integers(60, 100))
def test_every_card_adds_up(parts: list[float], percent: int) -> None:
    share = percent / 100
    score = sum(parts) / share
    printed, total = contributions(parts, score=score, share=share)
    assert sum(printed) == total
    assert half_up(total / (Decimal(percent) / 100), 1) == half_up(score, 1)
    assert all(abs(float(own) - part) <= 0.0151 for own, part in zip(printed, parts, strict=True))


def test_rows_round_half_up_by_themselves_where_the_score_still_follows() -> None:
    printed, total = contributions([12.375, 3.765, 2.5], score=18.64 / 0.35, share=0.35)
    assert printed == [Decimal("12.38"), Decimal("3.77"), Decimal("2.50")]
    assert total == Decimal("18.65")
