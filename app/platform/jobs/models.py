"""The job ledger: the schedule's truth. One row per job, period and scope."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.base.db import Base, Key, Moment, UtcDateTime, one_of

IS_OPEN = "state IN ('queued', 'running')"


class RunState(StrEnum):
    """Where a run stands; `partial` did what it could and names what failed."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    FAILED = "failed"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to the run."""
        return self not in (RunState.QUEUED, RunState.RUNNING)


class JobRun(Base):
    """One run of one job for one period and scope."""

    __tablename__ = "job_run"
    __table_args__ = (
        UniqueConstraint("job", "period_key", "scope_key"),
        CheckConstraint(one_of("state", RunState), name="state"),
        Index("ix_job_run_state", "state", "queued_at"),
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
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    requested_by: Mapped[str] = mapped_column(String(200))
    attempt: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    queued_at: Mapped[Moment]
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    progress_done: Mapped[int] = mapped_column(default=0)
    progress_total: Mapped[int | None]
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    error_id: Mapped[str | None] = mapped_column(String(40))
    error: Mapped[str | None] = mapped_column(String(1000))
