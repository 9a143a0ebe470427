"""Months, windows and periods: pure calendar arithmetic.

A month is an integer index, year × 12 + month − 1, so that a window is a range
of integers and any sum over months a sum over a range. Fiscal years of whole months are
periods too. Runs of weeks are cut in `day_spans`; `windows` makes periods of them, whose first
and last month count in part.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

MONTHS_IN_YEAR = 12
MONTHS_IN_QUARTER = 3
ALL_MONTHS_FROM = 0
# No fact is older.
FIRST_YEAR = 1970
YEAR_TO_DATE = "ytd"
FISCAL_YEAR_TO_DATE = "fytd"
_MONTHS = re.compile(r"([1-9]\d{0,2})m")
_ROLLING = re.compile(r"[1-9]\d{0,2}[mw]")
_QUARTER = re.compile(r"(\d{4})Q([1-4])")
_YEAR = re.compile(r"\d{4}")
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_FISCAL = re.compile(r"FY([1-9]\d{3})(?:Q([1-4])|P(0[1-9]|1[0-2]))?")


@dataclass(frozen=True, slots=True)
class Period:
    """A run of whole months, both ends included, cut off at `as_of`.

    `label` is how it was asked for (`12m`, `ytd`, `all`, `2012`, `2012Q4`, `2012-10`,
    `FY2012Q4`, `fytd`, `13w`). A run of days has `first_on` and `last_on`, its own first and
    last day; only what belongs to them counts, of its first and last month too.
    """

    label: str
    first_month: int
    last_month: int
    as_of: date
    first_on: date | None = None
    last_on: date | None = None

    @property
    def first_day(self) -> date | None:
        """The first day, or None when the period reaches back without limit."""
        if self.first_on is not None:
            return self.first_on
        return None if self.first_month == ALL_MONTHS_FROM else month_start(self.first_month)

    @property
    def last_day(self) -> date:
        """The last day that can count: the period's end or `as_of`, the earlier."""
        return min(self.as_of, self.ends_on)

    @property
    def ends_on(self) -> date:
        """The last day that it would have without `as_of`."""
        return self.last_on or month_end(self.last_month)

    @property
    def is_of_days(self) -> bool:
        """Whether it is a run of days, cut out of months, not a run of whole months."""
        return self.first_on is not None

    @property
    def months(self) -> range:
        """The month indexes of the period."""
        return range(self.first_month, self.last_month + 1)

    @property
    def is_to_date(self) -> bool:
        """Whether it runs from the start of a year to the as-of day."""
        return self.label in (YEAR_TO_DATE, FISCAL_YEAR_TO_DATE)

    @property
    def is_relative(self) -> bool:
        """Whether its label means other months when it is read at another time."""
        return self.is_to_date or _ROLLING.fullmatch(self.label) is not None


def month_index(day: date) -> int:
    """Return the month index of a date.

    year × 12 + month − 1, January is 0.

    >>> month_index(date(2026, 10, 31))
    24321
    """
    return day.year * MONTHS_IN_YEAR + day.month - 1


