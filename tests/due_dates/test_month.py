"""Months as weeks: whole weeks from Monday on, their ends, leap days, what an address names."""

from __future__ import annotations

from datetime import date

import pytest

from app.reviews.due_dates import month, wording
from app.reviews.due_dates.days import Door, DueDate, Entry, Kind, Urgency
from app.reviews.due_dates.month import Month


def entry(day: date, key: str = "1", **given: object) -> Entry:
    return Entry(DueDate(Kind.ACTION, key, day, "Pin", "Because", Door("x"), **given), None)


def test_a_leap_february_ends_on_its_29th_and_its_weeks_are_whole() -> None:
    leap = Month(2028, 2)
    weeks = month.weeks(leap)
    assert leap.last == date(2028, 2, 29)
    assert (weeks[0][0], weeks[-1][-1]) == (date(2028, 1, 31), date(2028, 3, 5))
    assert {len(week) for week in weeks} == {7}
    assert (Month(2026, 12).after, Month(2026, 1).before) == (Month(2027, 1), Month(2025, 12))


def test_months_end_where_no_calendar_goes() -> None:
    assert Month(2000, 1).before is None
    assert Month(2100, 12).after is None
    assert month.weeks(Month(2100, 12))[-1][-1] == date(2101, 1, 2)


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-00", "26-11", "2026-1", "1999-12", "2101-01", "2026-11-01", "²026-11"]
)
def test_what_names_no_month_is_none(text: str) -> None:
    assert month.read_month(text) is None
    assert month.read_month("2026-11") == Month(2026, 11)


def test_a_crowded_day_shows_four_and_counts_the_others() -> None:
    crowded, full = date(2026, 11, 30), date(2026, 11, 3)
    found = [entry(crowded, str(number)) for number in range(7)]
    found += [entry(full, str(number)) for number in range(5)]
    cells = {cell.day: cell for week in month.grid(Month(2026, 11), found, full) for cell in week}
    assert (len(cells[crowded].shown), cells[crowded].more) == (4, 3)
    assert (len(cells[full].shown), cells[full].more) == (5, 0)
    assert cells[full].is_today
    assert not cells[date(2026, 12, 1)].is_inside


def test_a_critical_date_is_soon_from_90_days_on_another_from_30() -> None:
    today = date(2026, 11, 21)
    later, soon, overdue = Urgency.LATER, Urgency.SOON, Urgency.OVERDUE
    told = {30: (soon, soon), 31: (later, soon), 90: (later, soon), 91: (later, later)}
    for left, (usual, critical) in (told | {0: (soon, soon), -1: (overdue, overdue)}).items():
        day = date.fromordinal(today.toordinal() + left)
        assert entry(day).due.urgency(today) is usual
        assert entry(day, is_critical=True).due.urgency(today) is critical
    assert entry(date(2026, 11, 20), is_owed=False).due.urgency(today) is Urgency.PAST
    assert wording.away(date(2026, 11, 22), today) == "in 1 day"
    assert wording.away(date(2026, 11, 19), today) == "2 days ago"
