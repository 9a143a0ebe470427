"""Reads how ready suppliers are on a day: one of them or ten thousand in the same few statements.

A supplier is as ready as its weakest plan in force; drafts count where nothing is approved, and
only once something is written down of the plan.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app.calc.continuity import (
    Basis,
    Readiness,
    plan_readiness,
    readiness_without_plan,
)
from app.calc.continuity_facts import (
    Answer,
    Answered,
    Exercise,
    ExerciseKind,
    PlanFacts,
    Topic,
    approval_ends,
)
from app.facts.deliveries.period_reads import members, merged_suppliers
from app.judgement.continuity.exercise_models import PlanExercise, PlanQuestion, PlanReview
from app.judgement.continuity.models import ContinuityPlan, PlanContact, PlanVersion, RecoveryDuty
from app.platform.records.models import Attachment

QUESTION = "plan_question"
About = tuple[int, str, int | None]


@dataclass(frozen=True, slots=True)
class PlanReading:
    """A plan on a day, by the version that counts: the approved one, else the newest draft.

    about: supplier, scope, and the key of the site or family of parts.
    required_by: the contract that demands a recovery time, None where the plan's own MTPD does.
    """

    plan_id: int
    public_id: UUID
    supplier_id: int
    about: About
    title: str
    version: int
    is_approved: bool
    approved_on: date | None
    next_review_on: date | None
    mtpd_days: int | None
    required_by: str | None
    facts: PlanFacts
    readiness: Readiness

    @property
    def number(self) -> str:
        """How people call it."""
        return f"BCP-{self.plan_id:04d}"

    @property
    def holds_until(self) -> date | None:
        """The last day of its approval; None while it is a draft."""
        return approval_ends(self.approved_on)


@dataclass(frozen=True, slots=True)
class SupplierReading:
    """How ready a supplier is; `plan` is the one that decides, None without any.

    due_on, exists: of the newest question that holds on the day.
    """

    supplier_id: int
    readiness: Readiness
    plan: PlanReading | None
    plans: tuple[PlanReading, ...]
    due_on: date | None = None
    exists: Answer | None = None


NOT_ASKED = Readiness(Basis.NEVER_ASKED, None)


def readings(
    session: Session, as_of: date, *, supplier_ids: Collection[int] | None = None
) -> dict[int, SupplierReading]:
    """Return by supplier how ready it is on a day; who was never asked is absent.

    Merged suppliers count as the one they go by.
    """
    own = None if supplier_ids is None else members(session, supplier_ids)
    merged = merged_suppliers(session)
    asked = _asked(session, as_of, own, merged)
    plans: dict[int, list[PlanReading]] = defaultdict(list)
    for plan in _plans(session, as_of, own, merged, asked):
        plans[plan.supplier_id].append(plan)
    return {
        key: _reading(key, plans.get(key, ()), asked.get(key), as_of)
        for key in sorted(set(plans) | set(asked))
    }


def reading_of(session: Session, supplier_id: int, as_of: date) -> SupplierReading:
    """Return how ready one supplier is on a day."""
    found = readings(session, as_of, supplier_ids=[supplier_id])
    return found.get(supplier_id, SupplierReading(supplier_id, NOT_ASKED, None, ()))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a supplier was asked up to a day; has_replied: to any of it."""

    due_on: date
    exists: Answer | None
    has_replied: bool
    answers: Mapping[Topic, Answered]


def _reading(
    key: int, plans: Sequence[PlanReading], asked: _Asked | None, as_of: date
) -> SupplierReading:
    due_on, exists = (None, None) if asked is None else (asked.due_on, asked.exists)
    counting = [plan for plan in plans if plan.is_approved] or list(plans)
    if not counting:
        has_replied = asked is not None and asked.has_replied
        found = readiness_without_plan(as_of, due_on=due_on, exists=exists, has_replied=has_replied)
        return SupplierReading(key, found, None, (), due_on, exists)
    weakest = min(counting, key=lambda plan: (plan.readiness.points or 0.0, plan.plan_id))
    return SupplierReading(key, weakest.readiness, weakest, tuple(plans), due_on, exists)


