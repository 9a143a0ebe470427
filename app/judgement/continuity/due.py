"""Days that plans bind us to: reviews, exercises, certificates that end, questions to answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from app.base import formatting
from app.calc.continuity_facts import Topic, approval_ends
from app.facts.deliveries.period_reads import merged_suppliers
from app.judgement.continuity.exercise_models import PlanExercise, PlanQuestion, PlanReview
from app.judgement.continuity.models import ContinuityPlan, PlanState, PlanVersion

ASKED: Mapping[str, str] = {
    Topic.EXISTS: "Question whether a plan exists",
    Topic.COVERS: "Question what the plan covers",
    Topic.TESTED: "Question whether the plan was tested",
    Topic.TARGETS: "Question whether targets were met",
}


class PlanDayKind(StrEnum):
    """Which day of a plan it is."""

    REVIEW = "review"
    EXERCISE = "exercise"
    CERTIFICATE = "certificate"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class PlanDay:
    """A day of a plan that stands, or of a question to a supplier that has no answer.

    public_id: of the plan, the exercise or the question; plan_id: of the plan, None for a
    question. supplier_id: the supplier that it is counted for (the one it was merged into).
    """

    kind: PlanDayKind
    public_id: UUID
    plan_id: UUID | None
    supplier_id: int
    day: date
    title: str
    words: str
    owner: str | None

    @property
    def door(self) -> tuple[str, dict[str, str]]:
        """The page of it: endpoint, and what stands in its address."""
        if self.kind is PlanDayKind.QUESTION:
            return "continuity.question", {"question_id": str(self.public_id)}
        of_plan = {"plan_id": str(self.plan_id)}
        if self.kind is PlanDayKind.EXERCISE:
            return "continuity.exercise", of_plan | {"exercise_id": str(self.public_id)}
        return "continuity.show", of_plan


def plan_days(
    session: Session, as_of: date, *, first: date = date.min, last: date = date.max
) -> list[PlanDay]:
    """Return what plans that stand on a day, and open questions, are due for; past days too.

    first, last: days outside of them are left out.
    """
    into, span = merged_suppliers(session), (first, last)
    found = [
        *_of_versions(session, as_of, span),
        *_exercises(session, as_of, span),
        *_questions(session, span),
    ]
    return sorted(
        (
            PlanDay(kind, key, plan, into.get(supplier, supplier), day, title, words, owner)
            for kind, key, plan, supplier, day, title, words, owner in found
        ),
        key=lambda each: (each.day, each.kind, each.public_id),
    )


Span = tuple[date, date]
Row = tuple[PlanDayKind, UUID, UUID | None, int, date, str, str, str | None]


def _stands(as_of: date) -> ColumnElement[bool]:
    ended = ContinuityPlan.ended_on
    return or_(ended.is_(None), ended > as_of)


def _of_versions(session: Session, as_of: date, span: Span) -> Iterator[Row]:
    """Yield reviews and ends of certificates, of the version of each plan that was approved."""
    rows = session.execute(
        select(
            ContinuityPlan.id, ContinuityPlan.public_id, ContinuityPlan.supplier_id,
            ContinuityPlan.title, PlanVersion.id.label("version_id"), PlanVersion.owner,
            PlanVersion.next_review_on, PlanVersion.last_reviewed_on, PlanVersion.iso_22301_until,
            PlanVersion.approved_on,
        )
        .join(PlanVersion, PlanVersion.plan_id == ContinuityPlan.id)
        .where(_stands(as_of), PlanVersion.state == PlanState.APPROVED)
        .order_by(ContinuityPlan.id, PlanVersion.number)
    )  # fmt: skip
    newest, reviews = {row.id: row for row in rows}, _reviews(session)
    for row in newest.values():
        day, told = _next_look(row, reviews.get(row.version_id))
        if day is not None and _is_within(day, span):
            yield (
                PlanDayKind.REVIEW, row.public_id, row.public_id, row.supplier_id,
                day, row.title, told, row.owner,
            )  # fmt: skip
        if _is_within(row.iso_22301_until, span):
            yield (
                PlanDayKind.CERTIFICATE, row.public_id, row.public_id, row.supplier_id,
                row.iso_22301_until, row.title, "Certificate by ISO 22301 ends", row.owner,
            )  # fmt: skip


def _next_look(row: Any, review: tuple[date, date] | None) -> tuple[date | None, str]:
    """Return when a plan is to be looked at again and why; Any: a row as above.

    A review does not prolong the approval: where that ends first, its end is the day.
    """
    last, next_on = review or (row.last_reviewed_on, row.next_review_on)
    ends = approval_ends(row.approved_on)
    if ends is not None and (next_on is None or ends < next_on):
        return ends, "The approval ends; have the next version approved"
    if last is None:
        return next_on, "Review of the plan"
    return next_on, f"Review of the plan, last looked at {formatting.day(last)}"


def _reviews(session: Session) -> dict[int, tuple[date, date]]:
    """Return by version its newest review: the day of it, and of the next one."""
    rows = session.execute(
        select(PlanReview.version_id, PlanReview.reviewed_on, PlanReview.next_on).order_by(
            PlanReview.reviewed_on, PlanReview.id
        )
    )
    return {key: (day, next_on) for key, day, next_on in rows}


def _is_within(day: date | None, span: Span) -> bool:
    return day is not None and span[0] <= day <= span[1]


def _exercises(session: Session, as_of: date, span: Span) -> Iterator[Row]:
    rows = session.execute(
        select(
            PlanExercise.public_id, ContinuityPlan.public_id, ContinuityPlan.supplier_id,
            PlanExercise.planned_on, ContinuityPlan.title, PlanExercise.scenario,
            PlanExercise.planned_by,
        )
        .join(ContinuityPlan, ContinuityPlan.id == PlanExercise.plan_id)
        .where(
            _stands(as_of),
            PlanExercise.planned_on.between(*span),
            and_(PlanExercise.done_on.is_(None), PlanExercise.called_off_because.is_(None)),
        )
    )  # fmt: skip
    for key, plan, supplier_id, day, title, scenario, by in rows:
        yield (
            PlanDayKind.EXERCISE, key, plan, supplier_id, day, title, f"Exercise: {scenario}", by,
        )  # fmt: skip


def _questions(session: Session, span: Span) -> Iterator[Row]:
    question = PlanQuestion
    rows = session.execute(
        select(
            question.public_id, question.supplier_id, question.topic, question.asked_on,
            question.due_on, question.asked_by,
        ).where(question.answer.is_(None), question.due_on.between(*span))
    )  # fmt: skip
    for key, supplier_id, topic, asked_on, due_on, by in rows:
        yield (
            PlanDayKind.QUESTION, key, None, supplier_id, due_on, ASKED[topic],
            f"Asked on {formatting.day(asked_on)}, no answer yet", by,
        )  # fmt: skip
