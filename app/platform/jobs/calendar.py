"""When a job is due: pure rules from a moment and a time zone to a period's key.

A day, month or quarter is named by the house's own calendar, an hour or minute by UTC. A
name cannot come twice: an hour that the clock repeats, skips or is set back to names no
period again, and a day that a place skips altogether is no period at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from app.calc.periods import quarter_label

A_MOMENT = timedelta(microseconds=1)
MONTHS_IN_YEAR = 12
MONTHS_IN_QUARTER = 3


@dataclass(frozen=True, slots=True)
class Due:
    """A period with its name, the moment from which it is due, and what was odd about it."""

    key: str
    at: datetime
    note: str = ""


class When(Protocol):
    """A rule that says which periods there are."""

    @property
    def words(self) -> str:
        """The rule as people say it (“every day at 02:00”)."""

    def latest(self, at: datetime, zone: ZoneInfo) -> Due:
        """Return the last period that is due at a moment."""

    def following(self, at: datetime, zone: ZoneInfo) -> Due:
        """Return the first period that is due after a moment."""


def due_between(when: When, after: datetime, until: datetime, zone: ZoneInfo) -> list[Due]:
    """Return the periods that became due after one moment and until another, oldest first."""
    found = []
    due = when.latest(until, zone)
    while due.at > after:
        found.append(due)
        due = when.latest(due.at - A_MOMENT, zone)
    return found[::-1]


def length(when: When, at: datetime, zone: ZoneInfo) -> timedelta:
    """Return how long the period takes that began last: from its due moment to the next."""
    return when.following(at, zone).at - when.latest(at, zone).at


@dataclass(frozen=True, slots=True)
class Every:
    """Every so many seconds, counted from midnight UTC; for what is quick and often."""

    seconds: int

    @property
    def words(self) -> str:
        """The rule as people say it."""
        if self.seconds % 60:
            return f"every {self.seconds} seconds"
        minutes = self.seconds // 60
        return "every minute" if minutes == 1 else f"every {minutes} minutes"

    def latest(self, at: datetime, zone: ZoneInfo) -> Due:
        """Return the last period that is due at a moment."""
        begun = int(at.timestamp()) // self.seconds * self.seconds
        return self._due(datetime.fromtimestamp(begun, UTC))

    def following(self, at: datetime, zone: ZoneInfo) -> Due:
        """Return the first period that is due after a moment."""
        return self._due(self.latest(at, zone).at + timedelta(seconds=self.seconds))

    def _due(self, at: datetime) -> Due:
        form = "%Y-%m-%dT%H:%MZ" if self.seconds % 60 == 0 else "%Y-%m-%dT%H:%M:%SZ"
        return Due(at.strftime(form), at)


@dataclass(frozen=True, slots=True)
class Hourly:
    """Every hour, some minutes past it."""

    minute: int = 0

    @property
    def words(self) -> str:
        """The rule as people say it."""
        return "every hour" if self.minute == 0 else f"every hour at :{self.minute:02}"

    def latest(self, at: datetime, zone: ZoneInfo) -> Due:
        """Return the last period that is due at a moment."""
        hour = at.astimezone(UTC).replace(minute=self.minute, second=0, microsecond=0)
        return self._due(hour if hour <= at else hour - timedelta(hours=1))

    def following(self, at: datetime, zone: ZoneInfo) -> Due:
        """Return the first period that is due after a moment."""
        return self._due(self.latest(at, zone).at + timedelta(hours=1))

    def _due(self, at: datetime) -> Due:
        return Due(f"{at:%Y-%m-%dT%H}Z", at)


@dataclass(frozen=True, slots=True)
class Daily:
    """Every local day from an hour on."""

    hour: int
    minute: int = 0

    @property
    def words(self) -> str:
        """The rule as people say it."""
        return f"every day at {self.hour:02}:{self.minute:02}"

    def latest(self, at: datetime, zone: ZoneInfo) -> Due:
        """Return the last period that is due at a moment."""
        days = _days_from(_local_day(at, zone) + timedelta(days=1), -1)
        return next(due for due in self._existing(days, zone) if due.at <= at)

    def following(self, at: datetime, zone: ZoneInfo) -> Due:
        """Return the first period that is due after a moment."""
        days = _days_from(_local_day(at, zone) - timedelta(days=1), 1)
        return next(due for due in self._existing(days, zone) if due.at > at)

    def _existing(self, days: Iterator[date], zone: ZoneInfo) -> Iterator[Due]:
        for day in days:
            at, note = _moment(day, self.hour, self.minute, zone)
            # Samoa had no 30 December 2011: nothing can be due on a day that never was.
            if at.astimezone(zone).date() == day:
                yield Due(day.isoformat(), at, note)


@dataclass(frozen=True, slots=True)
class Monthly:
    """Every month that has ended, on a day of the month after it."""

    day: int
    hour: int

    @property
    def words(self) -> str:
        """The rule as people say it."""
        return f"every month, on day {self.day} after its end at {self.hour:02}:00"

    def latest(self, at: datetime, zone: ZoneInfo) -> Due:
        """Return the last period that is due at a moment."""
        return _latest_of_months(self, at, zone, step=1)

    def following(self, at: datetime, zone: ZoneInfo) -> Due:
        """Return the first period that is due after a moment."""
        return _following_of_months(self, at, zone, step=1)

    def due_of(self, ended: int, zone: ZoneInfo) -> Due:
        """Return the period of an ended month, given as year × 12 + month − 1."""
        at, note = _moment(_first_day(ended + 1, self.day), self.hour, 0, zone)
        year, month = divmod(ended, MONTHS_IN_YEAR)
        return Due(f"{year}-{month + 1:02}", at, note)


@dataclass(frozen=True, slots=True)
class Quarterly:
    """Every quarter that has ended, on a day of the month after it."""

    day: int
    hour: int

    @property
    def words(self) -> str:
        """The rule as people say it."""
        return f"every quarter, on day {self.day} after its end at {self.hour:02}:00"

    def latest(self, at: datetime, zone: ZoneInfo) -> Due:
        """Return the last period that is due at a moment."""
        return _latest_of_months(self, at, zone, step=MONTHS_IN_QUARTER)

    def following(self, at: datetime, zone: ZoneInfo) -> Due:
        """Return the first period that is due after a moment."""
        return _following_of_months(self, at, zone, step=MONTHS_IN_QUARTER)

    def due_of(self, ended: int, zone: ZoneInfo) -> Due:
        """Return the period of a quarter by its last month, as year × 12 + month − 1."""
        at, note = _moment(_first_day(ended + 1, self.day), self.hour, 0, zone)
        return Due(quarter_label(ended), at, note)


def _latest_of_months(rule: Monthly | Quarterly, at: datetime, zone: ZoneInfo, *, step: int) -> Due:
    ended = _whole(_month_of(_local_day(at, zone)) + step - 1, step)
    while (due := rule.due_of(ended, zone)).at > at:
        ended -= step
    return due


def _following_of_months(
    rule: Monthly | Quarterly, at: datetime, zone: ZoneInfo, *, step: int
) -> Due:
    ended = _whole(_month_of(_local_day(at, zone)) - step - 1, step)
    while (due := rule.due_of(ended, zone)).at <= at:
        ended += step
    return due


def _whole(month: int, step: int) -> int:
    """Return the last month of the span of `step` months that a month lies in."""
    return month // step * step + step - 1


def _month_of(day: date) -> int:
    return day.year * MONTHS_IN_YEAR + day.month - 1


def _first_day(month: int, day: int) -> date:
    year, index = divmod(month, MONTHS_IN_YEAR)
    return date(year, index + 1, day)


def _days_from(day: date, step: int) -> Iterator[date]:
    while True:
        yield day
        day += timedelta(days=step)


def _local_day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def _moment(day: date, hour: int, minute: int, zone: ZoneInfo) -> tuple[datetime, str]:
    """Return the UTC moment of a local time, and what was odd about it.

    A time that came twice means its first; one that never came, as much later as was skipped.
    """
    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
    at = local.astimezone(UTC)
    came = at.astimezone(zone)
    if (came.hour, came.minute, came.date()) != (hour, minute, day):
        return at, f"{hour:02}:{minute:02} did not come that day; due at {came:%H:%M} instead."
    if local.replace(fold=1).utcoffset() != local.utcoffset():
        return at, f"{hour:02}:{minute:02} came twice that day; due at the first."
    return at, ""
