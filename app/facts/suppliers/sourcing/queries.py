"""Reads of how parts are sourced on a day: flags computed in one statement, pages of parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.base import scope
from app.base.errors import InvalidInput, NotFound
from app.calc.dependency_flags import PartFlags, PartSource, SourcingFlag, part_flags
from app.facts.suppliers.models import (
    ApprovedSource,
    Category,
    Part,
    Site,
    Supplier,
)
from app.facts.suppliers.queries import approved_on, effective_id
from app.facts.suppliers.sourcing.reach import reaches_all

Keys = NDArray[np.int64]
# More keys than these cost more to name than all parts to read.
ASKED_AT_ONCE = 5_000
MULTIPLE, SITE_UNKNOWN, CONTRADICTED = "multiple", "site_unknown", "contradicted"
FLAGS = (*(str(flag) for flag in SourcingFlag), MULTIPLE, SITE_UNKNOWN, CONTRADICTED)


@dataclass(frozen=True, slots=True)
class PartQuery:
    """Which parts, in which order; nothing chosen means all."""

    search: str = ""
    flags: Sequence[str] = ()
    criticalities: Sequence[str] = ()
    categories: Sequence[int] = ()
    sort: str = "part"
    is_falling: bool = False
    offset: int = 0
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part with what follows from its sources. Money is in the part's currency.

    `weeks`: the longest time to qualify another source that one of its sources names.
    """

    part_id: int
    number: str
    name: str | None
    category: str | None
    criticality: str | None
    revenue_exposed: Decimal | None
    currency: str | None
    survive_days: int | None
    sources: int
    weeks: int | None
    largest_share: int | None
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourceSheet:
    """One approved source of a part, as its page shows it. Shares are in millionths."""

    supplier_id: int
    public_id: UUID
    number: str
    name: str
    currency: str | None
    role: str
    is_sole: bool
    target_share: int | None
    qualified_on: date | None
    weeks: int | None
    recover_days: int | None
    sites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PartSheet:
    """A part with its sources and flags."""

    row: PartRow
    sources: tuple[SourceSheet, ...]
    flags: PartFlags


def parts_page(session: Session, query: PartQuery, *, as_of: date) -> tuple[list[PartRow], int]:
    """Return a page of parts with their flags, and how many there are in all."""
    asked = _filtered(_within_reach(session, _rows(as_of)), query)
    ordered = asked.order_by(*_order(asked, query), asked.selected_columns.part_number)
    found = list(session.execute(ordered.offset(query.offset).limit(query.limit)))
    if found or not query.offset:
        return [_part_row(*row[:-1]) for row in found], found[0][-1] if found else 0
    return [], session.scalar(select(func.count()).select_from(asked.subquery())) or 0


def part_sheet(session: Session, part_id: int, *, as_of: date) -> PartSheet:
    """Return a part with its sources on a day; raises NotFound."""
    asked = _within_reach(session, _rows(as_of)).where(Part.id == part_id)
    found = session.execute(asked).first()
    if found is None:
        raise NotFound("E-LVL-02", "There is no such part.")
    sources = tuple(_sources(session, part_id, as_of))
    flags = part_flags([PartSource(each.name, each.sites, each.is_sole) for each in sources])
    return PartSheet(_part_row(*found[:-1]), sources, flags)


def parts_by_id(session: Session, part_ids: Collection[int], *, as_of: date) -> dict[int, PartRow]:
    """Return some parts with their flags by key."""
    wanted = sorted(part_ids)
    rows = session.execute(_rows(as_of, parts=wanted).where(Part.id.in_(wanted)))
    return {row[0]: _part_row(*row[:-1]) for row in rows}


def part_id_of(session: Session, number: str) -> int | None:
    """Return the key of the part with a number."""
    return session.scalar(select(Part.id).where(Part.number == number))


def part_numbers(session: Session, part_ids: Collection[int]) -> dict[int, str]:
    """Return the numbers of some parts by key."""
    asked = select(Part.id, Part.number).where(Part.id.in_(sorted(part_ids)))
    return {row[0]: row[1] for row in session.execute(asked)}


def supplier_id_of(session: Session, number: str) -> int:
    """Return the effective supplier with a number; raises InvalidInput."""
    asked = select(effective_id()).where(Supplier.number == number)
    found = session.scalar(asked)
    if found is None:
        raise InvalidInput("E-SUP-01", f"There is no supplier {number[:60]!r}; give its number.")
    return found


