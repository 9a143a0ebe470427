"""Reads of working days: which calendar a site has, and what it says."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calc.calendars import BusinessCalendar
from app.facts.suppliers.calendar_models import Calendar, Holiday

# Sites without a calendar: Monday to Friday, without holidays.
NO_CALENDAR = 0
MONDAY_TO_FRIDAY = BusinessCalendar()


def business_calendars(session: Session) -> dict[int, BusinessCalendar]:
    """Return every calendar by its key, that of sites without one under NO_CALENDAR."""
    holidays: dict[int, set[date]] = defaultdict(set)
    for calendar_id, day in session.execute(select(Holiday.calendar_id, Holiday.day)):
        holidays[calendar_id].add(day)
    found = {NO_CALENDAR: MONDAY_TO_FRIDAY}
    for calendar_id, weekend in session.execute(select(Calendar.id, Calendar.weekend)):
        found[calendar_id] = BusinessCalendar(holidays[calendar_id], weekdays_of(weekend))
    return found


def weekdays_of(weekend: str) -> frozenset[int]:
    """Return the weekdays off that a calendar keeps as digits, Monday is 0."""
    return frozenset(int(digit) for digit in weekend)
