"""Reads of the supplier master: who is who, and who may deliver which part.

Facts group by the effective supplier, so that a merged one keeps them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, case, cast, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.base.errors import InvalidInput, NotFound
from app.facts.suppliers.models import (
    ApprovedSource,
    Category,
    Part,
    Site,
    Supplier,
    SupplierKind,
    SupplierStatus,
)

# A blocked or former supplier is no alternative for anybody.
NOT_DELIVERING = (SupplierStatus.BLOCKED, SupplierStatus.EXITED)


@dataclass(frozen=True, slots=True)
class SupplierHead:
    """A supplier as sheets name it."""

    id: int
    public_id: UUID
    number: str
    name: str
    kind: str
    status: str
    country: str | None
    currency: str | None
    category: str | None
    owner: str | None
    segment: str | None
    financial_kind: str | None
    sites: tuple[SitePlace, ...]


@dataclass(frozen=True, slots=True)
class SitePlace:
    """A supplier's plant: where, and how much of what we buy comes from it.

    `volume_share` is in millionths; None where unknown.
    """

    name: str
    country: str | None
    volume_share: int | None


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One approved source of one part, with what we know of the part.

    `sources` counts the suppliers approved for the part on the day, this one included.
    Shares are in millionths; `largest_share` is the largest of all its sources. Money is
    in the part's currency.
    """

    supplier_id: int
    part_id: int
    part_number: str
    sources: int
    is_sole: bool
    target_share: int | None
    largest_share: int | None
    requalification_weeks: int | None
    recover_days: int | None
    survive_days: int | None
    revenue_exposed: Decimal | None
    annual_spend: Decimal | None
    currency: str | None


def effective_id(supplier: type[Supplier] = Supplier) -> ColumnElement[int]:
    """Return the key that a supplier's facts group by: itself unless it was merged."""
    return func.coalesce(supplier.effective_supplier_id, supplier.id)


def is_rated() -> ColumnElement[bool]:
    """Return the condition that a supplier stands in lists, ranks, index and packs."""
    return (Supplier.kind == SupplierKind.SUPPLIER) & (effective_id() == Supplier.id)


def rated_supplier_ids(session: Session) -> list[int]:
    """Return the suppliers that are rated: no own warehouses, none merged into another."""
    return list(session.scalars(select(Supplier.id).where(is_rated()).order_by(Supplier.id)))


def supplier_count(session: Session) -> int:
    """Return how many suppliers there are, own warehouses included."""
    return session.scalar(select(func.count()).select_from(Supplier)) or 0


def currencies(session: Session) -> list[str]:
    """Return the currencies that suppliers are paid in; values of several don't add up."""
    known = select(Supplier.currency).where(Supplier.currency.is_not(None)).distinct()
    return [currency for currency in session.scalars(known.order_by(Supplier.currency)) if currency]


def find_supplier(session: Session, text: str) -> Supplier:
    """Return the supplier that `text` names: its number, exact name or public id.

    Raises NotFound, or InvalidInput where several share the name.
    """
    by_number = session.scalar(select(Supplier).where(Supplier.number == text))
    if by_number is not None:
        return by_number
    named = session.scalars(select(Supplier).where(_answers_to(text)).limit(3)).all()
    if not named:
        raise NotFound("E-SUP-01", f"No supplier has the number, name or id {text!r}.")
    if len(named) > 1:
        numbers = ", ".join(sorted(supplier.number for supplier in named))
        raise InvalidInput(
            "E-SUP-02", f"Several suppliers are named {text!r}; give a number: {numbers}."
        )
    return named[0]


def suppliers_by_id(session: Session, supplier_ids: Sequence[int]) -> dict[int, Supplier]:
    """Return suppliers by their key; unknown keys are absent."""
    wanted = set(supplier_ids)
    # One statement can't carry ten thousand keys on every engine; all suppliers are few.
    found = session.scalars(select(Supplier).order_by(Supplier.id))
    return {supplier.id: supplier for supplier in found if supplier.id in wanted}


def segments(session: Session) -> dict[int, str]:
    """Return by key the segment of every supplier that has one."""
    rows = session.execute(
        select(Supplier.id, Supplier.segment).where(Supplier.segment.is_not(None))
    )
    return {key: segment for key, segment in rows if segment}


