"""Writes of corrective actions: open, answer, decide, agree another due time, withdraw.

A rejected answer changes no due time. Whoever entered an answer does not decide about it, and
nobody withdraws a critical request alone.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock, db, scope
from app.base.errors import Conflict, Forbidden, InvalidInput, NotFound
from app.calc.corrective import Severity, Step, severity_of
from app.calc.periods import month_index
from app.facts.deliveries import touching
from app.facts.deliveries.touched_models import TouchedBy
from app.facts.deliveries.touching import Because
from app.facts.suppliers.models import Part, Supplier
from app.judgement.corrective import queries
from app.judgement.corrective.models import (
    ActionState,
    AgreedDue,
    CorrectiveAction,
    StepAnswer,
)
from app.platform.approvals import services as approvals
from app.platform.approvals.eligibility import holders_of_grant
from app.platform.approvals.kinds import ObjectKind, ObjectRef, Settled
from app.platform.approvals.models import Approval
from app.platform.audit import services as audit

WITHDRAWAL = "corrective_withdrawal"
MILLIONTHS = 1_000_000
# Within it the same words are the same request, sent twice.
SENT_TWICE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Problem:
    """What a request is about, and what makes it grave; None where unknown.

    `defect_share` is a fraction of the lot, `part` a part's number.
    """

    title: str
    problem: str
    part: str = ""
    is_safety: bool = False
    line_down_hours: Decimal | None = None
    same_mode_days: int | None = None
    defect_share: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What the supplier answered; the causes belong to D4, the day to D6."""

    text: str
    answered_at: datetime
    occurrence_cause: str | None = None
    escape_cause: str | None = None
    corrected_on: date | None = None


def open_action(
    session: Session, supplier_id: int, said: Problem, *, at: datetime | None = None
) -> CorrectiveAction:
    """Open a request; its severity follows from its triggers, its clocks start now."""
    scope.require_writable(session, "supplier", supplier_id)
    moment = at or clock.now()
    _refuse_second(session, supplier_id, said, moment)
    share = None if said.defect_share is None else float(said.defect_share)
    hours = None if said.line_down_hours is None else float(said.line_down_hours)
    severity = severity_of(
        is_safety=said.is_safety,
        line_down_hours=hours,
        days_since_same_mode=said.same_mode_days,
        defect_share=share,
    )
    action = CorrectiveAction(
        supplier_id=supplier_id,
        part_id=_part_id(session, said.part),
        title=said.title,
        problem=said.problem,
        severity=severity,
        is_safety=said.is_safety,
        line_down_hours=said.line_down_hours,
        same_mode_days=said.same_mode_days,
        defect_millionths=None
        if said.defect_share is None
        else int(said.defect_share * MILLIONTHS),
        issued_at=moment,
        opened_by=db.actor_of(session).name,
    )
    session.add(action)
    session.flush()
    _note_months(session, action)
    return action


def answer(session: Session, action: CorrectiveAction, step: Step, said: Said) -> StepAnswer:
    """Enter what the supplier answered to a step; what came before stays."""
    _require_open(action)
    now = clock.now()
    if not action.issued_at <= said.answered_at <= now:
        raise InvalidInput(
            "E-SCR-02",
            f"The answer is of {said.answered_at:%Y-%m-%d %H:%M} UTC; it must lie between the "
            f"issue on {action.issued_at:%Y-%m-%d %H:%M} and now.",
        )
    sheet = queries.action_sheet(session, action, moment=now).of(step)
    if any(each.accepted for each in sheet.answers):
        raise Conflict("E-SCR-03", f"{step} is accepted already; it needs no other answer.")
    if step is Step.D6 and said.corrected_on is None:
        raise InvalidInput("E-SCR-04", "Say since which day the correction is in place.")
    if said.corrected_on is not None and said.corrected_on > now.date():
        raise InvalidInput("E-SCR-04", "The correction is to be in place; its day lies ahead.")
    actor = db.actor_of(session)
    entered = StepAnswer(
        action_id=action.id,
        step=step,
        said=said.text,
        occurrence_cause=said.occurrence_cause if step is Step.D4 else None,
        escape_cause=said.escape_cause if step is Step.D4 else None,
        corrected_on=said.corrected_on if step is Step.D6 else None,
        answered_at=said.answered_at,
        entered_by=actor.name,
        entered_by_id=actor.user_id,
    )
    session.add(entered)
    session.flush()
    _note_months(session, action, step)
    return entered


