"""Reads of contacts: to whom one writes about what."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.facts.suppliers.contact_models import ORDERS, Contact
from app.facts.suppliers.models import Supplier
from app.facts.suppliers.queries import effective_id


@dataclass(frozen=True, slots=True)
class Addressee:
    """Who is written to. `name` None: a mailbox."""

    email: str
    name: str | None


def of_supplier(supplier_id: int) -> Select[Contact]:
    """Select the contacts of a supplier, and of those merged into it."""
    own = select(Supplier.id).where(effective_id() == supplier_id)
    return select(Contact).where(Contact.supplier_id.in_(own))


def contacts_of(session: Session, supplier_id: int) -> list[Contact]:
    """Return a supplier's contacts, those for emergencies first."""
    order = (Contact.is_emergency.desc(), Contact.role, Contact.email, Contact.id)
    return list(session.scalars(of_supplier(supplier_id).order_by(*order)))


def addressee_of(session: Session, supplier_id: int) -> Addressee | None:
    """Return who is written to about a supplier's orders, None where no address is stored."""
    rows = (
        select(Contact)
        .where(Contact.supplier_id == supplier_id)
        .order_by((Contact.role == ORDERS).desc(), Contact.id)
        .limit(1)
    )
    found = session.scalar(rows)
    return None if found is None else Addressee(found.email, found.name)
