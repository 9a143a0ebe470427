"""Periods of weeks: rolling, and fiscal years of 52 or 53 weeks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calc.day_spans import (
    DaySpan,
    WeekYears,
    YearEnd,
    parse_day_span,
    previous_span,
    year_ago_span,
)

AS_OF = date(2026, 11, 21)
# Last Saturday of September, as Apple's annual reports date its years.
SEPTEMBER = WeekYears(end_month=9)
# The Saturday nearest to 31 January, as the National Retail Federation's 4-5-4 calendar.
RETAIL = WeekYears(end_month=1, year_end=YearEnd.NEAREST, pattern=(4, 5, 4))
plans = st.builds(
    WeekYears,
    end_month=st.integers(1, 12),
    ends_on=st.integers(0, 6),
    year_end=st.sampled_from(YearEnd),
    pattern=st.sampled_from([(4, 4, 5), (4, 5, 4), (5, 4, 4)]),
)


def days(span: DaySpan) -> tuple[str, str]:
    return span.first_day.isoformat(), span.last_day.isoformat()


def test_thirteen_weeks_are_91_days_to_the_as_of_day() -> None:
    span = parse_day_span("13w", as_of=AS_OF)

    assert days(span) == ("2026-08-23", "2026-11-21")
    assert days(previous_span(span)) == ("2026-05-24", "2026-08-22")
    assert days(year_ago_span(span)) == ("2025-08-24", "2025-11-22")
    assert year_ago_span(span).last_day.weekday() == AS_OF.weekday()


@pytest.mark.parametrize(
    ("year", "last", "weeks"),
    [
        (2017, "2017-09-30", 53),
        (2022, "2022-09-24", 52),
        (2023, "2023-09-30", 53),
        (2024, "2024-09-28", 52),
    ],
)
def test_year_ends_on_the_last_saturday_of_september(year: int, last: str, weeks: int) -> None:
    assert SEPTEMBER.last_day(year).isoformat() == last
    assert SEPTEMBER.weeks(year) == weeks


@pytest.mark.parametrize(
    ("year", "first", "last", "weeks"),
    [(2018, "2017-01-29", "2018-02-03", 53), (2024, "2023-01-29", "2024-02-03", 53),
     (2025, "2024-02-04", "2025-02-01", 52)],
)  # fmt: skip
def test_year_ends_on_the_saturday_nearest_to_the_end_of_january(
    year: int, first: str, last: str, weeks: int
) -> None:
    assert (RETAIL.first_day(year).isoformat(), RETAIL.last_day(year).isoformat()) == (first, last)
    assert RETAIL.weeks(year) == weeks


def test_weeks_are_4_4_5_and_the_53rd_joins_the_last_period() -> None:
    lengths = []
    for number in range(1, 13):
        first, last = SEPTEMBER.period_days(2023, number)
        lengths.append(((last - first).days + 1) // 7)
    assert lengths == [4, 4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 6]


def test_fiscal_spans_are_cut_off_at_the_as_of_day() -> None:
    # FY2027 begins on Sunday 27 September 2026.
    read = {
        text: days(parse_day_span(text, as_of=AS_OF, years=SEPTEMBER))
        for text in ("FY2026", "FY2027Q1", "FY2027P01", "fytd")
    }
    assert read == {
        "FY2026": ("2025-09-28", "2026-09-26"),
        "FY2027Q1": ("2026-09-27", "2026-11-21"),
        "FY2027P01": ("2026-09-27", "2026-10-24"),
        "fytd": ("2026-09-27", "2026-11-21"),
    }


@pytest.mark.parametrize(
    ("text", "before", "ago"),
    [
        ("FY2026", "FY2025", "FY2025"),
        ("FY2026Q1", "FY2025Q4", "FY2025Q1"),
        ("FY2026Q3", "FY2026Q2", "FY2025Q3"),
        ("FY2026P01", "FY2025P12", "FY2025P01"),
        ("FY2026P10", "FY2026P09", "FY2025P10"),
    ],
)
def test_fiscal_spans_know_the_one_before_and_a_year_ago(text: str, before: str, ago: str) -> None:
    span = parse_day_span(text, as_of=AS_OF, years=SEPTEMBER)
    for found, label in (
        (previous_span(span, years=SEPTEMBER), before),
        (year_ago_span(span, years=SEPTEMBER), ago),
    ):
        assert found.label == label
        assert days(found) == days(parse_day_span(label, as_of=AS_OF, years=SEPTEMBER))


def test_part_of_a_year_is_compared_with_as_many_days_of_the_year_before() -> None:
    span = parse_day_span("fytd", as_of=AS_OF, years=SEPTEMBER)  # 56 days
    quarter = parse_day_span("FY2027Q1", as_of=AS_OF, years=SEPTEMBER)

    for found in (year_ago_span(span, years=SEPTEMBER), year_ago_span(quarter, years=SEPTEMBER)):
        assert days(found) == ("2025-09-28", "2025-11-22")
    assert previous_span(span, years=SEPTEMBER) == year_ago_span(span, years=SEPTEMBER)


def test_whole_year_of_53_weeks_is_compared_with_the_whole_year_before() -> None:
    span = parse_day_span("FY2023", as_of=AS_OF, years=SEPTEMBER)
    assert days(year_ago_span(span, years=SEPTEMBER)) == ("2021-09-26", "2022-09-24")


def test_fiscal_span_needs_the_houses_weeks() -> None:
    with pytest.raises(ValueError, match="needs a fiscal calendar of weeks"):
        parse_day_span("FY2026", as_of=AS_OF)


@pytest.mark.parametrize("text", ["0w", "13", "FY2026P13", "FY2026Q5", "ytd"])
def test_what_names_no_span_is_refused_with_what_does(text: str) -> None:
    with pytest.raises(ValueError, match="is not one of 13w, FY2026"):
        parse_day_span(text, as_of=AS_OF, years=SEPTEMBER)


def test_span_that_has_not_begun_is_refused() -> None:
    with pytest.raises(ValueError, match="begins after the as-of date"):
        parse_day_span("FY2027Q2", as_of=AS_OF, years=SEPTEMBER)


def test_pattern_is_thirteen_weeks() -> None:
    with pytest.raises(ValueError, match=r"pattern is \(4, 4, 4\)"):
        WeekYears(pattern=(4, 4, 4))
    with pytest.raises(ValueError, match="ends_on is 7"):
        WeekYears(ends_on=7)
    with pytest.raises(ValueError, match="end_month is 0"):
        WeekYears(end_month=0)


@given(plans, st.integers(1990, 2090))
def test_periods_cover_a_year_of_52_or_53_weeks_without_gap(plan: WeekYears, year: int) -> None:
    assert plan.weeks(year) in (52, 53)
    expected = plan.first_day(year)
    for number in range(1, 13):
        first, last = plan.period_days(year, number)
        assert first == expected
        expected = last + timedelta(days=1)
    assert expected == plan.first_day(year + 1)


@given(plans, st.dates(date(1990, 1, 1), date(2090, 12, 31)))
def test_every_day_lies_in_its_fiscal_year(plan: WeekYears, day: date) -> None:
    year = plan.year_of(day)
    assert plan.first_day(year) <= day <= plan.last_day(year)
