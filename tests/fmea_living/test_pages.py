"""The pages of what is done about risks: what is typed is kept, nothing is half stored."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from app.base import db
from app.base.db import Database
from app.judgement.continuity import services as plans
from app.judgement.continuity.content import Opened
from app.judgement.continuity.models import PlanScope
from app.judgement.contracts import services as contracts
from app.judgement.contracts.models import ContractKind
from app.judgement.contracts.values import TermsSaid
from app.judgement.fmea.living import action_queries, rows
from app.judgement.fmea.living.rows import RowHead
from tests.builders import facts, risks
from tests.web_app import Visitor, add_person, app_on, words

PLANNED = {
    "title": "New locating pin", "kind": "prevention", "owner": "A. Lindqvist",
    "due_on": "2026-12-18", "cost": "8200", "currency": "eur",
    "severity": "8", "occurrence": "2", "detection": "3",
}  # fmt: skip
LONG = "x" * 10_001
AGREED = TermsSaid("Castings", ContractKind.FRAMEWORK, "Adler", "Kestrel", "EUR", date(2026, 1, 1))


@pytest.fixture
def app(sqlite_only: Database, tmp_path: Path) -> Flask:
    return app_on(sqlite_only, tmp_path)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    add_person(app)
    browser = Visitor(app)
    browser.sign_in()
    return browser


@pytest.fixture
def row(app: Flask) -> RowHead:
    with db.transaction() as session:
        supplier = facts.supplier(session, "Kestrel", number="V-1")
        return risks.row(session, risks.register(session, supplier), (8, 6, 5))


def planned(visitor: Visitor, row: RowHead) -> str:
    answer = visitor.post(f"/fmea/rows/{row.public_id}/actions/new", PLANNED)
    assert answer.status_code == 303, words(answer)
    return answer.headers["Location"]


def test_an_action_is_planned_completed_with_evidence_and_shows_before_and_after(
    visitor: Visitor, row: RowHead
) -> None:
    there = planned(visitor, row)
    done = {"severity": "8", "occurrence": "2", "detection": "3", "effect_change": "",
            "version": "1"}  # fmt: skip
    lacking = visitor.post(f"{there}/complete", done | {"evidence": "\u200b "})
    assert lacking.status_code == 422
    assert "Required" in words(lacking)
    falling = visitor.post(
        f"{there}/complete", done | {"severity": "6", "evidence": "Capability study of May"}
    )
    assert falling.status_code == 422
    assert "it falls only where the effect itself changes" in words(falling)
    assert "Capability study of May</textarea>" in falling.text
    assert visitor.post(
        f"{there}/complete", done | {"evidence": "Capability study of May"}
    ).status_code == 303  # fmt: skip
    shown = words(visitor.get(there))
    assert "Before 8 6 5 240 ■ H" in shown
    assert "After 8 2 3 48 ● L" in shown
    assert "The RPN went from 240 to 48: 80 % less." in shown
    on_row = words(visitor.get(f"/fmea/rows/{row.public_id}"))
    assert "Residual, as it is now 8 2 3 48 ● L" in on_row
    assert "Planned by action: New locating pin" in on_row


NOT_PLANNED = (
    ({"severity": "11"}, "Whole number from 1 to 10."),
    ({"occurrence": "2.5"}, "Whole number from 1 to 10."),
    ({"detection": "1e1"}, "Whole number from 1 to 10."),
    ({"detection": ""}, "Plan all three ratings, or none of them."),
    ({"title": LONG}, "At most 200 characters"),
    ({"title": "\u200b"}, "Required"),
    ({"due_on": "10000-01-01"}, "Not a valid date value."),
    ({"due_on": "2026-01-01"}, "1 Jan 2026 is not a day from today"),
    ({"cost": "NaN"}, "From 0 up to"),
    ({"cost": str(2**63)}, "From 0 up to"),
    ({"cost": "-1"}, "From 0 up to"),
    ({"currency": ""}, "Three letters of ISO 4217"),
)


def test_what_cant_be_planned_is_told_and_kept(visitor: Visitor, row: RowHead) -> None:
    for typed, told in NOT_PLANNED:
        answer = visitor.post(f"/fmea/rows/{row.public_id}/actions/new", PLANNED | typed)
        assert answer.status_code == 422, typed
        assert told in words(answer), typed
        assert 'value="A. Lindqvist"' in answer.text
    with db.reading() as session:
        assert action_queries.actions(session) == []


def test_two_tabs_and_bad_versions_change_nothing(visitor: Visitor, row: RowHead) -> None:
    there = planned(visitor, row)
    for version in ("", "0", str(2**63), "NaN", "2"):
        answer = visitor.post(f"{there}/state", {"state": "decision_pending", "version": version})
        assert answer.status_code == 409
        assert "Somebody changed it since you opened the page" in words(answer)
    given_up = visitor.post(
        f"{there}/state", {"state": "not_implemented", "version": "1", "reason": "x"}
    )
    assert given_up.status_code == 422
    assert "Give a reason of at least 10 characters." in words(given_up)


def test_rating_against_the_facts_and_other_forms_of_a_row_refuse_what_can_not_be(
    visitor: Visitor, row: RowHead
) -> None:
    there = f"/fmea/rows/{row.public_id}"
    for path, form, told in (
        ("rating", {"severity": "8", "occurrence": "", "detection": "4"}, "Rate all three"),
        ("joint", {"met_on": "2026-11-02", "spoke_with": "B"}, "at least one rating"),
        ("joint", {"met_on": "2030-01-01", "spoke_with": "B", "severity": "4"}, "last ten years"),
        ("links", {"kind": "part", "label": "none"}, "There is no part “none”."),
        ("links", {"kind": "galaxy", "label": "x"}, "Not a valid choice."),
        ("links", {"kind": "part", "label": "\u200b"}, "Required"),
        ("links", {"kind": "contract", "label": "C-1"}, "Not a valid choice."),
        ("reviewed", {"reason": "ok"}, "Give a reason of at least 10 characters."),
        ("acceptances", {"accepted_by": "W", "until_on": "2026-11-21", "reason": "x" * 20},
         "no risk is accepted for longer than a year"),
    ):  # fmt: skip
        answer = visitor.post(f"{there}/{path}", form)
        assert answer.status_code == 422, path
        assert told in words(answer), path
    with db.reading() as session:
        assert rows.row_by_public_id(session, row.public_id).rpn == 240


def test_lists_filter_export_and_say_what_is_overdue(visitor: Visitor, row: RowHead) -> None:
    planned(visitor, row)
    assert "None is overdue." in words(visitor.get("/fmea/actions/"))
    sheet = visitor.get("/fmea/actions/?format=csv").text.splitlines()
    assert len(sheet) == 2
    assert "New locating pin" in sheet[1]
    assert "No action fits these filters" in words(visitor.get("/fmea/actions/?when=overdue"))
    assert "Castings come late" in words(visitor.get("/fmea/reviews/"))
    assert "No risk is accepted" in words(visitor.get("/fmea/acceptances/"))
    assert visitor.get("/fmea/actions/?sort=password_hash").status_code == 400
    refused = visitor.post(
        "/fmea/reviews/cadence", {"high": str(2**63), "medium": "6", "low": "12", "reason": LONG}
    )
    assert refused.status_code == 422


def test_a_meeting_is_planned_held_written_and_closed(visitor: Visitor, row: RowHead) -> None:
    day = {"planned_on": "2026-11-21", "title": "Risk meeting", "chair": "M. Weber"}
    made = visitor.post("/meetings/", day)
    assert made.status_code == 303
    assert visitor.post("/meetings/", day).status_code == 409
    there = made.headers["Location"]
    assert "Castings come late: Why: Castings come late" in words(visitor.get(there))
    assert visitor.post(f"{there}/hold").status_code == 303
    point = visitor.get(there).text.split("/points/")[1].split('"')[0]
    noted = visitor.post(f"{there}/points/{point}", {"note": "Look again in May", "version": "1"})
    assert noted.status_code == 303
    stale = visitor.post(f"{there}/points/{point}", {"note": "Mine is kept", "version": "1"})
    assert stale.status_code == 409
    assert "Mine is kept</textarea>" in stale.text
    foreign = visitor.post(f"{there}/points/00000000-0000-0000-0000-000000000001", {"note": "x"})
    assert foreign.status_code == 404
    for path, form, told in (
        ("decisions", {"said": " ", "about": ""}, "Required"),
        ("decisions", {"said": "Yes", "about": "elsewhere"}, "Not a valid choice."),
        ("commitments", {"what": "Visit", "owner": "A", "due_on": "2020-01-01", "about": ""},
         "does not lie within two years"),
        ("minutes", {"minutes": "x" * 20_001, "attendees": "", "version": "2"},
         "At most 20,000 characters"),
    ):  # fmt: skip
        answer = visitor.post(f"{there}/{path}", form)
        assert answer.status_code == 422, path
        assert told in words(answer), path
    about = {"said": "Second source", "about": point}
    assert visitor.post(f"{there}/decisions", about).status_code == 303
    assert visitor.post(f"{there}/close").status_code == 303
    shown = words(visitor.get(there))
    assert "Look again in May" in shown
    assert "Second source Kestrel · noted by M. Weber" in shown
    assert visitor.post(f"{there}/close").status_code == 409


def test_a_row_is_linked_with_its_suppliers_own_contracts_and_plans_alone(
    visitor: Visitor, row: RowHead
) -> None:
    there = f"/fmea/rows/{row.public_id}"
    with db.transaction() as session:
        other = facts.supplier(session, "Anadolu", number="V-2").id
        for supplier_id, number in ((row.supplier_id, "C-1"), (other, "C-2")):
            assert supplier_id is not None
            contracts.open_contract(session, supplier_id, number, AGREED)
            plans.open_plan(session, supplier_id, Opened(PlanScope.SUPPLIER, f"Plan of {number}"))
    shown = visitor.get(there).text
    assert ">C-1 · Castings</option>" in shown
    assert ">BCP-0001 · Plan of C-1</option>" in shown
    assert "C-2" not in shown
    for foreign in ("contract C-2", "plan BCP-0002"):
        answer = visitor.post(f"{there}/links", {"kind": foreign, "label": ""})
        assert answer.status_code == 422
        assert "Not a valid choice." in words(answer)
    for own in ("contract C-1", "plan BCP-0001"):
        assert visitor.post(f"{there}/links", {"kind": own, "label": ""}).status_code == 303
    shown = visitor.get(there).text
    doors = re.findall(r'<a class="door" href="([^"]+)">(C-1 · Castings|BCP-0001 · Plan)', shown)
    assert [said for _, said in doors] == ["C-1 · Castings", "BCP-0001 · Plan"]
    for address, _ in doors:
        assert visitor.get(address).status_code == 200
    # Whoever acts on the row has them at hand.
    on_action = visitor.get(planned(visitor, row)).text
    assert set(re.findall(r'<a class="door" href="([^"]+)"', on_action)) >= {
        address for address, _ in doors
    }
    again = visitor.post(f"{there}/links", {"kind": "contract C-1", "label": ""})
    assert again.status_code == 409
    assert "linked already" in words(again)
