"""What the harness lets its children do with the ledger: run jobs, keep a timetable."""

from __future__ import annotations

import os
import threading
import time
import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app import timetable
from app.base import acting, clock, db
from app.facts.suppliers.models import Category
from app.platform.jobs import ledger, schedule, worker
from app.platform.jobs.calendar import Every
from app.platform.jobs.handle import Run
from app.platform.jobs.leading import leadership
from app.platform.jobs.models import JobRun, RunState
from app.platform.jobs.scheduler import Scheduler
from app.platform.jobs.table import CatchUp, Job, JobTable, table_of
from app.platform.jobs.worker import Worker
from tests.faults import tasks
from tests.faults.processes import Say

PERIOD = "2026-11-21"
SUPPLIERS_PER_SLICE = 4
SLOT_SECONDS = 2
STEPS = 30
STEP_SECONDS = 0.1
# How long a lease lasts where a test can't wait for a real one, and how often it is renewed.
SHORT_LEASE_SECONDS = 2.0
SHORT_HEARTBEAT_SECONDS = 0.5


def recompute(say: Say, url: str, folder: str) -> str:
    """Queue the day's recompute unless it is there, and do it if it may be taken."""
    tasks.installed(url, folder)
    job = replace(timetable.JOBS["recompute"], slice_size=SUPPLIERS_PER_SLICE)
    return run_period(say, job, {})


def run_period(say: Say, job: Job, arguments: dict[str, Any], period: str = PERIOD) -> str:
    """Queue a job's period unless it is there, and do it if it may be taken; return its state."""
    with db.transaction() as session:
        ledger.enqueue(session, job=job.name, period_key=period, arguments=arguments, by=tasks.BY)
    with db.transaction() as session:
        held = ledger.claim(session, only={job.name})
    say("begun")
    if held is not None:
        worker.run_here(job, held)
    with db.reading() as session:
        run = session.query(JobRun).filter_by(job=job.name, period_key=period).one()
        return run.state


# A job that leaves a row for every slot, and one that takes many guarded steps


def leave_a_row(arguments: dict[str, Any], run: Run) -> dict[str, Any]:
    """Leave one row that names the slot."""
    with db.transaction() as session:
        run.guard(session)
        session.add(Category(name=f"slot {arguments['period']} {uuid.uuid4().hex}"))
        run.close(session, {})
    return {}


def take_steps(arguments: dict[str, Any], run: Run) -> dict[str, Any]:
    """Take steps one after the other, each a row that names the fence it was taken under."""
    done = (run.resumed_from or {}).get("done", 0)
    assert run.held is not None
    for number in range(done, STEPS):
        time.sleep(STEP_SECONDS)
        with db.transaction() as session:
            run.guard(session)
            name = f"step {number:03} fence {run.held.fence} {uuid.uuid4().hex}"
            session.add(Category(name=name))
            run.checkpoint({"done": number + 1}, words=f"step {number + 1}", session=session)
    return {}


SLOTS = table_of(
    Job(
        "slot", "Leave a row", leave_a_row, when=Every(SLOT_SECONDS), catch_up=CatchUp.EACH,
        is_quick=True,
    )
)  # fmt: skip
STEPPING = table_of(Job("steps", "Take steps", take_steps))


# Schedulers and workers as processes of their own


def keep_timetable(say: Say, url: str) -> None:
    """Keep the timetable of slots until told to end, with the clock of this machine."""
    _bound_to_real_clock(url)
    scheduler = Scheduler(SLOTS, ZoneInfo("UTC"), leadership(url), tick_seconds=0.5)
    _end_on_signal(scheduler.stop)
    say("begun")
    scheduler.run()


def work_off(say: Say, url: str, name: str, lease_seconds: float | None = None) -> None:
    """Work off a table of jobs until told to end."""
    _bound_to_real_clock(url)
    # What a worker's own processes do is theirs to keep the lease for.
    beat = ledger.HEARTBEAT_SECONDS
    if lease_seconds is not None:
        ledger.LEASE = timedelta(seconds=lease_seconds)
        beat = SHORT_HEARTBEAT_SECONDS
        worker.IDLE_SECONDS = 0.1
    table: JobTable = {"slots": SLOTS, "steps": STEPPING}[name]
    working = Worker(table, url, heartbeat_seconds=beat)
    _end_on_signal(working.stop)
    say("begun")
    working.run()


def queue_steps(say: Say, url: str) -> None:
    """Queue the job of many steps."""
    _bound_to_real_clock(url)
    with db.transaction() as session:
        ledger.run_now(session, job="steps", by=tasks.BY)


# Ticks of a simulated clock


def tick(say: Say, url: str, zone: str, moments: list[datetime], jobs: JobTable) -> int:
    """Tick at moments of a simulated clock, doing what is due at once; return the ticks."""
    tasks.bound(url)
    say("begun")
    for at in moments:
        clock.now = lambda at=at: at
        with db.transaction() as session:
            schedule.enqueue_due(session, jobs, at=at, zone=ZoneInfo(zone))
        with db.transaction() as session:
            _do_all(session, at)
    return len(moments)


def nothing(arguments: dict[str, Any], run: Run) -> dict[str, Any]:
    """Do nothing: only whether and when it runs matters."""
    return {}


def _do_all(session: Session, at: datetime) -> None:
    """Close every run that may start, and say when."""
    while (held := ledger.claim(session)) is not None:
        ledger.finish(session, held, result={"at": at.isoformat()}, state=RunState.SUCCEEDED)


def _bound_to_real_clock(url: str) -> None:
    tasks.bound(url)
    clock.now = tasks.real_now
    acting.act_for_process(acting.system(tasks.BY))
    os.environ["DATABASE_URL"] = url


def _end_on_signal(stop: Any) -> None:  # Any: a bound method
    import signal

    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=stop).start())
