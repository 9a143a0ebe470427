"""What people do in an incident: tasks, decisions and the money that goes with them, links.

Money within what was agreed beforehand is decided at once; beyond it another person decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base import clock, db, formatting
from app.base.errors import Conflict, InvalidInput, NotFound
from app.judgement.continuity.incidents import queries
from app.judgement.continuity.incidents.links import Choice
from app.judgement.continuity.incidents.models import (
    DecisionState,
    Incident,
    IncidentDecision,
    IncidentLink,
    IncidentTask,
    TaskState,
)
from app.judgement.continuity.incidents.queries import SPENDING
from app.judgement.continuity.incidents.services import incident_to_change
from app.judgement.continuity.responses import queries as responses
from app.platform.approvals import services as approvals
from app.platform.approvals.eligibility import holders_of_grant
from app.platform.approvals.kinds import ObjectKind, ObjectRef, Settled
from app.platform.audit import services as audit

FARTHEST = timedelta(days=731)
MOST_TASKS = 200


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, why, by whom and when (None: now), and what may be spent on it."""

    said: str
    reason: str
    decided_by: str = ""
    decided_at: datetime | None = None
    amount: Decimal | None = None
    currency: str | None = None


def add_task(
    session: Session, public_id: UUID, *, title: str, owner: str, due_at: datetime
) -> IncidentTask:
    """Add a task to a running incident."""
    incident = _running(session, public_id)
    if not incident.opened_at - FARTHEST <= due_at <= clock.now() + FARTHEST:
        raise InvalidInput(
            "E-INC-13", f"{formatting.moment(due_at)} lies more than two years away."
        )
    known = queries.tasks_of(session, incident.id)
    if any(each.title == title and each.state == TaskState.OPEN for each in known):
        raise Conflict("E-INC-14", "This task stands there already. Nothing was stored.")
    if len(known) >= MOST_TASKS:
        raise InvalidInput("E-INC-15", f"An incident has at most {MOST_TASKS} tasks.")
    last = session.scalar(
        select(func.max(IncidentTask.place)).where(IncidentTask.incident_id == incident.id)
    )
    row = IncidentTask(
        incident_id=incident.id, place=(last or 0) + 1, title=title, owner=owner, due_at=due_at
    )
    session.add(row)
    session.flush()
    return row


def settle_task(
    session: Session,
    public_id: UUID,
    task_id: UUID,
    state: TaskState,
    *,
    outcome: str,
    seen_version: int,
) -> IncidentTask:
    """Say that a task is done, dropped (with a reason), or open again."""
    incident = incident_to_change(session, public_id)
    row = session.scalar(
        select(IncidentTask)
        .where(IncidentTask.public_id == task_id, IncidentTask.incident_id == incident.id)
        .with_for_update()
    )
    if row is None:
        raise NotFound("E-INC-01", "There is no such task.")
    if row.version != seen_version or row.state == state:
        raise Conflict("E-INC-16", f"The task is {row.state} by now; look at it again.")
    if state is TaskState.DROPPED:
        outcome = audit.give_reason(session, outcome)
    is_open = state is TaskState.OPEN
    row.state, row.outcome = state, None if is_open else outcome or None
    row.ended_at = None if is_open else clock.now()
    row.ended_by = None if is_open else db.actor_of(session).name
    row.version += 1
    session.flush()
    return row


