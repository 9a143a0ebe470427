"""The worker: does what the ledger says, in a process of its own, and stops when told."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.base import clock, db
from app.base.db import Database
from app.platform.jobs import ledger, queries
from app.platform.jobs.models import RunState
from app.platform.jobs.queries import Run
from app.platform.jobs.worker import Worker
from tests.jobs import sample_jobs

JOBS = {
    "add": sample_jobs.add,
    "count_up": sample_jobs.count_up,
    "refuse": sample_jobs.refuse,
    "break_down": sample_jobs.break_down,
    "half": sample_jobs.half,
    "linger": sample_jobs.linger,
}


@pytest.fixture(autouse=True)
def true_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the worker's own process and this one read the same clock."""
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC))


@pytest.fixture
def worker(database: Database) -> Worker:
    return Worker(JOBS, (), database.url)


def queue(job: str, **arguments: object) -> int:
    with db.transaction() as session:
        return ledger.run_now(session, job=job, arguments=arguments, by="test").id


def run(run_id: int) -> Run:
    with db.reading() as session:
        found = queries.run_by_id(session, run_id)
    assert found is not None
    return found


def test_runs_end_as_their_jobs_end(worker: Worker) -> None:
    added = queue("add", a=2, b=3)
    counted = queue("count_up", to=7)
    refused = queue("refuse")
    broken = queue("break_down")
    partial = queue("half")
    unknown = queue("retired_job")
    for _ in range(6):
        assert worker.work_once()
    assert not worker.work_once()

    assert run(added).state is RunState.SUCCEEDED
    assert run(added).result == {"summary": "5"}
    assert (run(counted).progress_done, run(counted).progress_total) == (7, 7)
    assert run(refused).state is RunState.FAILED
    assert run(refused).error == "E-X-01: There is nothing to do."
    assert run(broken).state is RunState.FAILED
    assert "canary" not in str(run(broken).error)
    assert run(broken).error_id
    assert run(partial).state is RunState.PARTIAL
    assert run(unknown).error == "This version knows no job “retired_job”."


def test_a_worker_told_to_stop_gives_its_run_back(worker: Worker, tmp_path: Path) -> None:
    began = tmp_path / "began"
    run_id = queue("linger", began=str(began))
    stopper = threading.Thread(target=lambda: (_wait_for(began), worker.stop()))
    stopper.start()
    worker.work_once()
    stopper.join()
    assert run(run_id).state is RunState.QUEUED
    assert run(run_id).attempt == 0


def test_the_web_process_never_starts_the_clock() -> None:
    program = "import app.factory, sys; print('apscheduler' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert shown.stdout.strip() == "False"


def _wait_for(path: Path) -> None:
    pause = threading.Event()
    for _ in range(600):
        if path.exists():
            return
        pause.wait(0.05)
