"""Months, windows and periods: pure calendar arithmetic.

A month is an integer index, year × 12 + month − 1, so that a window is a range
of integers and any sum over months a sum over a range.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

MONTHS_IN_YEAR = 12
MONTHS_IN_QUARTER = 3
ALL_MONTHS_FROM = 0
_MONTHS = re.compile(r"([1-9]\d{0,2})m")
_QUARTER = re.compile(r"(\d{4})Q([1-4])")
_YEAR = re.compile(r"\d{4}")
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Period:
    """A run of whole months, both ends included, cut off at `as_of`.

    `label` is how it was asked for (`12m`, `all`, `2012`, `2012Q4`, `2012-10`).
    """

    label: str
    first_month: int
    last_month: int
    as_of: date

    @property
    def first_day(self) -> date | None:
        """The first day, or None when the period reaches back without limit."""
        return None if self.first_month == ALL_MONTHS_FROM else month_start(self.first_month)

    @property
    def last_day(self) -> date:
        """The last day that can count: the period's end or `as_of`, the earlier."""
        return min(self.as_of, month_end(self.last_month))

    @property
    def months(self) -> range:
        """The month indexes of the period."""
        return range(self.first_month, self.last_month + 1)


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


def last_full_month(day: date) -> int:
    """Return the latest month that is over at the close of `day`.

    >>> last_full_month(date(2026, 10, 31)), last_full_month(date(2026, 10, 30))
    (24321, 24320)
    """
    index = month_index(day)
    return index if day == month_end(index) else index - 1


def parse_period(text: str, *, as_of: date) -> Period:
    """Return the period that `text` names, cut off at `as_of`.

    `Nm` is the N months that end with the month of `as_of` (which may be partial);
    `all` everything up to `as_of`; `YYYY`, `YYYYQn` and `YYYY-MM` the calendar period.

    Raises ValueError naming the text and what is allowed, also for a calendar period
    that begins after `as_of`.

    >>> parse_period("2012Q4", as_of=date(2013, 3, 1)).last_day
    datetime.date(2012, 12, 31)
    >>> parse_period("12m", as_of=date(2026, 10, 31)).first_day
    datetime.date(2025, 11, 1)
    """
    first, last = _month_range(text, as_of=as_of)
    if first > month_index(as_of):
        raise ValueError(f"window {text!r} begins after the as-of date {as_of.isoformat()}")
    return Period(label=text, first_month=first, last_month=last, as_of=as_of)


def previous(period: Period) -> Period | None:
    """Return the period of the same length just before, or None before a limitless one."""
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


def _month_range(text: str, *, as_of: date) -> tuple[int, int]:
    if text == "all":
        return ALL_MONTHS_FROM, month_index(as_of)
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
    raise ValueError(f"window {text!r} is not one of 12m, all, 2012, 2012Q4, 2012-10")
