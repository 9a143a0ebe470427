"""Rows 61 to 64 of the acceptance table: asked twice, killed, a wrong clock, a full disk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.base import clock, db
from app.base.db import Database
from app.base.errors import Unavailable
from app.platform.jobs import ledger
from app.platform.jobs.models import JobRun, RunState
from app.platform.jobs.worker import Worker
from tests.jobs.sample_jobs import JOBS, TALLY
from tests.web_app import Visitor, words

ROOT = Path(__file__).resolve().parents[2]
SUPPLIERS = 40


@pytest.fixture
def true_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the workers' processes and this one read the same clock."""
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC))


@pytest.fixture
def tally(database: Database, true_clock: None) -> Iterator[int]:
    """A run that writes a row for each of 40 suppliers, and the table it writes to."""
    with database.write_engine.begin() as connection:
        TALLY.create(connection)
    with db.transaction() as session:
        arguments = {"suppliers": SUPPLIERS, "pause": 0.05}
        yield_id = ledger.run_now(session, job="tally", arguments=arguments, by="M. Weber").id
    yield yield_id
    with database.write_engine.begin() as connection:
        TALLY.drop(connection)


@pytest.fixture
def program(database: Database) -> Iterator[subprocess.Popen[bytes]]:
    """A worker as a process of its own."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.jobs.worker_program", database.url],
        cwd=ROOT,
        env={**os.environ, "MAINSTAY_LOG": "off"},
    )
    yield child
    with suppress(ProcessLookupError):
        child.kill()
    child.wait()


def written() -> list[int]:
    with db.reading() as session:
        return sorted(session.scalars(select(TALLY.c.supplier)))


def writer() -> int:
    """The process that wrote last."""
    with db.reading() as session:
        found = session.execute(select(TALLY.c.written_by).order_by(TALLY.c.supplier.desc()))
        return int(found.scalars().first() or 0)


def row(run_id: int) -> JobRun:
    with db.reading() as session:
        found = session.get(JobRun, run_id)
        assert found is not None
        return found


def wait_until(is_so: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(1_200):
        if is_so():
            return
        pause.wait(0.05)
    raise AssertionError("it did not come to pass within a minute")


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A process that nobody waits for yet is dead all the same.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def let_lease_run_out(run_id: int) -> None:
    """Do in a moment what a minute of silence does."""
    with db.transaction() as session:
        past = datetime.now(UTC) - timedelta(seconds=1)
        session.execute(update(JobRun).where(JobRun.id == run_id).values(lease_until=past))


def pause_between_transactions(child: int, run_id: int) -> None:
    """Pause a process while it holds no lock, with its lease over: else nobody could go on."""
    for _ in range(20):
        os.kill(child, signal.SIGSTOP)
        try:
            let_lease_run_out(run_id)
        except Unavailable:
            os.kill(child, signal.SIGCONT)
        else:
            return
    raise AssertionError("it was in the middle of a transaction each time")


def test_61_two_people_who_ask_are_led_to_one_run(app: Flask, insider: Visitor) -> None:
    first = insider.post("/jobs/run", {"job": "recompute"})
    assert first.status_code == 303
    with db.transaction() as session:
        held = ledger.claim(session)
        assert held is not None
        ledger.heartbeat(session, held, done=62, total=100)
    other_tab = insider.post("/jobs/run", {"job": "recompute"})
    assert other_tab.status_code == 409
    assert "E-JOB-01" in words(other_tab)
    assert "Running since 09:30 (62 %). Open it." in words(other_tab)
    with db.reading() as session:
        assert len(session.scalars(select(JobRun)).all()) == 1


def test_62_a_killed_worker_is_followed_by_one_that_does_each_supplier_once(
    database: Database, tally: int, program: subprocess.Popen[bytes]
) -> None:
    wait_until(lambda: len(written()) >= 5)
    child = writer()
    program.kill()
    program.wait()
    # Whoever worked for the dead one ends too.
    wait_until(lambda: not is_alive(child))
    before = len(written())
    assert 5 <= before < SUPPLIERS
    assert row(tally).state == RunState.RUNNING
    let_lease_run_out(tally)
    assert Worker(JOBS, database.url).work_once()
    assert written() == list(range(1, SUPPLIERS + 1))
    found = row(tally)
    assert (found.state, found.attempt, found.interruptions) == (RunState.SUCCEEDED, 2, 1)
    assert found.resumed_at == f"supplier {before + 1}"


def test_62_a_paused_worker_writes_nothing_once_it_was_replaced(
    database: Database, tally: int, program: subprocess.Popen[bytes]
) -> None:
    wait_until(lambda: len(written()) >= 5)
    child = writer()
    os.kill(program.pid, signal.SIGSTOP)
    pause_between_transactions(child, tally)
    assert Worker(JOBS, database.url).work_once()
    assert row(tally).state == RunState.SUCCEEDED
    os.kill(child, signal.SIGCONT)
    os.kill(program.pid, signal.SIGCONT)
    # It finds its fence broken and leaves; then it waits for other work.
    wait_until(lambda: not is_alive(child))
    assert written() == list(range(1, SUPPLIERS + 1))
    assert row(tally).result == {"summary": "counted", "rows_out": SUPPLIERS}


def test_64_a_database_that_goes_leaves_nothing_half_done(database: Database, tally: int) -> None:
    with db.transaction() as session:
        session.execute(update(JobRun).where(JobRun.id == tally).values(job="database_gone"))
    worker = Worker(JOBS, database.url)
    for attempt in (1, 2, 3):
        assert worker.work_once()
        found = row(tally)
        assert (found.attempt, found.error_code, found.result) == (attempt, "E-SYS-02", None)
        with db.transaction() as session:
            session.execute(update(JobRun).where(JobRun.id == tally).values(next_at=None))
    assert row(tally).state == RunState.FAILED
    assert written() == []


def test_64_a_full_disk_fails_the_run_in_words(
    database: Database, true_clock: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.transaction() as session:
        run_id = ledger.run_now(session, job="disk_full", by="M. Weber").id
    Worker(JOBS, database.url).work_once()
    found = row(run_id)
    assert found.state == RunState.QUEUED
    assert found.error == (
        "E-SYS-01: The disk is full. Nothing was stored; free space, then retry."
    )
    assert found.next_at is not None
