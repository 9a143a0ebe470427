"""Writes of contacts by hand: add one, change, verify, remove.

A contact is kept for 24 months after somebody last made sure that it is right, unless another
day is given; a removed one is gone, and the log holds its name only sealed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock, formatting, scope
from app.base.errors import Conflict, InvalidInput, NotFound
from app.calc.periods import month_end, month_index
from app.facts.suppliers.contact_models import Contact
from app.facts.suppliers.contacts import of_supplier
from app.platform.audit import services as audit
from app.platform.outbox.values import clean_recipient

KEPT_MONTHS = 24
LONGEST_KEPT = timedelta(days=3653)


@dataclass(frozen=True, slots=True)
class Said:
    """A contact as somebody writes it down; `name` None: a mailbox, `keep_until` None: usual."""

    email: str
    name: str | None
    role: str
    is_emergency: bool = False
    keep_until: date | None = None


def usual_end(day: date) -> date:
    """Return until when a contact is kept that was right on a day."""
    return month_end(month_index(day) + KEPT_MONTHS)


def add(session: Session, supplier_id: int, said: Said) -> Contact:
    """Add a contact, right as of today; Conflict where the supplier has the address already."""
    scope.require_writable(session, "supplier", supplier_id)
    _check(session, supplier_id, said, other_than=None)
    found = Contact(supplier_id=supplier_id, last_verified_on=clock.today())
    _write(found, said)
    session.add(found)
    session.flush()
    return found


def change(
    session: Session, supplier_id: int, contact_id: int, said: Said, *, version: int
) -> Contact:
    """Change a contact, unless somebody else changed it meanwhile."""
    found = to_change(session, supplier_id, contact_id, version=version)
    _check(session, found.supplier_id, said, other_than=found.id)
    _write(found, said)
    found.version += 1
    session.flush()
    return found


def verify(session: Session, supplier_id: int, contact_id: int, *, version: int) -> Contact:
    """Say that a contact is right as of today; it is kept for as long from today on."""
    found = to_change(session, supplier_id, contact_id, version=version)
    today = clock.today()
    found.last_verified_on = today
    found.keep_until = max(found.keep_until or today, usual_end(today))
    found.version += 1
    session.flush()
    return found


def remove(session: Session, supplier_id: int, contact_id: int, *, reason: str) -> None:
    """Remove a contact with a reason; nobody is written to there any more."""
    found = to_change(session, supplier_id, contact_id)
    audit.give_reason(session, reason)
    session.delete(found)
    session.flush()


def to_change(
    session: Session, supplier_id: int, contact_id: int, *, version: int | None = None
) -> Contact:
    """Return a contact of a supplier to be written, held until the transaction ends.

    Raises NotFound, also for another's; Conflict where it is another version by now.
    """
    found = session.scalar(
        of_supplier(supplier_id)
        .where(Contact.id == contact_id)
        .with_for_update(of=Contact)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("E-CNT-01", "There is no such contact.")
    scope.require_writable(session, "supplier", found.supplier_id)
    if version is not None and found.version != version:
        raise Conflict(
            "E-CNT-03",
            "The contact was changed while you were editing it. Compare with what stands there now "
            "and send again.",
        )
    return found


def _check(session: Session, supplier_id: int, said: Said, *, other_than: int | None) -> None:
    clean_recipient(said.email)
    taken = session.scalar(
        select(Contact.id).where(Contact.supplier_id == supplier_id, Contact.email == said.email)
    )
    if taken is not None and taken != other_than:
        raise Conflict("E-CNT-02", f"{said.email} is a contact of this supplier already.")
    today = clock.today()
    end = said.keep_until
    if end is not None and not today <= end <= today + LONGEST_KEPT:
        raise InvalidInput(
            "E-CNT-04",
            f"{formatting.day(end)} can’t be: give a day from today on, at most ten years ahead.",
        )


def _write(found: Contact, said: Said) -> None:
    found.email, found.name, found.role = said.email, said.name, said.role
    found.is_emergency = said.is_emergency
    found.keep_until = said.keep_until or usual_end(clock.today())
