"""Periods of whole months: of the calendar, rolling, to date, fiscal."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calc.periods import Period, parse_period, previous, year_ago

AS_OF = date(2026, 11, 21)


def days(period: Period | None) -> tuple[date | None, date]:
    assert period is not None
    return period.first_day, period.last_day


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("12m", "2025-12-01", "2026-11-21"),
        ("ytd", "2026-01-01", "2026-11-21"),
        ("2026", "2026-01-01", "2026-11-21"),
        ("2026Q3", "2026-07-01", "2026-09-30"),
        ("2026-02", "2026-02-01", "2026-02-28"),
    ],
)
def test_period_of_the_calendar_is_cut_off_at_the_as_of_day(
    text: str, first: str, last: str
) -> None:
    assert days(parse_period(text, as_of=AS_OF)) == (
        date.fromisoformat(first),
        date.fromisoformat(last),
    )


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        # Fiscal years from October: FY2026 is October 2025 to September 2026.
        ("FY2026", "2025-10-01", "2026-09-30"),
        ("FY2026Q1", "2025-10-01", "2025-12-31"),
        ("FY2026Q4", "2026-07-01", "2026-09-30"),
        ("FY2026P01", "2025-10-01", "2025-10-31"),
        ("FY2026P12", "2026-09-01", "2026-09-30"),
        ("fytd", "2026-10-01", "2026-11-21"),
        ("2026Q3", "2026-07-01", "2026-09-30"),
    ],
)
def test_fiscal_year_bears_the_year_in_which_it_ends(text: str, first: str, last: str) -> None:
    found = parse_period(text, as_of=AS_OF, fiscal_start=10)
    assert days(found) == (date.fromisoformat(first), date.fromisoformat(last))


def test_fiscal_year_from_january_is_the_calendar_year() -> None:
    for fiscal, own in (("FY2026Q3", "2026Q3"), ("fytd", "ytd"), ("FY2025", "2025")):
        assert days(parse_period(fiscal, as_of=AS_OF, fiscal_start=1)) == days(
            parse_period(own, as_of=AS_OF)
        )


@pytest.mark.parametrize("text", ["FY2026", "fytd", "13w", "0m", "2026Q5", "YTD", ""])
def test_what_names_no_period_is_refused_with_what_does(text: str) -> None:
    with pytest.raises(ValueError, match="is not one of 12m, ytd, all, 2012, 2012Q4, 2012-10"):
        parse_period(text, as_of=AS_OF)


def test_period_that_has_not_begun_is_refused() -> None:
    with pytest.raises(ValueError, match="begins after the as-of date 2026-11-21"):
        parse_period("FY2027Q2", as_of=AS_OF, fiscal_start=10)


def test_fiscal_year_begins_in_a_month() -> None:
    with pytest.raises(ValueError, match="fiscal_start is 13"):
        parse_period("FY2026", as_of=AS_OF, fiscal_start=13)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("12m", "2024-12-01", "2025-11-30"),
        ("2026Q3", "2026-04-01", "2026-06-30"),
        ("FY2026Q1", "2025-07-01", "2025-09-30"),
        # To date is compared with to date, not with as many months before.
        ("ytd", "2025-01-01", "2025-11-21"),
        ("fytd", "2025-10-01", "2025-11-21"),
    ],
)
def test_previous_is_what_a_period_is_compared_with(text: str, first: str, last: str) -> None:
    found = previous(parse_period(text, as_of=AS_OF, fiscal_start=10))
    assert days(found) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("text", "label", "first", "last"),
    [
        ("12m", "12m", "2024-12-01", "2025-11-21"),
        ("ytd", "ytd", "2025-01-01", "2025-11-21"),
        ("2026", "2025", "2025-01-01", "2025-11-21"),
        ("2026Q3", "2025Q3", "2025-07-01", "2025-09-30"),
        ("2026-02", "2025-02", "2025-02-01", "2025-02-28"),
        ("FY2026P05", "FY2025P05", "2025-02-01", "2025-02-28"),
    ],
)
def test_year_ago_is_the_same_months_to_the_same_day(
    text: str, label: str, first: str, last: str
) -> None:
    found = year_ago(parse_period(text, as_of=AS_OF, fiscal_start=10))

    assert found is not None
    assert found.label == label
    assert days(found) == (date.fromisoformat(first), date.fromisoformat(last))


def test_leap_day_stands_beside_the_end_of_february() -> None:
    leap = parse_period("ytd", as_of=date(2024, 2, 29))
    common = parse_period("ytd", as_of=date(2025, 2, 28))

    assert days(year_ago(leap)) == (date(2023, 1, 1), date(2023, 2, 28))
    assert days(year_ago(common)) == (date(2024, 1, 1), date(2024, 2, 29))


@pytest.mark.parametrize("text", ["1969", "1969Q4", "1969-12", "0001Q1", "FY1969"])
def test_a_period_before_any_fact_is_no_period(text: str) -> None:
    with pytest.raises(ValueError, match="ends before 1970"):
        parse_period(text, as_of=AS_OF, fiscal_start=10)


def test_before_everything_there_is_nothing() -> None:
    everything = parse_period("all", as_of=AS_OF)
    assert (previous(everything), year_ago(everything)) == (None, None)


def test_only_labels_that_move_with_time_are_relative() -> None:
    texts = ["12m", "ytd", "fytd", "all", "2026", "2026Q3", "FY2026Q3"]
    found = [parse_period(text, as_of=AS_OF, fiscal_start=10).is_relative for text in texts]
    assert found == [True, True, True, False, False, False, False]


@given(st.dates(date(2001, 1, 1), date(2098, 12, 31)), st.integers(1, 12))
def test_fiscal_periods_cover_their_year_without_gap(as_of: date, start: int) -> None:
    whole = parse_period(f"FY{as_of.year}", as_of=date(2099, 12, 31), fiscal_start=start)
    parts = [
        parse_period(f"FY{as_of.year}P{n:02}", as_of=date(2099, 12, 31), fiscal_start=start)
        for n in range(1, 13)
    ]
    assert [month for part in parts for month in part.months] == list(whole.months)
    assert whole.last_day.year == as_of.year


@given(st.dates(date(2001, 1, 1), date(2098, 12, 31)), st.integers(1, 12))
def test_fiscal_year_to_date_begins_in_its_month(as_of: date, start: int) -> None:
    first = parse_period("fytd", as_of=as_of, fiscal_start=start).first_day

    assert first is not None
    assert (first.month, first.day) == (start, 1)
    assert first <= as_of < first + timedelta(days=366)
