"""The pages of continuity plans: a plan from its opening to its submission, wrong input refused."""

from __future__ import annotations

import io
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from app.base import db
from app.judgement.continuity.exercise_models import PlanExercise, PlanQuestion
from app.judgement.continuity.models import PlanVersion
from tests.builders import facts
from tests.web_app import Visitor, words

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
DRAFT = {
    "version": "1", "owner": "Ann", "activation_trigger": "A stop", "rto_days": "10",
    "mtpd_days": "21", "scenarios": "Fire | 10 | Move\nFlood", "dependencies": "IT | ERP",
    "is_stock_apart": "no", "has_sub_tier_plans": "",
}  # fmt: skip


def opened(insider: Visitor) -> tuple[str, str]:
    with db.transaction() as session:
        supplier = facts.supplier(session, "Kestrel").public_id
    path = f"/suppliers/{supplier}/continuity"
    answer = insider.post(f"{path}/new", {"title": "Kempten", "scope": "supplier"})
    assert answer.status_code == 303
    return path, answer.headers["Location"].removesuffix("/draft")


def test_a_plan_is_written_submitted_and_shown_with_its_points(insider: Visitor) -> None:
    path, plan = opened(insider)
    assert insider.post(f"{plan}/draft", DRAFT).status_code == 303
    late = insider.post(f"{plan}/draft", DRAFT | {"owner": "Bob"})
    assert (late.status_code, "Bob" in late.text) == (409, True)
    short = insider.post(f"{plan}/submit", {"submit-version": "2", "submit-reason": "no"})
    assert short.status_code == 422
    given = {"submit-version": "2", "submit-reason": "as the supplier sent it"}
    assert insider.post(f"{plan}/submit", given).status_code == 303
    told = words(insider.get(plan))
    assert "Version 1 waits for another person’s approval" in told
    assert "Documented and approved 0 15 No version is approved." in told
    assert "Stock held ○ not known 10" in told
    tab = words(insider.get(path))
    assert "Readiness 10 to 50 of 100 ■ weak" in tab
    assert "Flood" in tab
    listed = words(insider.get("/continuity/?band=weak"))
    assert "Kestrel" in listed
    assert "not approved, nothing for: exercised, contacts reached, 4 of 8 parts not" in listed
    assert "not approved; nothing for:" in insider.get("/continuity/?format=csv").text


def test_who_was_never_asked_stands_behind_whatever_the_order(insider: Visitor) -> None:
    path, plan = opened(insider)
    assert "Nothing is written down of it yet" in words(insider.get(plan))
    assert "Write down what its plan says" in words(insider.get(path))
    insider.post(f"{plan}/draft", DRAFT)
    with db.transaction() as session:
        facts.supplier(session, "Anadolu")
    for order in ("readiness", "-readiness", "review", "-exercise"):
        told = words(insider.get(f"/continuity/?sort={order}"))
        last = told.rfind("Anadolu")
        if order.endswith("readiness"):
            assert told.rfind("Kestrel") < last, order
        assert "never asked" in told[last:]


def test_wrong_input_is_refused_and_kept(insider: Visitor) -> None:
    path, plan = opened(insider)
    for wrong, told in (
        ({"rto_days": str(2**63)}, "A whole number from 0 to 3,650."),
        ({"rto_days": "NaN"}, "Not a valid integer value."),
        ({"scenarios": "Fire | soon"}, "Line 1: write “what happens"),
        ({"dependencies": "Power"}, "Line 1: write “kind | name | note”"),
        ({"owner": "x" * 10_001}, "At most 200 characters"),
        ({"iso_22301_until": "2026-02-30"}, "Not a valid date value."),
        ({"last_reviewed_on": "2999-01-01"}, "after today"),
    ):
        answer = insider.post(f"{plan}/draft", DRAFT | wrong)
        assert answer.status_code == 422, wrong
        assert told in words(answer), wrong
        assert "A stop" in answer.text
    with db.reading() as session:
        assert session.scalars(select(PlanVersion.owner)).all() == [None]
    answer = insider.post(f"{plan}/contacts/new", {"name": "\u200b", "version": "1"})
    assert (answer.status_code, "Required" in words(answer)) == (422, True)
    answer = insider.post(f"{path}/ask", {"asked_on": "2026-11-01", "due_on": "2026-11-20"})
    assert "Choose at least one question." in words(answer)
    asked = {"usable": "5", "pipeline": "0", "demand": "1", "alternate": "0"}
    for name, wrong in (("usable", "sNaN"), ("pipeline", "1e99"), ("demand", "-1"),
                        ("alternate", "x")):  # fmt: skip
        given = urlencode(asked | {name: wrong})
        assert insider.get(f"{plan}/survival?{given}").status_code == 422, name


def test_exercises_and_answers_are_entered_with_their_evidence(insider: Visitor) -> None:
    path, plan = opened(insider)
    planned = {"kind": "full", "scenario": "Fire", "planned_on": "2026-11-02"}
    assert insider.post(f"{plan}/exercises/new", planned).status_code == 303
    assert insider.post(f"{plan}/exercises/new", planned).status_code == 409
    asked = {"topics": "tested", "asked_on": "2026-11-01", "due_on": "2026-11-20"}
    assert insider.post(f"{path}/ask", asked).status_code == 303
    with db.reading() as session:
        exercise = session.scalars(select(PlanExercise.public_id)).one()
        question = session.scalars(select(PlanQuestion.public_id)).one()
    assert "overdue" in words(insider.get(plan))
    result = {"done_on": "2026-11-02", "achieved_rto_days": "8", "version": "1"}
    assert insider.post(f"{plan}/exercises/{exercise}", result).status_code == 303
    assert insider.post(f"{plan}/exercises/{exercise}", result).status_code == 409
    unsaid = {"answered_on": "2026-11-03", "version": "1"}
    refused = insider.post(f"/continuity/questions/{question}", unsaid)
    assert (refused.status_code, "Choose the answer." in words(refused)) == (422, True)
    reply = {
        "answer": "yes", "answered_on": "2026-11-03", "version": "1", "evidence_on": "2026-10-01",
        "file": (io.BytesIO(b"report of the exercise"), "report.txt"),
    }  # fmt: skip
    page = f"/continuity/questions/{question}"
    for wrong, told in (
        ({"evidence_on": "2026-11-22"}, "lies ahead"),
        ({"file": (io.BytesIO(b""), "")}, "Choose the document"),
    ):
        document = {"file": (io.BytesIO(b"report of the exercise"), "report.txt")}
        refused = insider.post(page, reply | document | wrong)
        assert (refused.status_code, told in words(refused)) == (422, True), told
        assert "Not answered yet." in words(insider.get(page))
    assert insider.post(page, reply).status_code == 303
    shown = insider.get(page)
    assert "evidence of 1 Oct 2026" in words(shown)
    survive = f"{plan}/survival?usable=1200&pipeline=300&demand=100&alternate=40"
    assert "Our time to survive 25.0 days" in words(insider.get(survive))
