"""Writes calendars: weekend, holidays, and which of our own sites go by them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base.errors import Conflict, InvalidInput, NotFound
from app.calc.calendars import DAYS_IN_WEEK
from app.facts.suppliers.calendar_models import Calendar, Holiday
from app.facts.suppliers.models import Site

LONGEST_NAME = 200
MOST_HOLIDAYS = 2_000
# A date, then what the day is called; what separates them does not matter.
HOLIDAY_LINE = re.compile(r"(\d{4}-\d{2}-\d{2})[\s,;:–-]*(.*)")


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """A calendar as pages show it; `holidays` in the order of their days."""

    id: int
    public_id: UUID
    name: str
    weekend: str
    holidays: tuple[tuple[date, str], ...]
    sites: tuple[str, ...]
    site_ids: frozenset[int]


def read_holidays(pasted: str) -> dict[date, str]:
    """Return the holidays of a pasted list, one date a line with its name behind it.

    Raises InvalidInput naming the line that has no date.
    """
    found: dict[date, str] = {}
    for number, line in enumerate(pasted.splitlines(), start=1):
        if not line.strip():
            continue
        match = HOLIDAY_LINE.fullmatch(line.strip())
        try:
            day = date.fromisoformat(match.group(1)) if match else None
        except ValueError:
            day = None
        if match is None or day is None:
            raise InvalidInput(
                "E-CAL-01",
                f"Line {number}, “{line.strip()[:60]}”, begins with no date such as 2026-12-25.",
            )
        found[day] = match.group(2).strip()[:LONGEST_NAME]
    if len(found) > MOST_HOLIDAYS:
        raise InvalidInput("E-CAL-02", f"At most {MOST_HOLIDAYS:,} holidays, not {len(found):,}.")
    return found


def calendar_rows(session: Session) -> list[CalendarRow]:
    """Return all calendars with their holidays and sites, by name."""
    calendars = session.scalars(select(Calendar).order_by(Calendar.name)).all()
    holidays = session.execute(
        select(Holiday.calendar_id, Holiday.day, Holiday.name).order_by(Holiday.day)
    ).all()
    sites = session.execute(
        select(Site.calendar_id, Site.name, Site.id)
        .where(Site.calendar_id.is_not(None), Site.supplier_id.is_(None))
        .order_by(Site.name)
    ).all()
    return [
        CalendarRow(
            each.id, each.public_id, each.name, each.weekend,
            tuple((day, name) for of, day, name in holidays if of == each.id),
            tuple(name for of, name, _ in sites if of == each.id),
            frozenset(site_id for of, _, site_id in sites if of == each.id),
        )
        for each in calendars
    ]  # fmt: skip


def calendar_row(session: Session, public_id: UUID) -> CalendarRow:
    """Return a calendar by its public key; raises NotFound."""
    for each in calendar_rows(session):
        if each.public_id == public_id:
            return each
    raise NotFound("E-CAL-03", "There is no such calendar.")


def own_sites(session: Session) -> list[tuple[int, str]]:
    """Return our own sites by name."""
    rows = session.execute(
        select(Site.id, Site.name).where(Site.supplier_id.is_(None)).order_by(Site.name)
    )
    return [(site_id, name) for site_id, name in rows]


def keep(
    session: Session,
    public_id: UUID | None,
    *,
    name: str,
    weekend: str,
    holidays: Mapping[date, str],
    site_ids: Collection[int],
) -> tuple[UUID, set[int]]:
    """Write a calendar, a new one without a key; return its key and the sites it touches."""
    calendar = _calendar(session, public_id)
    _refuse_taken(session, calendar, name)
    if len(set(weekend)) >= DAYS_IN_WEEK:
        raise InvalidInput("E-CAL-05", "At least one weekday must be worked.")
    days_before = (calendar.weekend, _days(session, calendar))
    calendar.name, calendar.weekend = name, "".join(sorted(set(weekend)))
    session.add(calendar)
    session.flush()
    _keep_holidays(session, calendar, holidays)
    before, after = _sites_of(session, calendar), set(site_ids)
    _give(session, calendar.id, after - before)
    _give(session, None, before - after)
    has_other_days = days_before != (calendar.weekend, set(holidays))
    return calendar.public_id, (before | after) if has_other_days else (before ^ after)


def _calendar(session: Session, public_id: UUID | None) -> Calendar:
    if public_id is None:
        return Calendar()
    found = session.scalar(select(Calendar).where(Calendar.public_id == public_id))
    if found is None:
        raise NotFound("E-CAL-03", "There is no such calendar.")
    return found


def _refuse_taken(session: Session, calendar: Calendar, name: str) -> None:
    taken = select(Calendar.id).where(func.lower(Calendar.name) == name.lower())
    found = session.scalar(taken)
    if found is not None and found != calendar.id:
        raise Conflict("E-CAL-04", f"A calendar is called “{name}” already. Take another name.")


def _days(session: Session, calendar: Calendar) -> set[date]:
    return set(session.scalars(select(Holiday.day).where(Holiday.calendar_id == calendar.id)))


def _sites_of(session: Session, calendar: Calendar) -> set[int]:
    return set(session.scalars(select(Site.id).where(Site.calendar_id == calendar.id)))


def _keep_holidays(session: Session, calendar: Calendar, wanted: Mapping[date, str]) -> None:
    known = {
        each.day: each
        for each in session.scalars(select(Holiday).where(Holiday.calendar_id == calendar.id))
    }
    for day, row in known.items():
        if day not in wanted:
            session.delete(row)
        else:
            row.name = wanted[day]
    session.add_all(
        Holiday(calendar_id=calendar.id, day=day, name=name)
        for day, name in wanted.items()
        if day not in known
    )
    session.flush()


def _give(session: Session, calendar_id: int | None, site_ids: Collection[int]) -> None:
    """Let some of our own sites go by a calendar, or by none."""
    wanted = select(Site).where(Site.id.in_(site_ids), Site.supplier_id.is_(None))
    for site in session.scalars(wanted):
        site.calendar_id = calendar_id
    session.flush()