def accept(session: Session, action: CorrectiveAction, answer_id: UUID) -> StepAnswer:
    """Accept an answer; refused while something is missing. Accepting D8 closes the request."""
    found = _undecided(session, action, answer_id)
    step = Step(found.step)
    gaps = queries.action_sheet(session, action, moment=clock.now()).of(step).gaps
    if gaps:
        raise Conflict("E-SCR-06", f"{step} can’t be accepted yet. {' '.join(gaps)}")
    _decide(session, found, accepted=True, because=None)
    if step is Step.D8:
        _end(session, action, ActionState.CLOSED, None)
    session.flush()
    _note_months(session, action, step)
    return found


def reject(
    session: Session, action: CorrectiveAction, answer_id: UUID, *, reason: str
) -> StepAnswer:
    """Reject an answer with a reason; the step's due time stays what it was."""
    found = _undecided(session, action, answer_id)
    _decide(session, found, accepted=False, because=audit.give_reason(session, reason))
    session.flush()
    _note_months(session, action, Step(found.step))
    return found


def agree_due(
    session: Session, action: CorrectiveAction, step: Step, *, due_at: datetime, reason: str
) -> AgreedDue:
    """Agree another due time for a step, before the present one has passed."""
    _require_open(action)
    now = clock.now()
    standing = queries.action_sheet(session, action, moment=now).of(step).standing
    if standing.due_at is not None and standing.due_at < now:
        raise Conflict(
            "E-SCR-07",
            f"{step} was due on {standing.due_at:%Y-%m-%d %H:%M} UTC. What is overdue is late, "
            "and stays so; no other time can be agreed any more.",
        )
    if due_at <= now:
        raise InvalidInput("E-SCR-08", "The new due time must lie ahead.")
    _note_months(session, action, step)
    agreed = AgreedDue(
        action_id=action.id,
        step=step,
        due_at=due_at,
        agreed_at=now,
        agreed_by=db.actor_of(session).name,
        reason=audit.give_reason(session, reason),
    )
    session.add(agreed)
    session.flush()
    _note_months(session, action, step)
    return agreed


def withdraw(session: Session, action: CorrectiveAction, *, reason: str) -> bool:
    """Withdraw a request that should not have been; it counts nowhere any more.

    One that is critical caps a grade, so another person decides first. Returns whether it is
    withdrawn by now.
    """
    _require_open(action)
    why = audit.give_reason(session, reason)
    if action.severity == Severity.CRITICAL:
        approvals.submit(
            session,
            about=ObjectRef(WITHDRAWAL, str(action.id)),
            version=1,
            title=f"Withdraw {action.number}: {action.title}",
            content=_content(session, action),
            because=why,
            supplier_id=action.supplier_id,
        )
        return False
    _withdraw(session, action, why)
    return True


