"""Dates as text, read strictly in a declared format into ISO text (YYYY-MM-DD).

ISO text compares as dates do, costs nothing to keep, and both engines take it. A format
is written with d, dd, m, mm, Mon, yy and yyyy (`d-Mon-yy`); an optional time of day
behind the date (`yyyy-mm-dd hh:mm:ss`) is read and left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

from app.platform.imports.problems import Code, Fault, quoted

ISO = "yyyy-mm-dd"
EARLIEST_YEAR = 1970
FURTHEST_DAYS = 25 * 366
# Two-digit years below this are 20yy, the others 19yy.
PIVOT = 70
MONTHS = {
    name: index
    for index, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
TOKENS = {
    "yyyy": r"(?P<year>[0-9]{4})",
    "yy": r"(?P<short>[0-9]{2})",
    "mon": r"(?P<name>[A-Za-z]{3})",
    "mm": r"(?P<month>[0-9]{2})",
    "m": r"(?P<month>[0-9]{1,2})",
    "dd": r"(?P<day>[0-9]{2})",
    "d": r"(?P<day>[0-9]{1,2})",
}
TOKEN = re.compile("yyyy|yy|mon|mm|m|dd|d", re.IGNORECASE)
TIME_OF_DAY = r"(?:[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?Z?)?"
# What a cell is compared with to say that a column holds two formats.
KNOWN = (ISO, "d/m/yyyy", "d.m.yyyy", "d-m-yyyy", "yyyy/m/d", "d-Mon-yy", "d-Mon-yyyy", "d/m/yy")

Reader = Callable[[str], str | None]


def compiled(date_format: str) -> Reader:
    """Return a function from text to ISO text, None where the text doesn't fit.

    Raises ValueError when the format lacks a year, a month or a day, or names one twice.
    """
    wrong = ValueError(f"{date_format!r} is no date format; write it like d-Mon-yy")
    try:
        pattern = _pattern(date_format)
    except re.error:
        raise wrong from None
    if not {"day"} <= set(pattern.groupindex) or not _has_month_and_year(pattern):
        raise wrong
    return lambda text: _read(pattern, text)


def rendered(day: date, date_format: str) -> str:
    """Return a date as text in a declared format."""
    written = {
        "yyyy": f"{day.year:04}",
        "yy": f"{day.year % 100:02}",
        "mon": list(MONTHS)[day.month - 1].title(),
        "mm": f"{day.month:02}",
        "m": str(day.month),
        "dd": f"{day.day:02}",
        "d": str(day.day),
    }
    dated, _, _ = date_format.partition(" hh")
    return TOKEN.sub(lambda match: written[match.group().lower()], dated)


def fits_any(text: str) -> bool:
    """Tell whether the text is a date in any format that people commonly write."""
    return len(text) <= 40 and any(reader(text) is not None for reader in _known_readers())


def implausible(iso: str, today: date) -> str | None:
    """Return why no business date can be this, or None."""
    if int(iso[:4]) < EARLIEST_YEAR:
        return f"is not plausible (before {EARLIEST_YEAR})"
    if iso > (today + timedelta(days=FURTHEST_DAYS)).isoformat():
        return "is not plausible (more than 25 years ahead)"
    return None


def after_today(cell: object, today: date) -> Fault:
    """Return the fault of a thing that happened in the future."""
    return Fault(Code.DATE_RULE, f"{quoted(cell)} is after today ({today.isoformat()}).")


def unreadable(cell: object, date_format: str | None) -> Fault:
    """Return the fault of a text that is no date in the declared format."""
    expected = "" if date_format is None else f" in the format {date_format}"
    return Fault(Code.DATE_FORMAT, f"{quoted(cell)} is not a date{expected}.")


def moment(text: str) -> str | None:
    """Return an ISO moment (`2026-03-01T14:05:00+01:00`) as UTC text; without zone it is UTC."""
    if not re.fullmatch(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?"
        r"(?:Z|[+-][0-9]{2}:[0-9]{2})?)?",
        text,
    ):
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    aware = read if read.tzinfo else read.replace(tzinfo=timezone(timedelta(0)))
    return aware.astimezone(UTC).isoformat()


def _pattern(date_format: str) -> re.Pattern[str]:
    written, position, parts = date_format.strip(), 0, []
    dated, _, _ = written.partition(" hh")
    for match in TOKEN.finditer(dated):
        parts.append(re.escape(dated[position : match.start()]))
        parts.append(TOKENS[match.group().lower()])
        position = match.end()
    parts.append(re.escape(dated[position:]))
    return re.compile("".join(parts) + TIME_OF_DAY, re.ASCII)


def _has_month_and_year(pattern: re.Pattern[str]) -> bool:
    groups = set(pattern.groupindex)
    return bool(groups & {"month", "name"}) and bool(groups & {"year", "short"})


def _read(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.fullmatch(text)
    if match is None:
        return None
    parts = match.groupdict()
    if (short := parts.get("short")) is not None:
        year = int(short) + (2000 if int(short) < PIVOT else 1900)
    else:
        year = int(parts["year"])
    if (name := parts.get("name")) is not None:
        month = MONTHS.get(name.lower(), 0)
    else:
        month = int(parts["month"])
    try:
        return date(year, month, int(parts["day"])).isoformat()
    except ValueError:
        return None


_readers: list[Reader] = []


def _known_readers() -> list[Reader]:
    if not _readers:
        _readers.extend(compiled(known) for known in KNOWN)
        _readers.append(compiled("m/d/yyyy"))
        _readers.append(compiled("m/d/yy"))
    return _readers
