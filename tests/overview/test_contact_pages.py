"""Contacts are added, changed, verified and removed by hand, within reach and with a trace."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from app.base import db
from app.facts.suppliers.contact_models import Contact
from app.platform.audit.models import AuditEvent
from tests.overview.conftest import House
from tests.web_app import Visitor, words

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
ADLER = {"email": "m.adler@example.com", "name": "Mira Adler", "role": "quality",
         "is_emergency": "y", "keep_until": "2027-03-31"}  # fmt: skip


def stored() -> Contact:
    with db.reading() as session:
        found = session.scalars(select(Contact)).one()
        session.expunge(found)
        return found


def test_a_contact_is_added_changed_verified_and_removed(insider: Visitor, house: House) -> None:
    at = f"{house.fragile}/contacts"
    assert "No contact yet" in words(insider.get(at))
    assert insider.post(at, ADLER).status_code == 303
    own = stored()
    assert (own.last_verified_on, own.keep_until) == (date(2026, 11, 21), date(2027, 3, 31))
    listed = words(insider.get(at))
    for told in ("Mira Adler m.adler@example.com quality", "emergency", "21 Nov 2026 31 Mar 2027"):
        assert told in listed
    one = f"{at}/{own.id}"
    assert 'value="m.adler@example.com"' in insider.get(one).text
    changed = ADLER | {"role": "orders", "keep_until": "", "version": "1"}
    assert insider.post(one, changed).status_code == 303
    # 24 months on, to the end of the month.
    assert (stored().role, stored().keep_until) == ("orders", date(2028, 11, 30))
    stale = insider.post(one, ADLER | {"name": "Someone else", "version": "1"})
    assert stale.status_code == 409
    assert "was changed while you were editing it" in words(stale)
    assert "Someone else" in stale.text
    assert insider.post(f"{one}/verify", {"version": "2"}).status_code == 303
    assert insider.post(f"{one}/verify", {"version": "2"}).status_code == 409
    assert insider.post(f"{one}/remove", {"reason": "short"}).status_code == 422
    left = {"reason": "left the company in autumn"}
    assert insider.post(f"{one}/remove", left).status_code == 303
    assert insider.get(one).status_code == 404
    with db.reading() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.entity == "contact")).all()
        assert [each.action for each in events] == ["create", "change", "change", "delete"]
        # Address and name are personal: the log holds the one not at all, the other sealed.
        told = str([(each.before_json, each.after_json) for each in events])
    assert "m.adler" not in told
    assert "Mira" not in told


@pytest.mark.parametrize(
    ("given", "said", "status"),
    [
        ({"email": "two@example.com, b@example.com"}, "A mail goes to one address", 422),
        ({"email": ""}, "Required", 422),
        ({"name": "x" * 201}, "At most 200 characters", 422),
        ({"keep_until": "2026-11-20"}, "give a day from today on", 422),
        ({"keep_until": "9999-12-31"}, "at most ten years ahead", 422),
    ],
)
def test_a_contact_that_can_not_be_is_refused_and_what_was_typed_is_kept(
    insider: Visitor, house: House, given: dict[str, str], said: str, status: int
) -> None:
    answer = insider.post(f"{house.fragile}/contacts", ADLER | given)
    assert (answer.status_code, said.lower() in words(answer).lower()) == (status, True)
    assert 'value="quality"' in answer.text
    with db.reading() as session:
        assert session.scalars(select(Contact)).all() == []


def test_another_suppliers_contact_is_not_there_and_an_address_stands_once(
    insider: Visitor, house: House
) -> None:
    assert insider.post(f"{house.fragile}/contacts", ADLER).status_code == 303
    assert insider.post(f"{house.fragile}/contacts", ADLER).status_code == 409
    key = stored().id
    assert insider.get(f"{house.fragile}/contacts/{2**63}").status_code == 404
    for path in (f"{house.healthy}/contacts/{key}", f"{house.fragile}/contacts/{key + 1}"):
        assert insider.get(path).status_code == 404
        assert insider.post(path, ADLER | {"version": "1"}).status_code == 404
        assert insider.post(f"{path}/remove", {"reason": "left in autumn"}).status_code == 404