def action_to_change(
    session: Session, supplier_ids: Collection[int], public_id: UUID
) -> CorrectiveAction:
    """Return a request to be written, held until the transaction ends; raises NotFound."""
    found = queries.action_by_public_id(session, supplier_ids, public_id)
    scope.require_writable(session, "supplier", found.supplier_id)
    return session.scalars(
        select(CorrectiveAction)
        .where(CorrectiveAction.id == found.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _content(session: Session, action: CorrectiveAction) -> dict[str, Any]:  # Any: JSON
    supplier = session.get_one(Supplier, action.supplier_id)
    return {
        "supplier": f"{supplier.name} ({supplier.number})",
        "corrective action": action.number,
        "title": action.title,
        "severity": str(action.severity),
        "opened by": action.opened_by,
        "issued": f"{action.issued_at:%Y-%m-%d %H:%M} UTC",
        "becomes": str(ActionState.WITHDRAWN),
    }


def _settle_withdrawal(session: Session, settled: Settled) -> None:
    if not settled.is_approved:
        return
    action = session.get_one(CorrectiveAction, int(settled.about.key), with_for_update=True)
    _require_open(action)
    asked = session.get_one(Approval, settled.approval_id)
    _withdraw(session, action, asked.because or settled.reason)


def _withdraw(session: Session, action: CorrectiveAction, because: str) -> None:
    _end(session, action, ActionState.WITHDRAWN, because)
    session.flush()
    _note_months(session, action)


def _note_months(session: Session, action: CorrectiveAction, *steps: Step) -> None:
    """Have the published cards looked at again that count the request, or some of its steps."""
    dues = queries.due_times_of(session, action)
    counted = (queries.CONTAINMENT, queries.RESPONSE)
    months = {
        month_index(due_at.date())
        for step in counted
        if (not steps or step in steps) and (due_at := dues[step]) is not None
    }
    if not steps and action.severity == Severity.CRITICAL:
        # An open critical one caps the grade of every card that ended meanwhile.
        first, last = month_index(action.issued_at.date()), month_index(clock.today())
        months |= set(range(first, last + 1))
    because = Because(TouchedBy.CORRECTIVE, action.id)
    touching.note_months(session, action.supplier_id, months, because)


def _refuse_second(session: Session, supplier_id: int, said: Problem, moment: datetime) -> None:
    # Of two requests at once the second one sees the first one.
    session.execute(select(Supplier.id).where(Supplier.id == supplier_id).with_for_update())
    found = session.scalars(
        select(CorrectiveAction).where(
            CorrectiveAction.supplier_id == supplier_id,
            CorrectiveAction.title == said.title,
            CorrectiveAction.problem == said.problem,
            CorrectiveAction.state == ActionState.OPEN,
            CorrectiveAction.issued_at > moment - SENT_TWICE,
        )
    ).first()
    if found is not None:
        raise Conflict("E-SCR-12", f"This is open already, as {found.number}. Nothing was stored.")


def _part_id(session: Session, number: str) -> int | None:
    if not number:
        return None
    found = session.scalar(select(Part.id).where(Part.number == number))
    if found is None:
        raise InvalidInput("E-SCR-09", f"There is no part “{number}”. Write it as the lists do.")
    return found


def _undecided(session: Session, action: CorrectiveAction, answer_id: UUID) -> StepAnswer:
    _require_open(action)
    found = session.scalars(
        select(StepAnswer).where(
            StepAnswer.public_id == answer_id, StepAnswer.action_id == action.id
        )
    ).first()
    if found is None:
        raise NotFound("E-SCR-01", "There is no such answer.")
    if found.accepted is not None:
        raise Conflict("E-SCR-10", "This answer is decided already; see the page again.")
    actor = db.actor_of(session)
    if found.entered_by_id is not None and found.entered_by_id == actor.user_id:
        raise Forbidden(
            "E-SCR-05", "You entered this answer; somebody else decides whether it is accepted."
        )
    return found


def _decide(session: Session, found: StepAnswer, *, accepted: bool, because: str | None) -> None:
    found.accepted, found.decided_at = accepted, clock.now()
    found.decided_by, found.decided_because = db.actor_of(session).name, because


def _end(
    session: Session, action: CorrectiveAction, state: ActionState, because: str | None
) -> None:
    action.state, action.ended_at = state, clock.now()
    action.ended_by, action.ended_because = db.actor_of(session).name, because


def _require_open(action: CorrectiveAction) -> None:
    if action.state != ActionState.OPEN:
        raise Conflict("E-SCR-11", f"{action.number} is {action.state}; nothing changes any more.")


KIND = ObjectKind(
    type=WITHDRAWAL,
    words="Withdrawals of critical corrective actions",
    approvers=holders_of_grant(WITHDRAWAL),
    settle=_settle_withdrawal,
)
