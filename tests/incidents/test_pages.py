"""Pages of incidents, responses and backups: what can't be is said beside its field, kept."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import func, select

from app.base import db
from app.judgement.continuity.incidents.models import Incident
from app.judgement.continuity.responses.models import IncidentResponse
from tests.builders import facts
from tests.conftest import NOW, TODAY
from tests.incidents.cast import REASON, supplier_with_parts
from tests.web_app import Visitor, words

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
RESPONSE = {
    "name": "Castings stop", "rule": "", "supplier": "", "steps": "4 h | Brandt | Call",
    "approver": "Brandt", "reason": REASON,
}  # fmt: skip


@pytest.fixture
def house(insider: Visitor) -> Visitor:
    """Somebody signed in, and a supplier with two parts."""
    with db.transaction() as session:
        supplier_with_parts(session)
    return insider


def count(model: type) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"steps": "soon | Brandt | Call"}, "Line 1: write hours | who | what"),
        ({"steps": "4 | Brandt | Call\n9999 | Brandt | Wait"}, "is due after 9999 hours"),
        ({"steps": "\n".join(["4 | A | B"] * 21)}, "21 steps; at most 20"),
        ({"authority": "10"}, "Give the limit with its currency"),
        ({"authority": "1.00001", "currency": "EUR"}, "At most 4 decimals"),
        ({"authority": "NaN", "currency": "EUR"}, "From 0 up to a million millions."),
        ({"authority": "9" * 30, "currency": "EUR"}, "From 0 up to a million millions."),
        ({"currency": "E1"}, "Three letters, such as EUR"),
        ({"rule": "no_such_rule"}, "Not a valid choice"),
        ({"supplier": "S-9999"}, "There is no supplier"),
        ({"substitute": "\u200b S-9999"}, "There is no supplier"),
        ({"air_freight": "P-none"}, "There is no part"),
        ({"name": "x" * 10_001}, "At most 200 characters"),
        ({"reason": "short"}, "10 to 500"),
    ],
)
def test_a_response_that_cannot_be_says_why_and_stores_nothing(
    house: Visitor, changes: dict[str, str], says: str
) -> None:
    answer = house.post("/responses/new", RESPONSE | changes)
    assert answer.status_code == 422
    assert says in words(answer)
    assert count(IncidentResponse) == 0


def test_a_response_that_is_sent_twice_is_proposed_once(house: Visitor) -> None:
    codes = [house.post("/responses/new", RESPONSE).status_code for _ in range(2)]
    assert codes == [303, 409]
    assert count(IncidentResponse) == 1
    assert house.post("/responses/new", RESPONSE | {"supplier": "S-0042"}).status_code == 303


def test_responses_are_found_by_name_supplier_and_state(house: Visitor) -> None:
    house.post("/responses/new", RESPONSE | {"name": "Forgings stop"})
    house.post("/responses/new", RESPONSE | {"name": "Anodes stop", "supplier": "S-0042"})
    supplier = house.get("/responses/?sort=-supplier").text
    assert supplier.index("Anodes stop") < supplier.index("Forgings stop")
    assert "Forgings stop" not in house.get("/responses/?q=kestrel").text
    assert "Anodes stop" in house.get("/responses/?q=kestrel&state=proposed").text
    assert "No response fits these filters" in house.get("/responses/?state=retired").text


def test_what_holds_is_changed_whatever_was_refused_since(house: Visitor) -> None:
    with db.transaction() as session:
        made = {
            "name": "Castings stop", "steps": [{"title": "Call", "owner": "B", "hours": 4}],
            "approver": "B", "air_freight": [], "author": "W", "made_at": NOW, "reason": REASON,
            "decided_at": NOW, "decided_by": "B", "key": uuid.uuid4(),
        }  # fmt: skip
        holds = IncidentResponse(**made, version=1, state="in_force")
        session.add_all([holds, IncidentResponse(**made, version=2, state="refused")])
        session.flush()
        there = f"/responses/{holds.public_id}/version"
    version = house.get(there).text.split('name="version"')[1].split('value="')[1].split('"')[0]
    assert version == "2"
    assert house.post(there, RESPONSE | {"version": version}).status_code == 303
    assert house.post(there, RESPONSE | {"version": version}).status_code == 409


def test_a_response_is_printed_before_anything_happens(house: Visitor) -> None:
    there = house.post("/responses/new", RESPONSE | {"name": "Stop; “now”\r\nX: 1"}).location
    assert f'href="{there}/card"' in house.get(there).text
    answer = house.get(f"{there}/card")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.data.startswith(b"%PDF-")
    told = answer.headers["Content-Disposition"]
    assert told.startswith('attachment; filename="contingency card Stop_')
    assert told.isascii()
    assert "\n" not in told
    assert house.get(f"/responses/{uuid.uuid4()}/card").status_code == 404


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"supplier": "nobody"}, "There is no supplier"),
        ({"title": "\u200b"}, "Required"),
        ({"started_at": "2026-11-22T09:00"}, "give a moment between"),
        ({"started_at": "0001-01-01T00:00"}, "give a moment between"),
        ({"parts": "P-S-0042-0, P-9"}, "There is no part"),
        ({"others": "S-9999"}, "There is no supplier"),
        ({"response": "not-a-key"}, "Not a valid choice"),
        ({"details": "x" * 10_001}, "At most 2,000 characters"),
    ],
)
def test_an_incident_that_cannot_be_says_why_and_stores_nothing(
    house: Visitor, changes: dict[str, str], says: str
) -> None:
    form = {"supplier": "S-0042", "title": "Furnace burnt", "cause": "", "response": ""}
    answer = house.post("/incidents/new", form | changes)
    assert answer.status_code == 422
    assert says in words(answer)
    assert count(Incident) == 0


def test_a_room_is_led_listed_exported_and_refuses_an_old_tab(house: Visitor) -> None:
    form = {"supplier": "S-0042", "title": "Furnace burnt", "cause": "", "response": ""}
    there = house.post("/incidents/new", form).headers["Location"]
    assert house.post("/incidents/new", form).status_code == 409
    step = {"state": "dismissed", "version": "1", "reason": ""}
    refused = house.post(f"{there}/state", step)
    assert (refused.status_code, "10 to 500" in words(refused)) == (422, True)
    assert house.post(f"{there}/state", {"state": "confirmed", "version": "1"}).status_code == 303
    late = house.post(f"{there}/state", {"state": "contained", "version": "1"})
    assert (late.status_code, "Somebody changed it" in words(late)) == (409, True)
    facts = {"title": "Furnace burnt", "cause": "", "signalled_at": "2026-11-21T09:00",
             "cost": "1e400", "currency": "EUR", "version": "2"}  # fmt: skip
    assert house.post(f"{there}/facts", facts).status_code == 422
    part = house.post(f"{there}/parts", {"part": "P-9"})
    assert (part.status_code, "There is no part" in words(part)) == (422, True)
    assert house.post(f"{there}/parts/{2**64}/remove").status_code == 404
    listed = house.get("/incidents/?state=running&format=csv").text.splitlines()
    assert (len(listed), "Furnace burnt,confirmed,S-0042" in listed[1]) == (2, True)


def test_a_backup_is_named_led_and_listed(house: Visitor) -> None:
    with db.transaction() as session:
        facts.part(session, number="P-7")
    form = {"part": "P-7", "supplier": "S-0042", "owner": "Weber", "rotate_days": "180"}
    for changes, says in (
        ({"target_percent": "101"}, "From 0 to 100."),
        ({"capacity": "1.0000001"}, "At most 6 decimals"),
        ({"ready_days": "-1"}, "From 0 to 3,650."),
        ({"due_on": "9999-12-31"}, "is not a day from"),
        ({"rotate_days": ""}, "Required"),
    ):
        answer = house.post("/backup-suppliers/new", form | changes)
        assert (answer.status_code, says in words(answer)) == (422, True), says
    there = house.post("/backup-suppliers/new", form | {"due_on": TODAY.isoformat()}).headers[
        "Location"
    ]
    step = {"reason": REASON, "version": "1", "next_due_on": "2027-01-31"}
    assert house.post(f"{there}/advance", step).status_code == 303
    assert house.post(f"{there}/advance", step).status_code == 409
    assert "sampling" in words(house.get("/backup-suppliers/?stage=sampling"))
    assert "no data" in words(house.get("/backup-suppliers/coverage"))
    assert house.get("/backup-suppliers/coverage?format=json").status_code == 200
