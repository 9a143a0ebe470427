"""Writes of plans: opened, reviewed, ended; their contacts; the recovery that contracts demand.

Versions are written in `drafting`, exercises and questions in `exercising`.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock, db, formatting, scope
from app.base.errors import Conflict, InvalidInput, NotFound
from app.calc.continuity_facts import APPROVAL_MONTHS, months_after
from app.facts.suppliers.models import Category, Site, Supplier, SupplierKind
from app.judgement.continuity.content import Called, Opened, about, said_of
from app.judgement.continuity.day_rules import check_after, check_past, look_again
from app.judgement.continuity.exercise_models import PlanReview
from app.judgement.continuity.models import (
    LONGEST_TITLE,
    ContinuityPlan,
    PlanContact,
    PlanScope,
    PlanState,
    PlanVersion,
    RecoveryDuty,
)
from app.platform.approvals import services as approvals
from app.platform.audit import services as audit

MOST_CONTACTS = 30
# What stands in the place of the name of a contact that was removed.
NO_NAME = "removed"


def open_plan(
    session: Session, supplier_id: int, said: Opened, *, on: date | None = None
) -> ContinuityPlan:
    """Open a plan of a supplier with an empty first draft."""
    supplier = session.scalar(select(Supplier).where(Supplier.id == supplier_id).with_for_update())
    if supplier is None or supplier.kind != SupplierKind.SUPPLIER:
        raise NotFound("E-BCP-01", "There is no such supplier.")
    scope.require_writable(session, "supplier", supplier_id)
    title = said.title.strip()
    if not 0 < len(title) <= LONGEST_TITLE:
        raise InvalidInput("E-BCP-02", "The title has 1 to 200 characters.")
    site_id, category_id = _about(session, supplier_id, said)
    _refuse_second(session, supplier_id, said.scope, site_id, category_id)
    actor, today = db.actor_of(session), on or clock.today()
    plan = ContinuityPlan(
        supplier_id=supplier_id,
        scope=said.scope,
        site_id=site_id,
        category_id=category_id,
        title=title,
        opened_on=today,
        opened_by=actor.name,
        changed_by=actor.name,
        changed_at=clock.now(),
    )
    session.add(plan)
    session.flush()
    session.add(PlanVersion(plan_id=plan.id, number=1, begun_on=today, writers=me(session)))
    session.flush()
    return plan


def note_review(
    session: Session,
    plan_id: UUID,
    *,
    reviewed_on: date,
    next_on: date | None,
    reason: str,
    seen_version: int,
) -> None:
    """Note that the approved version was gone through and stays as it is."""
    plan = locked_plan(session, plan_id, seen_version)
    present = in_force(session, plan)
    if present is None:
        raise Conflict("E-BCP-08", "No version is approved; write the review in the draft.")
    check_past(reviewed_on, "E-BCP-09", "The review")
    last = said_of(session, present).last_reviewed_on
    if last is not None and reviewed_on < last:
        raise InvalidInput(
            "E-BCP-09",
            f"The review lies on {formatting.day(reviewed_on)}, before the last one on "
            f"{formatting.day(last)}.",
        )
    next_on = next_on or months_after(reviewed_on, APPROVAL_MONTHS)
    check_after(next_on, reviewed_on, "E-BCP-14", "The next review")
    session.add(
        PlanReview(
            version_id=present.id,
            reviewed_on=reviewed_on,
            next_on=next_on,
            because=audit.give_reason(session, reason),
            noted_by=db.actor_of(session).name,
        )
    )
    look_again(session, plan.supplier_id, reviewed_on)
    touch(session, plan)


def end_plan(session: Session, plan_id: UUID, *, reason: str, seen_version: int) -> None:
    """End a plan: it stays readable and holds no more. This can't be taken back."""
    plan = locked_plan(session, plan_id, seen_version)
    why, today = audit.give_reason(session, reason), clock.today()
    for version in session.scalars(
        select(PlanVersion).where(
            PlanVersion.plan_id == plan.id, PlanVersion.state != PlanState.RETIRED
        )
    ):
        if version.state == PlanState.DRAFT:
            approvals.void_if_changed(session, about=about(version), content_hash="")
        version.state, version.retired_on = PlanState.RETIRED, today
    plan.ended_on, plan.ended_by = today, db.actor_of(session).name
    plan.ended_because = why
    touch(session, plan)


