"""The calendar feed: dates as all-day events of RFC 5545.

The library escapes, folds and names what the format asks for; here is decided what an event
says. A date keeps its UID when its day moves, so that programs move it too.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from icalendar import Calendar, Event, Timezone, TimezoneStandard, vDuration

from app.reviews.due_dates.days import Entry
from app.reviews.due_dates.sources import LABELS

PRODUCT = "-//Mainstay//Dates//EN"
REREAD = timedelta(hours=6)
ONE_DAY = timedelta(days=1)
LONGEST_SUMMARY = 200


def calendar(
    entries: Iterable[Entry],
    *,
    name: str,
    host: str,
    stamp: datetime,
    address: Callable[[Entry], str],
) -> bytes:
    """Return dates as a calendar.

    host: of the house, so that no other house's events have the same UID. stamp: the moment of
    reading, in UTC. address: of the page behind a date.
    """
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("x-wr-calname", plain(name))
    made.add("refresh-interval", vDuration(REREAD), parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", vDuration(REREAD))
    for each in entries:
        made.add_component(_event(each, host, stamp, address(each)))
    if not made.subcomponents:
        made.add_component(_nothing())
    return bytes(made.to_ical())


def plain(text: str) -> str:
    """Return a text without the control characters that the format forbids; lines stay lines."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        sign for sign in lines if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cs")
    )


def _nothing() -> Timezone:
    """Return what an empty calendar holds: the format asks for one component at least."""
    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", "UTC")
    standard.add("dtstart", datetime(1970, 1, 1))  # noqa: DTZ001 — local time, as the format has it
    standard.add("tzoffsetfrom", timedelta(0))
    standard.add("tzoffsetto", timedelta(0))
    zone.add_component(standard)
    return zone


def _event(entry: Entry, host: str, stamp: datetime, address: str) -> Event:
    due, event = entry.due, Event()
    label = LABELS[due.kind]
    told = [label.capitalize(), due.why]
    if entry.owner:
        told.append(f"Owner: {entry.owner}")
    event.add("uid", f"{due.kind}-{due.key}@{host}")
    event.add("dtstamp", stamp)
    event.add("dtstart", due.day)
    event.add("dtend", due.day + ONE_DAY)
    event.add("summary", _summary(entry, label))
    event.add("description", plain("\n".join([*told, address])))
    event.add("categories", [label])
    event.add("url", address)
    event.add("transp", "TRANSPARENT")
    return event


def _summary(entry: Entry, label: str) -> str:
    named = f"{entry.about}: " if entry.about else ""
    words = plain(f"{named}{label}, {entry.due.what}").replace("\n", " ")
    return words if len(words) <= LONGEST_SUMMARY else words[: LONGEST_SUMMARY - 1] + "…"
