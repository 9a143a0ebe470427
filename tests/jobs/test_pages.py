"""The jobs page: what it lists, what it starts, what it refuses."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from app.base import clock, db
from app.base.errors import InvalidInput
from app.platform.jobs import handle, ledger
from app.platform.jobs.schedule import enqueue_due
from app.timetable import JOBS
from tests.builders.facts import supplier
from tests.conftest import NOW
from tests.web_app import Visitor, words


def fail_a_run(*, checkpoint: dict[str, int] | None = None) -> int:
    with db.transaction() as session:
        queued = ledger.run_now(session, job="recompute", by="timetable")
        held = ledger.claim(session, run_id=queued.id)
        assert held is not None
        if checkpoint is not None:
            ledger.keep_checkpoint(session, held, checkpoint, words="supplier 2,300")
        ledger.fail(session, held, error="E-SYS-01: The disk is full.", error_id="ab12cd")
    return held.run_id


def test_run_now_queues_and_leads_to_the_run(insider: Visitor) -> None:
    answer = insider.post("/jobs/run", {"job": "recompute"})
    assert answer.status_code == 303
    page = insider.get(answer.headers["Location"])
    assert "○ queued" in words(page)
    assert "by M. Weber" in words(page)


def test_run_now_while_running_is_409_and_leads_to_the_run(insider: Visitor) -> None:
    first = insider.post("/jobs/run", {"job": "recompute"}).headers["Location"]
    with db.transaction() as session:
        held = ledger.claim(session)
        assert held is not None
        ledger.heartbeat(session, held, done=62, total=100)
    answer = insider.post("/jobs/run", {"job": "recompute"})
    assert answer.status_code == 409
    assert "Running since 09:30 (62 %). Open it." in words(answer)
    assert f'href="{first}"' in answer.text


def test_a_program_gets_the_refusal_as_json(insider: Visitor) -> None:
    insider.post("/jobs/run", {"job": "recompute"})
    answer = insider.post("/jobs/run", {"job": "recompute"}, headers={"Accept": "application/json"})
    assert answer.status_code == 409
    assert answer.get_json() == {"code": "E-JOB-01", "message": "Queued since 09:30. Open it."}


def test_only_offered_jobs_can_be_started(insider: Visitor) -> None:
    assert insider.post("/jobs/run", {"job": "packs"}).status_code == 404


def test_a_failed_run_shows_its_error_and_its_number(insider: Visitor) -> None:
    page = insider.get(f"/jobs/{fail_a_run()}")
    assert "E-SYS-01: The disk is full. ab12cd" in words(page)


def test_the_list_filters_by_state_and_job(insider: Visitor) -> None:
    fail_a_run()
    assert "1 run" in words(insider.get("/jobs/?state=failed"))
    assert "1 run" in words(insider.get("/jobs/?job=recompute"))
    assert "No run fits these filters" in words(insider.get("/jobs/?job=backup"))
    assert "No run fits these filters" in words(insider.get("/jobs/?state=succeeded"))


@pytest.mark.parametrize("query", ["sort=password_hash", "state=gone", "page=0", "size=1000"])
def test_what_the_list_does_not_have_is_400(insider: Visitor, query: str) -> None:
    assert insider.get(f"/jobs/?{query}").status_code == 400


def test_progress_is_given_to_the_page_that_watches(insider: Visitor) -> None:
    run_id = fail_a_run()
    answer = insider.get(f"/jobs/{run_id}", headers={"Accept": "application/json"})
    assert answer.get_json()["is_over"] is True


def test_export_holds_what_is_filtered(insider: Visitor) -> None:
    fail_a_run()
    answer = insider.get("/jobs/?format=json&state=failed")
    assert answer.get_json()["rows"][0]["error"] == "E-SYS-01: The disk is full."
    assert insider.get("/jobs/?format=json&state=queued").get_json()["count"] == 0


def row_of(page: str, title: str) -> str:
    """What the table of jobs says about one of them."""
    return page.partition("History")[0].partition(title)[2].partition("Every")[2][:200]


def test_every_job_of_the_timetable_stands_on_the_page(insider: Visitor) -> None:
    page = words(insider.get("/jobs/"))
    for title in ("Recompute everything", "Snapshot of the month", "Back up", "Send mail"):
        assert title in page
    assert "never noted: does the scheduler run?" in page
    assert "22 Nov 2026 02:00 UTC" in page


def test_a_job_shows_its_last_success_rows_and_duration(
    insider: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.transaction() as session:
        ledger.run_now(session, job="recompute", by="M. Weber")
        held = ledger.claim(session)
        assert held is not None
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=3, seconds=12))
    with db.transaction() as session:
        ledger.finish(session, held, result={"rows_in": 1234, "rows_out": 56})
    row = row_of(words(insider.get("/jobs/")), "Recompute everything")
    assert "in order 21 Nov 2026 09:33 UTC 22 Nov 2026 02:00 UTC 3 min 12 s 1,234 56" in row


def test_progress_survives_a_reload(insider: Visitor) -> None:
    insider.post("/jobs/run", {"job": "recompute"})
    with db.transaction() as session:
        held = ledger.claim(session)
        assert held is not None
        ledger.heartbeat(session, held, done=2500, total=5000)
    for _ in range(2):
        page = insider.get("/jobs/")
        assert "2,500 of 5,000" in words(page)
        assert '<progress max="5000" value="2500"' in page.text


def test_an_interrupted_run_says_where_it_went_on(
    insider: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    insider.post("/jobs/run", {"job": "recompute"})
    with db.transaction() as session:
        held = ledger.claim(session)
        assert held is not None
        ledger.keep_checkpoint(session, held, {"behind": 2300}, words="supplier 2,300")
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(seconds=61))
    with db.transaction() as session:
        again = ledger.claim(session)
        assert again is not None
        assert again.checkpoint == {"behind": 2300}
    page = insider.get(f"/jobs/{held.run_id}")
    assert "attempt 2, interrupted, resumed at supplier 2,300" in words(page)
    assert "interrupted, resumed at supplier 2,300" in words(insider.get("/jobs/"))


def test_what_a_run_could_not_do_is_listed(insider: Visitor) -> None:
    insider.post("/jobs/run", {"job": "recompute"})
    with db.transaction() as session:
        held = ledger.claim(session)
        assert held is not None
    run = handle.Run(held)
    run.item_failed("V-1042 Ostrava Drives", InvalidInput("E-X-02", "It has no lines."))
    with db.transaction() as session:
        ledger.finish(session, held, state=run.end_state({}))
    page = words(insider.get(f"/jobs/{held.run_id}"))
    assert "▲ partly done" in page
    assert "1 item could not be done" in page
    assert "V-1042 Ostrava Drives E-X-02: It has no lines." in page


def test_a_failed_run_can_be_tried_again_and_goes_on_from_its_checkpoint(
    insider: Visitor,
) -> None:
    run_id = fail_a_run(checkpoint={"behind": 2300})
    assert "Try again" in words(insider.get(f"/jobs/{run_id}"))
    answer = insider.post(f"/jobs/{run_id}/retry")
    assert answer.status_code == 303
    assert "Tried again by M. Weber." in words(insider.get(f"/jobs/{run_id}"))
    with db.transaction() as session:
        held = ledger.claim(session)
        assert held is not None
    assert (held.run_id, held.attempt, held.checkpoint) == (run_id, 1, {"behind": 2300})


def test_a_run_under_way_is_not_tried_again(insider: Visitor) -> None:
    run_id = fail_a_run()
    insider.post("/jobs/run", {"job": "recompute"})
    answer = insider.post(f"/jobs/{run_id}/retry")
    assert answer.status_code == 409
    assert "Queued since 09:30. Open it." in words(answer)


def test_a_run_that_went_well_is_not_tried_again(insider: Visitor) -> None:
    with db.transaction() as session:
        ledger.run_now(session, job="recompute", by="M. Weber")
        held = ledger.claim(session)
        assert held is not None
        ledger.finish(session, held)
    answer = insider.post(f"/jobs/{held.run_id}/retry")
    assert answer.status_code == 409
    assert "E-JOB-09" in words(answer)


def test_skipped_periods_are_counted_and_listed(
    insider: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.transaction() as session:
        enqueue_due(session, JOBS, at=NOW, zone=ZoneInfo("UTC"))
    assert "1 period skipped in 35 days" in words(insider.get("/jobs/"))
    page = words(insider.get("/jobs/?job=month_snapshot&state=skipped"))
    assert "2026-10" in page
    assert "It lies before this timetable began." in page


def test_uneventful_minutes_do_not_fill_the_history(insider: Visitor) -> None:
    with db.transaction() as session:
        ledger.run_now(session, job="outbox", by="timetable")
        held = ledger.claim(session)
        assert held is not None
        ledger.finish(session, held)
    assert "0 runs" in words(insider.get("/jobs/"))
    assert "1 run" in words(insider.get("/jobs/?job=outbox"))


def test_home_shows_a_job_that_failed_and_one_that_is_late(
    insider: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_ago = NOW - timedelta(hours=37)
    with monkeypatch.context() as earlier:
        earlier.setattr(clock, "now", lambda: long_ago)
        with db.transaction() as session:
            enqueue_due(session, JOBS, at=long_ago, zone=ZoneInfo("UTC"))
    with db.transaction() as session:
        supplier(session)
    fail_a_run()
    page = words(insider.get("/"))
    assert "Recompute everything failed" in page
    assert re.search(r"\d+ jobs are late 19 Nov do scheduler and worker run\?", page)
