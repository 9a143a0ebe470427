"""The ledger of runs: who asked for what, who works on it, how it ended.

A run is claimed by a lease and a fence: whoever lost the lease holds an old fence and can
change nothing any more. Leases follow the database's clock, not that of a machine that may
be wrong. Knows no feature and runs nothing; `worker` and `executor` do.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from app.base import clock, db
from app.base.errors import AppError, Conflict
from app.platform.audit import services as audit
from app.platform.jobs.models import JobRun, Origin, RunState

LEASE = timedelta(seconds=60)
HEARTBEAT_SECONDS = 15.0
MOST_ATTEMPTS = 3
# The pause before a run is tried again, by how often it was tried.
PAUSES = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))
LONGEST_ERROR = 1_000
LONGEST_WORDS = 200
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
    """The right to work on a run, for as long as the fence holds.

    checkpoint: what the attempt before noted last, None for a fresh start. by: who asked.
    """

    run_id: int
    job: str
    scope_key: str
    arguments: Arguments
    fence: int
    attempt: int
    checkpoint: Arguments | None = None
    by: str = ""


def database_now(session: Session) -> datetime:
    """Return the present moment by the database's clock, which all workers share."""
    if not db.is_sqlite(session):
        told: datetime = session.scalars(select(func.clock_timestamp())).one()
        return told.astimezone(UTC)
    words: str = session.scalars(select(func.strftime("%Y-%m-%d %H:%M:%f", "now"))).one()
    return datetime.fromisoformat(words).replace(tzinfo=UTC)


