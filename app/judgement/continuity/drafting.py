"""Writes of versions: begun, drafted, submitted, approved by somebody who did not write them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base import clock, db, scope
from app.base.errors import Conflict, InvalidInput
from app.calc.continuity import is_beyond_tolerance
from app.calc.continuity_facts import approval_ends
from app.judgement.continuity.content import TYPE, VersionSaid, about, content_of, said_of
from app.judgement.continuity.day_rules import check_after, check_past
from app.judgement.continuity.models import (
    ContinuityPlan,
    PlanDependency,
    PlanScenario,
    PlanState,
    PlanVersion,
)
from app.judgement.continuity.services import (
    draft_of,
    in_force,
    locked_plan,
    me,
    plan_by_public_id,
    touch,
)
from app.platform.approvals import services as approvals
from app.platform.approvals.eligibility import holders_of_grant
from app.platform.approvals.kinds import ObjectKind, Settled
from app.platform.approvals.values import content_hash
from app.platform.audit import services as audit

MOST_LINES = 50


def begin_version(
    session: Session, plan_id: UUID, *, reason: str, seen_version: int
) -> PlanVersion:
    """Begin the next version as a copy of the approved one, which holds until it is followed."""
    plan = locked_plan(session, plan_id, seen_version)
    if draft_of(session, plan) is not None:
        raise Conflict("E-BCP-06", "A draft is being written already; edit that one.")
    present = in_force(session, plan)
    if present is None:
        raise Conflict("E-BCP-07", "No version is approved; there is nothing to begin from.")
    said = said_of(session, present)
    newest = session.scalar(
        select(func.max(PlanVersion.number)).where(PlanVersion.plan_id == plan.id)
    )
    draft = PlanVersion(
        plan_id=plan.id,
        number=(newest or 0) + 1,
        begun_on=clock.today(),
        changed_because=audit.give_reason(session, reason),
        writers=me(session),
        **said.columns,
    )
    session.add(draft)
    session.flush()
    _write_children(session, draft, said)
    touch(session, plan)
    return draft


def save_draft(
    session: Session, plan_id: UUID, said: VersionSaid, *, seen_version: int
) -> PlanVersion:
    """Store what a draft says; what was submitted before is void."""
    plan = locked_plan(session, plan_id, seen_version)
    draft = _draft(session, plan)
    _check(said)
    for name, value in said.columns.items():
        if getattr(draft, name) != value:
            setattr(draft, name, value)
    own = me(session)
    draft.writers = sorted({*draft.writers, *own})
    session.flush()
    before = said_of(session, draft)
    if (before.dependencies, before.scenarios) != (said.dependencies, said.scenarios):
        for model in (PlanDependency, PlanScenario):
            for row in session.scalars(select(model).where(model.version_id == draft.id)):
                session.delete(row)
        session.flush()
        _write_children(session, draft, said)
    approvals.void_if_changed(
        session, about=about(draft), content_hash=content_hash(content_of(session, plan, draft))
    )
    touch(session, plan)
    return draft


def submit(session: Session, plan_id: UUID, *, reason: str, seen_version: int) -> None:
    """Submit a draft for approval by somebody who did not write it."""
    plan = locked_plan(session, plan_id, seen_version)
    draft = _draft(session, plan)
    _refuse_unfit(draft)
    present = in_force(session, plan)
    approvals.submit(
        session,
        about=about(draft),
        version=draft.number,
        title=f"{plan.number}, version {draft.number}: {plan.title}",
        content=content_of(session, plan, draft),
        before=None if present is None else content_of(session, plan, present),
        because=audit.give_reason(session, reason),
        writers=draft.writers,
        supplier_id=plan.supplier_id,
    )


def withdraw(session: Session, plan_id: UUID) -> None:
    """Take a submission back; whoever submitted it may."""
    plan = plan_by_public_id(session, plan_id)
    scope.require_writable(session, "supplier", plan.supplier_id)
    waiting = approvals.awaiting(session, about(_draft(session, plan)))
    approvals.withdraw(session, approval_id=waiting.id)


def _draft(session: Session, plan: ContinuityPlan) -> PlanVersion:
    found = draft_of(session, plan)
    if found is None:
        raise Conflict(
            "E-BCP-05", "The newest version is approved and stays as it is; begin the next one."
        )
    return found


def _write_children(session: Session, version: PlanVersion, said: VersionSaid) -> None:
    for place, needed in enumerate(said.dependencies, start=1):
        session.add(
            PlanDependency(
                version_id=version.id,
                place=place,
                kind=needed.kind,
                name=needed.name,
                note=needed.note,
            )
        )
    for place, expected in enumerate(said.scenarios, start=1):
        session.add(
            PlanScenario(
                version_id=version.id,
                place=place,
                name=expected.name,
                recover_days=expected.recover_days,
                response=expected.response,
            )
        )
    session.flush()


def _check(said: VersionSaid) -> None:
    if len(said.dependencies) > MOST_LINES or len(said.scenarios) > MOST_LINES:
        raise InvalidInput(
            "E-BCP-13", f"At most {MOST_LINES} dependencies and {MOST_LINES} scenarios."
        )
    if said.last_reviewed_on is not None:
        check_past(said.last_reviewed_on, "E-BCP-09", "The last review")
    if said.next_review_on is not None:
        check_after(said.next_review_on, said.last_reviewed_on, "E-BCP-14", "The next review")


def _refuse_unfit(draft: PlanVersion) -> None:
    """Refuse to submit what contradicts itself or names nobody."""
    if is_beyond_tolerance(draft.rto_days, draft.mtpd_days):
        raise Conflict(
            "E-BCP-15",
            f"The plan contradicts itself: it recovers in {draft.rto_days} days, and an outage is "
            f"tolerable for {draft.mtpd_days} (MTPD). Correct one of them.",
        )
    lacking = [
        words
        for words, value in (
            ("an owner", draft.owner),
            ("when it is activated", draft.activation_trigger),
            ("a recovery time (RTO)", draft.rto_days),
            ("the longest tolerable outage (MTPD)", draft.mtpd_days),
        )
        if value is None
    ]
    if lacking:
        raise Conflict("E-BCP-16", f"It does not say {', '.join(lacking)}. Add it, then submit.")


def _settle(session: Session, settled: Settled) -> None:
    """Let an approved version follow the one before it."""
    if not settled.is_approved:
        return
    draft = session.scalars(
        select(PlanVersion).where(PlanVersion.public_id == UUID(settled.about.key))
    ).one()
    plan = session.get_one(ContinuityPlan, draft.plan_id, with_for_update=True)
    if plan.ended_on is not None or draft.state != PlanState.DRAFT:
        raise Conflict("E-BCP-04", f"{plan.number} was ended meanwhile. Reject it.")
    today, present = clock.today(), in_force(session, plan)
    if present is not None:
        present.state, present.retired_on = PlanState.RETIRED, today
    draft.state, draft.approved_on, draft.approved_at = PlanState.APPROVED, today, clock.now()
    draft.approved_by = db.actor_of(session).name
    draft.is_independent = settled.is_independent
    if draft.next_review_on is None or draft.next_review_on <= today:
        draft.next_review_on = approval_ends(today)
    touch(session, plan)


def _present_hash(session: Session, key: str) -> str | None:
    draft = session.scalar(select(PlanVersion).where(PlanVersion.public_id == UUID(key)))
    if draft is None or draft.state != PlanState.DRAFT:
        return None
    plan = session.get_one(ContinuityPlan, draft.plan_id)
    return content_hash(content_of(session, plan, draft))


KIND = ObjectKind(
    type=TYPE,
    words="Continuity plans",
    approvers=holders_of_grant(TYPE),
    settle=_settle,
    present_hash=_present_hash,
    address=lambda key: f"/continuity/versions/{key}",
)
