"""How a page names its period."""

from __future__ import annotations

from datetime import date

import pytest

from app.calc.windows import Fiscal, parse_window
from app.faces.overview.periods import period_words

DAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("window", "words"),
    [
        ("12m", "12 months to 21 Nov 2026"),
        ("ytd", "the year to 21 Nov 2026"),
        ("2026Q3", "quarter 3 of 2026"),
        ("all", "everything to 21 Nov 2026"),
        ("13w", "13 weeks to 21 Nov 2026"),
        ("2026-10", "Oct 2026"),
        ("fytd", "the fiscal year to 21 Nov 2026"),
        ("FY2026Q4", "quarter 4 of fiscal year 2026"),
    ],
)
def test_period_is_named_as_people_say_it(window: str, words: str) -> None:
    assert period_words(parse_window(window, as_of=DAY, fiscal=Fiscal(10))) == words
