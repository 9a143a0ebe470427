"""Reads of contacts: to whom one writes about what."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.facts.suppliers.contact_models import ORDERS, Contact


@dataclass(frozen=True, slots=True)
class Addressee:
    """Who is written to. `name` None: a mailbox."""

    email: str
    name: str | None


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
