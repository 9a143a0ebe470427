"""The ledger of runs: who asked for what, who works on it, how it ended.

A run is claimed by a lease and a fence: whoever lost the lease holds an old fence and can
change nothing any more. Knows no feature and runs nothing; `worker` and `executor` do.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.base import clock
from app.base.errors import Conflict
from app.platform.jobs.models import JobRun, RunState

LEASE = timedelta(seconds=60)
HEARTBEAT_SECONDS = 15.0
MOST_ATTEMPTS = 3
LONGEST_ERROR = 1_000
OPEN_STATES = (RunState.QUEUED, RunState.RUNNING)

# What a job is given and what it returns; kept as JSON (Any: JSON has no narrower type).
Arguments = dict[str, Any]


class AlreadyOpen(Conflict):
    """The same work is queued or running; `run_id` says which."""

    def __init__(self, code: str, message: str, run_id: int = 0) -> None:
        super().__init__(code, message)
        self.run_id = run_id


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a run, for as long as the fence holds."""

    run_id: int
    job: str
    scope_key: str
    arguments: Arguments
    fence: int
    attempt: int


def enqueue(
    session: Session,
    *,
    job: str,
    period_key: str,
    scope_key: str = "",
    arguments: Mapping[str, Any] | None = None,
    by: str,
) -> JobRun:
    """Return the one run of this job, period and scope, queued now unless it is there already.

    Raises AlreadyOpen when another period of the same job and scope is still open.
    """
    present = session.scalar(
        select(JobRun).where(
            JobRun.job == job, JobRun.period_key == period_key, JobRun.scope_key == scope_key
        )
    )
    if present is not None:
        return present
    run = JobRun(
        job=job,
        period_key=period_key,
        scope_key=scope_key,
        arguments=dict(arguments or {}),
        requested_by=by,
        queued_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(run)
    except IntegrityError:
        raise _already_open(session, job, scope_key) from None
    return run


def run_now(
    session: Session,
    *,
    job: str,
    scope_key: str = "",
    arguments: Mapping[str, Any] | None = None,
    by: str,
) -> JobRun:
    """Queue a run because somebody asks for it now.

    Raises AlreadyOpen (E-JOB-01) while the same job and scope is queued or running.
    """
    return enqueue(
        session,
        job=job,
        # Two people may ask at the same moment; theirs are two periods, and one is refused.
        period_key=f"{clock.now():%Y-%m-%dT%H:%M:%S} {secrets.token_hex(8)}",
        scope_key=scope_key,
        arguments=arguments,
        by=by,
    )


def claim(session: Session, *, run_id: int | None = None) -> Claim | None:
    """Take the oldest run that is queued or whose worker went silent; None when there is none.

    `run_id` asks for that run alone.
    """
    now = clock.now()
    give_up_silent(session)
    free = or_(
        JobRun.state == RunState.QUEUED,
        and_(JobRun.state == RunState.RUNNING, JobRun.lease_until < now),
    )
    wanted = select(JobRun).where(free)
    if run_id is not None:
        wanted = wanted.where(JobRun.id == run_id)
    run = session.scalar(
        wanted.order_by(JobRun.queued_at, JobRun.id).limit(1).with_for_update(skip_locked=True)
    )
    if run is None:
        return None
    run.state = RunState.RUNNING
    run.attempt += 1
    run.fence += 1
    run.lease_until = now + LEASE
    run.started_at = now
    session.flush()
    return Claim(run.id, run.job, run.scope_key, dict(run.arguments), run.fence, run.attempt)


def heartbeat(
    session: Session, held: Claim, *, done: int | None = None, total: int | None = None
) -> bool:
    """Extend the lease and note the progress; False when the run is no longer ours."""
    changes: dict[str, object] = {"lease_until": clock.now() + LEASE}
    if done is not None:
        changes["progress_done"] = done
    if total is not None:
        changes["progress_total"] = total
    return _change(session, held, changes)


def finish(
    session: Session,
    held: Claim,
    *,
    result: Mapping[str, Any] | None = None,
    state: RunState = RunState.SUCCEEDED,
) -> bool:
    """Close the run with its result; False when it is no longer ours."""
    return _change(
        session,
        held,
        {
            "state": state,
            "result": dict(result or {}),
            "finished_at": clock.now(),
            "lease_until": None,
        },
    )


def fail(session: Session, held: Claim, *, error: str, error_id: str) -> bool:
    """Close the run as failed, with words for people and an id for the log."""
    return _change(
        session,
        held,
        {
            "state": RunState.FAILED,
            "error": error[:LONGEST_ERROR],
            "error_id": error_id,
            "finished_at": clock.now(),
            "lease_until": None,
        },
    )


def release(session: Session, held: Claim) -> bool:
    """Put a run back into the queue, because its worker is told to stop."""
    return _change(
        session,
        held,
        {"state": RunState.QUEUED, "lease_until": None, "attempt": max(0, held.attempt - 1)},
    )


def give_up_silent(session: Session) -> None:
    """Close runs whose workers died as often as is allowed."""
    now = clock.now()
    session.execute(
        update(JobRun)
        .where(
            JobRun.state == RunState.RUNNING,
            JobRun.lease_until < now,
            JobRun.attempt >= MOST_ATTEMPTS,
        )
        .values(
            state=RunState.FAILED,
            error=f"Its worker was interrupted {MOST_ATTEMPTS} times.",
            finished_at=now,
            lease_until=None,
        )
    )


def _change(session: Session, held: Claim, changes: Mapping[str, object]) -> bool:
    """Change a run that we still hold."""
    changed = session.execute(
        update(JobRun)
        .where(
            JobRun.id == held.run_id,
            JobRun.fence == held.fence,
            JobRun.state == RunState.RUNNING,
        )
        .values(**changes)
        .returning(JobRun.id)
    ).first()
    return changed is not None


def _already_open(session: Session, job: str, scope_key: str) -> AlreadyOpen:
    run = session.scalar(
        select(JobRun).where(
            JobRun.job == job, JobRun.scope_key == scope_key, JobRun.state.in_(OPEN_STATES)
        )
    )
    if run is None:
        return AlreadyOpen("E-JOB-01", "It was asked for at this very moment. Try again.")
    if run.state == RunState.QUEUED:
        words = f"Queued since {run.queued_at:%H:%M}. Open it."
    else:
        share = ""
        if run.progress_total:
            share = f" ({100 * run.progress_done // run.progress_total} %)"
        words = f"Running since {run.started_at:%H:%M}{share}. Open it."
    return AlreadyOpen("E-JOB-01", words, run.id)
