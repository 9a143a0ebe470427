"""Finding things in the supplier master: choices for filters, search by name and number."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from app.facts.suppliers.models import Category, Part, Supplier
from app.facts.suppliers.queries import (
    SupplierHead,
    head_of,
    is_rated,
    supplier_by_public_id,
)

ASKED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class FoundSupplier:
    """A supplier that a search found."""

    public_id: UUID
    number: str
    name: str
    country: str | None


@dataclass(frozen=True, slots=True)
class SupplierName:
    """How a supplier is called, where its page is, and who answers for it."""

    id: int
    public_id: UUID
    number: str
    name: str
    owner: str | None


@dataclass(frozen=True, slots=True)
class FoundPart:
    """A part that a search found."""

    number: str
    name: str | None


def category_names(session: Session) -> dict[int, str]:
    """Return the categories that suppliers are in, by name."""
    rows = session.execute(
        select(Category.id, Category.name)
        .where(Category.id.in_(select(Supplier.category_id)))
        .order_by(Category.name)
    )
    return {row[0]: row[1] for row in rows}


def countries(session: Session) -> list[str]:
    """Return the countries that suppliers are in."""
    rows = session.scalars(
        select(Supplier.country)
        .where(Supplier.country.is_not(None), is_rated())
        .distinct()
        .order_by(Supplier.country)
    )
    return [country for country in rows if country]


def currencies_of(session: Session, supplier_ids: Collection[int]) -> list[str]:
    """Return the currencies that some suppliers are paid in."""
    rows = session.execute(
        select(Supplier.id, Supplier.currency).where(Supplier.currency.is_not(None))
    )
    wanted = set(supplier_ids)
    return sorted({currency for key, currency in rows if key in wanted and currency})


def currencies_by_supplier(session: Session) -> dict[int, str]:
    """Return by key in which currency a supplier is paid, where that is known."""
    rows = session.execute(
        select(Supplier.id, Supplier.currency).where(Supplier.currency.is_not(None))
    )
    return {key: currency for key, currency in rows if currency}


def names_of(session: Session, supplier_ids: Collection[int]) -> dict[int, SupplierName]:
    """Return how some suppliers are called, by their key; those out of reach are absent."""
    wanted = set(supplier_ids)
    rows = select(Supplier.id, Supplier.public_id, Supplier.number, Supplier.name, Supplier.owner)
    # One statement can't carry ten thousand keys on every engine; all suppliers are few.
    if len(wanted) <= ASKED_AT_ONCE:
        rows = rows.where(Supplier.id.in_(wanted))
    return {row[0]: SupplierName(*row) for row in session.execute(rows) if row[0] in wanted}


def find_suppliers(session: Session, text: str, *, limit: int) -> list[FoundSupplier]:
    """Return rated suppliers whose number or name holds `text`, the closest first."""
    rows = session.execute(
        select(Supplier.public_id, Supplier.number, Supplier.name, Supplier.country)
        .where(
            is_rated(),
            or_(
                Supplier.name.icontains(text, autoescape=True),
                Supplier.number.icontains(text, autoescape=True),
            ),
        )
        .order_by(
            case(
                (func.lower(Supplier.number) == text.lower(), 0),
                (Supplier.name.istartswith(text, autoescape=True), 1),
                else_=2,
            ),
            Supplier.name,
        )
        .limit(limit)
    )
    return [FoundSupplier(*row) for row in rows]


def find_parts(session: Session, text: str, *, limit: int) -> list[FoundPart]:
    """Return parts whose number begins with `text` or whose name holds it."""
    rows = session.execute(
        select(Part.number, Part.name)
        .where(
            or_(
                Part.number.istartswith(text, autoescape=True),
                Part.name.icontains(text, autoescape=True),
            )
        )
        .order_by(case((func.lower(Part.number) == text.lower(), 0), else_=1), Part.number)
        .limit(limit)
    )
    return [FoundPart(*row) for row in rows]


def head_by_public_id(session: Session, public_id: UUID) -> SupplierHead:
    """Return the head of a supplier, or of the one that it goes by; raises NotFound."""
    found = supplier_by_public_id(session, public_id)
    return head_of(session, found.effective_supplier_id or found.id)


def currencies_by_id(session: Session, supplier_ids: Sequence[int]) -> dict[int, str | None]:
    """Return in which currency each of some suppliers is paid, None where nobody knows."""
    rows = select(Supplier.id, Supplier.currency).where(Supplier.id.in_(supplier_ids))
    return {row[0]: row[1] for row in session.execute(rows)}
