"""Tables of what was asked, tried and gone through: questions, exercises, reviews of a plan."""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, ShortText, Timestamps, one_of
from app.calc.continuity_facts import Answer, ExerciseKind, Topic
from app.judgement.continuity.models import LONGEST_NOTE, LONGEST_TEXT, MOST_DAYS
from app.platform.audit.marking import Audited, Mark, Whose


class PlanQuestion(Timestamps, Audited, Base):
    """A question to a supplier about its continuity, when its answer is due, and the answer.

    Its evidence is an attached file, which has a date of its own.
    """

    audit = Mark(
        "question about continuity",
        label="topic",
        left_out={"version"},
        personal={"asked_by": Whose.NAMED, "entered_by": Whose.NAMED},
    )

    __tablename__ = "plan_question"
    __scope__ = scope.of_supplier()
    __table_args__ = (
        CheckConstraint(one_of("topic", Topic), name="topic"),
        CheckConstraint("answer IS NULL OR " + one_of("answer", Answer), name="answer"),
        CheckConstraint("(answer IS NULL) = (answered_on IS NULL)", name="answered"),
        CheckConstraint("due_on >= asked_on", name="days"),
        Index("ix_plan_question_supplier_id", "supplier_id", "asked_on"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    topic: Mapped[str] = mapped_column(String(10))
    asked_on: Mapped[date]
    due_on: Mapped[date]
    asked_by: Mapped[ShortText]
    answer: Mapped[str | None] = mapped_column(String(6))
    said: Mapped[str | None] = mapped_column(String(LONGEST_TEXT))
    answered_on: Mapped[date | None]
    entered_by: Mapped[str | None] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(default=1)


class PlanReview(Timestamps, Audited, Base):
    """That an approved version was gone through and stays as it is, and when that is due next."""

    audit = Mark(
        "review of a plan",
        label="reviewed_on",
        personal={"noted_by": Whose.NAMED},
        reason_from=("because",),
    )

    __tablename__ = "plan_review"
    __scope__ = scope.through("version_id", "plan_version")
    __table_args__ = (
        CheckConstraint("next_on > reviewed_on", name="days"),
        Index("ix_plan_review_version_id", "version_id"),
    )
    id: Mapped[Key]
    version_id: Mapped[int] = mapped_column(BigKey, ForeignKey("plan_version.id"))
    reviewed_on: Mapped[date]
    next_on: Mapped[date]
    because: Mapped[str] = mapped_column(String(LONGEST_NOTE))
    noted_by: Mapped[ShortText]


class PlanExercise(Timestamps, Audited, Base):
    """An exercise of a plan: planned, done, and what it showed."""

    audit = Mark(
        "exercise of a plan",
        label="scenario",
        left_out={"version"},
        personal={"planned_by": Whose.NAMED, "entered_by": Whose.NAMED},
        reason_from=("called_off_because",),
    )

    __tablename__ = "plan_exercise"
    __scope__ = scope.through("plan_id", "continuity_plan")
    __table_args__ = (
        CheckConstraint(one_of("kind", ExerciseKind), name="kind"),
        CheckConstraint(
            f"achieved_rto_days IS NULL OR achieved_rto_days BETWEEN 0 AND {MOST_DAYS}",
            name="achieved_rto_days",
        ),
        CheckConstraint("achieved_rto_days IS NULL OR done_on IS NOT NULL", name="achieved"),
        CheckConstraint("done_on IS NULL OR called_off_because IS NULL", name="called_off"),
        Index("ix_plan_exercise_plan_id", "plan_id"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    plan_id: Mapped[int] = mapped_column(BigKey, ForeignKey("continuity_plan.id"))
    kind: Mapped[str] = mapped_column(String(12))
    scenario: Mapped[str] = mapped_column(String(LONGEST_NOTE))
    objectives: Mapped[str | None] = mapped_column(String(LONGEST_TEXT))
    planned_on: Mapped[date]
    planned_by: Mapped[ShortText]
    done_on: Mapped[date | None]
    entered_by: Mapped[str | None] = mapped_column(String(200))
    achieved_rto_days: Mapped[int | None]
    findings: Mapped[str | None] = mapped_column(String(LONGEST_TEXT))
    # What is to be done about the findings, and when the last of it was.
    actions: Mapped[str | None] = mapped_column(String(LONGEST_TEXT))
    actions_closed_on: Mapped[date | None]
    called_off_because: Mapped[str | None] = mapped_column(String(LONGEST_NOTE))
    version: Mapped[int] = mapped_column(default=1)
