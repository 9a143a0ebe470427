"""Fills the ledger with what is due. The ledger, not the clock, is the schedule.

Filling it again adds nothing, whoever does it and how many do it at once: a period of a job
is one row. A tick that is missed is made up for by the next one.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.base import clock, db
from app.platform.jobs import calendar, ledger
from app.platform.jobs.calendar import Due, When
from app.platform.jobs.models import JobRun, Origin, RunState
from app.platform.jobs.table import CatchUp, Job, JobTable

BY = "timetable"
# More periods than this that passed the look-back are not listed one by one, but counted.
MOST_SKIPPED = 400
# A clock that is set back by less is thought to have been wrong by that much.
STRAY = timedelta(days=2)
# How long uneventful runs of quick jobs are kept; there are thousands a day of them.
ROUTINE_KEPT = timedelta(days=7)


def enqueue_due(session: Session, table: JobTable, *, at: datetime, zone: ZoneInfo) -> int:
    """Note every period that is due and not in the ledger yet; return how many were added.

    A job without any row begins now: for `each` the last period before is noted as skipped,
    and the next ones are made up for from then on.
    """
    added = 0
    for job in table.values():
        if job.when is None:
            continue
        new = _note_job(session, job, job.when, at=at, zone=zone)
        if new and job.is_quick:
            _forget_routine(session, job, at)
        added += new
    return added


def _note_job(session: Session, job: Job, when: When, *, at: datetime, zone: ZoneInfo) -> int:
    known = select(func.max(JobRun.due_at)).where(JobRun.job == job.name)
    newest = session.scalar(known.where(JobRun.due_at <= at))
    ahead = session.scalar(known.where(JobRun.due_at > at, JobRun.due_at <= at + STRAY))
    if ahead is not None:
        _note_clock_set_back(session, job, ahead, at)
    if newest is None and ahead is not None:
        # The first period was due in what is the future now: nothing is due again.
        return 0
    if job.catch_up is CatchUp.EACH:
        return _note_each(session, job, when, newest, at=at, zone=zone)
    return _note_latest(session, job, when, newest, at=at, zone=zone)


def _note_latest(
    session: Session, job: Job, when: When, newest: datetime | None, *, at: datetime, zone: ZoneInfo
) -> int:
    due = when.latest(at, zone)
    if newest is not None and due.at <= newest:
        return 0
    note = due.note
    if newest is not None and when.following(newest, zone).at < due.at:
        note = f"{note} Covers the periods after {newest:%Y-%m-%d %H:%M} UTC.".strip()
    added = _insert(session, job, due, RunState.DUE, note)
    if added:
        _cover_waiting(session, job, due)
    return added


def _note_each(
    session: Session, job: Job, when: When, newest: datetime | None, *, at: datetime, zone: ZoneInfo
) -> int:
    if newest is None:
        before = "It lies before this timetable began."
        return _insert(session, job, when.latest(at, zone), RunState.SKIPPED, before)
    added, horizon = 0, at - job.look_back
    found = calendar.due_between(when, newest, at, zone)
    passed = [due for due in found if due.at <= horizon]
    left_out = len(passed) - MOST_SKIPPED
    for place, due in enumerate(passed[-MOST_SKIPPED:]):
        words = f"It passed more than {job.look_back.days} days before anything ran."
        if place == 0 and left_out > 0:
            words = f"{words} So did {left_out:,} periods before it."
        added += _insert(session, job, due, RunState.SKIPPED, words)
    for due in found[len(passed) :]:
        added += _insert(session, job, due, RunState.DUE, due.note)
    return added


def _insert(session: Session, job: Job, due: Due, state: RunState, note: str) -> int:
    """Add a period unless somebody did; return how many rows were added."""
    make = sqlite.insert if db.is_sqlite(session) else postgresql.insert
    arguments = {"period": due.key}
    now = clock.now()
    added = session.execute(
        make(JobRun)
        .values(
            job=job.name, period_key=due.key, scope_key="", state=state,
            origin=Origin.TIMETABLE, arguments=arguments,
            params_hash=ledger.params_hash(arguments), requested_by=BY,
            attempt=0, attempts_allowed=job.attempts, fence=0, progress_done=0,
            due_at=due.at, queued_at=now, note=note or None,
            finished_at=now if state is RunState.SKIPPED else None,
        )
        .on_conflict_do_nothing(index_elements=["job", "period_key", "scope_key"])
        .returning(JobRun.id)
    ).all()  # fmt: skip
    return len(added)


def _cover_waiting(session: Session, job: Job, due: Due) -> None:
    """Let older periods go that still wait for their turn: the newest run covers them."""
    waiting = session.scalars(
        select(JobRun)
        .where(JobRun.job == job.name, JobRun.state == RunState.DUE, JobRun.due_at < due.at)
        .with_for_update(skip_locked=True)
    )
    for run in waiting:
        run.state, run.finished_at = RunState.SKIPPED, clock.now()
        run.note = f"Covered by {due.key}."
    session.flush()


def _forget_routine(session: Session, job: Job, at: datetime) -> None:
    """Let go of the old runs of a job that runs every minute, where there is nothing to tell."""
    session.execute(
        delete(JobRun)
        .where(JobRun.job == job.name, JobRun.due_at < at - ROUTINE_KEPT)
        .where(JobRun.state.in_([RunState.SUCCEEDED, RunState.SKIPPED]))
    )


def _note_clock_set_back(session: Session, job: Job, ahead: datetime, at: datetime) -> None:
    """Say so on the newest period, which was due in what is the future now."""
    words = f"The clock was set back to {at:%Y-%m-%d %H:%M} UTC; it does not run again."
    session.execute(
        update(JobRun)
        .where(JobRun.job == job.name, JobRun.due_at == ahead, JobRun.note.is_(None))
        .values(note=words)
    )
