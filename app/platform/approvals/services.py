"""Writes of approvals: submit, decide, void, withdraw.

Whoever acts is the session's actor. Every step locks the approval's row first, so that of
two decisions at once one wins and the other finds things changed.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.base import clock, db, formatting, scope
from app.base.errors import Conflict, Forbidden, NotFound
from app.platform.accounts import queries as accounts
from app.platform.approvals import eligibility, kinds, queries, telling, values
from app.platform.approvals.eligibility import Powers, Refusal, Said, Standing
from app.platform.approvals.kinds import Content, ObjectKind, ObjectRef, Settled
from app.platform.approvals.models import Approval, ApprovalDecision, State, Verdict
from app.platform.audit import services as audit

LONGEST_TITLE = 200
REFUSED = {
    Refusal.WROTE_IT: ("E-SOD-01", "You wrote this version; another approver must decide."),
    Refusal.DECIDED_ALREADY: (
        "E-SOD-15",
        "You decided on this version already, or somebody did for you; "
        "a second approver must decide.",
    ),
}


@dataclass(frozen=True, slots=True)
class Submitted:
    """What a submission was given: its key, its public id, and the hash it is bound to."""

    id: int
    public_id: uuid.UUID
    content_hash: str


def submit(
    session: Session,
    *,
    about: ObjectRef,
    version: int,
    content: Content,
    title: str,
    before: Content | None = None,
    because: str | None = None,
    writers: Collection[int] = (),
    needs: int = 1,
    expires_on: date | None = None,
    supplier_id: int | None = None,
) -> Submitted:
    """Submit one version of an object; an older submission of the object that waits is voided.

    content, before: what is approved and what holds now, by field. writers: who wrote this
    version, its author and its last editor; whoever submits counts as one of them.
    Raises Conflict when the very same content waits already.
    """
    kind = kinds.kind_of(about.type)
    actor = db.actor_of(session)
    bound = values.content_hash(content)
    _replace_waiting(session, about, bound)
    own = () if actor.user_id is None else (actor.user_id,)
    row = Approval(
        object_type=about.type,
        object_key=about.key,
        supplier_id=supplier_id,
        version=version,
        content_hash=bound,
        title=title[:LONGEST_TITLE],
        content=dict(content),
        before=None if before is None else dict(before),
        because=None if because is None else audit.give_reason(session, because),
        needs=needs,
        writers=sorted({*writers, *own}),
        submitted_by_id=actor.user_id,
        submitted_by=actor.name,
        submitted_at=clock.now(),
        expires_on=expires_on,
    )
    _add_only_one(session, row)
    powers = eligibility.powers_on(session, kind, clock.today())
    telling.tell_approvers(session, row, kind, powers)
    return Submitted(row.id, row.public_id, bound)


def decide(
    session: Session,
    *,
    approval_id: int,
    decision: Verdict,
    reason: str,
    seen_version: int,
    seen_hash: str,
) -> Settled | None:
    """Decide on what was seen; return how it ended, or None while a second approver is awaited.

    Raises Forbidden for a writer (E-SOD-01) and without the power (E-SOD-12), Conflict when
    it was changed (E-SOD-13) or decided (E-SOD-14) meanwhile. The reason stands in the log
    beside everything that the feature does in consequence.
    """
    clean = audit.give_reason(session, reason)
    # Who may decide is said by the grant: an approver reaches no supplier by it, and what
    # follows from the decision is written nevertheless.
    with scope.unscoped(session, "an approver decides on what was submitted, whosever it is"):
        return _decided(session, approval_id, decision, clean, seen=(seen_version, seen_hash))


def _decided(
    session: Session, approval_id: int, decision: Verdict, clean: str, *, seen: tuple[int, str]
) -> Settled | None:
    row = _locked(session, approval_id)
    kind = kinds.kind_of(row.object_type)
    _check_waits(row, *seen)
    _check_present(session, kind, row)
    powers = eligibility.powers_on(session, kind, clock.today())
    said = _said(session, row)
    standing = _standing(session, kind, row, said, powers)
    _note(session, row, standing, decision, clean)
    audit.record(
        session,
        action=f"approval.{decision}",
        entity="approval",
        entity_id=row.id,
        reason=clean,
        version=row.version,
        approval=str(row.public_id),
    )
    if not _is_final(row, decision, powers):
        session.flush()
        return None
    return _settle(session, kind, row, decision, clean, standing)


def awaiting(session: Session, about: ObjectRef) -> queries.Waiting:
    """Return what waits for a decision about an object; Conflict when it was never submitted."""
    found = queries.waiting_for(session, about)
    if found is None:
        raise Conflict("E-SOD-19", "This was not submitted for approval. Submit it first.")
    return found


def void_if_changed(session: Session, *, about: ObjectRef, content_hash: str) -> int:
    """Void every approval of an object that is bound to another content; return how many.

    The feature calls it in the transaction that edits the object.
    """
    rows = session.scalars(
        select(Approval)
        .where(
            Approval.object_type == about.type,
            Approval.object_key == about.key,
            Approval.state.in_((State.PENDING, State.APPROVED)),
            Approval.content_hash != content_hash,
        )
        .with_for_update()
    ).all()
    actor = db.actor_of(session)
    for row in rows:
        _void(row, f"{actor.name} changed it after it was submitted.")
    session.flush()
    return len(rows)


def withdraw(session: Session, *, approval_id: int) -> None:
    """Take back what one submitted oneself and nobody has settled yet."""
    row = _locked(session, approval_id)
    if row.submitted_by_id is None or row.submitted_by_id != db.actor_of(session).user_id:
        raise Forbidden("E-SOD-18", f"{row.submitted_by} submitted this and may withdraw it.")
    if row.state != State.PENDING:
        raise _ended(row)
    row.state = State.WITHDRAWN
    row.voided_at = clock.now()
    session.flush()


def _replace_waiting(session: Session, about: ObjectRef, bound: str) -> None:
    waiting = session.scalar(
        select(Approval)
        .where(
            Approval.object_type == about.type,
            Approval.object_key == about.key,
            Approval.state == State.PENDING,
        )
        .with_for_update()
    )
    if waiting is None:
        return
    if waiting.content_hash == bound:
        raise _waits_already(waiting.submitted_by)
    _void(waiting, "A newer version was submitted.")
    session.flush()


def _add_only_one(session: Session, row: Approval) -> None:
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise _waits_already("Somebody") from error


def _waits_already(by: str) -> Conflict:
    return Conflict("E-SOD-21", f"{by} submitted this already; it waits for a decision.")


def _locked(session: Session, approval_id: int) -> Approval:
    row = session.scalar(
        select(Approval)
        .where(Approval.id == approval_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound("E-SOD-20", "There is no such approval.")
    return row


def _check_waits(row: Approval, seen_version: int, seen_hash: str) -> None:
    if row.state != State.PENDING:
        raise _ended(row)
    if (row.version, row.content_hash) != (seen_version, seen_hash):
        raise Conflict(
            "E-SOD-13",
            f"This is version {row.version} now; you looked at another. Look again, then decide.",
        )


def _check_present(session: Session, kind: ObjectKind, row: Approval) -> None:
    # A feature that forgot to void on an edit is found out here.
    if kind.present_hash(session, row.object_key) not in (None, row.content_hash):
        raise Conflict(
            "E-SOD-13", "It was changed after it was submitted. It must be submitted again."
        )


def _ended(row: Approval) -> Conflict:
    if row.state == State.VOIDED:
        return Conflict("E-SOD-13", f"No longer open. {row.voided_because} Look at what is new.")
    if row.state == State.WITHDRAWN:
        return Conflict("E-SOD-14", f"{row.submitted_by} withdrew it. Nothing is left to decide.")
    when = formatting.moment(row.decided_at) if row.decided_at else "before"
    return Conflict("E-SOD-14", f"It was {row.state} already, {when}. Open it to see by whom.")


def _said(session: Session, row: Approval) -> list[Said]:
    rows = session.execute(
        select(ApprovalDecision.decided_by_id, ApprovalDecision.stands_in_for_id).where(
            ApprovalDecision.approval_id == row.id
        )
    )
    return [Said(by, stands_in_for) for by, stands_in_for in rows]


def _standing(
    session: Session, kind: ObjectKind, row: Approval, said: list[Said], powers: Powers
) -> Standing:
    person_id = db.actor_of(session).user_id
    if person_id is None:
        raise Forbidden("E-SOD-12", "Only a person with an account decides.")
    standing = eligibility.standing_of(person_id, writers=row.writers, said=said, powers=powers)
    if standing.refusal in REFUSED:
        raise Forbidden(*REFUSED[standing.refusal])
    if standing.refusal is not None:
        raise Forbidden(
            "E-SOD-12",
            f"You may not approve this: {kind.words}. An administrator gives the approver grant.",
        )
    return standing


def _note(
    session: Session, row: Approval, standing: Standing, decision: Verdict, reason: str
) -> None:
    actor = db.actor_of(session)
    holder = standing.stands_in_for
    stands_for = None if holder is None else accounts.person_by_id(session, holder)
    row.decisions += 1
    session.add(
        ApprovalDecision(
            approval_id=row.id,
            place=row.decisions,
            verdict=decision,
            reason=reason,
            decided_by_id=actor.user_id,
            decided_by=actor.name,
            stands_in_for_id=holder,
            stands_in_for=None if stands_for is None else stands_for.name,
            is_independent=standing.is_independent,
            decided_at=clock.now(),
        )
    )


def _is_final(row: Approval, decision: Verdict, powers: Powers) -> bool:
    # A single approver can't wait for a second one who does not exist.
    is_alone = len(powers.holders) == 1
    return decision is Verdict.REJECT or row.decisions >= row.needs or is_alone


def _settle(
    session: Session,
    kind: ObjectKind,
    row: Approval,
    decision: Verdict,
    reason: str,
    standing: Standing,
) -> Settled:
    is_approved = decision is Verdict.APPROVE
    has_enough = row.decisions >= row.needs or not is_approved
    row.state = State.APPROVED if is_approved else State.REJECTED
    row.decided_at = clock.now()
    # Whoever decides alone what needs two, or what they wrote, is not independent.
    row.is_independent = standing.is_independent and has_enough
    session.flush()
    settled = Settled(
        approval_id=row.id,
        about=ObjectRef(row.object_type, row.object_key),
        version=row.version,
        content_hash=row.content_hash,
        is_approved=is_approved,
        is_independent=row.is_independent,
        reason=reason,
    )
    kind.settle(session, settled)
    telling.tell_submitter(session, row, decision, reason)
    return settled


def _void(row: Approval, because: str) -> None:
    row.state = State.VOIDED
    row.voided_at = clock.now()
    row.voided_because = because
