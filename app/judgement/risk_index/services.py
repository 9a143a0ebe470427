"""Writes of the risk index: versions of its method. Indexes are written by the publisher.

A version is drafted, edited, proposed, and approved by somebody else; from then on it never
changes, and published indexes keep theirs.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.errors import Conflict, InvalidInput
from app.judgement.risk_index import method_wording
from app.judgement.risk_index.methods import (
    DEFAULT_NAME,
    IndexMethodVersion,
    Json,
    check_content,
    default_content,
)
from app.judgement.risk_index.models import IndexMethod
from app.judgement.risk_index.queries import active_method, method_from, method_in_force
from app.judgement.risk_index.versions import DRAFTS, TYPE
from app.judgement.snapshots import methods
from app.platform.approvals import services as approvals
from app.platform.approvals.eligibility import holders_of_grant
from app.platform.approvals.kinds import Content, ObjectKind, Settled
from app.platform.approvals.values import content_hash
from app.platform.audit import services as audit


def ensure_default_method(session: Session, *, on: date) -> IndexMethodVersion:
    """Return the method in force, storing the shipped one where none is."""
    method = active_method(session, on=on)
    if method is not None:
        return method
    content = default_content()
    return method_from(methods.stored(session, IndexMethod, name=DEFAULT_NAME, content=content))


def new_draft(session: Session, *, from_id: int | None = None, name: str = "") -> int:
    """Begin the next version as a copy of another one, or of the one in force; return its key."""
    present = ensure_default_method(session, on=clock.today())
    source = DRAFTS.stored(session, present.id if from_id is None else from_id)
    return DRAFTS.begin(session, source, name=name.strip() or source.name).id


def save_draft(session: Session, method_id: int, *, content: Json, seen_revision: int) -> None:
    """Store what a draft is to say; raises Conflict when somebody changed it meanwhile."""
    row = DRAFTS.locked(session, method_id)
    try:
        check_content(content)
    except ValueError as error:
        raise InvalidInput("E-IXM-04", f"The method is not sound: {error}.") from error
    DRAFTS.save(session, row, content, seen_revision=seen_revision)


def propose(
    session: Session,
    method_id: int,
    *,
    valid_from: date,
    reason: str,
    seen_revision: int | None = None,
) -> None:
    """Submit a draft for approval by somebody else, to hold from a day on.

    seen_revision: the draft that was looked at, None for whatever is stored.
    """
    row = DRAFTS.locked(session, method_id)
    DRAFTS.check_seen(row, seen_revision, done="proposed", remedy="Look at it again first.")
    DRAFTS.check_day(valid_from)
    present = method_in_force(session, on=valid_from)
    if method_wording.described(present) == method_wording.described(method_from(row)):
        raise Conflict(
            "E-IXM-06", f"It says the same as {present.label}, which holds then; edit it first."
        )
    row.valid_from, row.reason = valid_from, audit.give_reason(session, reason)
    approvals.submit(
        session,
        about=DRAFTS.about(row.id),
        version=row.version,
        title=f"Index method {method_from(row).label}",
        content=_proposed(row),
        before=method_wording.described(present),
        because=row.reason,
        writers=row.writers or (),
    )
    session.flush()


def withdraw(session: Session, method_id: int) -> None:
    """Take a proposal back; whoever submitted it may, and may edit the draft again."""
    row = DRAFTS.stored(session, method_id)
    waiting = approvals.awaiting(session, DRAFTS.about(row.id))
    approvals.withdraw(session, approval_id=waiting.id)


def discard(session: Session, method_id: int, *, reason: str) -> None:
    """Put a draft aside for good; its number is not used again."""
    DRAFTS.discard(session, method_id, reason=reason)


def _proposed(row: IndexMethod) -> Content:
    said = method_wording.described(method_from(row))
    return {**said, "holds from": row.valid_from.isoformat(), "content hash": row.content_hash}


def _settle(session: Session, settled: Settled) -> None:
    """Activate what was approved, in the approver's name."""
    if not settled.is_approved:
        return
    row = DRAFTS.stored(session, int(settled.about.key))
    row.valid_from = max(row.valid_from, clock.today())
    row.approved_by, row.approved_at = db.actor_of(session).name, clock.now()
    row.state = "active"
    audit.record(
        session,
        action="method.activate",
        entity="index_method",
        entity_id=row.id,
        reason=row.reason or settled.reason,
        version=row.version,
    )
    session.flush()


def _present_hash(session: Session, key: str) -> str | None:
    row = session.get(IndexMethod, int(key))
    return None if row is None or row.state != "draft" else content_hash(_proposed(row))


def _address(key: str) -> str:
    return f"/risk/methods/{key}"


KIND = ObjectKind(
    type=TYPE,
    words="Index methods",
    approvers=holders_of_grant(TYPE),
    settle=_settle,
    present_hash=_present_hash,
    address=_address,
)
