"""What machines may ask: alive, ready, do the jobs run, how much; and nothing about anybody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import text

from app.base import clock, db
from app.base.db import Database
from app.platform.jobs import ledger
from app.platform.jobs.calendar import Daily, Every, Monthly
from app.platform.jobs.handle import Run
from app.platform.jobs.models import RunState
from app.platform.jobs.schedule import enqueue_due
from app.platform.jobs.standing import standings
from app.platform.jobs.table import CatchUp, Job, table_of
from app.platform.operations import health_views
from tests.conftest import NOW
from tests.web_app import Visitor, app_on

TOKEN = "t" * 40
UTC_ZONE = ZoneInfo("UTC")


def nothing(arguments: dict[str, Any], run: Run) -> None:
    """Do nothing."""


NIGHTLY = table_of(
    Job("scores", "Scores", nothing, when=Daily(3)),
    Job("packs", "Packs", nothing),
)


@pytest.fixture(autouse=True)
def always_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep no answer for the next request."""
    monkeypatch.setattr(health_views, "KEPT_SECONDS", 0.0)


@pytest.fixture
def nightly(app: Flask) -> Visitor:
    """Somebody unknown who asks an application with one nightly job."""
    app.config["JOBS"] = NIGHTLY
    return Visitor(app)


def go_well(monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: at)
    with db.transaction() as session:
        enqueue_due(session, NIGHTLY, at=at, zone=UTC_ZONE)
    with db.transaction() as session:
        held = ledger.claim(session)
        assert held is not None
        ledger.finish(session, held, result={"rows_in": 10, "rows_out": 3})


