"""How a page names its period."""

from __future__ import annotations

from datetime import date

import pytest

from app.calc.periods import parse_period
from app.faces.overview.periods import period_words


@pytest.mark.parametrize(
    ("window", "words"),
    [
        ("12m", "12 months to 21 Nov 2026"),
        ("ytd", "the year to 21 Nov 2026"),
        ("2026Q3", "quarter 3 of 2026"),
        ("all", "everything to 21 Nov 2026"),
    ],
)
def test_period_is_named_as_people_say_it(window: str, words: str) -> None:
    assert period_words(parse_period(window, as_of=date(2026, 11, 21))) == words
