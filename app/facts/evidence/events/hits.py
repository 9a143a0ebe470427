"""Whom and which parts an event hits: by sites, upstream plants and the ports of receipts.

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

from app.facts.deliveries.models import Receipt, ScheduleLine
from app.facts.deliveries.period_reads import once
from app.facts.evidence.events.models import DisruptionEvent, PlaceKind
from app.facts.evidence.models import SubTierLink
from app.facts.suppliers.models import ApprovedSource, Part, Site, Supplier
from app.facts.suppliers.queries import effective_id, is_rated

FEW_PARTS = 6
# Goods that came through a port within this time show that the lane is in use.
LANE_LASTS = timedelta(days=365)
# Events that ended so long ago are still read, so that what they raised can clear.
ENDED_SINCE = timedelta(days=30)


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
        found: Iterable[Hit] = _through_port(session, event.place or "", day)
    elif kind is PlaceKind.SITE:
        found = _at(_sites(session, day), lambda place: place.site_id == event.site_id)
    elif kind is PlaceKind.UPSTREAM:
        name = _folded(event.place)
        found = _at(
            _upstream(session),
            lambda place: name in (_folded(place.name), _folded(place.words)),
            is_indirect=True,
        )
    else:
        wanted = frozenset((event.countries or "").split())
        found = [
            *_at(_sites(session, day), lambda place: place.country in wanted),
            *_at(_upstream(session), lambda place: place.country in wanted, is_indirect=True),
        ]
    return _merged(found)


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
        select(effective_id(), Site.id, Site.name, Site.country)
        .join(Supplier, Supplier.id == Site.supplier_id)
        .order_by(Site.id)
    )
    found, placed = [], set()
    for owner, site_id, name, country in session.execute(rows):
        placed.add(owner)
        # A part whose site nobody recorded may come from any of them.
        parts = (*of_site[site_id], *of_supplier[owner])
        words = f"site {name}, {country}" if country else f"site {name}"
        found.append(_Place(owner, words, country, name, site_id, parts))
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


def _through_port(session: Session, port: str, day: date) -> Iterator[Hit]:
    """Yield who delivered through a port within a year, with the parts that came that way."""
    rows = (
        select(effective_id(), Part.number)
        .select_from(Receipt)
        .join(ScheduleLine, ScheduleLine.id == Receipt.line_id)
        .join(Supplier, Supplier.id == ScheduleLine.supplier_id)
        .outerjoin(Part, Part.id == ScheduleLine.part_id)
        .where(
            func.lower(func.trim(Receipt.port)) == _folded(port),
            func.coalesce(Receipt.arrived_on, Receipt.posted_on) > day - LANE_LASTS,
        )
        .distinct()
    )
    parts: dict[int, list[str]] = defaultdict(list)
    for owner, number in session.execute(rows):
        parts[owner] += [] if number is None else [number]
    for owner, numbers in parts.items():
        yield Hit(owner, f"goods through {port}", tuple(numbers))


def _folded(text: str | None) -> str:
    return " ".join((text or "").lower().split())