def save_contact(
    session: Session, plan_id: UUID, said: Called, *, contact_id: UUID | None, seen_version: int
) -> PlanContact:
    """Add a contact, or change one; both need no approval.

    A later day on which it was reached comes beside those before; an earlier one corrects the
    last, none takes it back. It counts since it was added, or first reached.
    """
    plan = locked_plan(session, plan_id, seen_version)
    reached = said.last_reached_on
    if reached is not None:
        check_past(reached, "E-BCP-10", "The call")
    if contact_id is None:
        contact = _new_contact(session, plan)
    else:
        contact = contact_of(session, plan, contact_id)
    contact.name, contact.role, contact.reached_by = said.name, said.role, said.reached_by
    before = contact.last_reached_on
    if reached != before:
        contact.reached_days = _with_day(contact.reached_days, reached)
        made_on = clock.today() if contact.id is None else contact.created_at.date()
        contact.added_on = min([made_on, *map(date.fromisoformat, contact.reached_days)])
        look_again(session, plan.supplier_id, before, reached)
    session.add(contact)
    touch(session, plan)
    return contact


def remove_contact(session: Session, plan_id: UUID, contact_id: UUID, *, seen_version: int) -> None:
    """Remove a contact; its days stay without a name, because past days counted it."""
    plan = locked_plan(session, plan_id, seen_version)
    contact = contact_of(session, plan, contact_id)
    contact.name, contact.role, contact.reached_by = NO_NAME, None, None
    contact.removed_on = clock.today()
    touch(session, plan)


def require_recovery(
    session: Session,
    supplier_id: int,
    *,
    label: str,
    rto_days: int | None,
    from_on: date,
    until_on: date | None = None,
) -> None:
    """Write down what a contract demands, by its label; None days: it demands nothing any more.

    Contracts call it; readiness holds recovery times against the strictest one of the day.
    """
    scope.require_writable(session, "supplier", supplier_id)
    found = session.scalar(
        select(RecoveryDuty).where(
            RecoveryDuty.supplier_id == supplier_id, RecoveryDuty.label == label
        )
    )
    if rto_days is None:
        if found is not None:
            look_again(session, supplier_id, found.from_on)
            session.delete(found)
    elif found is None:
        session.add(
            RecoveryDuty(
                supplier_id=supplier_id,
                label=label,
                rto_days=rto_days,
                from_on=from_on,
                until_on=until_on,
            )
        )
        look_again(session, supplier_id, from_on)
    else:
        if (found.rto_days, found.from_on) != (rto_days, from_on):
            look_again(session, supplier_id, found.from_on, from_on)
        elif found.until_on != until_on:
            look_again(session, supplier_id, found.until_on, until_on)
        found.rto_days, found.from_on, found.until_on = rto_days, from_on, until_on
    session.flush()


def plan_by_public_id(session: Session, public_id: UUID) -> ContinuityPlan:
    """Return a plan within reach; raises NotFound."""
    found = session.scalar(select(ContinuityPlan).where(ContinuityPlan.public_id == public_id))
    if found is None:
        raise NotFound("E-BCP-03", "There is no such continuity plan.")
    return found


def contact_of(session: Session, plan: ContinuityPlan, contact_id: UUID) -> PlanContact:
    """Return a contact of a plan; raises NotFound."""
    found = session.scalar(
        select(PlanContact).where(
            PlanContact.public_id == contact_id,
            PlanContact.plan_id == plan.id,
            PlanContact.removed_on.is_(None),
        )
    )
    if found is None:
        raise NotFound("E-BCP-12", "There is no such contact.")
    return found


def draft_of(session: Session, plan: ContinuityPlan) -> PlanVersion | None:
    """Return the version that is being written, None where the newest one is approved."""
    return session.scalar(
        select(PlanVersion).where(
            PlanVersion.plan_id == plan.id, PlanVersion.state == PlanState.DRAFT
        )
    )