def decide(session: Session, public_id: UUID, said: Decision) -> IncidentDecision:
    """Write down a decision; money beyond what was agreed beforehand waits for another person."""
    incident = _running(session, public_id)
    moment, me = said.decided_at or clock.now(), db.actor_of(session).name
    if not incident.signalled_at - FARTHEST <= moment <= clock.now():
        raise InvalidInput("E-INC-17", f"{formatting.moment(moment)} is no moment up to now.")
    if (said.amount is None) is not (said.currency is None):
        raise InvalidInput("E-INC-05", "Give an amount with its currency, or neither.")
    known = queries.decisions_of(session, incident.id)
    # What was refused or taken back may be asked for again, with other money.
    held = queries.waiting(session, known)
    if any(
        each.said == said.said and (each.state == DecisionState.DECIDED or each.id in held)
        for each in known
    ):
        raise Conflict("E-INC-18", "This decision stands there already. Nothing was stored.")
    row = IncidentDecision(
        incident_id=incident.id, said=said.said, reason=audit.give_reason(session, said.reason),
        decided_by=said.decided_by or me, decided_at=moment, noted_by=me, amount=said.amount,
        currency=said.currency,
    )  # fmt: skip
    is_free = _is_within(session, incident, known, said)
    row.state = DecisionState.DECIDED if is_free else DecisionState.PROPOSED
    session.add(row)
    session.flush()
    if not is_free:
        _submit(session, incident, row)
    return row


def link(session: Session, public_id: UUID, choice: Choice) -> IncidentLink:
    """Say what an incident belongs to."""
    incident = incident_to_change(session, public_id)
    same = select(IncidentLink.id).where(
        IncidentLink.incident_id == incident.id,
        getattr(IncidentLink, f"{choice.kind}_id") == choice.key,
    )
    # The incident's row is held: of two at once the second one sees the first.
    if session.scalar(same) is not None:
        raise Conflict("E-INC-20", "It is linked already. Nothing was stored.")
    row = IncidentLink(
        incident_id=incident.id, kind=choice.kind, made_by=db.actor_of(session).name,
        **{f"{choice.kind}_id": choice.key},
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def unlink(session: Session, public_id: UUID, link_id: UUID) -> None:
    """Take a link away."""
    incident = incident_to_change(session, public_id)
    row = session.scalar(
        select(IncidentLink).where(
            IncidentLink.public_id == link_id, IncidentLink.incident_id == incident.id
        )
    )
    if row is None:
        raise NotFound("E-INC-01", "There is no such link.")
    session.delete(row)
    session.flush()


def _is_within(
    session: Session, incident: Incident, known: list[IncidentDecision], said: Decision
) -> bool:
    """Tell whether a decision spends nothing, or no more than was agreed beforehand."""
    if said.amount is None:
        return True
    sheet = None if incident.response_id is None else responses.by_id(session, incident.response_id)
    if sheet is None or sheet.response.authority is None:
        return False
    limit = sheet.response
    spent = queries.spent_of(known, said.currency)
    return said.currency == limit.currency and spent + said.amount <= (limit.authority or 0)


def _submit(session: Session, incident: Incident, row: IncidentDecision) -> None:
    assert row.amount is not None and row.currency is not None  # noqa: S101, PT018 — see `decide`
    approvals.submit(
        session,
        about=ObjectRef(SPENDING, str(row.id)),
        version=1,
        title=f"{incident.number}: {formatting.money(row.amount, row.currency)}",
        content={
            "incident": f"{incident.number}, {incident.title}",
            "decision": row.said,
            "amount": formatting.money(row.amount, row.currency),
        },
        because=row.reason,
        supplier_id=incident.supplier_id,
    )


def _settle(session: Session, settled: Settled) -> None:
    row = session.get_one(IncidentDecision, int(settled.about.key), with_for_update=True)
    row.state = DecisionState.DECIDED if settled.is_approved else DecisionState.REFUSED
    row.decided_by, row.decided_at = db.actor_of(session).name, clock.now()
    session.flush()


def _running(session: Session, public_id: UUID) -> Incident:
    incident = incident_to_change(session, public_id)
    if not incident.is_running:
        raise Conflict("E-INC-19", f"{incident.number} is {incident.state}; take that back first.")
    return incident


def _log(_key: str) -> str:
    return "/incidents/"


KIND = ObjectKind(
    type=SPENDING,
    words="Money in incidents beyond what was agreed",
    approvers=holders_of_grant(SPENDING),
    settle=_settle,
    address=_log,
)
