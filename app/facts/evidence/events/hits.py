"""Whom and which parts an event hits: by sites, upstream plants and the ways of receipts.

Places are compared as they are recorded. What is recorded nowhere is hit by nothing: a
supplier without sites stands in its own country, a receipt without a port came through none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base import formatting
from app.calc.distance import Point, great_circle_km
from app.facts.deliveries.period_reads import once
from app.facts.evidence.events import ways
from app.facts.evidence.events.models import OF_COUNTRIES, DisruptionEvent, PlaceKind
from app.facts.evidence.events.ways import folded
from app.facts.evidence.models import SubTierLink
from app.facts.suppliers.models import ApprovedSource, Part, Site, Supplier
from app.facts.suppliers.queries import effective_id, is_rated, rated_supplier_ids

FEW_PARTS = 6
# Events that ended so long ago are still read, so that what they raised can clear.
ENDED_SINCE = timedelta(days=30)
# Of whom something is not recorded, and what.
Silent = Iterator[tuple[set[int], str]]


@dataclass(frozen=True, slots=True)
class Hit:
    """That an event hits a supplier: through what, and which parts. `is_indirect`: through
    somebody who supplies it."""

    supplier_id: int
    through: str
    parts: tuple[str, ...] = ()
    is_indirect: bool = False

    @property
    def parts_words(self) -> str:
        """The first parts by number, and how many more there are."""
        told, more = ", ".join(self.parts[:FEW_PARTS]), len(self.parts) - FEW_PARTS
        return f"{told} and {more} more" if more > 0 else told


@dataclass(frozen=True, slots=True)
class _Place:
    """A place that goods depend on: whose, what it is, which parts hang on it."""

    supplier_id: int
    words: str
    country: str | None
    name: str = ""
    site_id: int | None = None
    parts: tuple[str, ...] = ()
    point: Point | None = None


def is_on(event: DisruptionEvent, day: date) -> bool:
    """Tell whether an event is under way on a day."""
    return event.from_on <= day and (event.until_on is None or day <= event.until_on)


def hits_on(session: Session, day: date) -> Iterator[tuple[DisruptionEvent, Hit]]:
    """Yield each event of a day, or ended lately, with everybody whom it hits."""
    rows = select(DisruptionEvent).where(
        DisruptionEvent.from_on <= day,
        func.coalesce(DisruptionEvent.until_on, day) >= day - ENDED_SINCE,
    )
    for event in session.scalars(rows.order_by(DisruptionEvent.id)):
        for hit in hits_of(session, event, day):
            yield event, hit


def hits_of(session: Session, event: DisruptionEvent, day: date) -> list[Hit]:
    """Return whom an event hits, each supplier once and directly where both."""
    kind = PlaceKind(event.place_kind)
    if kind is PlaceKind.PORT:
        found: Iterable[Hit] = _through_port(session, event, day)
    elif kind is PlaceKind.SITE:
        found = [
            *_at(_sites(session, day), lambda place: place.site_id == event.site_id),
            *_around(_sites(session, day), event),
        ]
    elif kind is PlaceKind.UPSTREAM:
        name = folded(event.place)
        found = _at(
            _upstream(session),
            lambda place: name in (folded(place.name), folded(place.words)),
            is_indirect=True,
        )
    else:
        found = _in_countries(session, event, day)
    return _merged(found)


def unknown_of(session: Session, event: DisruptionEvent, day: date) -> list[str]:
    """Return what is not recorded and might be hit, in sentences."""
    rated = frozenset(rated_supplier_ids(session))
    silent = _silent_at_port if event.place_kind == PlaceKind.PORT else _silent_places
    told = [
        f"Of {formatting.count(len(whose & rated), 'supplier')} {why}: not known."
        for whose, why in silent(session, event, day)
        if whose & rated
    ]
    if event.radius_km is not None or (event.mode and event.place_kind in OF_COUNTRIES):
        told.append("Of plants upstream neither coordinates nor modes are recorded.")
    return told


def _silent_at_port(session: Session, event: DisruptionEvent, day: date) -> Silent:
    """Yield of whom no port is recorded, and of whom not by what goods came through this one."""
    yield (
        ways.delivering(session, day) - ways.naming(session, day, modes=False),
        "no receipt of the last year names a port",
    )
    if event.mode:
        through = ways.through_port(session, event.place or "", day)
        yield (
            {way.supplier_id for way in through if way.mode is None},
            "goods came through this port by a mode that nobody recorded",
        )


def _silent_places(session: Session, event: DisruptionEvent, day: date) -> Silent:
    """Yield of whom the mode is not recorded, and of whom not where a place lies."""
    if not event.mode and event.radius_km is None:
        return
    places, where = _sites(session, day), "a place"
    if event.place_kind in OF_COUNTRIES:
        places = [each for each in places if each.country in _countries(event)]
        where = "a place in these countries"
    if event.mode:
        yield (
            {each.supplier_id for each in places} - ways.naming(session, day, modes=True),
            "no receipt of the last year names a mode of transport",
        )
    if event.radius_km is not None:
        nowhere = {each.supplier_id for each in places if each.point is None}
        yield nowhere, f"{where} has no coordinates"


def _countries(event: DisruptionEvent) -> frozenset[str]:
    return frozenset((event.countries or "").split())


def _in_countries(session: Session, event: DisruptionEvent, day: date) -> list[Hit]:
    wanted, places = _countries(event), _sites(session, day)
    if event.radius_km is not None:
        found = [*_around([each for each in places if each.country in wanted], event)]
    else:
        found = [*_at(places, lambda place: place.country in wanted)]
    if event.mode:
        own = ways.parts_by_supplier(ways.by_mode(session, event.mode, day))
        return [
            Hit(each.supplier_id, f"{each.through}, goods by {event.mode}", own[each.supplier_id])
            for each in found
            if each.supplier_id in own
        ]
    if event.radius_km is not None:
        return found
    return [
        *found,
        *_at(_upstream(session), lambda place: place.country in wanted, is_indirect=True),
    ]


def _around(places: Iterable[_Place], event: DisruptionEvent) -> Iterator[Hit]:
    """Yield what lies in the event's circle, with how far from its middle."""
    if event.radius_km is None or event.latitude is None or event.longitude is None:
        return
    middle = (event.latitude, event.longitude)
    for place in places:
        if place.point is None or place.site_id == event.site_id:
            continue
        distance = great_circle_km(middle, place.point)
        if distance <= event.radius_km:
            far = f"{place.words}, {formatting.number(distance, 0)} km away"
            yield Hit(place.supplier_id, far, place.parts)


