"""What the calendar queues: every day once, however often and late it is asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.base import clock, db
from app.platform.jobs import ledger, queries
from app.platform.jobs.schedule import Daily, enqueue_due

pytestmark = pytest.mark.usefixtures("database")
TIMETABLE = (Daily("recompute", hour=3),)


def tick(at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: at)
    with db.transaction() as session:
        enqueue_due(session, TIMETABLE, at=at)


def close_all() -> None:
    with db.transaction() as session:
        while (held := ledger.claim(session)) is not None:
            ledger.finish(session, held)


def periods() -> list[str]:
    with db.reading() as session:
        return sorted(run.period_key for run in queries.runs_page(session).runs)


def test_a_day_is_queued_once_however_often_the_clock_ticks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
    for number in range(20):
        tick(start + timedelta(seconds=30 * number), monkeypatch)
        close_all()
    assert periods() == ["2026-11-21"]


def test_before_its_hour_the_day_before_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    tick(datetime(2026, 11, 21, 2, 59, tzinfo=UTC), monkeypatch)
    assert periods() == ["2026-11-20"]


def test_after_days_of_silence_the_latest_day_runs_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    tick(datetime(2026, 11, 10, 4, 0, tzinfo=UTC), monkeypatch)
    close_all()
    tick(datetime(2026, 11, 21, 4, 0, tzinfo=UTC), monkeypatch)
    assert periods() == ["2026-11-10", "2026-11-21"]


def test_a_clock_set_back_makes_no_second_run(monkeypatch: pytest.MonkeyPatch) -> None:
    for hour in (4, 5, 4, 3, 5):
        tick(datetime(2026, 11, 21, hour, 0, tzinfo=UTC), monkeypatch)
        close_all()
    assert periods() == ["2026-11-21"]


def test_a_run_still_open_delays_the_next_and_loses_it_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tick(datetime(2026, 11, 20, 4, 0, tzinfo=UTC), monkeypatch)
    tick(datetime(2026, 11, 21, 4, 0, tzinfo=UTC), monkeypatch)
    assert periods() == ["2026-11-20"]
    close_all()
    tick(datetime(2026, 11, 21, 4, 1, tzinfo=UTC), monkeypatch)
    assert periods() == ["2026-11-20", "2026-11-21"]
