"""Tells people what is overdue: the owner first, a week later those who answer for risks.

Mails leave through the outbox in the transaction that notes them; each step happens once for
a due day, however often it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock, formatting
from app.judgement.fmea.living import acceptances
from app.judgement.fmea.living.action_queries import ActionRow, actions
from app.judgement.fmea.living.models import FmeaAction
from app.platform.accounts import grant_queries
from app.platform.accounts.grant_models import Role, RoleGrant
from app.platform.accounts.models import User
from app.platform.outbox import services as outbox
from app.platform.outbox.services import About

ESCALATES_AFTER = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Watched:
    """What a look at everything found: actions overdue, mails sent, reviews raised."""

    overdue: int
    told: int
    escalated: int
    raised: int

    @property
    def words(self) -> str:
        """It in one sentence."""
        return (
            f"{formatting.count(self.overdue, 'action')} overdue, "
            f"{formatting.count(self.told, 'owner')} told, {self.escalated} escalated; "
            f"{formatting.count(self.raised, 'review')} raised by acceptances that ran out."
        )


def watch(session: Session, today: date) -> Watched:
    """Tell owners, then those above, of overdue actions; raise reviews of ended acceptances."""
    late = actions(session, overdue_on=today)
    stored = {
        row.id: row
        for row in session.scalars(
            select(FmeaAction).where(FmeaAction.id.in_([each.id for each in late]))
        )
    }
    told = sum(_tell_owner(session, each, stored[each.id]) for each in late)
    above = _answerable(session)
    escalated = sum(
        _escalate(session, each, stored[each.id], above)
        for each in late
        if each.due_on + ESCALATES_AFTER <= today
    )
    raised = acceptances.raise_expired(session, today)
    session.flush()
    return Watched(len(late), told, escalated, raised)


def _tell_owner(session: Session, each: ActionRow, row: FmeaAction) -> int:
    owner = None if each.owner_id is None else session.get(User, each.owner_id)
    if row.told_at is not None or owner is None or not owner.is_active:
        return 0
    row.told_at = clock.now()
    _mail(session, each, owner, "owner")
    return 1


def _escalate(session: Session, each: ActionRow, row: FmeaAction, above: list[User]) -> int:
    if row.escalated_at is not None or not above:
        return 0
    row.escalated_at = clock.now()
    for person in above:
        if person.id != each.owner_id:
            _mail(session, each, person, "escalated")
    return 1


def _mail(session: Session, each: ActionRow, person: User, step: str) -> None:
    outbox.enqueue_mail(
        session,
        to=person.email,
        subject=f"Overdue: {each.title}",
        template="action_overdue",
        facts={
            "name": person.name,
            "what": each.title,
            "owner": each.owner,
            "due": formatting.day(each.due_on),
            "risk": f"{each.row.mode}, {each.row.about}",
            "priority": each.row.priority or "not rated",
        },
        dedupe_key=f"action {each.public_id} due {each.due_on} {step} {person.id}",
        about=About("fmea_action", str(each.public_id)),
    )


def _answerable(session: Session) -> list[User]:
    """Return the risk managers who see all suppliers: a mail tells nobody more than a page."""
    holders = grant_queries.holders_of(session, Role.RISK_MANAGER)
    unlimited = select(RoleGrant.user_id).where(
        *grant_queries.in_force(clock.today()),
        RoleGrant.role == Role.RISK_MANAGER,
        RoleGrant.category_id.is_(None),
        RoleGrant.site_id.is_(None),
        RoleGrant.supplier_id.is_(None),
    )
    return list(
        session.scalars(
            select(User)
            .where(User.id.in_(holders), User.id.in_(unlimited), User.is_active)
            .order_by(User.id)
        )
    )
