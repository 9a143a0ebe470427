"""The ledger: one run per period, one open run per scope, and fences that hold."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest

from app.base import clock, db
from app.base.db import Database
from app.platform.jobs import ledger, queries
from app.platform.jobs.ledger import AlreadyOpen, Claim
from app.platform.jobs.models import RunState
from app.platform.jobs.queries import Run
from tests.conftest import NOW

pytestmark = pytest.mark.usefixtures("database")


def later(monkeypatch: pytest.MonkeyPatch, **given: int) -> datetime:
    at = NOW + timedelta(**given)
    monkeypatch.setattr(clock, "now", lambda: at)
    return at


def queue(job: str = "recompute", *, scope_key: str = "") -> int:
    with db.transaction() as session:
        return ledger.run_now(session, job=job, scope_key=scope_key, by="M. Weber").id


def take() -> Claim:
    with db.transaction() as session:
        held = ledger.claim(session)
    assert held is not None
    return held


def run(run_id: int) -> Run:
    with db.reading() as session:
        found = queries.run_by_id(session, run_id)
    assert found is not None
    return found


def test_a_period_is_queued_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with db.transaction() as session:
        first = ledger.enqueue(session, job="recompute", period_key="2026-11-21", by="timetable").id
    with db.transaction() as session:
        again = ledger.enqueue(session, job="recompute", period_key="2026-11-21", by="timetable").id
    assert first == again


def test_asking_while_it_is_queued_says_since_when() -> None:
    queue()
    with pytest.raises(AlreadyOpen, match=r"E-JOB-01: Queued since 09:30\. Open it\."):
        queue()


def test_asking_while_it_runs_says_how_far_it_is() -> None:
    queue()
    held = take()
    with db.transaction() as session:
        ledger.heartbeat(session, held, done=62, total=100)
    with pytest.raises(AlreadyOpen, match=r"E-JOB-01: Running since 09:30 \(62 %\)\. Open it\."):
        queue()


def test_two_people_who_ask_at_once_make_one_run() -> None:
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def ask() -> None:
        barrier.wait()
        try:
            queue()
            outcomes.append("queued")
        except AlreadyOpen:
            outcomes.append("refused")

    people = [threading.Thread(target=ask) for _ in range(2)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(outcomes) == ["queued", "refused"]


def test_other_scopes_run_beside_each_other() -> None:
    assert queue("packs", scope_key="Kestrel") != queue("packs", scope_key="Nordlys")


def test_it_can_be_asked_for_again_when_it_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    first = queue()
    with db.transaction() as session:
        held = ledger.claim(session)
        assert held is not None
        ledger.finish(session, held, result={"summary": "done"})
    later(monkeypatch, minutes=1)
    assert queue() != first
    assert run(first).state is RunState.SUCCEEDED


def test_runs_are_taken_in_the_order_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    first = queue("packs", scope_key="a")
    later(monkeypatch, seconds=1)
    second = queue("packs", scope_key="b")
    assert [take().run_id, take().run_id] == [first, second]


def test_a_run_is_taken_by_one_worker() -> None:
    queue()
    take()
    with db.transaction() as session:
        assert ledger.claim(session) is None


def test_a_silent_worker_loses_its_run_and_can_change_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run_id = queue()
    silent = take()
    later(monkeypatch, seconds=61)
    second = take()
    assert (second.run_id, second.attempt) == (run_id, 2)
    with db.transaction() as session:
        assert not ledger.heartbeat(session, silent, done=5, total=10)
        assert not ledger.finish(session, silent, result={"summary": "late"})
    assert run(run_id).state is RunState.RUNNING
    assert run(run_id).progress_done == 0


def test_a_beating_worker_keeps_its_run(monkeypatch: pytest.MonkeyPatch) -> None:
    queue()
    held = take()
    for seconds in (50, 100, 150):
        later(monkeypatch, seconds=seconds)
        with db.transaction() as session:
            assert ledger.heartbeat(session, held)
            assert ledger.claim(session) is None


def test_a_run_that_was_interrupted_three_times_has_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run_id = queue()
    for attempt in range(3):
        later(monkeypatch, seconds=61 * attempt)
        take()
    later(monkeypatch, seconds=200)
    with db.transaction() as session:
        assert ledger.claim(session) is None
    assert run(run_id).state is RunState.FAILED
    assert run(run_id).error == "Its worker was interrupted 3 times."


def test_a_worker_that_is_told_to_stop_gives_its_run_back() -> None:
    run_id = queue()
    held = take()
    with db.transaction() as session:
        ledger.release(session, held)
    assert run(run_id).state is RunState.QUEUED
    assert take().attempt == 1


def test_a_failed_run_stays_in_sight_until_the_same_work_succeeds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    queue()
    with db.transaction() as session:
        held = ledger.claim(session)
        assert held is not None
        ledger.fail(session, held, error="E-SYS-01: The disk is full.", error_id="ab12")
    with db.reading() as session:
        assert [each.error_id for each in queries.failed_runs(session, since=NOW)] == ["ab12"]
    later(monkeypatch, minutes=5)
    queue()
    with db.transaction() as session:
        held = ledger.claim(session)
        assert held is not None
        ledger.finish(session, held)
    with db.reading() as session:
        assert queries.failed_runs(session, since=NOW) == []


def test_the_queue_survives_many_workers_at_once(database: Database) -> None:
    wanted = {queue("packs", scope_key=str(number)) for number in range(12)}
    taken: list[int] = []

    def work() -> None:
        while True:
            with db.transaction() as session:
                held = ledger.claim(session)
            if held is None:
                return
            taken.append(held.run_id)

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(taken) == sorted(wanted)
