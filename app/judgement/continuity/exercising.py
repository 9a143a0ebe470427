"""Writes of exercises and questions: planned, done, called off; asked, answered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock, db, formatting, scope
from app.base.errors import Conflict, InvalidInput, NotFound
from app.calc.continuity_facts import Answer, ExerciseKind, Topic
from app.facts.suppliers.models import Supplier, SupplierKind
from app.judgement.continuity.day_rules import check_after, check_past, look_again
from app.judgement.continuity.exercise_models import PlanExercise, PlanQuestion
from app.judgement.continuity.models import ContinuityPlan
from app.judgement.continuity.services import locked_plan
from app.platform.audit import services as audit

CHANGED = "Somebody changed it meanwhile. Nothing of yours is stored: open it again and compare."


@dataclass(frozen=True, slots=True)
class Planned:
    """An exercise as it is planned."""

    kind: ExerciseKind
    scenario: str
    planned_on: date
    objectives: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What an exercise showed. achieved_rto_days: None where no recovery was timed."""

    done_on: date
    achieved_rto_days: int | None = None
    findings: str | None = None
    actions: str | None = None
    actions_closed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Replied:
    """What a supplier answered to a question."""

    answer: Answer
    answered_on: date
    said: str | None = None


def plan_exercise(session: Session, plan_id: UUID, said: Planned) -> PlanExercise:
    """Plan an exercise; one that was held already is planned for its day and then done."""
    plan = locked_plan(session, plan_id, None)
    if said.planned_on > clock.today():
        check_after(said.planned_on, None, "E-BCP-30", "The exercise")
    else:
        check_past(said.planned_on, "E-BCP-30", "The exercise")
    same = session.scalars(
        select(PlanExercise).where(
            PlanExercise.plan_id == plan.id,
            PlanExercise.kind == said.kind,
            PlanExercise.planned_on == said.planned_on,
            PlanExercise.scenario == said.scenario,
            PlanExercise.called_off_because.is_(None),
        )
    ).first()
    if same is not None:
        raise Conflict("E-BCP-31", "The same exercise is planned for that day already.")
    exercise = PlanExercise(plan_id=plan.id, planned_by=db.actor_of(session).name, **asdict(said))
    session.add(exercise)
    session.flush()
    return exercise


def note_result(
    session: Session, plan_id: UUID, exercise_id: UUID, said: Result, *, seen_version: int
) -> PlanExercise:
    """Note what an exercise showed, or correct that."""
    plan = locked_plan(session, plan_id, None)
    exercise = _seen(session, plan, exercise_id, seen_version)
    check_past(said.done_on, "E-BCP-32", "The exercise")
    closed = said.actions_closed_on
    if closed is not None and not said.done_on <= closed <= clock.today():
        raise InvalidInput(
            "E-BCP-33",
            f"Its actions were closed on {formatting.day(closed)}; it must lie between the "
            f"exercise on {formatting.day(said.done_on)} and today.",
        )
    look_again(session, plan.supplier_id, exercise.done_on, said.done_on)
    for name, value in asdict(said).items():
        setattr(exercise, name, value)
    exercise.entered_by = db.actor_of(session).name
    exercise.version += 1
    session.flush()
    return exercise


def call_off(
    session: Session, plan_id: UUID, exercise_id: UUID, *, reason: str, seen_version: int
) -> None:
    """Call a planned exercise off."""
    plan = locked_plan(session, plan_id, None)
    exercise = _seen(session, plan, exercise_id, seen_version)
    if exercise.done_on is not None:
        raise Conflict("E-BCP-34", "It was done; what was done can't be called off.")
    exercise.called_off_because = audit.give_reason(session, reason)
    exercise.version += 1
    session.flush()


def ask(
    session: Session, supplier_id: int, topics: Collection[Topic], *, asked_on: date, due_on: date
) -> list[PlanQuestion]:
    """Ask a supplier; a question that is open already is not asked again."""
    supplier = session.scalar(select(Supplier).where(Supplier.id == supplier_id).with_for_update())
    if supplier is None or supplier.kind != SupplierKind.SUPPLIER:
        raise NotFound("E-BCP-01", "There is no such supplier.")
    scope.require_writable(session, "supplier", supplier_id)
    check_past(asked_on, "E-BCP-35", "The question")
    if due_on < asked_on:
        raise InvalidInput(
            "E-BCP-36",
            f"The answer is due on {formatting.day(due_on)}, before the question of "
            f"{formatting.day(asked_on)}.",
        )
    check_after(due_on, None, "E-BCP-36", "The answer")
    open_ones = set(
        session.scalars(
            select(PlanQuestion.topic).where(
                PlanQuestion.supplier_id == supplier_id, PlanQuestion.answer.is_(None)
            )
        )
    )
    wanted = [topic for topic in Topic if topic in topics and topic not in open_ones]
    if not wanted:
        raise Conflict("E-BCP-37", "All of that was asked and is not answered yet.")
    by = db.actor_of(session).name
    made = [
        PlanQuestion(
            supplier_id=supplier_id, topic=topic, asked_on=asked_on, due_on=due_on, asked_by=by
        )
        for topic in wanted
    ]
    session.add_all(made)
    look_again(session, supplier_id, asked_on)
    session.flush()
    return made


def enter_answer(
    session: Session, question_id: UUID, said: Replied, *, seen_version: int
) -> PlanQuestion:
    """Enter what the supplier answered, or correct that."""
    question = question_by_public_id(session, question_id)
    scope.require_writable(session, "supplier", question.supplier_id)
    session.refresh(question, with_for_update=True)
    if question.version != seen_version:
        raise Conflict("E-BCP-17", CHANGED)
    if not question.asked_on <= said.answered_on <= clock.today():
        raise InvalidInput(
            "E-BCP-38",
            f"It was answered on {formatting.day(said.answered_on)}; it must lie between the "
            f"question of {formatting.day(question.asked_on)} and today.",
        )
    # A document that comes with it counts from the answer on.
    look_again(session, question.supplier_id, question.answered_on, said.answered_on)
    question.answer, question.answered_on = said.answer, said.answered_on
    question.said, question.entered_by = said.said, db.actor_of(session).name
    question.version += 1
    session.flush()
    return question


def question_by_public_id(session: Session, public_id: UUID) -> PlanQuestion:
    """Return a question within reach; raises NotFound."""
    found = session.scalar(select(PlanQuestion).where(PlanQuestion.public_id == public_id))
    if found is None:
        raise NotFound("E-BCP-39", "There is no such question.")
    return found


def exercise_of(session: Session, plan: ContinuityPlan, exercise_id: UUID) -> PlanExercise:
    """Return an exercise of a plan; raises NotFound."""
    found = session.scalar(
        select(PlanExercise).where(
            PlanExercise.public_id == exercise_id, PlanExercise.plan_id == plan.id
        )
    )
    if found is None:
        raise NotFound("E-BCP-40", "There is no such exercise.")
    return found


def _seen(
    session: Session, plan: ContinuityPlan, exercise_id: UUID, seen_version: int
) -> PlanExercise:
    exercise = exercise_of(session, plan, exercise_id)
    if exercise.version != seen_version:
        raise Conflict("E-BCP-17", CHANGED)
    if exercise.called_off_because is not None:
        raise Conflict("E-BCP-41", "It was called off; plan another one.")
    return exercise
