"""What the timetable notes in the ledger: every period once, none lost in silence."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from app.base import clock, db
from app.base.db import Database
from app.platform.jobs import ledger
from app.platform.jobs.calendar import Daily, Every, Monthly
from app.platform.jobs.handle import Run
from app.platform.jobs.leading import leadership
from app.platform.jobs.models import JobRun, Origin, RunState
from app.platform.jobs.schedule import enqueue_due
from app.platform.jobs.scheduler import Scheduler
from app.platform.jobs.table import CatchUp, Job, JobTable, table_of

pytestmark = pytest.mark.usefixtures("database")
BERLIN = ZoneInfo("Europe/Berlin")
UTC_ZONE = ZoneInfo("UTC")
# SHA-256 of {"period":"2026-11-21"}.
PARAMS_HASH = "d9b584685d11120c662f48684938643eddd272289e9090dd6cc4e63c815cc6c8"


def nothing(arguments: dict[str, Any], run: Run) -> None:
    """Do nothing."""


SCORES = table_of(Job("scores", "Scores", nothing, when=Daily(3)))
NIGHT = table_of(Job("scores", "Scores", nothing, when=Daily(2, 30)))
MONTHS = table_of(Job("months", "Months", nothing, when=Monthly(3, 4), catch_up=CatchUp.EACH))
DAYS = table_of(Job("days", "Days", nothing, when=Daily(3), catch_up=CatchUp.EACH))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def tick(
    text: str, monkeypatch: pytest.MonkeyPatch, table: JobTable, zone: ZoneInfo = UTC_ZONE
) -> int:
    monkeypatch.setattr(clock, "now", lambda: at(text))
    with db.transaction() as session:
        return enqueue_due(session, table, at=at(text), zone=zone)


def work_off() -> int:
    """Let a worker do everything that may start, one after the other."""
    count = 0
    while True:
        with db.transaction() as session:
            held = ledger.claim(session)
            if held is None:
                return count
            ledger.finish(session, held)
        count += 1


def rows() -> list[tuple[str, str]]:
    with db.reading() as session:
        found = session.execute(select(JobRun.period_key, JobRun.state).order_by(JobRun.due_at))
        return [(key, state) for key, state in found]


def note(key: str) -> str | None:
    with db.reading() as session:
        return session.scalar(select(JobRun.note).where(JobRun.period_key == key))


def test_a_day_is_noted_once_however_often_the_clock_ticks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    added = [tick(f"2026-11-21T03:{minute:02}:00", monkeypatch, SCORES) for minute in range(20)]
    assert sum(added) == 1
    assert work_off() == 1
    assert tick("2026-11-22T02:59:00", monkeypatch, SCORES) == 0
    assert rows() == [("2026-11-21", "succeeded")]


def test_a_run_of_the_timetable_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    tick("2026-11-21T03:00:00", monkeypatch, SCORES)
    with db.reading() as session:
        run = session.scalars(select(JobRun)).one()
    assert (run.origin, run.requested_by) == (Origin.TIMETABLE, "timetable")
    assert run.arguments == {"period": "2026-11-21"}
    assert run.params_hash == PARAMS_HASH
    assert run.due_at == at("2026-11-21T03:00:00")


def test_five_schedulers_at_once_note_a_period_once(database: Database) -> None:
    barrier = threading.Barrier(5)
    added: list[int] = []

    def ticking() -> None:
        barrier.wait()
        for second in range(10):
            moment = at("2026-11-21T09:30:00") + timedelta(seconds=2 * second)
            with db.transaction() as session:
                table = table_of(Job("tests", "Tests", nothing, when=Every(2)))
                added.append(enqueue_due(session, table, at=moment, zone=UTC_ZONE))

    schedulers = [threading.Thread(target=ticking) for _ in range(5)]
    for each in schedulers:
        each.start()
    for each in schedulers:
        each.join()
    keys = [key for key, _ in rows()]
    assert len(keys) == len(set(keys)) == sum(added)
    assert keys[-1] == "2026-11-21T09:30:18Z"


@pytest.mark.parametrize("missed", ["2026-11-11T04:00", "2026-11-13T04:00", "2026-12-20T04:00"])
def test_after_any_silence_the_latest_day_runs_alone_and_says_what_it_covers(
    missed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tick("2026-11-10T04:00", monkeypatch, SCORES)
    work_off()
    assert tick(missed, monkeypatch, SCORES) == 1
    assert work_off() == 1
    key = missed.partition("T")[0]
    assert rows() == [("2026-11-10", "succeeded"), (key, "succeeded")]
    covers = None if key == "2026-11-11" else "Covers the periods after 2026-11-10 03:00 UTC."
    assert note(key) == covers


def test_a_waiting_day_is_covered_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    tick("2026-11-20T04:00", monkeypatch, SCORES)
    tick("2026-11-21T04:00", monkeypatch, SCORES)
    assert rows() == [("2026-11-20", "skipped"), ("2026-11-21", "due")]
    assert note("2026-11-20") == "Covered by 2026-11-21."
    assert work_off() == 1


def test_a_running_day_is_not_taken_away_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    tick("2026-11-20T04:00", monkeypatch, SCORES)
    with db.transaction() as session:
        held = ledger.claim(session)
    assert held is not None
    tick("2026-11-21T04:00", monkeypatch, SCORES)
    with db.transaction() as session:
        # The next day waits for its turn: two runs of one job never run beside each other.
        session.execute(select(1))
        ledger.heartbeat(session, held)
        assert ledger.claim(session) is None
        assert ledger.finish(session, held)
    assert work_off() == 1
    assert rows() == [("2026-11-20", "succeeded"), ("2026-11-21", "succeeded")]


def test_each_month_is_made_up_for_within_the_look_back(monkeypatch: pytest.MonkeyPatch) -> None:
    tick("2026-06-15T00:00", monkeypatch, MONTHS)
    assert rows() == [("2026-05", "skipped")]
    assert note("2026-05") == "It lies before this timetable began."
    tick("2026-07-03T04:00", monkeypatch, MONTHS)
    work_off()
    tick("2026-11-05T00:00", monkeypatch, MONTHS)
    # September was due on 3 October, 33 days before.
    assert work_off() == 2
    assert rows() == [
        ("2026-05", "skipped"),
        ("2026-06", "succeeded"),
        ("2026-07", "skipped"),
        ("2026-08", "skipped"),
        ("2026-09", "succeeded"),
        ("2026-10", "succeeded"),
    ]
    assert note("2026-08") == "It passed more than 35 days before anything ran."


@pytest.mark.parametrize(
    ("until", "run", "skipped"),
    [("2026-10-10T05:00", 1, 0), ("2026-10-13T04:00", 3, 0), ("2026-11-19T04:00", 35, 5)],
)
def test_downtime_of_an_hour_three_days_and_forty_days(
    until: str, run: int, skipped: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tick("2026-10-09T04:00", monkeypatch, DAYS)
    tick("2026-10-10T04:00", monkeypatch, DAYS)
    done_before = work_off()
    assert done_before == 1
    tick(until, monkeypatch, DAYS)
    done = work_off()
    states = [state for _, state in rows()]
    assert done_before + done == (run if until.startswith("2026-10-10") else run + 1)
    assert states.count("skipped") == skipped + 1


def test_periods_of_one_job_run_one_after_the_other_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tick("2026-11-17T04:00", monkeypatch, DAYS)
    tick("2026-11-21T04:00", monkeypatch, DAYS)
    order = []
    while True:
        with db.transaction() as session:
            held = ledger.claim(session)
            if held is None:
                break
            assert ledger.claim(session) is None
            order.append(held.arguments["period"])
            ledger.finish(session, held)
    assert order == ["2026-11-18", "2026-11-19", "2026-11-20", "2026-11-21"]


def test_a_clock_set_back_runs_nothing_again_and_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    for moment in ("2026-11-20T04:00", "2026-11-21T03:20", "2026-11-21T02:20", "2026-11-21T03:20"):
        tick(moment, monkeypatch, SCORES)
        work_off()
    assert rows() == [("2026-11-20", "succeeded"), ("2026-11-21", "succeeded")]
    assert note("2026-11-21") == (
        "The clock was set back to 2026-11-21 02:20 UTC; it does not run again."
    )


def test_a_clock_set_back_right_after_the_first_run_makes_no_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tick("2026-11-21T03:20", monkeypatch, SCORES)
    work_off()
    assert tick("2026-11-21T02:20", monkeypatch, SCORES) == 0


def test_a_clock_that_was_a_year_ahead_does_not_stop_the_timetable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tick("2027-11-21T04:00", monkeypatch, SCORES)
    work_off()
    assert tick("2026-11-21T04:00", monkeypatch, SCORES) == 1


@pytest.mark.parametrize(
    ("night", "key", "said"),
    [
        ("2026-10-25", "2026-10-25", "02:30 came twice that day; due at the first."),
        ("2026-03-29", "2026-03-29", "02:30 did not come that day; due at 03:30 instead."),
    ],
)
def test_a_night_of_changing_clocks_runs_once_and_is_noted(
    night: str, key: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = at(f"{night}T00:00:00") - timedelta(hours=20)
    monkeypatch.setattr(clock, "now", lambda: start)
    with db.transaction() as session:
        enqueue_due(session, NIGHT, at=start, zone=BERLIN)
    work_off()
    for minutes in range(0, 30 * 60, 10):
        moment = start + timedelta(minutes=minutes)
        with db.transaction() as session:
            enqueue_due(session, NIGHT, at=moment, zone=BERLIN)
        work_off()
    assert [row for row in rows() if row[0] == key] == [(key, "succeeded")]
    assert note(key) == said


def test_of_two_schedulers_one_leads_until_it_gives_up(database: Database) -> None:
    first, second = leadership(database.url), leadership(database.url)
    assert first.held()
    assert not second.held()
    assert first.held()
    first.give_up()
    assert second.held()
    second.give_up()


def test_a_scheduler_that_does_not_lead_notes_nothing(database: Database) -> None:
    leading, waiting = (Scheduler(SCORES, UTC_ZONE, leadership(database.url)) for _ in range(2))
    assert leading.tick() == 1
    assert waiting.tick() == 0
    leading.leadership.give_up()
    assert waiting.tick() == 0
    assert rows() == [("2026-11-21", RunState.DUE)]
    waiting.leadership.give_up()


def test_a_scheduler_told_to_stop_gives_leadership_up(database: Database) -> None:
    leading = Scheduler(SCORES, UTC_ZONE, leadership(database.url), tick_seconds=0.05)
    thread = threading.Thread(target=leading.run)
    thread.start()
    for _ in range(200):
        if rows():
            break
        threading.Event().wait(0.05)
    leading.stop()
    thread.join()
    after = leadership(database.url)
    assert after.held()
    after.give_up()


def test_uneventful_runs_of_quick_jobs_are_let_go_after_a_week(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = table_of(Job("mail", "Mail", nothing, when=Every(60), is_quick=True))
    tick("2026-11-10T04:00", monkeypatch, table)
    work_off()
    tick("2026-11-10T04:01", monkeypatch, table)
    with db.transaction() as session:
        held = ledger.claim(session)
        assert held is not None
        ledger.fail(session, held, error="E-SYS-01: The disk is full.", error_id="ab12")
    tick("2026-11-17T04:02", monkeypatch, table)
    assert rows() == [("2026-11-10T04:01Z", "failed"), ("2026-11-17T04:02Z", "due")]
