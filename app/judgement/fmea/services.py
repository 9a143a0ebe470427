"""Writes of registers: opened, amended, submitted, approved, closed.

Ratings are written in `rating`, failure modes in `modes`. Who wrote in a register since its
last approval does not approve it; S of 9 or more, or a priority H, needs two approvers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock, db, scope
from app.base.errors import Conflict, InvalidInput
from app.facts.suppliers.models import Category, Site, Supplier, SupplierKind
from app.judgement.fmea import standards
from app.judgement.fmea.content import content_of, present_hash
from app.judgement.fmea.models import LONGEST_TITLE, FmeaRegister, Subject
from app.judgement.fmea.queries import TYPE, about, register_by_public_id, register_sheet
from app.judgement.fmea.rating import changed_by, locked_register, touch
from app.platform.approvals import services as approvals
from app.platform.approvals.eligibility import holders_of_grant
from app.platform.approvals.kinds import Content, ObjectKind, Settled
from app.platform.approvals.models import Approval, ApprovalDecision
from app.platform.audit import services as audit

SENT_TWICE = timedelta(minutes=10)
FARTHEST_REVIEW = timedelta(days=3653)


@dataclass(frozen=True, slots=True)
class RegisterSaid:
    """What was filled in of a register. Suppliers by number, categories and sites by name."""

    subject: Subject
    title: str
    supplier: str = ""
    category: str = ""
    site: str = ""
    lane: str = ""
    owner: str = ""
    note: str = ""
    review_on: date | None = None
    scale_name: str = standards.SUPPLY_CHAIN_NAME


def open_register(session: Session, said: RegisterSaid) -> FmeaRegister:
    """Open a register about a supplier, a category, a site or a lane."""
    actor, now = db.actor_of(session), clock.now()
    register = FmeaRegister(
        subject=said.subject,
        **_about(session, said),
        **_amendable(session, said),
        opened_by=actor.name,
        changed_by=actor.name,
        changed_at=now,
        writers=[] if actor.user_id is None else [actor.user_id],
    )
    _refuse_sent_twice(session, register)
    session.add(register)
    session.flush()
    return register


def amend_register(
    session: Session, register_id: int, said: RegisterSaid, *, seen_version: int
) -> FmeaRegister:
    """Change a register's title, owner, scales, note and next review; what it is about stays."""
    register = _seen(session, register_id, seen_version)
    values = _amendable(session, said)
    if all(getattr(register, name) == value for name, value in values.items()):
        return register
    for name, value in values.items():
        setattr(register, name, value)
    touch(session, register)
    return register


def close_register(session: Session, register_id: int, *, reason: str) -> None:
    """Close a register: it stays readable, nothing in it changes any more."""
    register = locked_register(session, register_id)
    register.closed_because = audit.give_reason(session, reason)
    register.closed_at, register.closed_by = clock.now(), db.actor_of(session).name
    touch(session, register)


def submit(session: Session, register_id: int, *, reason: str, seen_version: int) -> int:
    """Submit a register for approval; return how many people must approve it."""
    register = _seen(session, register_id, seen_version)
    sheet = register_sheet(session, register)
    if not sheet.rows:
        raise Conflict("E-FME-10", "There is nothing to approve yet: add a failure mode first.")
    if sheet.tally.unscored:
        raise Conflict(
            "E-FME-11",
            f"{sheet.tally.unscored} of {sheet.tally.rows} rows are not fully rated. Give S, O "
            "and D, or remove them, then submit.",
        )
    if register.approved_version == register.version:
        raise Conflict("E-FME-12", "This version is approved already; nothing changed since.")
    approvals.submit(
        session,
        about=about(register),
        version=register.version,
        content=content_of(sheet),
        title=f"{register.number}: {register.title}",
        before=_approved_before(session, register),
        because=reason,
        writers=register.writers,
        needs=sheet.needs,
        supplier_id=register.supplier_id,
    )
    return sheet.needs


def withdraw(session: Session, register_id: int) -> None:
    """Take a submission back; whoever submitted it may."""
    register = session.get_one(FmeaRegister, register_id)
    approvals.withdraw(session, approval_id=approvals.awaiting(session, about(register)).id)


def _seen(session: Session, register_id: int, seen_version: int) -> FmeaRegister:
    register = locked_register(session, register_id)
    if register.version != seen_version:
        raise changed_by(register.changed_by, register)
    return register


