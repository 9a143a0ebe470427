"""The job ledger: the schedule's truth. One row per job, period and scope."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, Moment, UtcDateTime, one_of
from app.platform.audit import marking

IS_OPEN = "state IN ('queued', 'running')"


class RunState(StrEnum):
    """Where a run stands.

    due: the calendar wants it and it waits for its turn. queued: somebody asked, or it is to
    be tried again. partial: it did what it could and names what failed. skipped: it is not
    going to run, and says why.
    """

    DUE = "due"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    FAILED = "failed"
    SKIPPED = "skipped"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to the run."""
        return self not in (RunState.DUE, RunState.QUEUED, RunState.RUNNING)


class Origin(StrEnum):
    """Who wanted a run: the calendar, somebody on a page, somebody at a command line."""

    TIMETABLE = "timetable"
    PERSON = "person"
    COMMAND = "command"


class JobRun(Base):
    """One run of one job for one period and scope."""

    __tablename__ = "job_run"
    __scope__ = scope.owned("actor_id")
    __table_args__ = (
        UniqueConstraint("job", "period_key", "scope_key"),
        CheckConstraint(one_of("state", RunState), name="state"),
        CheckConstraint(one_of("origin", Origin), name="origin"),
        Index("ix_job_run_state", "state", "queued_at"),
        Index("ix_job_run_due", "job", "due_at"),
        Index("ix_job_run_finished", "job", "state", "finished_at"),
        # At most one open run per job and scope, whoever asks and how often.
        Index(
            "uq_job_run_open",
            "job",
            "scope_key",
            unique=True,
            sqlite_where=text(IS_OPEN),
            postgresql_where=text(IS_OPEN),
        ),
    )
    id: Mapped[Key]
    job: Mapped[str] = mapped_column(String(40))
    period_key: Mapped[str] = mapped_column(String(60))
    scope_key: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[str] = mapped_column(String(12), default=RunState.QUEUED)
    origin: Mapped[str] = mapped_column(
        String(12), default=Origin.PERSON, server_default=Origin.PERSON
    )
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # Identifies the arguments: SHA-256 of their canonical JSON.
    params_hash: Mapped[str | None] = mapped_column(String(64))
    requested_by: Mapped[str] = mapped_column(String(200))
    actor_id: Mapped[int | None] = mapped_column(BigKey)
    attempt: Mapped[int] = mapped_column(default=0)
    attempts_allowed: Mapped[int] = mapped_column(default=3, server_default="3")
    # How often its worker went silent or was told to stop in the middle.
    interruptions: Mapped[int] = mapped_column(default=0, server_default="0")
    fence: Mapped[int] = mapped_column(default=0)
    # By the database's clock, like every time that decides who holds a run.
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    heartbeat_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Not before this moment: the pause before it is tried again.
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # When the calendar wanted it; None for runs that somebody asked for.
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    queued_at: Mapped[Moment]
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    progress_done: Mapped[int] = mapped_column(default=0)
    progress_total: Mapped[int | None]
    checkpoint: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    # The checkpoint in words (“supplier 2,300”), and where the present attempt went on.
    checkpoint_words: Mapped[str | None] = mapped_column(String(200))
    resumed_at: Mapped[str | None] = mapped_column(String(200))
    input_watermark: Mapped[str | None] = mapped_column(String(200))
    rows_in: Mapped[int | None]
    rows_out: Mapped[int | None]
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    error_code: Mapped[str | None] = mapped_column(String(20))
    error_id: Mapped[str | None] = mapped_column(String(40))
    error: Mapped[str | None] = mapped_column(String(1000))
    note: Mapped[str | None] = mapped_column(String(500))
    code_version: Mapped[str | None] = mapped_column(String(60))


class JobItem(Base):
    """One thing that a run could not do, while it went on with the rest."""

    __tablename__ = "job_item"
    __scope__ = scope.through("run_id", "job_run")
    __table_args__ = (UniqueConstraint("run_id", "item"),)
    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(BigKey, ForeignKey("job_run.id", ondelete="CASCADE"))
    item: Mapped[str] = mapped_column(String(200))
    error_code: Mapped[str | None] = mapped_column(String(20))
    error: Mapped[str] = mapped_column(String(1000))
    error_id: Mapped[str | None] = mapped_column(String(40))
    failed_at: Mapped[Moment]


marking.holds_names("job_run", "requested_by", "arguments")
