"""What is printed is rounded half up, and never claims more than there is."""

from __future__ import annotations

import pytest

from app.base import formatting


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (None, "no data"),
        (79.94, "79.9"),
        (79.96, "79.96"),
        (79.996, "79.99"),
        (80.0, "80.0"),
        (84.96, "84.96"),
        (85.04, "85.0"),
        (46.97, "47.0"),
        (100.0, "100.0"),
    ],
)
def test_a_score_never_prints_as_a_grade_it_missed(value: float | None, printed: str) -> None:
    assert formatting.score(value) == printed


def test_numbers_round_half_up() -> None:
    assert formatting.number(2.25, 1) == "2.3"
    assert formatting.percent(0.89885) == "89.9 %"