def source_keys(session: Session, *, as_of: date) -> tuple[Keys, Keys]:
    """Return (part, effective supplier) of every approved source on a day, as two columns."""
    asked = (
        select(ApprovedSource.part_id, effective_id())
        .join(Supplier, Supplier.id == ApprovedSource.supplier_id)
        .where(*approved_on(as_of))
    )
    table = np.array(as_read(session, asked) or np.empty((0, 2)), dtype=np.int64)
    return table[:, 0], table[:, 1]


def exposures(
    session: Session, part_ids: Keys
) -> tuple[Keys, NDArray[np.float64], list[str], Keys]:
    """Return of some parts their keys, revenue exposed, the currencies, each one's place there.

    Sorted by key; parts without revenue or currency are left out.
    """
    asked = (
        select(Part.id, Part.revenue_exposed, Part.currency)
        .where(Part.revenue_exposed.is_not(None), Part.currency.is_not(None))
        .order_by(Part.id)
    )
    if len(part_ids) <= ASKED_AT_ONCE:
        asked = asked.where(Part.id.in_(part_ids.tolist()))
    rows = as_read(session, asked)
    currencies = sorted({row[2] for row in rows})
    place = {currency: index for index, currency in enumerate(currencies)}
    return (
        np.array([row[0] for row in rows], dtype=np.int64),
        np.array([row[1] for row in rows], dtype=np.float64),
        currencies,
        np.array([place[row[2]] for row in rows], dtype=np.int64),
    )


def criticalities(session: Session) -> list[str]:
    """Return how critical parts are said to be."""
    asked = select(Part.criticality).where(Part.criticality.is_not(None)).distinct()
    return [each for each in session.scalars(asked.order_by(Part.criticality)) if each]


def part_categories(session: Session) -> dict[int, str]:
    """Return the categories that parts are in, by name."""
    asked = (
        select(Category.id, Category.name)
        .where(Category.id.in_(select(Part.category_id)))
        .order_by(Category.name)
    )
    return {row[0]: row[1] for row in session.execute(asked)}


def _within_reach(session: Session, rows: Select[Any]) -> Select[Any]:
    """Leave out the parts of which whoever looks sees no source: they are others' business."""
    if reaches_all(session):
        return rows
    return rows.where(rows.selected_columns.sources > 0)


def _rows(as_of: date, parts: Sequence[int] | None = None) -> Select[Any]:
    per_part = _per_part(as_of, parts)
    s = per_part.c
    count = func.coalesce(s.sources, 0)
    # Told by its approved sources, else the only place that the supplier has at all.
    sites = case((s.with_site == s.rows, s.sites), (s.places == 1, 1), else_=s.sites)
    is_single = count == 1
    is_one_site = is_single & ((s.with_site == s.rows) & (s.sites == 1) | (s.places == 1))
    knows_no_site = is_single & ~is_one_site & (sites < 2)
    flags = {
        SourcingFlag.NONE_APPROVED: count == 0,
        SourcingFlag.SINGLE: is_single,
        SourcingFlag.SOLE: is_single & (s.sole == 1),
        SourcingFlag.SINGLE_SITE: is_one_site,
        MULTIPLE: count > 1,
        SITE_UNKNOWN: knows_no_site,
        CONTRADICTED: (count > 1) & (s.sole == 1),
    }
    return (
        select(
            Part.id.label("part_id"),
            Part.number.label("part_number"),
            Part.name,
            Category.name.label("category"),
            Part.criticality,
            Part.revenue_exposed,
            Part.currency,
            Part.survive_days,
            count.label("sources"),
            s.weeks,
            s.largest_share,
            *(case((told, 1), else_=0).label(str(name)) for name, told in flags.items()),
            func.count().over().label("total"),
        )
        .select_from(Part)
        .outerjoin(per_part, s.part_id == Part.id)
        .outerjoin(Category, Category.id == Part.category_id)
    )


def _per_part(as_of: date, parts: Sequence[int] | None) -> Any:  # Any: a subquery
    places = (
        select(Site.supplier_id, func.count().label("places"))
        .where(Site.supplier_id.is_not(None))
        .group_by(Site.supplier_id)
        .subquery()
    )
    a = ApprovedSource
    asked = (
        select(
            a.part_id,
            func.count(effective_id().distinct()).label("sources"),
            func.count().label("rows"),
            func.count(a.site_id).label("with_site"),
            func.count(a.site_id.distinct()).label("sites"),
            func.max(case((a.is_sole, 1), else_=0)).label("sole"),
            func.max(a.requalification_weeks).label("weeks"),
            func.max(a.target_share).label("largest_share"),
            func.max(places.c.places).label("places"),
        )
        .join(Supplier, Supplier.id == a.supplier_id)
        .outerjoin(places, places.c.supplier_id == a.supplier_id)
        .where(*approved_on(as_of))
        .group_by(a.part_id)
    )
    return (asked if parts is None else asked.where(a.part_id.in_(parts))).subquery()


