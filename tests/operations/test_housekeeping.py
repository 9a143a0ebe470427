"""Housekeeping removes what has served its time, counts it, and removes nothing in a dry run."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app import upkeep
from app.base import db
from app.base.db import Database
from app.base.errors import Unavailable
from app.platform.accounts.models import WebSession
from app.platform.jobs.models import JobRun, RunState
from app.platform.operations import housekeeping
from app.platform.operations.housekeeping import Chore, tidy
from app.platform.records import store
from app.platform.sources.models import BatchState, SourceBatch, StagedFile
from config import Settings
from tests.conftest import NOW
from tests.web_app import add_person as person
from tests.web_app import app_on, settings_for

YEARS_AGO = NOW - timedelta(days=1_000)


class Watching:
    """A run that remembers what it was told."""

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.failed: list[str] = []

    def progress(self, done: int, total: int | None = None) -> None:
        self.steps.append(done)

    def item_failed(self, item: str, error: BaseException) -> None:
        self.failed.append(item)


@pytest.fixture
def settings(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A house in which everything that can be over is over, and a fresh one of each."""
    found = settings_for(database, tmp_path)
    user_id = person(app_on(database, tmp_path), password=None)
    monkeypatch.setattr(upkeep.Settings, "from_env", lambda *_: found)
    with db.transaction() as session:
        for number, at in enumerate((YEARS_AGO, NOW)):
            session.add(
                WebSession(
                    id_hash=str(number) * 64,
                    user_id=user_id,
                    content="{}",
                    idle_seconds=1_800,
                    created_at=at,
                    last_seen_at=at,
                    expires_at=at + timedelta(hours=12),
                )
            )
            session.add(
                JobRun(
                    job="recompute",
                    period_key=str(number),
                    state=RunState.SUCCEEDED,
                    requested_by="test",
                    queued_at=at,
                    finished_at=at,
                )
            )
            batch = SourceBatch(
                kind="deliveries",
                file_name="feed.csv",
                file_sha256=str(number) * 64,
                fingerprint=str(number) * 64,
                mapping_name="m",
                mapping_version="1",
                staged_by="test",
                created_at=at,
            )
            session.add(batch)
            session.flush()
            session.add(StagedFile(batch_id=batch.id, content=b"x"))
    orphan = found.files / store.FOLDER / "ab" / "left.part"
    orphan.parent.mkdir(parents=True)
    orphan.touch()
    os.utime(orphan, (YEARS_AGO.timestamp(), YEARS_AGO.timestamp()))
    return found


def rows(model: type[object]) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def waiting() -> int:
    with db.reading() as session:
        state = SourceBatch.state == BatchState.STAGED
        return session.scalar(select(func.count(SourceBatch.id)).where(state)) or 0


@pytest.mark.usefixtures("settings")
def test_a_dry_run_counts_what_the_real_one_removes() -> None:
    counted = upkeep.housekeeping_job({"dry_run": True}, Watching())
    assert (rows(WebSession), rows(JobRun), rows(StagedFile), waiting()) == (2, 2, 2, 2)
    done = upkeep.housekeeping_job({}, Watching())
    assert counted["counts"] == done["counts"]
    assert {name: n for name, n in done["counts"].items() if n} == {
        "sessions": 1, "staged_files": 1, "orphan_files": 1, "job_runs": 1,
    }  # fmt: skip
    assert (rows(WebSession), rows(JobRun), rows(StagedFile), waiting()) == (1, 1, 1, 1)
    assert counted["summary"].startswith("Would remove 1 sessions")
    assert done["summary"].startswith("Removed 1 sessions")


@pytest.mark.usefixtures("settings")
def test_a_second_run_finds_nothing() -> None:
    upkeep.housekeeping_job({}, Watching())
    again = upkeep.housekeeping_job({}, Watching())
    assert set(again["counts"].values()) == {0}
    assert again["summary"] == "Nothing was due."


def test_every_period_is_a_setting(settings: Settings) -> None:
    days = {chore.name: chore.days for chore in upkeep.chores_of(settings)}
    assert days["staged_files"] == 30
    assert days["job_runs"] == 730
    assert days["security_log"] == 365
    assert days["addresses"] == 90


def test_a_chore_that_fails_keeps_no_other_from_being_done() -> None:
    def fail(_at: datetime, _dry: bool) -> int:
        raise Unavailable("E-SYS-02", "The database is busy.")

    seen: list[datetime] = []

    def work(before: datetime, _dry: bool) -> int:
        seen.append(before)
        return 3

    chores = (Chore("a", "letters", fail), Chore("b", "papers", work, days=10))
    run = Watching()
    report = tidy(chores, run=run)
    assert seen == [NOW - timedelta(days=10)]
    assert (report["counts"], report["is_partial"]) == ({"b": 3}, True)
    assert report["summary"] == "Removed 3 papers. Not done: letters."
    assert (run.failed, run.steps) == (["a"], [1, 2])


def test_the_log_of_sqlite_is_cut(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    check: Callable[[], None] = housekeeping.shorten_log
    with db.transaction() as session:
        session.add(JobRun(job="x", period_key="1", requested_by="t", queued_at=NOW))
    if not database.is_sqlite:
        check()
        return
    path = Path(database.url.removeprefix("sqlite:///") + "-wal")
    assert path.stat().st_size > 0
    check()
    assert path.stat().st_size == 0