def _at(
    places: Iterable[_Place], fits: Callable[[_Place], bool], *, is_indirect: bool = False
) -> Iterator[Hit]:
    for place in places:
        if fits(place):
            yield Hit(place.supplier_id, place.words, place.parts, is_indirect)


def _merged(found: Iterable[Hit]) -> list[Hit]:
    by_supplier: dict[int, list[Hit]] = defaultdict(list)
    for hit in found:
        by_supplier[hit.supplier_id].append(hit)
    merged = []
    for supplier_id, own in by_supplier.items():
        direct = [hit for hit in own if not hit.is_indirect]
        told = direct or own
        parts = sorted({part for hit in told for part in hit.parts})
        through = ", ".join(dict.fromkeys(hit.through for hit in told))
        merged.append(Hit(supplier_id, through, tuple(parts), not direct))
    return sorted(merged, key=lambda hit: (hit.is_indirect, hit.supplier_id))


def _sites(session: Session, day: date) -> list[_Place]:
    """Return every supplier's sites; who has none stands in its own country."""
    return once(session, f"events: sites {day}", lambda: _read_sites(session, day))


def _read_sites(session: Session, day: date) -> list[_Place]:
    of_site: dict[int, list[str]] = defaultdict(list)
    of_supplier: dict[int, list[str]] = defaultdict(list)
    sources = (
        select(effective_id(), ApprovedSource.site_id, Part.number)
        .join(Supplier, Supplier.id == ApprovedSource.supplier_id)
        .join(Part, Part.id == ApprovedSource.part_id)
        .where(
            ApprovedSource.valid_from <= day,
            func.coalesce(ApprovedSource.valid_to, day) >= day,
        )
    )
    for owner, site_id, number in session.execute(sources):
        if site_id is None:
            of_supplier[owner].append(number)
        else:
            of_site[site_id].append(number)
    rows = (
        select(effective_id(), Site.id, Site.name, Site.country, Site.latitude, Site.longitude)
        .join(Supplier, Supplier.id == Site.supplier_id)
        .order_by(Site.id)
    )
    found, placed = [], set()
    for owner, site_id, name, country, latitude, longitude in session.execute(rows):
        placed.add(owner)
        # A part whose site nobody recorded may come from any of them.
        parts = (*of_site[site_id], *of_supplier[owner])
        words = f"site {name}, {country}" if country else f"site {name}"
        point = None if latitude is None or longitude is None else (latitude, longitude)
        found.append(_Place(owner, words, country, name, site_id, parts, point))
    alone = select(Supplier.id, Supplier.country).where(is_rated(), Supplier.country.is_not(None))
    found += [
        _Place(key, f"in {country}, no site recorded", country, parts=tuple(of_supplier[key]))
        for key, country in session.execute(alone.order_by(Supplier.id))
        if key not in placed
    ]
    return found


def _upstream(session: Session) -> list[_Place]:
    return once(session, "events: upstream", lambda: _read_upstream(session))


def _read_upstream(session: Session) -> list[_Place]:
    rows = (
        select(
            effective_id(),
            SubTierLink.upstream_name,
            SubTierLink.upstream_site,
            SubTierLink.upstream_country,
            Part.number,
        )
        .join(Supplier, Supplier.id == SubTierLink.supplier_id)
        .outerjoin(Part, Part.id == SubTierLink.part_id)
        .order_by(SubTierLink.id)
    )
    return [
        _Place(
            owner, f"{name}, {site}", country, name,
            parts=() if number is None else (number,),
        )
        for owner, name, site, country, number in session.execute(rows)
    ]  # fmt: skip


def _through_port(session: Session, event: DisruptionEvent, day: date) -> Iterator[Hit]:
    """Yield who delivered through a port within a year, with the parts that came that way.

    Of an event that concerns one mode, only goods that are recorded with it.
    """
    port = event.place or ""
    found = ways.through_port(session, port, day)
    if event.mode:
        found = [way for way in found if folded(way.mode) == folded(event.mode)]
    words = f"goods through {port}" + (f" by {event.mode}" if event.mode else "")
    for owner, numbers in ways.parts_by_supplier(found).items():
        yield Hit(owner, words, numbers)
