"""The only place that reads the time. Everything else is handed a moment or a date."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return the present date in UTC."""
    return now().date()


def last_closed_day() -> date:
    """Return the latest day that is over: a due window that ends on it has closed."""
    return today() - timedelta(days=1)


def today_in(zone: tzinfo) -> date:
    """Return the present date where a house keeps its days."""
    return now().astimezone(zone).date()
