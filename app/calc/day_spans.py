"""Periods that are runs of days, not of months: rolling weeks and fiscal years of weeks.

A fiscal year of weeks (4-4-5 and its kin) ends on one weekday near the end of one month, so
it has 52 or 53 weeks. Periods of whole months stand in `periods`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.calc.periods import MONTHS_IN_YEAR, month_end

DAYS_IN_WEEK = 7
WEEKS_IN_YEAR = 52
QUARTERS_IN_YEAR = 4
WEEKS_IN_QUARTER = 13
PERIODS_IN_QUARTER = 3
PERIODS_IN_YEAR = 12
SATURDAY = 5
HALF_WEEK_DAYS = 3
FISCAL_WEEKS_TO_DATE = "fytd"
_WEEKS = re.compile(r"([1-9]\d{0,2})w")
_FISCAL = re.compile(r"FY([1-9]\d{3})(?:Q([1-4])|P(0[1-9]|1[0-2]))?")


class YearEnd(StrEnum):
    """Which of the weekdays near the end of the month a fiscal year ends on."""

    LAST = "last"
    NEAREST = "nearest"


@dataclass(frozen=True, slots=True)
class WeekYears:
    """How a house cuts its fiscal years into weeks.

    A year ends on the weekday `ends_on` (Monday is 0): the last one in `end_month`, or the
    one nearest to that month's end. It bears the number of the calendar year of that
    month's end. `pattern` is the weeks of the three periods in each quarter; a 53rd week
    joins the last period of the year.

    Raises ValueError for a pattern that is not 13 weeks in three periods, a month or a
    weekday that does not exist.

    >>> apple = WeekYears(end_month=9)
    >>> apple.last_day(2023), apple.weeks(2023)
    (datetime.date(2023, 9, 30), 53)
    """

    end_month: int = 12
    ends_on: int = SATURDAY
    year_end: YearEnd = YearEnd.LAST
    pattern: tuple[int, int, int] = (4, 4, 5)

    def __post_init__(self) -> None:
        if not 1 <= self.end_month <= MONTHS_IN_YEAR:
            raise ValueError(f"end_month is {self.end_month}, it must be a month, 1 … 12")
        if not 0 <= self.ends_on < DAYS_IN_WEEK:
            raise ValueError(f"ends_on is {self.ends_on}, it must be a weekday, 0 … 6")
        is_whole = len(self.pattern) == PERIODS_IN_QUARTER and min(self.pattern) > 0
        if not is_whole or sum(self.pattern) != WEEKS_IN_QUARTER:
            raise ValueError(
                f"pattern is {self.pattern}, it must be three periods of 13 weeks in all"
            )

    def last_day(self, year: int) -> date:
        """Return the last day of a fiscal year."""
        month_ends = month_end(year * MONTHS_IN_YEAR + self.end_month - 1)
        back = (month_ends.weekday() - self.ends_on) % DAYS_IN_WEEK
        if self.year_end is YearEnd.NEAREST and back > HALF_WEEK_DAYS:
            back -= DAYS_IN_WEEK
        return month_ends - timedelta(days=back)

    def first_day(self, year: int) -> date:
        """Return the first day of a fiscal year: the day after the one before."""
        return self.last_day(year - 1) + timedelta(days=1)

    def weeks(self, year: int) -> int:
        """Return the weeks of a fiscal year, 52 or 53."""
        return ((self.last_day(year) - self.first_day(year)).days + 1) // DAYS_IN_WEEK

    def year_of(self, day: date) -> int:
        """Return the fiscal year that holds a day."""
        near = range(day.year - 1, day.year + 2)
        return next(year for year in near if day <= self.last_day(year))

    def period_days(self, year: int, number: int) -> tuple[date, date]:
        """Return the first and last day of period 1 … 12 of a fiscal year."""
        quarter, place = divmod(number - 1, PERIODS_IN_QUARTER)
        weeks_before = quarter * WEEKS_IN_QUARTER + sum(self.pattern[:place])
        first = self.first_day(year) + timedelta(weeks=weeks_before)
        if number == PERIODS_IN_YEAR:
            return first, self.last_day(year)
        return first, first + timedelta(weeks=self.pattern[place], days=-1)


@dataclass(frozen=True, slots=True)
class DaySpan:
    """A run of days, both ends included; `ends_on` is where it would end without `as_of`."""

    label: str
    first_day: date
    ends_on: date
    as_of: date

    @property
    def last_day(self) -> date:
        """The last day that can count: the end or `as_of`, the earlier."""
        return min(self.ends_on, self.as_of)


def parse_day_span(text: str, *, as_of: date, years: WeekYears | None = None) -> DaySpan:
    """Return the run of days that `text` names, cut off at `as_of`.

    Formula: `Nw`: the 7·N days that end with `as_of`. With `years` also `FYyyyy`,
    `FYyyyyQn`, `FYyyyyPnn` and `fytd` by the house's weeks.

    Args:
        text: the label, such as `13w` or `FY2026P03`.
        as_of: the last day that can count.
        years: how the house cuts its fiscal years; None where it has none of weeks.
    Returns:
        The span.
    Raises:
        ValueError: the text names no span, or one that begins after `as_of`.
    Source: house rule; 4-4-5 calendars as retailers and manufacturers keep them.
    Edge cases: `fytd` on the first day of a year is that day.

    >>> span = parse_day_span("13w", as_of=date(2026, 11, 21))
    >>> span.first_day, span.last_day
    (datetime.date(2026, 8, 23), datetime.date(2026, 11, 21))
    """
    first, last = _days(text, as_of, years)
    if first > as_of:
        raise ValueError(f"window {text!r} begins after the as-of date {as_of.isoformat()}")
    return DaySpan(text, first, last, as_of)


def previous_span(span: DaySpan, *, years: WeekYears | None = None) -> DaySpan:
    """Return the span to compare with: the one just before.

    Formula: rolling weeks: as many days before; a fiscal year, quarter or period: the one
    before; the year to date: the year before to the same day of the year.

    Args:
        span: from `parse_day_span`.
        years: the same as there.
    Returns:
        The span before; a whole one, but for the year to date.
    Raises:
        ValueError: a fiscal span without `years`.
    Source: house rule.
    Edge cases: the period before the first of a year is the last of the year before, which
    may have a week more.

    >>> before = previous_span(parse_day_span("13w", as_of=date(2026, 11, 21)))
    >>> before.first_day, before.last_day
    (datetime.date(2026, 5, 24), datetime.date(2026, 8, 22))
    """
    if _WEEKS.fullmatch(span.label):
        return _earlier(span, span.last_day - span.first_day + timedelta(days=1))
    if span.label == FISCAL_WEEKS_TO_DATE:
        return year_ago_span(span, years=years)
    label = _label_before(span.label)
    first, last = _days(label, span.as_of, years)
    return DaySpan(label, first, last, last)


def year_ago_span(span: DaySpan, *, years: WeekYears | None = None) -> DaySpan:
    """Return the same span of the year before.

    Formula: rolling weeks: 52 weeks earlier, so that weekdays meet; a fiscal year, quarter
    or period: the same number of the fiscal year before, cut off after as many days.

    Args:
        span: from `parse_day_span`.
        years: the same as there.
    Returns:
        The span a year ago.
    Raises:
        ValueError: a fiscal span without `years`.
    Source: house rule.
    Edge cases: a 53rd week has no partner: a whole year is compared with a whole year.

    >>> year_ago_span(parse_day_span("13w", as_of=date(2026, 11, 21))).last_day
    datetime.date(2025, 11, 22)
    """
    if _WEEKS.fullmatch(span.label):
        return _earlier(span, timedelta(weeks=WEEKS_IN_YEAR))
    gone = span.last_day - span.first_day
    if span.label == FISCAL_WEEKS_TO_DATE:
        plan = _needed(years, span.label)
        year = plan.year_of(span.as_of) - 1
        first, last = plan.first_day(year), plan.last_day(year)
        return DaySpan(span.label, first, last, min(first + gone, last))
    label = f"FY{int(span.label[2:6]) - 1:04}{span.label[6:]}"
    first, last = _days(label, span.as_of, years)
    is_whole = span.last_day == span.ends_on
    return DaySpan(label, first, last, last if is_whole else min(first + gone, last))


def _days(text: str, as_of: date, years: WeekYears | None) -> tuple[date, date]:
    if found := _WEEKS.fullmatch(text):
        return as_of - timedelta(weeks=int(found[1]), days=-1), as_of
    if text == FISCAL_WEEKS_TO_DATE:
        plan = _needed(years, text)
        year = plan.year_of(as_of)
        return plan.first_day(year), plan.last_day(year)
    if found := _FISCAL.fullmatch(text):
        plan, year = _needed(years, text), int(found[1])
        if found[2]:
            last = int(found[2]) * PERIODS_IN_QUARTER
            first = last - PERIODS_IN_QUARTER + 1
            return plan.period_days(year, first)[0], plan.period_days(year, last)[1]
        if found[3]:
            return plan.period_days(year, int(found[3]))
        return plan.first_day(year), plan.last_day(year)
    raise ValueError(f"window {text!r} is not one of 13w, FY2026, FY2026Q4, FY2026P03, fytd")


def _needed(years: WeekYears | None, text: str) -> WeekYears:
    if years is None:
        raise ValueError(f"window {text!r} needs a fiscal calendar of weeks; years is None")
    return years


def _earlier(span: DaySpan, by: timedelta) -> DaySpan:
    last = span.last_day - by
    return DaySpan(span.label, span.first_day - by, last, last)


def _label_before(label: str) -> str:
    year, kind, number = int(label[2:6]), label[6:7], label[7:]
    if not kind:
        return f"FY{year - 1:04}"
    count = QUARTERS_IN_YEAR if kind == "Q" else PERIODS_IN_YEAR
    years_back, before = divmod(int(number) - 2, count)
    return f"FY{year + years_back:04}{kind}{before + 1:0{len(number)}}"