def _asked(
    session: Session, as_of: date, own: Collection[int] | None, merged: Mapping[int, int]
) -> dict[int, _Asked]:
    """Return what was asked until a day, the newest answer of each topic first."""
    question, file = PlanQuestion, Attachment
    query = (
        select(
            question.supplier_id, question.topic, question.due_on, question.answer,
            question.answered_on, file.evidence_on,
        )
        .outerjoin(
            file,
            and_(file.entity == QUESTION, file.entity_id == question.id, file.removed_at.is_(None)),
        )
        .where(question.asked_on <= as_of)
        .order_by(question.asked_on, question.id, file.evidence_on)
    )  # fmt: skip
    if own is not None:
        query = query.where(question.supplier_id.in_(own))
    rows: dict[int, list[Any]] = defaultdict(list)  # Any: rows of many types
    for row in session.execute(query):
        rows[merged.get(row.supplier_id, row.supplier_id)].append(row)
    return {key: _asked_of(each, as_of) for key, each in rows.items()}


def _asked_of(rows: Iterable[Any], as_of: date) -> _Asked:  # Any: as above
    answers: dict[Topic, Answered] = {}
    due_on, exists, has_replied = date.min, None, False
    for row in rows:
        topic = Topic(row.topic)
        if topic is Topic.EXISTS or due_on == date.min:
            due_on = row.due_on
        if row.answer is None or row.answered_on > as_of:
            continue
        answer, has_replied = Answer(row.answer), True
        if topic is Topic.EXISTS:
            exists = answer
        if row.evidence_on is not None and row.evidence_on <= as_of:
            answers[topic] = Answered(answer, row.evidence_on)
        elif topic in answers and answers[topic].answer is not answer:
            # It says something else now, and proves neither.
            del answers[topic]
    return _Asked(due_on, exists, has_replied, answers)


def _plans(
    session: Session,
    as_of: date,
    own: Collection[int] | None,
    merged: Mapping[int, int],
    asked: Mapping[int, _Asked],
) -> list[PlanReading]:
    rows = _versions(session, as_of, own)
    if not rows:
        return []
    contact = PlanContact
    is_there = or_(contact.removed_on.is_(None), contact.removed_on > as_of)
    contacts = _by_plan(
        session,
        select(contact.plan_id, contact.reached_days).where(contact.added_on <= as_of, is_there),
        own,
    )
    reviews = _by_plan(
        session,
        select(
            PlanVersion.plan_id, PlanReview.version_id, PlanReview.reviewed_on, PlanReview.next_on
        )
        .join(PlanVersion, PlanVersion.id == PlanReview.version_id)
        .where(PlanReview.reviewed_on <= as_of)
        .order_by(PlanReview.reviewed_on, PlanReview.id),
        own,
    )
    exercises = _by_plan(
        session,
        select(
            PlanExercise.plan_id, PlanExercise.kind, PlanExercise.done_on,
            PlanExercise.achieved_rto_days,
        ).where(PlanExercise.done_on <= as_of),
        own,
    )  # fmt: skip
    duties = _duties(session, as_of, own, merged)
    found = (
        _plan_reading(
            row,
            key=(key := merged.get(row.supplier_id, row.supplier_id)),
            as_of=as_of,
            exercises=exercises.get(row.id, ()),
            contacts=contacts.get(row.id, ()),
            reviews=reviews.get(row.id, ()),
            duty=duties.get(key),
            asked=asked.get(key),
        )
        for row in rows
    )
    return [each for each in found if each.is_approved or _says_something(each)]


def _says_something(plan: PlanReading) -> bool:
    """Tell whether a draft says anything: that one was begun is no plan yet."""
    facts = plan.facts
    said = (
        plan.mtpd_days, facts.claimed_days, facts.reviewed_on, facts.needed_percent,
        facts.alternate_percent, facts.finished_days, facts.critical_days,
        facts.has_sub_tier_plans,
    )  # fmt: skip
    return (
        any(each is not None for each in said)
        or facts.has_last_time_stock
        or bool(facts.exercises or facts.reached_on)
    )