def _about(session: Session, said: RegisterSaid) -> dict[str, Any]:  # Any: keys and texts
    """Return the columns that say what a register is about; refuse what is not there."""
    needed = {
        Subject.SUPPLIER: ("supplier", said.supplier),
        Subject.CATEGORY: ("category", said.category),
        Subject.SITE: ("site", said.site),
        Subject.LANE: ("lane", said.lane),
    }
    name, text = needed[said.subject]
    if not text.strip():
        raise InvalidInput("E-FME-13", f"Say which {name} it is about.")
    supplier_id = _supplier_id(session, said.supplier)
    by_category = said.subject is Subject.CATEGORY
    return {
        "supplier_id": None if by_category else supplier_id,
        "category_id": _category_id(session, said.category) if by_category else None,
        "site_id": _site_id(session, said.site, supplier_id)
        if said.subject is Subject.SITE
        else None,
        "lane": said.lane.strip() if said.subject is Subject.LANE else None,
    }


def _supplier_id(session: Session, number: str) -> int | None:
    if not number.strip():
        return None
    found = session.scalar(
        select(Supplier).where(
            Supplier.number == number.strip(), Supplier.kind == SupplierKind.SUPPLIER
        )
    )
    if found is None:
        raise InvalidInput("E-FME-14", f"There is no supplier “{number.strip()[:60]}”.")
    key = found.effective_supplier_id or found.id
    scope.require_writable(session, "supplier", key)
    return key


def _category_id(session: Session, name: str) -> int:
    found = session.scalar(select(Category.id).where(Category.name == name.strip()))
    if found is None:
        raise InvalidInput("E-FME-15", f"There is no category “{name.strip()[:60]}”.")
    return found


def _site_id(session: Session, name: str, supplier_id: int | None) -> int:
    found = session.scalar(
        select(Site.id).where(Site.name == name.strip(), Site.owner_key == (supplier_id or 0))
    )
    if found is None:
        whose = "of ours" if supplier_id is None else "of this supplier"
        raise InvalidInput("E-FME-16", f"There is no site “{name.strip()[:60]}” {whose}.")
    return found


def _amendable(session: Session, said: RegisterSaid) -> dict[str, Any]:  # Any: as above
    title = said.title.strip()
    if not 0 < len(title) <= LONGEST_TITLE:
        raise InvalidInput("E-FME-17", "The title has 1 to 200 characters.")
    if said.scale_name not in standards.names(session, standards.SCALES):
        raise InvalidInput("E-FME-18", f"There are no scales “{said.scale_name[:60]}”.")
    if said.review_on is not None and said.review_on > clock.today() + FARTHEST_REVIEW:
        raise InvalidInput("E-FME-19", "The next review lies within ten years; check the year.")
    return {
        "title": title,
        "owner": said.owner.strip() or None,
        "note": said.note.strip() or None,
        "review_on": said.review_on,
        "scale_name": said.scale_name,
    }


def _refuse_sent_twice(session: Session, register: FmeaRegister) -> None:
    """Refuse what was opened a moment ago: somebody pressed twice."""
    found = session.scalars(
        select(FmeaRegister).where(
            FmeaRegister.title == register.title,
            FmeaRegister.subject == register.subject,
            FmeaRegister.supplier_id.is_not_distinct_from(register.supplier_id),
            FmeaRegister.closed_at.is_(None),
            FmeaRegister.created_at > clock.now() - SENT_TWICE,
        )
    ).first()
    if found is not None:
        raise Conflict("E-FME-26", f"This is open already, as {found.number}. Nothing was stored.")


def _approved_before(session: Session, register: FmeaRegister) -> Content | None:
    if register.approved_hash is None:
        return None
    return session.scalar(
        select(Approval.content)
        .where(
            Approval.object_type == TYPE,
            Approval.object_key == str(register.public_id),
            Approval.content_hash == register.approved_hash,
        )
        .order_by(Approval.id.desc())
        .limit(1)
    )


def _settle(session: Session, settled: Settled) -> None:
    """Note which version was approved, and by whom."""
    if not settled.is_approved:
        return
    register = register_by_public_id(session, UUID(settled.about.key))
    names = session.scalars(
        select(ApprovalDecision.decided_by)
        .where(ApprovalDecision.approval_id == settled.approval_id)
        .order_by(ApprovalDecision.place)
    )
    register.approved_version, register.approved_hash = settled.version, settled.content_hash
    register.approved_at, register.approved_by = clock.now(), " and ".join(names)[:200]
    register.writers = []
    session.flush()


def _present_hash(session: Session, key: str) -> str | None:
    return present_hash(session, register_by_public_id(session, UUID(key)))


KIND = ObjectKind(
    type=TYPE,
    words="FMEA registers",
    approvers=holders_of_grant(TYPE),
    settle=_settle,
    present_hash=_present_hash,
    address=lambda key: f"/fmea/{key}",
)