def in_force(session: Session, plan: ContinuityPlan) -> PlanVersion | None:
    """Return the approved version of a plan, None where none is."""
    return session.scalar(
        select(PlanVersion).where(
            PlanVersion.plan_id == plan.id, PlanVersion.state == PlanState.APPROVED
        )
    )


def locked_plan(session: Session, public_id: UUID, seen_version: int | None) -> ContinuityPlan:
    """Return a plan to be written, as it was seen; Conflict where somebody changed or ended it."""
    scope.require_writable(session, "supplier", plan_by_public_id(session, public_id).supplier_id)
    plan = session.scalars(
        select(ContinuityPlan)
        .where(ContinuityPlan.public_id == public_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if plan.ended_on is not None:
        raise Conflict("E-BCP-04", f"{plan.number} is ended; nothing changes any more.")
    if seen_version is not None and plan.version != seen_version:
        raise Conflict(
            "E-BCP-17",
            f"Changed by {plan.changed_by} at {formatting.moment(plan.changed_at)}. Nothing of "
            "yours is stored: open it again in another tab and compare.",
        )
    return plan


def touch(session: Session, plan: ContinuityPlan) -> None:
    """Count a change of a plan, so that another tab finds out."""
    plan.version += 1
    plan.changed_by, plan.changed_at = db.actor_of(session).name, clock.now()
    session.flush()


def me(session: Session) -> list[int]:
    """Return the acting account, as writers are kept."""
    user_id = db.actor_of(session).user_id
    return [] if user_id is None else [user_id]


def _new_contact(session: Session, plan: ContinuityPlan) -> PlanContact:
    places = session.scalars(
        select(PlanContact.place).where(
            PlanContact.plan_id == plan.id, PlanContact.removed_on.is_(None)
        )
    ).all()
    if len(places) >= MOST_CONTACTS:
        raise Conflict("E-BCP-11", f"{MOST_CONTACTS} contacts are the most; remove one first.")
    return PlanContact(
        plan_id=plan.id,
        place=max(places, default=0) + 1,
        reached_days=[],
        added_on=clock.today(),
    )


def _with_day(days: list[str], reached: date | None) -> list[str]:
    """Return days with one more behind them; an earlier one, or none, corrects the last."""
    if reached is None:
        return days[:-1]
    told = reached.isoformat()
    is_later = not days or told > days[-1]
    return [*(days if is_later else [each for each in days[:-1] if each < told]), told]


def _about(session: Session, supplier_id: int, said: Opened) -> tuple[int | None, int | None]:
    """Return the site and the family that a plan is about; refuse what is not there."""
    if said.scope is PlanScope.SITE:
        name = said.site.strip()
        found = session.scalar(
            select(Site.id).where(Site.name == name, Site.supplier_id == supplier_id)
        )
        if found is None:
            raise InvalidInput("E-BCP-18", f"It has no site “{name[:60]}”. Choose one.")
        return found, None
    if said.scope is PlanScope.PART_FAMILY:
        name = said.family.strip()
        found = session.scalar(select(Category.id).where(Category.name == name))
        if found is None:
            raise InvalidInput("E-BCP-19", f"There is no family of parts “{name[:60]}”.")
        return None, found
    return None, None


def _refuse_second(
    session: Session,
    supplier_id: int,
    about_what: PlanScope,
    site_id: int | None,
    category_id: int | None,
) -> None:
    found = session.scalars(
        select(ContinuityPlan).where(
            ContinuityPlan.supplier_id == supplier_id,
            ContinuityPlan.scope == about_what,
            ContinuityPlan.site_id.is_not_distinct_from(site_id),
            ContinuityPlan.category_id.is_not_distinct_from(category_id),
            ContinuityPlan.ended_on.is_(None),
        )
    ).first()
    if found is not None:
        raise Conflict(
            "E-BCP-20", f"{found.number} is about the same; go on with that one, or end it first."
        )
