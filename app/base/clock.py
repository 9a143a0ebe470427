"""The only place that reads the time. Everything else is handed a moment or a date."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo

from config import house_zone


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return the present date where the house keeps its days (`MAINSTAY_TIME_ZONE`).

    A deadline that is today in Seattle has not passed because it is tomorrow in London.
    """
    return today_in(house_zone())


def last_closed_day() -> date:
    """Return the latest day that is over: a due window that ends on it has closed."""
    return today() - timedelta(days=1)


def today_in(zone: tzinfo) -> date:
    """Return the present date in a time zone."""
    return now().astimezone(zone).date()