def _plan_reading(
    row: Any,  # Any: as `_versions` returns them
    *,
    key: int,
    as_of: date,
    exercises: Sequence[Any],
    contacts: Sequence[Any],
    reviews: Sequence[Any],
    duty: tuple[int, str] | None,
    asked: _Asked | None,
) -> PlanReading:
    is_approved, until = _is_approved(row, as_of), as_of.isoformat()
    gone_through = [day for _, _, day, _ in reviews]
    if row.last_reviewed_on is not None and row.last_reviewed_on <= as_of:
        gone_through.append(row.last_reviewed_on)
    next_on = [day for _, version_id, _, day in reviews if version_id == row.version_id]
    facts = PlanFacts(
        approved_on=row.approved_on if is_approved else None,
        reviewed_on=max(gone_through, default=None),
        required_days=row.mtpd_days if duty is None else duty[0],
        claimed_days=row.rto_days,
        exercises=[Exercise(ExerciseKind(each[1]), each[2], each[3]) for each in exercises],
        needed_percent=row.mbco_percent,
        alternate_percent=row.alternate_percent,
        finished_days=row.finished_days,
        critical_days=row.critical_days,
        has_last_time_stock=bool(row.last_time_stock),
        reached_on=[_last_until(days, until) for _, days in contacts],
        has_sub_tier_plans=row.has_sub_tier_plans,
        answers={} if asked is None else asked.answers,
    )
    return PlanReading(
        plan_id=row.id,
        public_id=row.public_id,
        supplier_id=key,
        about=(key, row.scope, row.site_id or row.category_id),
        title=row.title,
        version=row.number,
        is_approved=is_approved,
        approved_on=facts.approved_on,
        next_review_on=next_on[-1] if next_on else row.next_review_on,
        mtpd_days=row.mtpd_days,
        required_by=None if duty is None else duty[1],
        facts=facts,
        readiness=plan_readiness(facts, as_of),
    )


def _versions(
    session: Session, as_of: date, own: Collection[int] | None
) -> list[Any]:  # Any: rows of columns; objects of ten thousand plans cost a second more
    """Return each plan that stands on a day with what the version that counts then says."""
    plan, version = ContinuityPlan, PlanVersion
    query = (
        select(
            plan.id, plan.public_id, plan.supplier_id, plan.scope, plan.site_id,
            plan.category_id, plan.title,
            version.id.label("version_id"), version.number,
            version.approved_on, version.last_reviewed_on, version.next_review_on,
            version.mtpd_days, version.rto_days, version.mbco_percent, version.alternate_percent,
            version.finished_days, version.critical_days, version.last_time_stock,
            version.has_sub_tier_plans,
        )
        .join(version, version.plan_id == plan.id)
        .where(
            plan.opened_on <= as_of,
            or_(plan.ended_on.is_(None), plan.ended_on > as_of),
            version.begun_on <= as_of,
        )
        .order_by(plan.id, version.number)
    )  # fmt: skip
    if own is not None:
        query = query.where(plan.supplier_id.in_(own))
    chosen: dict[int, Any] = {}
    for row in session.execute(query):
        held = chosen.get(row.id)
        # A draft never takes the place of what is approved.
        if held is None or not _is_approved(held, as_of) or _is_approved(row, as_of):
            chosen[row.id] = row
    return list(chosen.values())


def _is_approved(row: Any, as_of: date) -> bool:
    return row.approved_on is not None and row.approved_on <= as_of


def _by_plan(
    session: Session,
    query: Any,  # Any: selects of several shapes
    own: Collection[int] | None,
) -> dict[int, list[Any]]:
    if own is not None:
        of_own = select(ContinuityPlan.id).where(ContinuityPlan.supplier_id.in_(own))
        query = query.where(query.selected_columns[0].in_(of_own))
    found: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(query):
        found[row[0]].append(row)
    return found


def _duties(
    session: Session, as_of: date, own: Collection[int] | None, merged: Mapping[int, int]
) -> dict[int, tuple[int, str]]:
    """Return by supplier the strictest recovery time that a contract demands on a day."""
    duty = RecoveryDuty
    query = (
        select(duty.supplier_id, duty.rto_days, duty.label)
        .where(duty.from_on <= as_of, or_(duty.until_on.is_(None), duty.until_on >= as_of))
        .order_by(duty.rto_days.desc(), duty.id.desc())
    )
    if own is not None:
        query = query.where(duty.supplier_id.in_(own))
    return {merged.get(key, key): (days, label) for key, days, label in session.execute(query)}


def _last_until(days: Sequence[str], until: str) -> date | None:
    """Return the last of some ISO days, the oldest first, that does not lie after another."""
    last = next((each for each in reversed(days) if each <= until), None)
    return None if last is None else date.fromisoformat(last)
