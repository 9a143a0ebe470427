"""The jobs page: what it lists, what it starts, what it refuses."""

from __future__ import annotations

import pytest

from app.base import db
from app.platform.jobs import ledger
from tests.web_app import Visitor, words


def fail_a_run() -> int:
    with db.transaction() as session:
        ledger.run_now(session, job="recompute", by="timetable")
        held = ledger.claim(session)
        assert held is not None
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


def test_the_list_filters_by_state(insider: Visitor) -> None:
    fail_a_run()
    assert "1 run" in words(insider.get("/jobs/?state=failed"))
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
