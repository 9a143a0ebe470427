"""The windows that a pack speaks of, and their names in print.

A review is about one period (a quarter, a month, a year, the last n months); beside it
stand the 12 months to its end, which are scored, and the windows just before both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from app.base import formatting
from app.base.errors import InvalidInput
from app.calc.periods import (
    ALL_MONTHS_FROM,
    MONTHS_IN_QUARTER,
    MONTHS_IN_YEAR,
    Period,
    month_end,
    parse_period,
    previous,
)

YEAR_LABEL = "12m"
ORDINALS = ("1st", "2nd", "3rd", "4th")


@dataclass(frozen=True, slots=True)
class PackPeriods:
    """The windows of a pack, each with the day of the latest fact as its knowledge.

    asked: as it was asked for, under a label that means the same next year. year: the 12
    months to its end. focus: the period itself, None where it is the year. focus_before,
    year_before: the windows that end the day before the period begins.
    """

    asked: Period
    year: Period
    focus: Period | None
    focus_before: Period | None
    year_before: Period

    @property
    def as_of(self) -> date:
        """The last day of all windows."""
        return self.year.last_day

    @property
    def is_over(self) -> bool:
        """Whether the period has ended by the day of the facts."""
        return month_end(self.asked.last_month) == self.as_of


def pack_periods(text: str, *, latest: date) -> PackPeriods:
    """Return the windows of the period that `text` names; `latest` is the day of the facts.

    Raises InvalidInput for a text that names none, for one that begins after the facts and
    for the limitless one.
    """
    asked = _parsed(text, latest)
    end = parse_period(YEAR_LABEL, as_of=asked.last_day)
    year = replace(end, as_of=latest)
    start = asked.first_month
    is_year = (asked.first_month, asked.last_month) == (year.first_month, year.last_month)
    before = previous(asked)
    return PackPeriods(
        asked=replace(asked, label=_lasting_label(asked)),
        year=year,
        focus=None if is_year else asked,
        focus_before=None if is_year or before is None else replace(before, as_of=latest),
        year_before=Period(YEAR_LABEL, start - MONTHS_IN_YEAR, start - 1, as_of=latest),
    )


def words(period: Period) -> str:
    """Return how a period is named in print (“4th quarter 2012”, “October 2026”)."""
    name = _name(period)
    if period.last_day < month_end(period.last_month) and not _is_rolling(period):
        return f"{name}, to {formatting.short_day(period.last_day)}"
    return name


def occasion(period: Period) -> str:
    """Return what a review of a period is called."""
    length = period.last_month - period.first_month + 1
    name = words(period)
    if length == MONTHS_IN_QUARTER and not _is_rolling(period):
        return f"Quarterly business review, {name}"
    if length == 1:
        return f"Monthly review, {name}"
    if length == MONTHS_IN_YEAR and not _is_rolling(period):
        return f"Annual review, {name}"
    return f"Review of the {name}"


def _name(period: Period) -> str:
    first, last = period.first_month, period.last_month
    length = last - first + 1
    year = first // MONTHS_IN_YEAR
    if _is_rolling(period):
        return f"{length} months to {formatting.long_day(period.last_day)}"
    if length == 1:
        return f"{formatting.LONG_MONTHS[first % MONTHS_IN_YEAR]} {year}"
    if length == MONTHS_IN_QUARTER:
        return f"{ORDINALS[first % MONTHS_IN_YEAR // MONTHS_IN_QUARTER]} quarter {year}"
    return str(year)


def _is_rolling(period: Period) -> bool:
    """Whether the period is no month, quarter or year of the calendar."""
    length = period.last_month - period.first_month + 1
    on_grid = length in (1, MONTHS_IN_QUARTER, MONTHS_IN_YEAR) and period.first_month % length == 0
    return not on_grid or (period.label.split("-")[0].endswith("m") and length == MONTHS_IN_YEAR)


def _lasting_label(asked: Period) -> str:
    """Return a label that means the same months whenever it is read."""
    if not asked.is_relative:
        return asked.label
    year, month = divmod(asked.last_month, MONTHS_IN_YEAR)
    return f"{asked.label}-{year}-{month + 1:02}"


def _parsed(text: str, latest: date) -> Period:
    try:
        # Far in the future every period has begun, so what fails here is the text itself.
        parse_period(text, as_of=date.max)
    except ValueError as error:
        raise InvalidInput(
            "E-PCK-04",
            f"{text!r} names no period; give a quarter (2012Q4), a month (2012-10), a year "
            "(2012) or a number of months (12m).",
        ) from error
    try:
        asked = parse_period(text, as_of=latest)
    except ValueError as error:
        raise InvalidInput(
            "E-PCK-05",
            f"{text} begins after the latest fact of {formatting.long_day(latest)}; there is "
            "nothing to print. Give an earlier period.",
        ) from error
    # A pack compares whole windows; one to date would stand beside a longer one.
    if asked.first_month == ALL_MONTHS_FROM or asked.is_to_date:
        raise InvalidInput(
            "E-PCK-04",
            f"A pack needs a period with a beginning and an end, not {text!r}; give 2012Q4.",
        )
    return asked
