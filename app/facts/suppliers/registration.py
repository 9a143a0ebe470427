"""Suppliers entered by hand, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.base.errors import Conflict
from app.facts.suppliers.models import Category, Supplier, SupplierStatus


def register_supplier(
    session: Session,
    *,
    number: str,
    name: str,
    country: str | None,
    category: str | None,
    status: str = SupplierStatus.APPROVED,
) -> Supplier:
    """Add a supplier; the same number and name again return the one that stands already.

    Raises Conflict when the number belongs to another name.
    """
    present = session.scalar(select(Supplier).where(Supplier.number == number))
    if present is not None:
        if present.name == name:
            return present
        raise Conflict(
            "E-SUP-03", f"Number {number} is taken by “{present.name}”; give another number."
        )
    supplier = Supplier(
        number=number,
        name=name,
        country=country,
        category_id=None if category is None else category_id_of(session, category),
        status=status,
    )
    session.add(supplier)
    with number_of_nobody_else(number):
        session.flush()
    return supplier


@contextmanager
def number_of_nobody_else(number: str) -> Iterator[None]:
    """Turn the database's refusal of a number into ours: its owner may be out of reach."""
    try:
        yield
    except IntegrityError as error:
        raise Conflict("E-SUP-03", f"Number {number} is taken; give another number.") from error


def category_id_of(session: Session, name: str) -> int:
    """Return a category's key by its name; a new name makes a new category."""
    present = session.scalar(select(Category.id).where(Category.name == name))
    if present is not None:
        return present
    category = Category(name=name)
    session.add(category)
    session.flush()
    return category.id
