"""Writes of actions: plan, edit, move, complete with evidence, give up with a reason, escalate.

A revised rating comes only with evidence of completion, and a severity falls only where the
effect itself changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.base import clock, db, formatting
from app.base.errors import Conflict, InvalidInput, NotFound
from app.calc.fmea import UNSCORED, Scores
from app.calc.fmea_action import (
    ENDED,
    ActionKind,
    ActionState,
    EffectChange,
    severity_may_fall,
)
from app.judgement.fmea import rating as ratings
from app.judgement.fmea.living.models import FmeaAction
from app.judgement.fmea.living.rows import ratings_by_id
from app.judgement.fmea.models import FmeaCause, RatingKind
from app.judgement.fmea.rating import Why
from app.platform.accounts.models import AccountKind, User
from app.platform.audit import services as audit

FARTHEST = timedelta(days=3653)
SHORTEST_EVIDENCE, LONGEST_REASON = 10, 500


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done: by whom, until when, at what cost, and what it is meant to leave."""

    title: str
    kind: ActionKind
    owner: str
    due_on: date
    cost: Decimal | None = None
    currency: str | None = None
    planned: Scores = UNSCORED


def plan_action(session: Session, cause_id: int, plan: Plan) -> FmeaAction:
    """Plan an action on a row; raises Conflict where the same runs already."""
    cause = _locked_cause(session, cause_id)
    _check_due(plan.due_on)
    is_same = (FmeaAction.cause_id == cause.id) & (FmeaAction.title == plan.title)
    if session.scalar(
        select(FmeaAction.id).where(is_same, FmeaAction.state.not_in(ENDED)).limit(1)
    ):
        raise Conflict("E-FMA-03", f"“{plan.title}” runs on this row already. Nothing was stored.")
    row = FmeaAction(
        cause_id=cause.id,
        title=plan.title,
        kind=plan.kind,
        owner=plan.owner,
        owner_id=_account_of(session, plan.owner),
        due_on=plan.due_on,
        cost=plan.cost,
        currency=plan.currency if plan.cost is not None else None,
        planned_rating_id=_planned(session, cause, plan),
        made_by=db.actor_of(session).name,
        made_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row


def edit_action(session: Session, public_id: UUID, plan: Plan, *, seen_version: int) -> FmeaAction:
    """Change a running action; raises Conflict where somebody changed it meanwhile."""
    row = action_to_change(session, public_id, seen_version=seen_version)
    if plan.due_on != row.due_on:
        _check_due(plan.due_on)
        # Whoever was told that it is late is told again when the new day is over.
        row.told_at = row.escalated_at = None
    cause = _locked_cause(session, row.cause_id)
    row.title, row.kind, row.owner = plan.title, plan.kind, plan.owner
    row.owner_id, row.due_on = _account_of(session, plan.owner), plan.due_on
    row.cost, row.currency = plan.cost, plan.currency if plan.cost is not None else None
    if plan.planned != _scores_of(session, row.planned_rating_id):
        row.planned_rating_id = _planned(session, cause, plan)
    row.version += 1
    session.flush()
    return row


def move_action(
    session: Session, public_id: UUID, state: ActionState, *, reason: str, seen_version: int
) -> FmeaAction:
    """Say how far an action is, or that it is not done and why."""
    row = action_to_change(session, public_id, seen_version=seen_version)
    if state is ActionState.COMPLETED:
        raise InvalidInput("E-FMA-04", "An action is completed with evidence and ratings.")
    is_given_up = state is ActionState.NOT_IMPLEMENTED
    if row.state == state:
        raise Conflict("E-FMA-05", "It stands there already; nothing changes.")
    row.state_because = audit.give_reason(session, reason) if is_given_up else None
    row.state, row.version = state, row.version + 1
    if is_given_up:
        row.ended_at, row.ended_by = clock.now(), db.actor_of(session).name
    session.flush()
    return row


def complete_action(
    session: Session,
    public_id: UUID,
    *,
    evidence: str,
    revised: Scores,
    effect_change: EffectChange | None,
    seen_version: int,
) -> FmeaAction:
    """Complete an action: what shows it, how the row stands now, what changed the effect.

    Raises InvalidInput without evidence, for a rating that is missing where the row had one,
    and for a severity that falls although the effect is the same.
    """
    row = action_to_change(session, public_id, seen_version=seen_version)
    if len(evidence.strip()) < SHORTEST_EVIDENCE:
        raise InvalidInput(
            "E-FMA-06", "Say in at least 10 characters what shows that it is done and works."
        )
    cause = _locked_cause(session, row.cause_id)
    before = Scores(cause.severity, cause.occurrence, cause.detection)
    if before.is_scored and not revised.is_scored:
        raise InvalidInput("E-FMA-07", "Rate all three: severity, occurrence and detection.")
    if not severity_may_fall(before.severity, revised.severity, effect_change):
        raise InvalidInput(
            "E-FMA-08",
            f"Severity {before.severity} → {revised.severity}: it falls only where the effect "
            "itself changes. Say what changed it (second source, buffer, redesign), "
            f"or leave it at {before.severity}.",
        )
    row.before_rating_id = cause.rating_id
    if revised.is_scored:
        why = Why(RatingKind.REVISED, _shortened(f"Action done: {row.title}"), evidence[:1000])
        ratings.rate_row(session, cause, revised, why)
        row.revised_rating_id = cause.rating_id
    fell = before.severity is not None and (revised.severity or 10) < before.severity
    row.effect_change = effect_change if fell else None
    row.state, row.evidence = ActionState.COMPLETED, evidence.strip()
    row.ended_at, row.ended_by = clock.now(), db.actor_of(session).name
    row.version += 1
    session.flush()
    return row


def action_to_change(
    session: Session, public_id: UUID, *, seen_version: int | None = None
) -> FmeaAction:
    """Return a running action, held until the transaction ends, as it was seen."""
    row = session.scalar(
        select(FmeaAction).where(FmeaAction.public_id == public_id).with_for_update()
    )
    if row is None:
        raise NotFound("E-FMA-01", "There is no such action.")
    if seen_version is not None and row.version != seen_version:
        raise Conflict(
            "E-FMA-09",
            "Somebody changed it since you opened the page. Compare, then send it again.",
        )
    if row.state in ENDED:
        raise Conflict("E-FMA-10", "The action has ended; nothing of it changes any more.")
    return row


def _locked_cause(session: Session, cause_id: int) -> FmeaCause:
    return session.scalars(
        select(FmeaCause)
        .where(FmeaCause.id == cause_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _planned(session: Session, cause: FmeaCause, plan: Plan) -> int | None:
    if plan.planned == UNSCORED:
        return None
    if not plan.planned.is_scored:
        raise InvalidInput("E-FMA-07", "Plan all three ratings, or none of them.")
    why = Why(RatingKind.PLANNED, _shortened(f"Planned by action: {plan.title}"))
    return ratings.rate_row(session, cause, plan.planned, why)[0].id


def _scores_of(session: Session, rating_id: int | None) -> Scores:
    found = ratings_by_id(session, [rating_id])
    return found[rating_id].scores if rating_id is not None else UNSCORED


def _check_due(day: date) -> None:
    today = clock.today()
    if not today <= day <= today + FARTHEST:
        raise InvalidInput(
            "E-FMA-11",
            f"{formatting.day(day)} is not a day from today up to "
            f"{formatting.day(today + FARTHEST)}.",
        )


def _account_of(session: Session, owner: str) -> int | None:
    """Return the account of an owner, where the name or address is exactly one's."""
    name = owner.strip().lower()
    found = session.scalars(
        select(User.id).where(
            or_(func.lower(User.name) == name, User.email == name),
            User.is_active,
            User.kind == AccountKind.INTERNAL,
        )
    ).all()
    return found[0] if len(found) == 1 else None


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_REASON else text[: LONGEST_REASON - 1] + "…"
