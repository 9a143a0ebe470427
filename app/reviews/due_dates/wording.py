"""Dates as people read them: how far away, how urgent."""

from __future__ import annotations

from datetime import date

from app.base import formatting
from app.reviews.due_dates.days import Entry, Urgency
from app.reviews.due_dates.sources import LABELS

URGENCY_WORDS = {
    Urgency.OVERDUE: ("act", "overdue"),
    Urgency.SOON: ("watch", "soon"),
    Urgency.LATER: ("none", "later"),
    Urgency.PAST: ("none", "past"),
}
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def label(entry: Entry) -> str:
    """Return what kind of date it is."""
    return LABELS[entry.due.kind]


def urgency(entry: Entry, today: date) -> tuple[str, str]:
    """Return how urgent it is, as a badge's shape and word."""
    return URGENCY_WORDS[entry.due.urgency(today)]


def away(day: date, today: date) -> str:
    """Return how far away a day is (“in 12 days”, “today”, “3 days ago”)."""
    left = (day - today).days
    if left == 0:
        return "today"
    if left > 0:
        return f"in {formatting.count(left, 'day')}"
    return f"{formatting.count(-left, 'day')} ago"