def portfolio_heads() -> Select[*tuple[Any, ...]]:  # Any: the columns are of many types
    """Select who stands in lists: every rated supplier with its category's name."""
    return (
        select(
            Supplier.id.label("supplier_id"),
            Supplier.public_id,
            Supplier.number,
            Supplier.name,
            Supplier.country,
            Supplier.status,
            Supplier.owner,
            Supplier.segment,
            Supplier.category_id,
            Category.name.label("category"),
        )
        .outerjoin(Category, Category.id == Supplier.category_id)
        .where(is_rated())
    )


def supplier_by_public_id(session: Session, public_id: UUID) -> Supplier:
    """Return one supplier; raises NotFound."""
    supplier = session.scalar(select(Supplier).where(Supplier.public_id == public_id))
    if supplier is None:
        raise NotFound("E-SUP-01", "There is no such supplier.")
    return supplier


def head_of(session: Session, supplier_id: int) -> SupplierHead:
    """Return a supplier as sheets name it; raises NotFound."""
    found = heads_of(session, [supplier_id])
    if not found:
        raise NotFound("E-SUP-01", "There is no such supplier.")
    return found[supplier_id]


def heads_of(session: Session, supplier_ids: Collection[int]) -> dict[int, SupplierHead]:
    """Return suppliers as sheets name them, by their key; unknown keys are absent."""
    rows = session.execute(
        select(Supplier, Category.name)
        .outerjoin(Category, Category.id == Supplier.category_id)
        .where(Supplier.id.in_(supplier_ids))
    )
    found = {supplier.id: (supplier, category) for supplier, category in rows}
    places: dict[int, list[SitePlace]] = {}
    for owner, site in sites(session, supplier_ids=supplier_ids):
        places.setdefault(owner, []).append(site)
    return {
        key: SupplierHead(
            id=key,
            public_id=supplier.public_id,
            number=supplier.number,
            name=supplier.name,
            kind=supplier.kind,
            status=supplier.status,
            country=supplier.country,
            currency=supplier.currency,
            category=category,
            owner=supplier.owner,
            segment=supplier.segment,
            financial_kind=supplier.financial_kind,
            sites=tuple(places.get(key, ())),
        )
        for key, (supplier, category) in found.items()
    }


def sites(
    session: Session, *, supplier_ids: Collection[int] | None = None
) -> Sequence[tuple[int, SitePlace]]:
    """Return (effective supplier, plant) of all suppliers' sites, or of some suppliers'."""
    query = (
        select(effective_id(), Site.name, Site.country, Site.volume_share)
        .join(Supplier, Supplier.id == Site.supplier_id)
        .order_by(effective_id(), Site.name)
    )
    if supplier_ids is not None:
        query = query.where(effective_id().in_(supplier_ids))
    return [
        (owner, SitePlace(name, country, share))
        for owner, name, country, share in session.execute(query)
    ]


def countries_and_kinds(
    session: Session, *, supplier_ids: Collection[int] | None = None
) -> dict[int, tuple[str | None, str | None]]:
    """Return by rated supplier its country and which Altman model fits it."""
    query = select(Supplier.id, Supplier.country, Supplier.financial_kind).where(is_rated())
    if supplier_ids is not None:
        query = query.where(Supplier.id.in_(supplier_ids))
    rows = session.execute(query.order_by(Supplier.id))
    return {key: (country, kind) for key, country, kind in rows}


def source_rows(
    session: Session, *, as_of: date, supplier_ids: Collection[int] | None = None
) -> Sequence[SourceRow]:
    """Return every approved source on a day, or some suppliers', by supplier and part number."""
    per_part = part_source_counts(as_of, owners=supplier_ids).subquery()
    query = (
        select(
            effective_id(),
            ApprovedSource.part_id,
            Part.number,
            per_part.c.sources,
            func.max(case((ApprovedSource.is_sole, 1), else_=0)),
            func.max(ApprovedSource.target_share),
            per_part.c.largest_share,
            func.max(ApprovedSource.requalification_weeks),
            func.max(ApprovedSource.recover_days),
            Part.survive_days,
            Part.revenue_exposed,
            Part.annual_usage,
            Part.unit_cost,
            Part.currency,
        )
        .join(Supplier, Supplier.id == ApprovedSource.supplier_id)
        .join(Part, Part.id == ApprovedSource.part_id)
        .join(per_part, per_part.c.part_id == ApprovedSource.part_id)
        .where(*approved_on(as_of))
        .group_by(
            effective_id(),
            ApprovedSource.part_id,
            Part.number,
            per_part.c.sources,
            per_part.c.largest_share,
            Part.survive_days,
            Part.revenue_exposed,
            Part.annual_usage,
            Part.unit_cost,
            Part.currency,
        )
        .order_by(effective_id(), Part.number)
    )
    if supplier_ids is not None:
        query = query.where(effective_id().in_(supplier_ids))
    return [_source_row(*row) for row in session.execute(query)]


