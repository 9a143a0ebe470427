"""The pages of further measures, and of what people record about a supplier."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import select

from app.base import acting, db
from app.base.acting import Actor, Source
from app.base.db import Database
from app.judgement.scorecards.manual.models import ManualScore
from app.platform.accounts import grants
from app.platform.accounts.grant_models import Role
from app.platform.approvals import services as approvals
from app.platform.approvals.models import Approval, Verdict
from tests.approvals.cast import person, work_of
from tests.overview.conftest import House
from tests.web_app import Visitor, words

STOP = {
    "reference": "LS-1", "kind": "line_stop", "occurred_on": "2026-11-02",
    "caused_by": "supplier", "site": "", "hours": "3.5", "cost": "1800", "currency": "eur",
}  # fmt: skip
REASON = "counted twice by two plants"


@pytest.fixture(params=["sqlite"])
def database(request: pytest.FixtureRequest) -> Database:
    """One engine: the pages say the same on both."""
    from tests.conftest import copied

    yield from copied(request, sqlite="sqlite_house", postgres="postgres_house")


def test_leading_and_lagging_measures_stand_apart_under_those_words(
    insider: Visitor, house: House
) -> None:
    page = words(insider.get(f"{house.fragile}/measures"))
    leading, _, lagging = page.partition("They tell what has happened.")
    assert "Leading They move before deliveries fail." in leading
    assert "Promise churn" in leading
    assert "Perfect orders" not in leading
    assert "Perfect orders" in lagging
    assert "No requests" not in page
    assert "No request for quotation is recorded" in page


def test_a_measure_is_explained_with_this_suppliers_figures(insider: Visitor, house: House) -> None:
    page = words(insider.get(f"{house.fragile}/measures/ack_in_time"))
    assert "Formula acknowledged within 24 h ÷ (acknowledged, or waiting longer)" in page
    assert "With these figures 40 ÷ 40 = 100.0 %" in page
    perfect = words(insider.get(f"{house.fragile}/measures/pof"))
    assert "No order has all four components known. Ask for documents" in perfect
    assert "Papers right unknown of all 40 lines" in perfect
    assert insider.get(f"{house.fragile}/measures/nothing").status_code == 404


@pytest.mark.parametrize(
    ("measure", "behind"), [("otif_line", "lines?measure=otif_line&"), ("ppm", "records/receipts?")]
)
def test_a_measure_of_the_card_leads_to_what_stands_behind_it(
    insider: Visitor, house: House, measure: str, behind: str
) -> None:
    asked = insider.get(f"{house.fragile}/measures/{measure}?window=2026Q1")
    to = asked.headers["Location"]
    assert (asked.status_code, to) == (302, f"{house.fragile}/{behind}window=2026Q1")
    assert insider.get(to).status_code == 200


@pytest.mark.parametrize(
    "path", ["measures", "measures/slip", "measures/copq", "disruptions/", "judgements"]
)
def test_a_supplier_of_whom_nothing_is_known_has_these_pages_too(
    insider: Visitor, house: House, path: str
) -> None:
    assert insider.get(f"{house.unknown}/{path}").status_code == 200


def another_agrees() -> None:
    """Approve the one thing that waits, as somebody who may."""
    shell = Actor("shell", Source.CLI)
    with acting.acting_as(shell), db.transaction() as session:
        key = person(session, "Approver")
        grants.grant(session, user_id=key, role=Role.APPROVER, reason="approves settlements")
        waiting = session.scalars(select(Approval).where(Approval.state == "pending")).one()
        asked, seen = waiting.id, waiting.content_hash
    with work_of(key, "Approver") as session:
        approvals.decide(
            session, approval_id=asked, decision=Verdict.APPROVE, reason=REASON,
            seen_version=1, seen_hash=seen,
        )  # fmt: skip


def test_a_disruption_is_recorded_corrected_charged_and_settled(
    insider: Visitor, house: House
) -> None:
    at = f"{house.fragile}/disruptions"
    wrong = insider.post(f"{at}/new", STOP | {"currency": "euro"})
    assert wrong.status_code == 422
    assert "Three letters of ISO 4217" in words(wrong)
    assert insider.post(f"{at}/new", STOP).status_code == 303
    assert "1,800.00 EUR" in words(insider.get(f"{at}/"))
    assert "Line stops 1" in words(insider.get(f"{house.fragile}/measures/line_stops"))
    assert insider.post(f"{at}/1", STOP | {"hours": "4"}).status_code == 422
    assert insider.post(f"{at}/1", STOP | {"hours": "4", "reason": REASON}).status_code == 303
    nothing = insider.post(f"{at}/notes", {"text": ""})
    assert (nothing.status_code, "Nothing is chosen" in words(nothing)) == (422, True)
    made = insider.post(f"{at}/notes", {"disruption": "1"})
    assert made.status_code == 303
    note = made.location
    assert insider.post(f"{note}/settle", {}).status_code == 409
    assert insider.post(f"{note}/send", {}).status_code == 303
    assert insider.post(f"{note}/settle", {"amount": "900"}).status_code == 422
    assert insider.post(f"{note}/settle", {"amount": "900", "reason": REASON}).status_code == 303
    assert "Somebody asked what becomes of it; another person decides." in words(insider.get(note))
    assert insider.post(f"{note}/dispute", {"reason": REASON}).status_code == 409
    another_agrees()
    copq = words(insider.get(f"{house.fragile}/measures/copq"))
    assert "Share that came back 50.0 %" in copq
    assert insider.post(f"{at}/1/withdraw", {"reason": REASON}).status_code == 409
    assert insider.get(f"{house.healthy}/disruptions/1").status_code == 404
    assert insider.get(note.replace(house.fragile, house.healthy)).status_code == 404


def test_a_corrective_action_goes_from_its_opening_to_its_first_decision(
    insider: Visitor, house: House
) -> None:
    empty = insider.post(f"{house.fragile}/scars/new", {"title": "", "problem": ""})
    assert empty.status_code == 422
    made = insider.post(
        f"{house.fragile}/scars/new",
        {"title": "Housings leak", "problem": "Six of forty", "defect_percent": "15"},
    )
    page = insider.get(made.location)
    assert "major" in words(page)
    assert "D3 Containment due 23 Nov 2026 09:30 UTC" in words(page)
    said = {"step": "D1", "answered_at": "2026-11-21T09:30", "text": "The team is named."}
    assert insider.post(f"{made.location}/answers", said).status_code == 303
    shown = insider.get(made.location)
    assert "You entered it; somebody else decides." in words(shown)
    own = re.search(r"/answers/([0-9a-f-]{36})", shown.text)
    assert own is None
    late = {"step": "D3", "due_at": "2026-11-20T09:00", "reason": REASON}
    assert insider.post(f"{made.location}/due", late).status_code == 422
    later = late | {"due_at": "2026-11-30T09:00"}
    assert insider.post(f"{made.location}/due", later).status_code == 303
    assert "Housings leak" in words(insider.get("/scars/?severity=major"))
    assert "No request fits" in words(insider.get("/scars/?severity=minor"))
    assert "SCAR-2026-0001" in insider.get("/scars/?format=csv").text
    assert insider.get(made.location.replace(house.fragile, house.healthy)).status_code == 404
    assert insider.post(f"{made.location}/withdraw", {"reason": REASON}).status_code == 303


def test_what_is_judged_by_hand_is_marked_as_manual(insider: Visitor, house: House) -> None:
    assert "Nothing is judged by hand yet" in words(insider.get("/criteria/"))
    insider.post("/criteria/", {"name": "ESG audit", "short": "0 none, 100 all"})
    page = insider.get(f"{house.fragile}/judgements").text
    criterion = re.search(r'<option[^>]*value="([0-9a-f-]{36})"', page)
    assert criterion is not None
    form = {
        "criterion": criterion.group(1), "value": "64", "period_from": "2026-11-01",
        "period_to": "2026-11-15", "expires_on": "2027-06-30", "evidence": "Visit of May 2026",
    }  # fmt: skip
    assert insider.post(f"{house.fragile}/judgements", form | {"value": "101"}).status_code == 422
    back = insider.post(f"{house.fragile}/judgements", form | {"period_from": "2026-10-31"})
    assert back.status_code == 422
    assert "the days before 1 Nov 2026 are closed. Give that day or a later one" in words(back)
    # The log keeps the evidence as the reason, of 500 characters at most.
    assert "10 to 500 characters." in words(
        insider.post(f"{house.fragile}/judgements", form | {"evidence": "x" * 501})
    )
    assert insider.post(f"{house.fragile}/judgements", form).status_code == 303
    with db.transaction() as session:
        # The page shows what stood on the day of the latest fact, in October.
        session.scalars(select(ManualScore)).one().period_from = date(2026, 10, 1)
    assert "ESG audit (manual) 64 until 30 Jun 2027" in words(
        insider.get(f"{house.fragile}/measures")
    )
    withdraw = re.search(r"/judgements/[0-9a-f-]{36}/withdraw",
                         insider.get(f"{house.fragile}/judgements").text)  # fmt: skip
    assert withdraw is not None
    path = f"{house.fragile}{withdraw.group(0)}"
    assert insider.post(path, {"reason": ""}).status_code == 422
    assert insider.post(path, {"reason": REASON}).status_code == 303
    assert "withdrawn" in words(insider.get(f"{house.fragile}/judgements"))


def test_a_custom_measure_is_previewed_added_changed_and_retired(
    insider: Visitor, house: House
) -> None:
    form = {
        "key": "late_share", "label": "Late share", "short": "Lines on time, of the due lines.",
        "better": "higher", "template": "rate", "of": "lines on time", "over": "due lines",
        "plus": "", "is_part": "y", "reason": "asked for by the plant", "supplier": "S-2",
    }  # fmt: skip
    preview = insider.post("/custom-measures/new", form | {"do": "preview"})
    assert "Fragile & Söhne: 75.0 %" in words(preview)
    assert "No custom measure yet" in words(insider.get("/custom-measures/"))
    wrong = insider.post("/custom-measures/new", form | {"over": "receipts"})
    assert wrong.status_code == 422
    assert "A share is of one thing, not of lines and receipts." in words(wrong)
    made = insider.post("/custom-measures/new", form)
    assert made.status_code == 303
    assert "Late share v1 75.0 %" in words(insider.get(f"{house.fragile}/measures"))
    again = insider.post(f"{made.location}/version", form | {"of": "lines in full"})
    assert again.status_code == 303
    assert "Late share v2 100.0 %" in words(insider.get(f"{house.fragile}/measures"))
    assert "retired" in words(insider.get(made.location))
    assert insider.post(f"{again.location}/retire", {"reason": ""}).status_code == 422
    assert insider.post(f"{again.location}/retire", {"reason": REASON}).status_code == 303
    assert "Late share" not in words(insider.get(f"{house.fragile}/measures"))
