"""Days that plans bind us to: reviews, exercises, certificates that end, questions to answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from app.base import formatting
from app.calc.continuity_facts import Topic
from app.facts.deliveries.period_reads import merged_suppliers
from app.judgement.continuity.exercise_models import PlanExercise, PlanQuestion
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


def plan_days(session: Session, as_of: date) -> list[PlanDay]:
    """Return what plans that stand on a day, and open questions, are due for; past days too."""
    into = merged_suppliers(session)
    found = [*_of_versions(session, as_of), *_exercises(session, as_of), *_questions(session)]
    return sorted(
        (
            PlanDay(kind, key, plan, into.get(supplier, supplier), day, title, words, owner)
            for kind, key, plan, supplier, day, title, words, owner in found
        ),
        key=lambda each: (each.day, each.kind, each.public_id),
    )


Row = tuple[PlanDayKind, UUID, UUID | None, int, date, str, str, str | None]


def _stands(as_of: date) -> ColumnElement[bool]:
    ended = ContinuityPlan.ended_on
    return or_(ended.is_(None), ended > as_of)


def _of_versions(session: Session, as_of: date) -> Iterator[Row]:
    """Yield reviews and ends of certificates, of the version of each plan that was approved."""
    rows = session.execute(
        select(ContinuityPlan, PlanVersion)
        .join(PlanVersion, PlanVersion.plan_id == ContinuityPlan.id)
        .where(_stands(as_of), PlanVersion.state == PlanState.APPROVED)
        .order_by(ContinuityPlan.id, PlanVersion.number)
    )
    newest = {plan.id: (plan, version) for plan, version in rows}
    for plan, version in newest.values():
        if version.next_review_on is not None:
            last = version.last_reviewed_on
            told = "Review of the plan" if last is None else (
                f"Review of the plan, last looked at {formatting.day(last)}"
            )  # fmt: skip
            yield (
                PlanDayKind.REVIEW, plan.public_id, plan.public_id, plan.supplier_id,
                version.next_review_on, plan.title, told, version.owner,
            )  # fmt: skip
        if version.iso_22301_until is not None:
            yield (
                PlanDayKind.CERTIFICATE, plan.public_id, plan.public_id, plan.supplier_id,
                version.iso_22301_until, plan.title, "Certificate by ISO 22301 ends",
                version.owner,
            )  # fmt: skip


def _exercises(session: Session, as_of: date) -> Iterator[Row]:
    rows = session.execute(
        select(PlanExercise, ContinuityPlan)
        .join(ContinuityPlan, ContinuityPlan.id == PlanExercise.plan_id)
        .where(
            _stands(as_of),
            and_(PlanExercise.done_on.is_(None), PlanExercise.called_off_because.is_(None)),
        )
    )
    for exercise, plan in rows:
        yield (
            PlanDayKind.EXERCISE, exercise.public_id, plan.public_id, plan.supplier_id,
            exercise.planned_on, plan.title, f"Exercise: {exercise.scenario}", exercise.planned_by,
        )  # fmt: skip


def _questions(session: Session) -> Iterator[Row]:
    for each in session.scalars(select(PlanQuestion).where(PlanQuestion.answer.is_(None))):
        yield (
            PlanDayKind.QUESTION, each.public_id, None, each.supplier_id, each.due_on,
            ASKED[each.topic], f"Asked on {formatting.day(each.asked_on)}, no answer yet",
            each.asked_by,
        )  # fmt: skip
