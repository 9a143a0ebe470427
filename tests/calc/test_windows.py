"""Windows by name: months, weeks and fiscal calendars give one kind of period."""

from __future__ import annotations

from datetime import date

import pytest

from app.calc.periods import quarter_label, quarter_named
from app.calc.windows import (
    Fiscal,
    fiscal_calendar,
    fiscal_windows,
    last_month,
    last_quarter,
    parse_window,
)

DAY = date(2026, 11, 21)
OCTOBER = fiscal_calendar("10")
WEEKS = fiscal_calendar("4-4-5 last saturday of 9")


@pytest.mark.parametrize(
    ("label", "fiscal", "first", "last"),
    [
        ("2026-10", None, date(2026, 10, 1), date(2026, 10, 31)),
        ("2026Q3", None, date(2026, 7, 1), date(2026, 9, 30)),
        ("12m", None, date(2025, 12, 1), DAY),
        ("ytd", None, date(2026, 1, 1), DAY),
        ("13w", None, date(2026, 8, 23), DAY),
        ("FY2026Q4", OCTOBER, date(2026, 7, 1), date(2026, 9, 30)),
        ("fytd", OCTOBER, date(2026, 10, 1), DAY),
        ("FY2026", WEEKS, date(2025, 9, 28), date(2026, 9, 26)),
        ("FY2026Q4", WEEKS, date(2026, 6, 28), date(2026, 9, 26)),
        ("FY2027P01", WEEKS, date(2026, 9, 27), date(2026, 10, 24)),
        ("fytd", WEEKS, date(2026, 9, 27), DAY),
    ],
)
def test_a_window_has_its_first_and_last_day(
    label: str, fiscal: Fiscal | None, first: date, last: date
) -> None:
    period = parse_window(label, as_of=DAY, fiscal=fiscal)
    assert (period.first_day, period.last_day) == (first, last)


@pytest.mark.parametrize("label", ["13x", "FY2026Q4", "fytd", "0w", "2026Q5"])
def test_a_window_that_the_house_does_not_keep_is_refused_with_what_is(label: str) -> None:
    with pytest.raises(ValueError, match="is not one of 12m, 13w, ytd"):
        parse_window(label, as_of=DAY)


def test_a_fiscal_quarter_is_no_calendar_quarter() -> None:
    assert quarter_named("FY2026Q3") is None
    assert quarter_named(quarter_label(2026 * 12 + 8)) == (2026, 3)


def test_the_last_windows_are_those_that_are_over() -> None:
    assert (last_month(DAY), last_quarter(DAY)) == ("2026-10", "2026Q3")
    assert fiscal_windows(DAY, OCTOBER) == ["fytd", "FY2026Q4", "FY2026"]
    assert fiscal_windows(DAY, WEEKS) == ["fytd", "FY2026Q4", "FY2026"]
    assert fiscal_windows(DAY, None) == []


@pytest.mark.parametrize("text", ["13", "4-4-6 last saturday of 9", "4-4-5 first monday of 9"])
def test_a_fiscal_calendar_that_can_not_be_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"fiscal year|pattern"):
        fiscal_calendar(text)
