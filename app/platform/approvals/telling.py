"""Mails about approvals: to those who may decide, and to who submitted once it is settled.

They leave through the outbox, in the transaction that they tell of.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import db
from app.platform.accounts.models import User
from app.platform.approvals.eligibility import Powers, standing_of
from app.platform.approvals.kinds import ObjectKind
from app.platform.approvals.models import Approval, Verdict
from app.platform.outbox import services as outbox
from app.platform.outbox.services import About


def tell_approvers(session: Session, row: Approval, kind: ObjectKind, powers: Powers) -> None:
    """Mail everybody who may decide on a new submission, but for its writers."""
    able = [
        person
        for person in powers.everybody - set(row.writers)
        if standing_of(person, writers=row.writers, said=(), powers=powers).may_decide
    ]
    people = select(User.id, User.name, User.email).where(User.id.in_(able)).order_by(User.id)
    for person, name, email in session.execute(people).all():
        outbox.enqueue_mail(
            session,
            to=email,
            subject=f"Waits for your approval: {row.title}",
            template="approval_waits",
            facts={"name": name, "by": row.submitted_by, "what": row.title, "kind": kind.words},
            dedupe_key=f"approval {row.public_id} waits for {person}",
            about=About("approval", str(row.public_id)),
        )


def tell_submitter(session: Session, row: Approval, decision: Verdict, reason: str) -> None:
    """Mail who submitted how it was settled, unless they settled it themselves."""
    actor = db.actor_of(session)
    user = None if row.submitted_by_id is None else session.get(User, row.submitted_by_id)
    if user is None or not user.is_active or user.id == actor.user_id:
        return
    outcome = "Approved" if decision is Verdict.APPROVE else "Rejected"
    outbox.enqueue_mail(
        session,
        to=user.email,
        subject=f"{outcome}: {row.title}",
        template="approval_settled",
        facts={"name": user.name, "what": row.title, "outcome": outcome.lower(), "by": actor.name,
               "reason": reason},
        dedupe_key=f"approval {row.public_id} settled",
        about=About("approval", str(row.public_id)),
    )  # fmt: skip