def month_start(index: int) -> date:
    """Return the first day of a month.

    >>> month_start(24321)
    datetime.date(2026, 10, 1)
    """
    return date(index // MONTHS_IN_YEAR, index % MONTHS_IN_YEAR + 1, 1)


def month_end(index: int) -> date:
    """Return the last day of a month.

    >>> month_end(24313)
    datetime.date(2026, 2, 28)
    """
    year, month = index // MONTHS_IN_YEAR, index % MONTHS_IN_YEAR + 1
    return date(year, month, calendar.monthrange(year, month)[1])


def quarter_end(day: date) -> date:
    """Return the last day of the calendar quarter that holds `day`.

    >>> quarter_end(date(2026, 11, 21))
    datetime.date(2026, 12, 31)
    """
    first = month_index(day) // MONTHS_IN_QUARTER * MONTHS_IN_QUARTER
    return month_end(first + MONTHS_IN_QUARTER - 1)


def quarter_label(month: int) -> str:
    """Return how the calendar quarter that holds a month is named.

    >>> quarter_label(24320)
    '2026Q3'
    """
    year, place = divmod(month, MONTHS_IN_YEAR)
    return f"{year}Q{place // MONTHS_IN_QUARTER + 1}"


def quarter_named(label: str) -> tuple[int, int] | None:
    """Return year and number of the calendar quarter that a label names, None for any other.

    >>> quarter_named("2026Q3"), quarter_named("FY2026Q3")
    ((2026, 3), None)
    """
    found = _QUARTER.fullmatch(label)
    return (int(found[1]), int(found[2])) if found else None


def month_label(month: int) -> str:
    """Return how a month is named.

    >>> month_label(24321)
    '2026-10'
    """
    return f"{month // MONTHS_IN_YEAR}-{month % MONTHS_IN_YEAR + 1:02}"


def last_full_month(day: date) -> int:
    """Return the latest month that is over at the close of `day`.

    >>> last_full_month(date(2026, 10, 31)), last_full_month(date(2026, 10, 30))
    (24321, 24320)
    """
    index = month_index(day)
    return index if day == month_end(index) else index - 1


def parse_period(text: str, *, as_of: date, fiscal_start: int | None = None) -> Period:
    """Return the period that `text` names, cut off at `as_of`.

    `Nm` is the N months that end with the month of `as_of` (which may be partial); `ytd`
    the calendar year up to it; `all` everything up to `as_of`; `YYYY`, `YYYYQn` and
    `YYYY-MM` the calendar period. With `fiscal_start`, the month in which the fiscal year
    begins (1 … 12), also `FYyyyy`, `FYyyyyQn`, `FYyyyyPnn` and `fytd`; a fiscal year is
    named by the calendar year in which it ends.

    Raises ValueError naming the text and what is allowed, also for a period that begins
    after `as_of` or ends before 1970 and for a month that does not exist. Runs of days are
    told by `windows`.

    >>> parse_period("2012Q4", as_of=date(2013, 3, 1)).last_day
    datetime.date(2012, 12, 31)
    >>> parse_period("12m", as_of=date(2026, 10, 31)).first_day
    datetime.date(2025, 11, 1)
    >>> parse_period("FY2027Q1", as_of=date(2026, 12, 31), fiscal_start=10).first_day
    datetime.date(2026, 10, 1)
    """
    if fiscal_start is not None and not 1 <= fiscal_start <= MONTHS_IN_YEAR:
        raise ValueError(f"fiscal_start is {fiscal_start}, it must be a month, 1 … 12")
    first, last = _month_range(text, as_of=as_of, fiscal_start=fiscal_start)
    if first > month_index(as_of):
        raise ValueError(f"window {text!r} begins after the as-of date {as_of.isoformat()}")
    if last < FIRST_YEAR * MONTHS_IN_YEAR:
        raise ValueError(f"window {text!r} ends before {FIRST_YEAR}")
    return Period(label=text, first_month=first, last_month=last, as_of=as_of)


def previous(period: Period) -> Period | None:
    """Return the period to compare with: the one of the same length just before.

    For a year to date that is the year before to the same day: its months are no run that
    repeats. None before a limitless period. Runs of days are compared by `day_spans`.

    >>> before = previous(parse_period("ytd", as_of=date(2026, 11, 21)))
    >>> before.first_day, before.last_day
    (datetime.date(2025, 1, 1), datetime.date(2025, 11, 21))
    """
    _check_months(period)
    if period.is_to_date:
        return year_ago(period)
    if period.first_month == ALL_MONTHS_FROM:
        return None
    length = period.last_month - period.first_month + 1
    last = period.first_month - 1
    return Period(
        label=f"{length}m",
        first_month=last - length + 1,
        last_month=last,
        as_of=period.first_day - timedelta(days=1) if period.first_day else period.as_of,
    )


def year_ago(period: Period) -> Period | None:
    """Return the same months one year earlier, cut off at the same day of the year.

    A period that runs to the end of a month runs to the end of that month a year earlier.
    None for a limitless period. Its label is that of its months, so that it means the same
    whenever it is read; a year to date keeps its own and means it as of the earlier day.

    >>> before = year_ago(parse_period("2024-02", as_of=date(2024, 2, 29)))
    >>> before.label, before.last_day
    ('2023-02', datetime.date(2023, 2, 28))
    """
    _check_months(period)
    if period.first_month == ALL_MONTHS_FROM:
        return None
    as_of = _year_before(period.last_day)
    first, last = period.first_month - MONTHS_IN_YEAR, period.last_month - MONTHS_IN_YEAR
    return Period(_label_a_year_ago(period), first, last, as_of)


def _check_months(period: Period) -> None:
    if period.is_of_days:
        raise ValueError(f"period is {period.label}, a run of days; give one of whole months")


def _year_before(day: date) -> date:
    """Return the same day a year earlier; the last day of a month stays the last."""
    earlier = month_index(day) - MONTHS_IN_YEAR
    end = month_end(earlier)
    if day == month_end(month_index(day)):
        return end
    return month_start(earlier) + timedelta(days=day.day - 1)


def _label_a_year_ago(period: Period) -> str:
    if period.is_relative:
        return period.label
    if found := re.match(r"(FY)?(\d{4})(.*)", period.label):
        return f"{found[1] or ''}{int(found[2]) - 1:04}{found[3]}"
    return period.label


def _month_range(text: str, *, as_of: date, fiscal_start: int | None) -> tuple[int, int]:
    if fiscal_start is not None and (found := _fiscal_range(text, as_of, fiscal_start)):
        return found
    return _calendar_range(text, as_of=as_of)


def _fiscal_range(text: str, as_of: date, start: int) -> tuple[int, int] | None:
    if text == FISCAL_YEAR_TO_DATE:
        last = month_index(as_of)
        return last - (last - (start - 1)) % MONTHS_IN_YEAR, last
    found = _FISCAL.fullmatch(text)
    if found is None:
        return None
    # Named by the year it ends in: only one that begins in January begins in that year.
    begins_in = int(found[1]) - (0 if start == 1 else 1)
    first = begins_in * MONTHS_IN_YEAR + start - 1
    if found[2]:
        first += (int(found[2]) - 1) * MONTHS_IN_QUARTER
        return first, first + MONTHS_IN_QUARTER - 1
    if found[3]:
        first += int(found[3]) - 1
        return first, first
    return first, first + MONTHS_IN_YEAR - 1


def _calendar_range(text: str, *, as_of: date) -> tuple[int, int]:
    if text == "all":
        return ALL_MONTHS_FROM, month_index(as_of)
    if text == YEAR_TO_DATE:
        return as_of.year * MONTHS_IN_YEAR, month_index(as_of)
    if found := _MONTHS.fullmatch(text):
        last = month_index(as_of)
        return last - int(found[1]) + 1, last
    if found := _QUARTER.fullmatch(text):
        first = int(found[1]) * MONTHS_IN_YEAR + (int(found[2]) - 1) * MONTHS_IN_QUARTER
        return first, first + MONTHS_IN_QUARTER - 1
    if found := _MONTH.fullmatch(text):
        only = int(found[1]) * MONTHS_IN_YEAR + int(found[2]) - 1
        return only, only
    if _YEAR.fullmatch(text) and int(text) > 0:
        first = int(text) * MONTHS_IN_YEAR
        return first, first + MONTHS_IN_YEAR - 1
    raise ValueError(f"window {text!r} is not one of 12m, ytd, all, 2012, 2012Q4, 2012-10")
