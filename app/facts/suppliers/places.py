"""What levels below and beside a supplier are called: plants, categories, parts, its own sites."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.base.errors import NotFound
from app.facts.suppliers.models import ApprovedSource, Category, Part, Site


@dataclass(frozen=True, slots=True)
class Place:
    """A thing that figures are told for: its key, its name, and what it lies in, if anything."""

    id: int
    name: str
    parent_id: int | None = None
    supplier_id: int | None = None


def own_plants(session: Session) -> list[Place]:
    """Return our own plants by name."""
    rows = session.scalars(select(Site).where(Site.supplier_id.is_(None)).order_by(Site.name))
    return [Place(site.id, site.name) for site in rows]


def site_by_id(session: Session, site_id: int) -> Place:
    """Return a site, ours or a supplier's; raises NotFound."""
    site = session.scalar(select(Site).where(Site.id == site_id))
    if site is None:
        raise NotFound("E-LVL-01", "There is no such site.")
    return Place(site.id, site.name, supplier_id=site.supplier_id)


def sites_of(session: Session, supplier_id: int) -> list[Place]:
    """Return a supplier's own sites by name."""
    rows = session.scalars(select(Site).where(Site.supplier_id == supplier_id).order_by(Site.name))
    return [Place(site.id, site.name, supplier_id=supplier_id) for site in rows]


def all_categories(session: Session) -> dict[int, Place]:
    """Return every category by its key, in the order of names."""
    rows = session.scalars(select(Category).order_by(Category.name))
    return {each.id: Place(each.id, each.name, each.parent_id) for each in rows}


def categories_below(categories: dict[int, Place], top: int) -> tuple[int, ...]:
    """Return a category with all that lie below it."""
    children: dict[int | None, list[int]] = defaultdict(list)
    for each in categories.values():
        children[each.parent_id].append(each.id)
    found, left = [], [top]
    while left:
        here = left.pop()
        if here not in found:
            found.append(here)
            left += children[here]
    return tuple(sorted(found))


def part_by_id(session: Session, part_id: int) -> Place:
    """Return a part, named by its number and name; raises NotFound."""
    part = session.scalar(select(Part).where(Part.id == part_id))
    if part is None:
        raise NotFound("E-LVL-02", "There is no such part.")
    return Place(part.id, _called(part), part.category_id)


def part_named(session: Session, number: str) -> int | None:
    """Return the key of the part with a number, None where there is none."""
    return session.scalar(select(Part.id).where(Part.number == number))


def part_names(session: Session, ids: Collection[int]) -> dict[int, str]:
    """Return parts by key, named by number and name."""
    rows = session.scalars(select(Part).where(Part.id.in_(sorted(ids))))
    return {part.id: _called(part) for part in rows}


def parts_made_at(session: Session, site: Place, *, on: date) -> tuple[int, ...]:
    """Return the parts that a supplier makes at one of its sites, and at no other, on a day.

    As the approved sources of the day say it; lines of other parts can't be told to a site.
    """
    rows = session.execute(
        select(ApprovedSource.part_id, ApprovedSource.site_id).where(
            ApprovedSource.supplier_id == site.supplier_id,
            ApprovedSource.valid_from <= on,
            or_(ApprovedSource.valid_to.is_(None), ApprovedSource.valid_to >= on),
        )
    )
    sites: dict[int, set[int | None]] = defaultdict(set)
    for part_id, site_id in rows:
        sites[part_id].add(site_id)
    return tuple(sorted(part for part, made in sites.items() if made == {site.id}))


def _called(part: Part) -> str:
    return f"{part.number} {part.name}" if part.name else part.number
