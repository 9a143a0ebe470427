"""Writes of private events: record, correct, end, withdraw."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock, db, scope
from app.base.errors import Conflict, Forbidden, InvalidInput
from app.facts.evidence.events.models import (
    OF_COUNTRIES,
    DisruptionEvent,
    EventKind,
    PlaceKind,
    Severity,
)
from app.facts.evidence.events.queries import event_by_public_id
from app.facts.suppliers.models import Site
from app.facts.suppliers.queries import find_supplier
from app.platform.audit import services as audit

SENT_TWICE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Told:
    """An event as somebody tells it. `place` is a port, an upstream company or a site's name;
    `supplier` the number of whose site it is. A circle has its middle in degrees; around a site
    that is the site's own."""

    kind: EventKind
    title: str
    place_kind: PlaceKind
    from_on: date
    severity: Severity
    source: str
    until_on: date | None = None
    countries: str = ""
    place: str = ""
    supplier: str = ""
    mode: str = ""
    latitude: float | None = None
    longitude: float | None = None
    radius_km: int | None = None
    details: str | None = None


def record(session: Session, told: Told) -> DisruptionEvent:
    """Record an event; whom it hits follows from where suppliers and their goods are."""
    made = DisruptionEvent(recorded_by=db.actor_of(session).name)
    _fill(session, made, told)
    _refuse_second(session, made)
    session.add(made)
    session.flush()
    return made


def correct(session: Session, public_id: UUID, told: Told, *, seen: int) -> DisruptionEvent:
    """Correct what is told of an event; its end is part of it."""
    found = _to_change(session, public_id)
    if found.version != seen:
        raise Conflict("E-EVT-02", "Somebody changed this event meanwhile; see it again.")
    _fill(session, found, told)
    found.version += 1
    session.flush()
    return found


def end(session: Session, public_id: UUID, on: date) -> DisruptionEvent:
    """Say on which day an event was over."""
    found = _to_change(session, public_id)
    if on < found.from_on:
        raise _too_early(found.from_on)
    found.until_on = on
    found.version += 1
    session.flush()
    return found


def withdraw(session: Session, public_id: UUID, *, reason: str) -> None:
    """Withdraw an event that was none; it hits nothing, and stays readable."""
    found = _to_change(session, public_id)
    found.withdrawn_because = audit.give_reason(session, reason)
    found.withdrawn_at, found.withdrawn_by = clock.now(), db.actor_of(session).name
    found.version += 1
    session.flush()


def _too_early(from_on: date) -> InvalidInput:
    return InvalidInput(
        "E-EVT-03", f"It began on {from_on.isoformat()}; it can’t have ended before."
    )


def _to_change(session: Session, public_id: UUID) -> DisruptionEvent:
    event_by_public_id(session, public_id)
    found = session.scalars(
        select(DisruptionEvent).where(DisruptionEvent.public_id == public_id).with_for_update()
    ).one()
    _require_reach(session, found.supplier_id)
    if found.withdrawn_at is not None:
        raise Conflict("E-EVT-04", "The event is withdrawn; nothing changes any more.")
    return found


def _fill(session: Session, event: DisruptionEvent, told: Told) -> None:
    if told.until_on is not None and told.until_on < told.from_on:
        raise _too_early(told.from_on)
    # Looked up before anything is set: a row half filled in must not be written.
    countries = site = None
    if told.place_kind in OF_COUNTRIES:
        countries = " ".join(_countries(told.countries, told.place_kind))
    elif not told.place:
        raise InvalidInput("E-EVT-06", "Name the port, the company or the site.")
    elif told.place_kind is PlaceKind.SITE:
        site = _site(session, told)
    circle = _circle(told, site)
    if told.mode and told.place_kind not in (*OF_COUNTRIES, PlaceKind.PORT):
        raise InvalidInput("E-EVT-10", "A mode of transport belongs to a port or to countries.")
    supplier_id = None if site is None else site.supplier_id
    _require_reach(session, supplier_id)
    event.kind, event.title, event.details = told.kind, told.title, told.details
    event.place_kind, event.severity, event.source = told.place_kind, told.severity, told.source
    event.from_on, event.until_on = told.from_on, told.until_on
    event.countries, event.place = countries, None if countries else told.place
    event.mode, (event.latitude, event.longitude, event.radius_km) = told.mode or None, circle
    event.site_id, event.supplier_id = None if site is None else site.id, supplier_id


def _circle(told: Told, site: Site | None) -> tuple[float | None, float | None, int | None]:
    """Return the middle and the radius in which an event hits, nothing where it has none."""
    given = (told.latitude, told.longitude)
    if told.radius_km is None:
        if given != (None, None):
            raise InvalidInput("E-EVT-11", "Coordinates need a radius, in kilometres.")
        return None, None, None
    if told.place_kind not in (*OF_COUNTRIES, PlaceKind.SITE):
        raise InvalidInput("E-EVT-11", "A radius belongs to countries or to a site.")
    if site is not None:
        given = (site.latitude, site.longitude)
    if None in given:
        whose = "The site has no coordinates on record" if site else "The middle is missing"
        raise InvalidInput(
            "E-EVT-11", f"{whose}; a radius needs latitude and longitude in degrees."
        )
    return *given, told.radius_km


def _site(session: Session, told: Told) -> Site:
    if not told.supplier:
        raise InvalidInput("E-EVT-07", "Give the number of the supplier whose site it is.")
    owner = find_supplier(session, told.supplier)
    found = session.scalars(
        select(Site).where(Site.supplier_id == owner.id, Site.name == told.place)
    ).first()
    if found is None:
        names = session.scalars(select(Site.name).where(Site.supplier_id == owner.id))
        known = ", ".join(sorted(names)) or "none is recorded"
        raise InvalidInput(
            "E-EVT-07", f"{owner.name} has no site “{told.place[:60]}”. Its sites: {known}."
        )
    return found


def _countries(text: str, kind: PlaceKind) -> list[str]:
    import pycountry

    codes = list(dict.fromkeys(text.replace(",", " ").upper().split()))
    unknown = [code for code in codes if pycountry.countries.get(alpha_3=code) is None]
    if unknown or not codes:
        named = f"“{unknown[0][:20]}” is none" if unknown else "none is given"
        raise InvalidInput(
            "E-EVT-08", f"A country is its three letters of ISO 3166, such as DEU; {named}."
        )
    if kind is PlaceKind.COUNTRY and len(codes) > 1:
        raise InvalidInput("E-EVT-08", "One country; several of them are a region.")
    return codes


def _require_reach(session: Session, supplier_id: int | None) -> None:
    if supplier_id is not None:
        scope.require_writable(session, "supplier", supplier_id)
    elif not db.actor_of(session).writes.is_everything:
        raise Forbidden(
            "E-EVT-05",
            "This place concerns suppliers that you do not work on; a risk manager records it. "
            "Nothing was stored.",
        )


def _refuse_second(session: Session, made: DisruptionEvent) -> None:
    same = (
        select(DisruptionEvent.id)
        .where(
            DisruptionEvent.title == made.title,
            DisruptionEvent.from_on == made.from_on,
            DisruptionEvent.place_kind == made.place_kind,
            DisruptionEvent.withdrawn_at.is_(None),
            DisruptionEvent.created_at > clock.now() - SENT_TWICE,
        )
        .limit(1)
    )
    if session.scalar(same) is not None:
        raise Conflict("E-EVT-09", "This event was recorded a moment ago. Nothing was stored.")