def _filtered(asked: Select[Any], query: PartQuery) -> Select[Any]:
    columns = asked.selected_columns
    if query.flags:
        asked = asked.where(or_(*(_flag(columns, name) == 1 for name in query.flags)))
    if query.criticalities:
        asked = asked.where(Part.criticality.in_(query.criticalities))
    if query.categories:
        asked = asked.where(Part.category_id.in_(query.categories))
    if query.search:
        asked = asked.where(
            or_(
                Part.number.icontains(query.search, autoescape=True),
                Part.name.icontains(query.search, autoescape=True),
            )
        )
    return asked


def _flag(columns: Any, name: str) -> ColumnElement[int]:  # Any: a collection of columns
    label: Any = columns[name]
    found: ColumnElement[int] = label.element
    return found


def _order(asked: Select[Any], query: PartQuery) -> list[ColumnElement[Any]]:
    columns = asked.selected_columns
    by: Mapping[str, Any] = {  # Any: columns and mapped attributes
        "part": columns.part_number,
        "sources": columns.sources,
        "criticality": Part.criticality,
        "revenue": Part.revenue_exposed,
        "weeks": columns.weeks,
    }
    column = by[query.sort]
    # What nobody knows stands last, whichever way the list is sorted.
    return [column.is_(None), column.desc() if query.is_falling else column.asc()]


def _part_row(*told: Any) -> PartRow:  # Any: the columns of `_rows`, without the total
    flags = tuple(
        name for name, is_set in zip(FLAGS, told[11 : 11 + len(FLAGS)], strict=True) if is_set
    )
    # Any: a tuple of unknown types; written out, each stands where it belongs.
    (
        part_id, number, name, category, criticality, revenue, currency, survive, sources, weeks,
        largest,
    ) = told[:11]  # fmt: skip
    return PartRow(
        part_id, number, name, category, criticality, revenue, currency, survive, sources, weeks,
        largest, flags,
    )  # fmt: skip


def _sources(session: Session, part_id: int, as_of: date) -> list[SourceSheet]:
    a, shown = ApprovedSource, aliased(Supplier)
    asked = (
        select(a, shown.id, shown.public_id, shown.number, shown.name, shown.currency, Site.name)
        .join(Supplier, Supplier.id == a.supplier_id)
        .join(shown, shown.id == effective_id())
        .outerjoin(Site, Site.id == a.site_id)
        .where(a.part_id == part_id, *approved_on(as_of))
        .order_by(shown.name, a.id)
    )
    of: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(asked):
        of[row[1]].append(row)
    alone = _only_places(
        session, [key for key, own in of.items() if any(r[6] is None for r in own)]
    )
    return [_source_sheet(own, alone.get(key, ())) for key, own in of.items()]


def _source_sheet(rows: list[Any], alone: tuple[str, ...]) -> SourceSheet:
    first = rows[0][0]
    named = tuple(sorted({row[6] for row in rows if row[6] is not None}))
    is_told = all(row[6] is not None for row in rows)
    known = [row[0] for row in rows]
    supplier_id, public_id, number, name, currency = rows[0][1:6]
    return SourceSheet(
        supplier_id=supplier_id,
        public_id=public_id,
        number=number,
        name=name,
        currency=currency,
        role=first.role,
        is_sole=any(each.is_sole for each in known),
        target_share=max((each.target_share for each in known if each.target_share), default=None),
        qualified_on=max((each.qualified_on for each in known if each.qualified_on), default=None),
        weeks=_largest(each.requalification_weeks for each in known),
        recover_days=_largest(each.recover_days for each in known),
        sites=named if is_told else (alone or (named if len(named) > 1 else ())),
    )


def _largest(values: Any) -> int | None:  # Any: an iterable of int or None
    return max((value for value in values if value is not None), default=None)


def _only_places(session: Session, supplier_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Return the only site of each supplier that has just one."""
    if not supplier_ids:
        return {}
    asked = (
        select(effective_id(), func.max(Site.name))
        .join(Supplier, Supplier.id == Site.supplier_id)
        .where(effective_id().in_(supplier_ids))
        .group_by(effective_id())
        .having(func.count() == 1)
    )
    return {row[0]: (row[1],) for row in session.execute(asked)}


def as_read(session: Session, asked: Any) -> list[tuple[Any, ...]]:  # Any: a select
    """Return rows, within scope, as the driver gives them: days as text on SQLite.

    For many rows: a Row of each costs more than reading it.
    """
    cursor = session.connection().execute(scope.narrowed(session, asked)).cursor
    return [] if cursor is None else list(cursor.fetchall())