def part_source_counts(
    as_of: date, *, owners: Collection[int] | None = None
) -> Select[int, int, int | None]:
    """Select (part_id, sources, largest_share) of each part with approved sources on a day.

    `owners` narrows it to the parts that these suppliers may deliver.
    """
    counts = (
        select(
            ApprovedSource.part_id,
            func.count(effective_id().distinct()).label("sources"),
            func.max(ApprovedSource.target_share).label("largest_share"),
        )
        .join(Supplier, Supplier.id == ApprovedSource.supplier_id)
        .where(*approved_on(as_of))
        .group_by(ApprovedSource.part_id)
    )
    if owners is None:
        return counts
    theirs = (
        select(ApprovedSource.part_id)
        .join(Supplier, Supplier.id == ApprovedSource.supplier_id)
        .where(effective_id().in_(owners))
    )
    return counts.where(ApprovedSource.part_id.in_(theirs))


def single_source_counts(
    as_of: date, *, owners: Collection[int] | None = None
) -> Select[int, int, int]:
    """Select (supplier_id, parts, single_parts) of every supplier with approved parts, or of
    some."""
    per_part = part_source_counts(as_of, owners=owners).subquery()
    owner = aliased(Supplier)
    single = case((per_part.c.sources == 1, ApprovedSource.part_id))
    counts = (
        select(
            # Without a type of its own SQLite would join it by reading all of it per supplier.
            cast(effective_id(owner), BigInteger).label("supplier_id"),
            func.count(ApprovedSource.part_id.distinct()).label("parts"),
            func.count(single.distinct()).label("single_parts"),
        )
        .join(owner, owner.id == ApprovedSource.supplier_id)
        .join(per_part, per_part.c.part_id == ApprovedSource.part_id)
        .where(*approved_on(as_of, owner))
        .group_by(effective_id(owner))
    )
    return counts if owners is None else counts.where(effective_id(owner).in_(owners))


def approved_on(day: date, supplier: type[Supplier] = Supplier) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that a source is approved and qualified on a day, and delivers."""
    return (
        ApprovedSource.valid_from <= day,
        or_(ApprovedSource.valid_to.is_(None), ApprovedSource.valid_to >= day),
        or_(ApprovedSource.qualified_on.is_(None), ApprovedSource.qualified_on <= day),
        supplier.status.not_in(NOT_DELIVERING),
    )


def _answers_to(text: str) -> ColumnElement[bool]:
    try:
        return (Supplier.name == text) | (Supplier.public_id == UUID(text))
    except ValueError:
        return Supplier.name == text


def _source_row(
    supplier_id: int,
    part_id: int,
    number: str,
    sources: int,
    is_sole: int,
    target_share: int | None,
    largest_share: int | None,
    requalification_weeks: int | None,
    recover_days: int | None,
    survive_days: int | None,
    revenue_exposed: Decimal | None,
    annual_usage: Decimal | None,
    unit_cost: Decimal | None,
    currency: str | None,
) -> SourceRow:
    spend = None if annual_usage is None or unit_cost is None else annual_usage * unit_cost
    return SourceRow(
        supplier_id=supplier_id,
        part_id=part_id,
        part_number=number,
        sources=sources,
        is_sole=bool(is_sole),
        target_share=target_share,
        largest_share=largest_share,
        requalification_weeks=requalification_weeks,
        recover_days=recover_days,
        survive_days=survive_days,
        revenue_exposed=revenue_exposed,
        annual_spend=spend,
        currency=currency,
    )
