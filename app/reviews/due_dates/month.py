"""A month as weeks of days, Monday first, each with what stands on it."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.reviews.due_dates.days import Entry

SHOWN = 4
FIRST_YEAR, LAST_YEAR = 2000, 2100
_WEEKS = calendar.Calendar(calendar.MONDAY)


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a year."""

    year: int
    number: int

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return date(self.year, self.number, calendar.monthrange(self.year, self.number)[1])

    @property
    def label(self) -> str:
        """As the address writes it (“2026-11”)."""
        return f"{self.year:04}-{self.number:02}"

    @property
    def before(self) -> Month | None:
        """The month before, None before the first that can be shown."""
        return month_of(self.first - timedelta(days=1))

    @property
    def after(self) -> Month | None:
        """The month behind, None behind the last that can be shown."""
        return month_of(self.last + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of the grid: what stands on it as far as there is room, and how much more."""

    day: date
    is_inside: bool
    is_today: bool
    shown: Sequence[Entry]
    more: int


def month_of(day: date) -> Month | None:
    """Return the month of a day, None outside of the years that can be shown."""
    return Month(day.year, day.month) if FIRST_YEAR <= day.year <= LAST_YEAR else None


def read_month(text: str) -> Month | None:
    """Return the month that an address names; None where it names none."""
    year, _, number = text.partition("-")
    is_shaped = len(year) == 4 and len(number) == 2 and (year + number).isascii()
    if not is_shaped or not (year + number).isdigit() or not 1 <= int(number) <= 12:
        return None
    return Month(int(year), int(number)) if FIRST_YEAR <= int(year) <= LAST_YEAR else None


def weeks(month: Month) -> list[list[date]]:
    """Return the weeks that a month touches, whole, from Monday to Sunday."""
    return _WEEKS.monthdatescalendar(month.year, month.number)


def grid(month: Month, entries: Iterable[Entry], today: date) -> list[list[Cell]]:
    """Return the month's weeks with what stands on each day."""
    found: dict[date, list[Entry]] = defaultdict(list)
    for each in entries:
        found[each.due.day].append(each)
    return [[_cell(day, month, found.get(day, []), today) for day in week] for week in weeks(month)]


def _cell(day: date, month: Month, own: list[Entry], today: date) -> Cell:
    is_inside = month.first <= day <= month.last
    # One more takes no more room than saying so.
    shown = own if len(own) <= SHOWN + 1 else own[:SHOWN]
    return Cell(day, is_inside, day == today, shown, len(own) - len(shown))
