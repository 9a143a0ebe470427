"""Dates that alert on a ladder: each rung raises an alert of its own, once.

A rung is part of the alert's thing: the next one clears the one before and raises anew, so that
somebody is told again. Only the rung that holds on the day is read; what was passed while
nothing ran is told by the nearest one alone. A date that moved is another thing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from app.base import formatting
from app.calc.contract_dates import ladder_of, rung_reached
from app.judgement.alerts.catalogue import Reading

RUNG = re.compile(r"(.*:\d{8}):\d{1,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class DateAhead:
    """A day that somebody must be told of before it comes.

    key: of the thing, the same when its day moves. words: what happens on the day. door: as of
    a `Reading`.
    """

    key: str
    day: date
    words: str
    is_critical: bool = False
    door: tuple[str, dict[str, str]] | None = None


def reading_of(ahead: DateAhead, as_of: date) -> Iterator[Reading]:
    """Yield how many days are left where the ladder is reached; nothing before its first rung."""
    left = (ahead.day - as_of).days
    rung = rung_reached(ahead.day, as_of, is_critical=ahead.is_critical)
    if left < 0:
        # What was not done in time stands on the last rung until it is done.
        rung = ladder_of(is_critical=ahead.is_critical)[-1]
    if rung is None:
        return
    told = f"in {formatting.count(left, 'day')}" if left >= 0 else (
        f"{formatting.count(-left, 'day')} ago"
    )  # fmt: skip
    yield Reading(
        float(left),
        thing=f"{ahead.key[:64]}:{ahead.day:%Y%m%d}:{rung}",
        words=f"{ahead.words}, {told}",
        door=ahead.door,
    )


def without_rung(thing: str) -> str:
    """Return the thing of an alert without the rung that it climbed: the same date on each.

    >>> without_rung("0b7c:20271201:60"), without_rung("P-1000")
    ('0b7c:20271201', 'P-1000')
    """
    found = RUNG.fullmatch(thing)
    return thing if found is None else found[1]