def test_a_living_process_says_so_without_its_database(
    app: Flask, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise AssertionError("the database was asked")

    monkeypatch.setattr(Database, "reading", away)
    monkeypatch.setattr(Database, "transaction", away)
    answer = visitor.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_a_current_database_and_writable_files_are_ready(visitor: Visitor) -> None:
    answer = visitor.get("/readyz", headers={"Accept": "application/json"})
    assert answer.status_code == 200
    assert answer.get_json() == {
        "is_good": True,
        "words": "ready",
        "checks": [
            {"name": "database", "is_good": True, "words": "in order"},
            {"name": "schema", "is_good": True, "words": "in order"},
            {"name": "files", "is_good": True, "words": "in order"},
        ],
    }


def test_an_old_schema_is_not_ready(database: Database, visitor: Visitor) -> None:
    with db.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    answer = visitor.get("/readyz")
    assert answer.status_code == 503
    assert "BAD schema: not current; run flask db upgrade" in answer.text


def test_files_that_cannot_be_written_are_not_ready(
    app: Flask, visitor: Visitor, tmp_path: Path
) -> None:
    files = app.config["SETTINGS"].files
    files.parent.mkdir(parents=True, exist_ok=True)
    files.write_bytes(b"a file where a folder should be")
    answer = visitor.get("/readyz")
    assert answer.status_code == 503
    assert "BAD files: can't be written: File exists" in answer.text


def test_a_database_that_does_not_answer_is_not_ready(
    app: Flask, visitor: Visitor, tmp_path: Path
) -> None:
    away = Database(f"sqlite:///{tmp_path}/none/at/all.sqlite3")
    present = db.current()
    db.bind(away)
    try:
        answer = visitor.get("/readyz")
    finally:
        db.bind(present)
    assert answer.status_code == 503
    assert "BAD database: does not answer; the log says why" in answer.text
    assert str(tmp_path) not in answer.text


def test_a_job_is_red_when_its_last_success_is_older_than_one_and_a_half_periods(
    nightly: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = datetime(2026, 11, 19, 3, 0, tzinfo=UTC)
    go_well(monkeypatch, done)
    monkeypatch.setattr(clock, "now", lambda: done + timedelta(hours=36))
    answer = nightly.get("/healthz/jobs")
    assert answer.status_code == 200
    assert answer.text == (
        "all jobs run\nok  scores: last success 2026-11-19 03:00 UTC; due every day at 03:00\n"
    )
    monkeypatch.setattr(clock, "now", lambda: done + timedelta(hours=36, seconds=1))
    answer = nightly.get("/healthz/jobs")
    assert answer.status_code == 503
    assert answer.text == (
        "a job is late\nBAD scores: late since 2026-11-20 15:00 UTC: last success "
        "2026-11-19 03:00 UTC; due every day at 03:00\n"
    )


def test_a_failure_does_not_count_as_success(
    nightly: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = datetime(2026, 11, 19, 3, 0, tzinfo=UTC)
    go_well(monkeypatch, done)
    with db.transaction() as session:
        ledger.run_now(session, job="scores", by="M. Weber")
        held = ledger.claim(session)
        assert held is not None
        ledger.fail(session, held, error="E-SYS-01: The disk is full.", error_id="ab12")
    monkeypatch.setattr(clock, "now", lambda: done + timedelta(hours=37))
    answer = nightly.get("/healthz/jobs")
    assert answer.status_code == 503
    assert "disk" not in answer.text


def test_a_timetable_that_nobody_keeps_is_red(nightly: Visitor) -> None:
    answer = nightly.get("/healthz/jobs", headers={"Accept": "application/json"})
    assert answer.status_code == 503
    assert answer.get_json()["checks"] == [
        {
            "name": "scores",
            "is_good": False,
            "words": "late: never noted; due every day at 03:00; does a scheduler run?",
        }
    ]


def test_what_is_due_every_minute_has_ten_minutes_and_a_new_month_its_time(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = table_of(
        Job("mail", "Mail", nothing, when=Every(60)),
        Job("month", "Month", nothing, when=Monthly(3, 4), catch_up=CatchUp.EACH),
    )
    with db.transaction() as session:
        enqueue_due(session, table, at=NOW, zone=UTC_ZONE)
    late_from = {}
    with db.reading() as session:
        for each in standings(session, table, at=NOW, zone=UTC_ZONE):
            late_from[each.job.name] = each.late_from
            assert not each.is_late
    assert late_from["mail"] == NOW + timedelta(minutes=11)
    # From 3 November to 3 December are 30 days.
    assert late_from["month"] == NOW + timedelta(days=45)


def test_without_a_token_configured_there_are_no_metrics(visitor: Visitor) -> None:
    assert visitor.get("/metrics").status_code == 404


@pytest.mark.parametrize(
    "shown", [None, "Bearer ", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", TOKEN]
)
def test_metrics_want_the_token(database: Database, tmp_path: Path, shown: str | None) -> None:
    visitor = Visitor(app_on(database, tmp_path, MAINSTAY_METRICS_TOKEN=TOKEN))
    headers = {} if shown is None else {"Authorization": shown}
    answer = visitor.get("/metrics", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert visitor.get(f"/metrics?token={TOKEN}").status_code == 401


def test_metrics_tell_figures_and_no_names(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_on(database, tmp_path, MAINSTAY_METRICS_TOKEN=TOKEN)
    app.config["JOBS"] = NIGHTLY
    go_well(monkeypatch, NOW)
    with db.transaction() as session:
        ledger.run_now(session, job="packs", scope_key="Kestrel Castings", by="M. Weber")
    answer = Visitor(app).get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    lines = answer.text.splitlines()
    assert 'mainstay_job_late{job="scores"} 0' in lines
    assert 'mainstay_job_last_success_timestamp_seconds{job="scores"} 1795253400' in lines
    assert 'mainstay_job_runs{job="packs",state="queued"} 1' in lines
    assert "# TYPE mainstay_job_runs gauge" in lines
    assert "mainstay_outbox_waiting 0" in lines
    assert "Kestrel" not in answer.text
    assert "Weber" not in answer.text


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/healthz/jobs"])
def test_health_needs_no_session_and_makes_none(
    database: Database, visitor: Visitor, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def written(*_: object) -> None:
        raise AssertionError("health wrote to the database")

    monkeypatch.setattr(Database, "transaction", written)
    answer = visitor.get(path)
    assert answer.status_code in (200, 503)
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


def test_asking_often_looks_once(nightly: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []
    monkeypatch.setattr(health_views, "KEPT_SECONDS", 60.0)
    monkeypatch.setattr(health_views.health, "job_checks", lambda *_, **__: looked.append(1) or [])
    for _ in range(50):
        assert nightly.get("/healthz/jobs").status_code == 200
    assert len(looked) == 1


def test_a_partial_run_has_run(nightly: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    with db.transaction() as session:
        enqueue_due(session, NIGHTLY, at=NOW, zone=UTC_ZONE)
    with db.transaction() as session:
        held = ledger.claim(session)
        assert held is not None
        ledger.finish(session, held, state=RunState.PARTIAL)
    assert nightly.get("/healthz/jobs").status_code == 200
