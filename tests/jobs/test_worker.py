"""The worker: does what the ledger says, in a process of its own, and stops when told."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from app.base import clock, db
from app.base.db import Database
from app.platform.jobs import ledger, queries
from app.platform.jobs.models import JobRun, RunState
from app.platform.jobs.queries import Run
from app.platform.jobs.worker import Worker
from tests.jobs.sample_jobs import JOBS


@pytest.fixture(autouse=True)
def true_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the worker's own process and this one read the same clock."""
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC))


@pytest.fixture
def worker(database: Database) -> Worker:
    return Worker(JOBS, database.url, code_version="abc123")


def queue(job: str, **arguments: object) -> int:
    with db.transaction() as session:
        return ledger.run_now(session, job=job, arguments=arguments, by="M. Weber").id


def run(run_id: int) -> Run:
    with db.reading() as session:
        found = queries.run_by_id(session, run_id)
    assert found is not None
    return found


def pass_time(run_id: int) -> None:
    """Let the pause before the next attempt be over."""
    with db.transaction() as session:
        session.execute(
            update(JobRun)
            .where(JobRun.id == run_id)
            .values(next_at=datetime.now(UTC) - timedelta(seconds=1))
        )


def test_runs_end_as_their_jobs_end(worker: Worker) -> None:
    added = queue("add", a=2, b=3)
    counted = queue("count_up", to=7)
    refused = queue("refuse")
    partial = queue("half")
    unknown = queue("retired_job")
    named = queue("tell_actor")
    closed = queue("close_itself")
    for _ in range(7):
        assert worker.work_once()
    assert not worker.work_once()

    assert run(added).state is RunState.SUCCEEDED
    assert (run(added).rows_in, run(added).rows_out, run(added).code_version) == (2, 1, "abc123")
    assert (run(counted).progress_done, run(counted).progress_total) == (7, 7)
    assert run(refused).state is RunState.FAILED
    assert run(refused).error == "E-X-01: There is nothing to do."
    assert run(refused).error_code == "E-X-01"
    assert run(partial).state is RunState.PARTIAL
    assert run(unknown).error == "This version knows no job “retired_job”."
    assert run(named).result == {"summary": f"job:tell_actor run:{named} for M. Weber (job)"}
    assert run(closed).result == {"summary": "closed with its effect"}


def test_what_a_run_could_not_do_is_named_one_by_one(worker: Worker) -> None:
    run_id = queue("half")
    worker.work_once()
    with db.reading() as session:
        items = queries.failed_items(session, run_id).items
    assert [(each.item, each.error_code) for each in items] == [
        ("supplier 4711", "E-X-02"),
        ("supplier 4712", None),
    ]
    assert items[0].error == "E-X-02: It has no lines."
    assert "canary" not in items[1].error
    assert items[1].error_id


def test_what_nobody_foresaw_is_tried_three_times_then_failed(worker: Worker) -> None:
    run_id = queue("break_down")
    for attempt in (1, 2):
        assert worker.work_once()
        assert run(run_id).state is RunState.QUEUED
        assert run(run_id).attempt == attempt
        assert not worker.work_once()
        pass_time(run_id)
    assert worker.work_once()
    found = run(run_id)
    assert (found.state, found.attempt) == (RunState.FAILED, 3)
    assert found.error == "Unexpected: ZeroDivisionError. The log has more under the number below."
    assert found.error_id


def test_a_full_disk_fails_the_run_and_is_tried_again(worker: Worker) -> None:
    run_id = queue("disk_full")
    worker.work_once()
    found = run(run_id)
    assert (found.state, found.error_code) == (RunState.QUEUED, "E-SYS-01")
    assert found.next_at is not None
    assert found.result is None


def test_a_process_that_was_killed_is_followed_by_one_that_resumes(worker: Worker) -> None:
    run_id = queue("die")
    worker.work_once()
    assert run(run_id).error_code == "E-JOB-04"
    pass_time(run_id)
    worker.work_once()
    found = run(run_id)
    assert found.result == {"summary": "resumed from 2300"}
    assert found.resumed_at == "supplier 2,300"
    assert found.error is None


def test_a_worker_told_to_stop_ends_a_deaf_job_and_gives_its_run_back(
    worker: Worker, tmp_path: Path
) -> None:
    began = tmp_path / "began"
    run_id = queue("linger", began=str(began))
    lane = worker.lanes()[1]
    lane.grace_seconds = 0.2
    _stop_when(worker, began, lane.work_once)
    assert run(run_id).state is RunState.QUEUED
    assert run(run_id).attempt == 0


def test_a_job_asked_to_leave_goes_on_from_its_checkpoint(worker: Worker, tmp_path: Path) -> None:
    began = tmp_path / "began"
    run_id = queue("leave_when_asked", began=str(began))
    _stop_when(worker, began, worker.lanes()[1].work_once)
    assert run(run_id).state is RunState.QUEUED
    worker.stopping.clear()
    worker.work_once()
    assert run(run_id).result == {"summary": "resumed from 2300"}


def test_a_quick_job_does_not_wait_behind_a_long_one(worker: Worker, tmp_path: Path) -> None:
    began = tmp_path / "began"
    long = queue("leave_when_asked", began=str(began))
    working = threading.Thread(target=worker.run)
    working.start()
    _wait_for(began)
    quick = queue("add", a=1, b=1)
    for _ in range(600):
        if run(quick).state is RunState.SUCCEEDED:
            break
        threading.Event().wait(0.05)
    assert run(long).state is RunState.RUNNING
    worker.stop()
    working.join()
    assert run(quick).state is RunState.SUCCEEDED


def test_a_worker_outlives_a_database_that_is_away(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    run_id = queue("add", a=1, b=1)

    def away(*_: object, **__: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("server closed the connection"))

    with monkeypatch.context() as patched:
        patched.setattr(ledger, "claim", away)
        assert not worker.work_once()
    assert worker.work_once()
    assert run(run_id).state is RunState.SUCCEEDED


def test_the_web_process_never_starts_the_clock() -> None:
    program = "import app.factory, sys; print('apscheduler' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert shown.stdout.strip() == "False"


def _stop_when(worker: Worker, began: Path, work: object) -> None:
    stopper = threading.Thread(target=lambda: (_wait_for(began), worker.stop()))
    stopper.start()
    assert callable(work)
    work()
    stopper.join()


def _wait_for(path: Path) -> None:
    pause = threading.Event()
    for _ in range(600):
        if path.exists():
            return
        pause.wait(0.05)
