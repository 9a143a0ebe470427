"""Windows as people ask for them, months, weeks and fiscal calendars alike, as one `Period`.

A month, quarter, year or rolling year is whole months (`periods`); rolling weeks and fiscal
years of weeks are runs of days (`day_spans`). Which fiscal calendar a house keeps is its
setting. Holds no rule of what counts on a day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from app.calc.day_spans import QUARTERS_IN_YEAR, WeekYears, YearEnd, parse_day_span
from app.calc.periods import (
    FISCAL_YEAR_TO_DATE,
    MONTHS_IN_YEAR,
    Period,
    last_full_month,
    month_index,
    month_label,
    parse_period,
    quarter_label,
)

THIRTEEN_WEEKS = "13w"
MONTH_NAMES = "1 … 12"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKS = re.compile(r"[1-9]\d{0,2}w")
_CALENDAR = re.compile(
    r"(?P<pattern>\d-\d-\d) (?P<end>last|nearest) (?P<day>[a-z]+) of (?P<month>\d{1,2})"
)
# A day by which every window that can be asked for has begun.
FAR = date(9000, 1, 1)


@dataclass(frozen=True, slots=True)
class Fiscal:
    """The fiscal calendar of a house: of whole months from `start_month`, or of `weeks`."""

    start_month: int | None = None
    weeks: WeekYears | None = None


def fiscal_calendar(text: str) -> Fiscal | None:
    """Return the fiscal calendar that a setting describes, None for an empty one.

    `10` begins every year on 1 October. `4-4-5 last saturday of 9` has weeks: quarters of
    4, 4 and 5, years that end on the last Saturday of September (or the `nearest` to its end).

    Raises ValueError naming the text and what is allowed.

    >>> fiscal_calendar("10").start_month
    10
    >>> fiscal_calendar("4-4-5 last saturday of 9").weeks.last_day(2023)
    datetime.date(2023, 9, 30)
    """
    said = " ".join(text.lower().split())
    if not said:
        return None
    if said.isdecimal() and 1 <= int(said) <= MONTHS_IN_YEAR:
        return Fiscal(start_month=int(said))
    found = _CALENDAR.fullmatch(said)
    if found is None or found["day"] not in WEEKDAYS:
        raise ValueError(
            f"fiscal year {text!r} is neither a month, {MONTH_NAMES}, nor weeks such as "
            "“4-4-5 last saturday of 9”"
        )
    one, two, three = (int(weeks) for weeks in found["pattern"].split("-"))
    return Fiscal(
        weeks=WeekYears(
            end_month=int(found["month"]),
            ends_on=WEEKDAYS.index(found["day"]),
            year_end=YearEnd(found["end"]),
            pattern=(one, two, three),
        )
    )


def parse_window(text: str, *, as_of: date, fiscal: Fiscal | None = None) -> Period:
    """Return the window that `text` names, cut off at `as_of`.

    Formula: `Nw` is the 7·N days that end with `as_of`; with a fiscal calendar `FYyyyy`,
    `FYyyyyQn`, `FYyyyyPnn`, `fytd` are its own; all else as `periods.parse_period`.

    Args:
        text: the label, such as `12m`, `13w`, `2026Q3`, `FY2026Q3`.
        as_of: the last day that can count.
        fiscal: the house's fiscal calendar, None where it keeps none.
    Returns:
        The period; `first_on` and `last_on` are set for runs of days.
    Raises:
        ValueError: the text names no window, or one that begins after `as_of`.
    Source: house rule.
    Edge cases: a run of days that happens to be whole months is still a run of days.

    >>> thirteen = parse_window("13w", as_of=date(2026, 11, 21))
    >>> thirteen.first_day, thirteen.last_day
    (datetime.date(2026, 8, 23), datetime.date(2026, 11, 21))
    """
    if not _is_window(text, fiscal):
        raise ValueError(f"window {text!r} is not one of {_allowed(fiscal)}")
    return _parsed(text, as_of, fiscal)


def fiscal_windows(as_of: date, fiscal: Fiscal | None) -> list[str]:
    """Return the labels of the fiscal year to date and of the last fiscal quarter and year.

    >>> fiscal_windows(date(2026, 11, 21), Fiscal(start_month=10))
    ['fytd', 'FY2026Q4', 'FY2026']
    """
    if fiscal is None:
        return []
    years = range(as_of.year + 1, as_of.year - 3, -1)
    quarters = [f"FY{year}Q{place}" for year in years for place in range(QUARTERS_IN_YEAR, 0, -1)]
    ended = [
        next(label for label in labels if _parsed(label, FAR, fiscal).ends_on <= as_of)
        for labels in (quarters, [f"FY{year}" for year in years])
    ]
    return [FISCAL_YEAR_TO_DATE, *ended]


def last_quarter(as_of: date) -> str:
    """Return the label of the last calendar quarter that is over at the close of a day.

    >>> last_quarter(date(2026, 9, 30)), last_quarter(date(2026, 9, 29))
    ('2026Q3', '2026Q2')
    """
    over = last_full_month(as_of) + 1
    return quarter_label(over // 3 * 3 - 1)


def last_month(as_of: date) -> str:
    """Return the label of the last month that is over at the close of a day.

    >>> last_month(date(2026, 11, 21))
    '2026-10'
    """
    return month_label(last_full_month(as_of))


def _parsed(text: str, as_of: date, fiscal: Fiscal | None) -> Period:
    weeks = None if fiscal is None else fiscal.weeks
    is_fiscal = text == FISCAL_YEAR_TO_DATE or text.startswith("FY")
    if _WEEKS.fullmatch(text) or (weeks is not None and is_fiscal):
        span = parse_day_span(text, as_of=as_of, years=weeks)
        return Period(
            label=text,
            first_month=month_index(span.first_day),
            last_month=month_index(span.ends_on),
            as_of=as_of,
            first_on=span.first_day,
            last_on=span.ends_on,
        )
    return parse_period(
        text, as_of=as_of, fiscal_start=None if fiscal is None else fiscal.start_month
    )


def _is_window(text: str, fiscal: Fiscal | None) -> bool:
    try:
        # Far in the future every window has begun: what fails there is the text itself.
        _parsed(text, FAR, fiscal)
    except ValueError:
        return False
    return True


def _allowed(fiscal: Fiscal | None) -> str:
    plain = "12m, 13w, ytd, all, 2012, 2012Q4, 2012-10"
    return plain if fiscal is None else f"{plain}, FY2012, FY2012Q4, FY2012P03, fytd"