def params_hash(arguments: Mapping[str, Any]) -> str:
    """Return what identifies a job's arguments."""
    canonical = json.dumps(arguments, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def enqueue(
    session: Session,
    *,
    job: str,
    period_key: str,
    scope_key: str = "",
    arguments: Mapping[str, Any] | None = None,
    origin: Origin = Origin.PERSON,
    attempts: int = MOST_ATTEMPTS,
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
        params_hash=params_hash(arguments or {}),
        origin=origin,
        attempts_allowed=attempts,
        requested_by=by,
        actor_id=db.actor_of(session).user_id,
        queued_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(run)
    except IntegrityError:
        raise already_open(session, job, scope_key) from None
    return run


def run_now(
    session: Session,
    *,
    job: str,
    scope_key: str = "",
    arguments: Mapping[str, Any] | None = None,
    origin: Origin = Origin.PERSON,
    attempts: int = MOST_ATTEMPTS,
    by: str,
) -> JobRun:
    """Queue a run because somebody asks for it now.

    Raises AlreadyOpen (E-JOB-01) while the same job and scope is queued or running.
    """
    run = enqueue(
        session,
        job=job,
        # Two people may ask at the same moment; theirs are two periods, and one is refused.
        period_key=f"{clock.now():%Y-%m-%dT%H:%M:%S} {secrets.token_hex(8)}",
        scope_key=scope_key,
        arguments=arguments,
        origin=origin,
        attempts=attempts,
        by=by,
    )
    audit.record(
        session, action="job.request", entity="job_run", entity_id=run.id, run=run.id,
        after={"job": job, "scope": scope_key},
    )  # fmt: skip
    return run


def claim(
    session: Session,
    *,
    run_id: int | None = None,
    only: Collection[str] | None = None,
    without: Collection[str] = (),
    code_version: str | None = None,
) -> Claim | None:
    """Take the oldest run that may start or whose worker went silent; None when there is none.

    `run_id` asks for that run alone, `only` for runs of these jobs, `without` leaves some out.
    """
    now = database_now(session)
    give_up_silent(session)
    wanted = select(JobRun).where(_is_free(now))
    if run_id is not None:
        wanted = wanted.where(JobRun.id == run_id)
    if only is not None:
        wanted = wanted.where(JobRun.job.in_(only))
    if without:
        wanted = wanted.where(JobRun.job.not_in(without))
    run = session.scalar(
        wanted.order_by(JobRun.queued_at, JobRun.due_at, JobRun.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if run is None:
        return None
    try:
        with session.begin_nested():
            _start(run, now, code_version)
            session.flush()
    except IntegrityError:
        # Another worker started another period of the same job at this very moment.
        return None
    return Claim(
        run.id, run.job, run.scope_key, dict(run.arguments), run.fence, run.attempt,
        run.checkpoint, run.requested_by,
    )  # fmt: skip


def holds(session: Session, held: Claim) -> bool:
    """Tell whether the run is still ours, and keep it so until the transaction ends."""
    found = session.scalar(
        select(JobRun.id)
        .where(JobRun.id == held.run_id, JobRun.fence == held.fence)
        .where(JobRun.state == RunState.RUNNING)
        .with_for_update()
    )
    return found is not None


def heartbeat(
    session: Session, held: Claim, *, done: int | None = None, total: int | None = None
) -> bool:
    """Extend the lease and note the progress; False when the run is no longer ours."""
    now = database_now(session)
    changes: dict[str, object] = {"lease_until": now + LEASE, "heartbeat_at": now}
    if done is not None:
        changes["progress_done"] = done
    if total is not None:
        changes["progress_total"] = total
    return _change(session, held, changes)


def keep_checkpoint(session: Session, held: Claim, state: Arguments, *, words: str) -> bool:
    """Note how far the work is, in the transaction of its effects; False when not ours."""
    return _change(
        session, held, {"checkpoint": dict(state), "checkpoint_words": words[:LONGEST_WORDS]}
    )


def finish(
    session: Session,
    held: Claim,
    *,
    result: Mapping[str, Any] | None = None,
    state: RunState = RunState.SUCCEEDED,
) -> bool:
    """Close the run with its result; False when it is no longer ours.

    `rows_in`, `rows_out` and `input_watermark` of the result become columns.
    """
    told = dict(result or {})
    lifted = {name: told.get(name) for name in ("rows_in", "rows_out", "input_watermark")}
    return _change(
        session,
        held,
        {"state": state, "result": told, "error": None, "error_code": None, "error_id": None}
        | lifted
        | _closed(),
    )


def fail(
    session: Session,
    held: Claim,
    *,
    error: str,
    error_id: str,
    code: str | None = None,
    may_retry: bool = False,
) -> bool:
    """Close the run as failed, with words for people and an id for the log.

    With `may_retry` it is queued again after a pause, as long as it has attempts left.
    """
    run = session.get(JobRun, held.run_id)
    told = {"error": error[:LONGEST_ERROR], "error_id": error_id, "error_code": code}
    if may_retry and run is not None and run.attempt < run.attempts_allowed:
        pause = PAUSES[min(run.attempt, len(PAUSES)) - 1]
        again = {"state": RunState.QUEUED, "next_at": database_now(session) + pause}
        return _change(session, held, told | again | {"lease_until": None})
    return _change(session, held, told | {"state": RunState.FAILED} | _closed())


def release(session: Session, held: Claim) -> bool:
    """Put a run back into the queue, because its worker is told to stop."""
    return _change(
        session,
        held,
        {
            "state": RunState.QUEUED,
            "lease_until": None,
            "attempt": max(0, held.attempt - 1),
            "interruptions": JobRun.interruptions + 1,
        },
    )


def retry(session: Session, run_id: int, *, by: str) -> bool:
    """Queue a failed or partly done run again; False when it is neither.

    A failed one goes on from its checkpoint. Raises AlreadyOpen while another run of the same
    job and scope is open.
    """
    run = session.get(JobRun, run_id, with_for_update=True)
    if run is None or run.state not in (RunState.FAILED, RunState.PARTIAL):
        return False
    job, scope_key = run.job, run.scope_key
    try:
        with session.begin_nested():
            if run.state == RunState.PARTIAL:
                run.checkpoint = run.checkpoint_words = None
            run.state, run.attempt, run.next_at, run.finished_at = RunState.QUEUED, 0, None, None
            run.note = f"Tried again by {by}."[:500]
    except IntegrityError:
        raise already_open(session, job, scope_key) from None
    return True


def give_up_silent(session: Session) -> None:
    """Close runs whose workers died as often as is allowed."""
    now = database_now(session)
    silent = session.scalars(
        select(JobRun)
        .where(JobRun.state == RunState.RUNNING, _is_silent(now))
        .where(JobRun.attempt >= JobRun.attempts_allowed)
        .with_for_update(skip_locked=True)
    )
    for run in silent:
        run.state = RunState.FAILED
        run.error = f"Its worker was interrupted {run.attempts_allowed} times."
        run.error_code = "E-JOB-08"
        run.finished_at, run.lease_until = now, None
    session.flush()


def already_open(session: Session, job: str, scope_key: str) -> AlreadyOpen:
    """Return the refusal that leads to the open run of a job and scope."""
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


def code_of(error: BaseException) -> str | None:
    """Return the stable code of a refusal, None for what nobody foresaw."""
    return error.code if isinstance(error, AppError) else None


def _is_free(now: datetime) -> ColumnElement[bool]:
    """The condition that a run may be started now."""
    other = aliased(JobRun)
    has_open_sibling = (
        select(other.id)
        .where(other.job == JobRun.job, other.scope_key == JobRun.scope_key)
        .where(other.state.in_(OPEN_STATES))
        .exists()
    )
    is_awaited = or_(JobRun.next_at.is_(None), JobRun.next_at <= now)
    return or_(
        and_(JobRun.state == RunState.QUEUED, is_awaited),
        and_(JobRun.state == RunState.RUNNING, _is_silent(now)),
        and_(JobRun.state == RunState.DUE, ~has_open_sibling),
    )


def _is_silent(now: datetime) -> ColumnElement[bool]:
    """The condition that a worker let its lease go.

    A lease that reaches further than any lease can was written before the clock was set back.
    """
    return or_(JobRun.lease_until < now, JobRun.lease_until > now + 2 * LEASE)


def _start(run: JobRun, now: datetime, code_version: str | None) -> None:
    if run.state == RunState.RUNNING:
        run.interruptions += 1
    if run.interruptions or run.checkpoint is not None:
        run.resumed_at = run.checkpoint_words or "its beginning"
    run.state = RunState.RUNNING
    run.attempt += 1
    run.fence += 1
    run.lease_until, run.heartbeat_at, run.next_at = now + LEASE, now, None
    run.started_at = clock.now()
    run.code_version = code_version


def _closed() -> dict[str, object]:
    return {"finished_at": clock.now(), "lease_until": None, "next_at": None}


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
