"""Reads of the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.platform.jobs.models import JobItem, JobRun, Origin, RunState

SORTS = {
    "queued": JobRun.queued_at,
    "job": JobRun.job,
    "state": JobRun.state,
    "finished": JobRun.finished_at,
}


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it is shown."""

    id: int
    job: str
    period_key: str
    scope_key: str
    state: RunState
    requested_by: str
    attempt: int
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    progress_done: int
    progress_total: int | None
    arguments: dict[str, Any]  # Any: JSON has no narrower type
    result: dict[str, Any] | None
    error: str | None
    error_id: str | None
    error_code: str | None
    origin: Origin
    interruptions: int
    resumed_at: str | None
    next_at: datetime | None
    due_at: datetime | None
    rows_in: int | None
    rows_out: int | None
    note: str | None
    code_version: str | None

    @property
    def took(self) -> timedelta | None:
        """How long it ran, None while it has not ended."""
        if self.started_at is None or self.finished_at is None:
            return None
        return self.finished_at - self.started_at

    @property
    def share(self) -> float | None:
        """How much is done, as a fraction; None when nobody knows."""
        if not self.progress_total:
            return None
        return self.progress_done / self.progress_total


@dataclass(frozen=True, slots=True)
class RunsPage:
    """Some runs and how many there are in all."""

    runs: list[Run]
    total: int


def run_by_id(session: Session, run_id: int) -> Run | None:
    """Return a run."""
    found = session.get(JobRun, run_id)
    return None if found is None else _run(found)


def runs_by_id(session: Session, run_ids: Iterable[int]) -> dict[int, Run]:
    """Return runs by their ids."""
    rows = session.scalars(select(JobRun).where(JobRun.id.in_(list(run_ids))))
    return {row.id: _run(row) for row in rows}


def runs_page(
    session: Session,
    *,
    states: Sequence[str] = (),
    jobs: Sequence[str] = (),
    routine: Sequence[str] = (),
    sort: str = "queued",
    is_falling: bool = True,
    limit: int = 50,
    offset: int = 0,
) -> RunsPage:
    """Return a page of runs; `routine` names jobs whose uneventful runs are left out."""
    wanted = select(JobRun)
    if routine:
        uneventful = JobRun.state.in_([RunState.SUCCEEDED, RunState.SKIPPED])
        wanted = wanted.where(~(JobRun.job.in_(routine) & uneventful))
    if states:
        wanted = wanted.where(JobRun.state.in_(states))
    if jobs:
        wanted = wanted.where(JobRun.job.in_(jobs))
    total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    column = SORTS[sort]
    order = column.desc() if is_falling else column.asc()
    rows = session.scalars(wanted.order_by(order, JobRun.id.desc()).limit(limit).offset(offset))
    return RunsPage([_run(row) for row in rows], total)


def failed_runs(session: Session, *, since: datetime, limit: int = 5) -> list[Run]:
    """Return runs that failed and were not followed by a good one of the same job and scope."""
    later = aliased(JobRun)
    followed = (
        select(later.id)
        .where(
            later.job == JobRun.job,
            later.scope_key == JobRun.scope_key,
            later.id > JobRun.id,
            later.state == RunState.SUCCEEDED,
        )
        .exists()
    )
    rows = session.scalars(
        select(JobRun)
        .where(JobRun.state == RunState.FAILED, JobRun.queued_at >= since, ~followed)
        .order_by(JobRun.id.desc())
        .limit(limit)
    )
    return [_run(row) for row in rows]


@dataclass(frozen=True, slots=True)
class FailedItem:
    """One thing that a run could not do."""

    item: str
    error: str
    error_code: str | None
    error_id: str | None


@dataclass(frozen=True, slots=True)
class FailedItems:
    """Some of what a run could not do, and how much it was in all."""

    items: list[FailedItem]
    total: int

    @property
    def more(self) -> int:
        """How many are not among those given."""
        return self.total - len(self.items)


def failed_items(session: Session, run_id: int, *, limit: int = 200) -> FailedItems:
    """Return what a run could not do, in the order in which it met it."""
    mine = select(JobItem).where(JobItem.run_id == run_id)
    total = session.scalar(select(func.count()).select_from(mine.subquery())) or 0
    rows = session.scalars(mine.order_by(JobItem.id).limit(limit))
    return FailedItems(
        [FailedItem(row.item, row.error, row.error_code, row.error_id) for row in rows], total
    )


def last_success(session: Session, job: str) -> Run | None:
    """Return the latest run of a job that ended well."""
    found = session.scalar(
        select(JobRun)
        .where(JobRun.job == job, JobRun.state == RunState.SUCCEEDED)
        .order_by(JobRun.finished_at.desc())
        .limit(1)
    )
    return None if found is None else _run(found)


def _run(row: JobRun) -> Run:
    return Run(
        id=row.id,
        job=row.job,
        period_key=row.period_key,
        scope_key=row.scope_key,
        state=RunState(row.state),
        requested_by=row.requested_by,
        attempt=row.attempt,
        queued_at=row.queued_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        progress_done=row.progress_done,
        progress_total=row.progress_total,
        arguments=row.arguments,
        result=row.result,
        error=row.error,
        error_id=row.error_id,
        error_code=row.error_code,
        origin=Origin(row.origin),
        interruptions=row.interruptions,
        resumed_at=row.resumed_at,
        next_at=row.next_at,
        due_at=row.due_at,
        rows_in=row.rows_in,
        rows_out=row.rows_out,
        note=row.note,
        code_version=row.code_version,
    )
