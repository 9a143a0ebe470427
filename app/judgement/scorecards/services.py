"""Writes of the scorecards: versions of the scoring method. Cards are written by the publisher.

A version is drafted, edited, proposed, and approved by somebody else; from then on it never
changes. What is proposed is not edited: it is withdrawn first.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.errors import Conflict, InvalidInput
from app.judgement.scorecards import method_wording
from app.judgement.scorecards.methods import DEFAULT_NAME, Json, Method, default_content, scoring_of
from app.judgement.scorecards.models import LONGEST_SEGMENT, ScoringMethod
from app.judgement.scorecards.queries import methods_in_force
from app.judgement.scorecards.stored_methods import active_method, method_from
from app.judgement.scorecards.versions import DRAFTS, END, TYPE, about_end
from app.judgement.snapshots import methods
from app.platform.approvals import services as approvals
from app.platform.approvals.eligibility import holders_of_grant
from app.platform.approvals.kinds import Content, ObjectKind, Settled
from app.platform.approvals.models import Approval
from app.platform.approvals.values import content_hash
from app.platform.audit import services as audit

UNTIL = "holds until"


def ensure_default_method(session: Session, *, on: date) -> Method:
    """Return the common method in force, storing the shipped one where none is."""
    method = active_method(session, on=on)
    if method is not None:
        return method
    content = default_content()
    return method_from(methods.stored(session, ScoringMethod, name=DEFAULT_NAME, content=content))


def new_draft(
    session: Session, *, from_id: int | None, segment: str | None = None, name: str | None = None
) -> int:
    """Begin the next version as a copy of another one, or of the method in force; return its key.

    segment: whom it is to judge, None for everybody. name: that of its copy where none is
    given for the same suppliers, the segment's word for others.
    """
    today = clock.today()
    ensure_default_method(session, on=methods.ALWAYS)
    if from_id is None:
        from_id = methods_in_force(session, on=today).of(segment).id
    source = DRAFTS.stored(session, from_id)
    given = (name or "").strip() or (source.name if source.segment == segment else segment or "")
    _check_name(session, given, segment)
    return DRAFTS.begin(session, source, name=given, segment=segment).id


def save_draft(session: Session, method_id: int, *, content: Json, seen_revision: int) -> None:
    """Store what a draft is to say; raises Conflict when somebody changed it meanwhile."""
    row = DRAFTS.locked(session, method_id)
    try:
        scoring_of(content)
    except ValueError as error:
        raise InvalidInput("E-MTH-04", f"The method is not sound: {error}.") from error
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
    present = methods_in_force(session, on=valid_from).of(row.segment)
    if present.content_hash == row.content_hash and present.segment == row.segment:
        raise Conflict(
            "E-MTH-06", f"It says the same as {present.label}, which holds then; edit it first."
        )
    row.valid_from, row.reason = valid_from, audit.give_reason(session, reason)
    approvals.submit(
        session,
        about=DRAFTS.about(row.id),
        version=row.version,
        title=f"Scoring method {method_from(row).label}",
        content=_proposed(row),
        before=method_wording.described(present),
        because=row.reason,
        writers=row.writers or (),
    )
    session.flush()


def withdraw(session: Session, method_id: int) -> None:
    """Take a proposal back; whoever submitted it may, and may edit the draft again."""
    row = DRAFTS.stored(session, method_id)
    ref = DRAFTS.about(row.id) if row.state == "draft" else about_end(row.id)
    approvals.withdraw(session, approval_id=approvals.awaiting(session, ref).id)


def discard(session: Session, method_id: int, *, reason: str) -> None:
    """Put a draft aside for good; its number is not used again."""
    DRAFTS.discard(session, method_id, reason=reason)


def propose_end(session: Session, method_id: int, *, valid_to: date, reason: str) -> None:
    """Submit that a segment's method ends, so that the common one judges it from a day on."""
    row = DRAFTS.stored(session, method_id)
    DRAFTS.check_day(valid_to)
    if row.state != "active" or row.valid_to is not None:
        raise Conflict("E-MTH-07", "Only a method that is active and has no end yet can end.")
    if valid_to <= row.valid_from:
        begin = row.valid_from.isoformat()
        raise InvalidInput("E-MTH-10", f"It begins on {begin}; give a later day for its end.")
    if row.segment is None:
        raise Conflict(
            "E-MTH-08",
            "The method for everybody can't end without another: have its next version approved.",
        )
    approvals.submit(
        session,
        about=about_end(row.id),
        version=row.version,
        title=f"End of scoring method {method_from(row).label}",
        content={UNTIL: valid_to.isoformat(), "then": "the method for everybody"},
        before={UNTIL: None, "then": None},
        because=reason,
        writers=row.writers or (),
    )


def _check_name(session: Session, name: str, segment: str | None) -> None:
    DRAFTS.check_name(name)
    if segment is not None and not 0 < len(segment) <= LONGEST_SEGMENT:
        raise InvalidInput("E-MTH-09", "The segment’s name is too long; give up to 40 characters.")
    owners = session.scalars(select(ScoringMethod.segment).where(ScoringMethod.name == name)).all()
    if any(other != segment for other in owners):
        raise InvalidInput(
            "E-MTH-09",
            f"“{name}” is the name of the method for {method_wording.whom(owners[0])}; "
            "give another name.",
        )


def _proposed(row: ScoringMethod) -> Content:
    said = method_wording.described(method_from(row))
    return {**said, "holds from": row.valid_from.isoformat(), "content hash": row.content_hash}


def _settle(session: Session, settled: Settled) -> None:
    """Activate or end what was approved, in the approver's name."""
    if not settled.is_approved:
        return
    key = settled.about.key.removesuffix(END)
    row = DRAFTS.stored(session, int(key))
    if settled.about.key.endswith(END):
        asked = session.get_one(Approval, settled.approval_id).content
        row.valid_to = max(date.fromisoformat(asked[UNTIL]), clock.today())
        action = "method.end"
    else:
        row.valid_from = max(row.valid_from, clock.today())
        row.approved_by, row.approved_at = db.actor_of(session).name, clock.now()
        _take_its_place(session, row)
        action = "method.activate"
    audit.record(
        session,
        action=action,
        entity="scoring_method",
        entity_id=row.id,
        reason=row.reason or settled.reason,
        version=row.version,
    )
    session.flush()


def _take_its_place(session: Session, row: ScoringMethod) -> None:
    """Let a version hold until the next one of its suppliers, and the one before until it."""
    others = session.scalars(
        select(ScoringMethod)
        .where(
            ScoringMethod.state == "active",
            ScoringMethod.segment == row.segment
            if row.segment
            else ScoringMethod.segment.is_(None),
        )
        .with_for_update()
    ).all()
    for other in others:
        if other.valid_from <= row.valid_from:
            other.valid_to = min(other.valid_to or row.valid_from, row.valid_from)
    later = (other.valid_from for other in others if other.valid_from > row.valid_from)
    row.state, row.valid_to = "active", min(later, default=None)


def _present_hash(session: Session, key: str) -> str | None:
    if key.endswith(END):
        return None
    row = session.get(ScoringMethod, int(key))
    return None if row is None or row.state != "draft" else content_hash(_proposed(row))


def _address(key: str) -> str:
    return f"/methods/{key.removesuffix(END)}"


KIND = ObjectKind(
    type=TYPE,
    words="Scoring methods",
    approvers=holders_of_grant(TYPE),
    settle=_settle,
    present_hash=_present_hash,
    address=_address,
)
