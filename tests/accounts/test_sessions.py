"""Server-side sessions: seen, ended one by one, ended at once, and never found out."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from app.base import clock, db
from app.platform.accounts import identity, queries, services, sessions
from app.platform.accounts.models import AccountKind, User
from tests.accounts.test_sign_in import status_with
from tests.conftest import NOW
from tests.web_app import PASSWORD, Visitor, add_person, words

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
END = re.compile(r'action="(/account/sessions/[0-9a-f-]{36}/end)"')


@pytest.fixture
def person(app: Flask) -> int:
    return add_person(app)


@pytest.fixture
def owner(app: Flask, person: int) -> Visitor:
    browser = Visitor(app)
    browser.sign_in()
    return browser


def signed_in_elsewhere(app: Flask) -> Visitor:
    browser = Visitor(app)
    browser.client.environ_base.update(HTTP_USER_AGENT=FIREFOX, REMOTE_ADDR="203.0.113.9")
    browser.sign_in()
    return browser


def test_the_page_names_device_network_and_what_was_given(app: Flask, owner: Visitor) -> None:
    signed_in_elsewhere(app)
    said = words(owner.get("/account/sessions"))
    assert "Firefox on Linux 203.0.113.0/24 password 21 Nov 2026 09:30 UTC" in said
    assert said.count("this one") == 1
    # The network is enough; the full address stays out.
    assert "203.0.113.9" not in said


def test_one_session_is_ended_from_another(app: Flask, owner: Visitor) -> None:
    other = signed_in_elsewhere(app)
    found = END.search(owner.get("/account/sessions").text)
    assert found is not None
    assert owner.post(found.group(1)).status_code == 303
    assert status_with(app, other.cookie) == 401
    assert owner.get("/account/sessions").status_code == 200


def test_ending_all_others_leaves_this_one(app: Flask, owner: Visitor) -> None:
    others = [signed_in_elsewhere(app), signed_in_elsewhere(app)]
    assert owner.post("/account/sessions/end-others").status_code == 303
    assert [status_with(app, other.cookie) for other in others] == [401, 401]
    assert "2 other sessions ended." in words(owner.get("/account/sessions"))


def test_nobody_ends_a_session_of_somebody_else(app: Flask, owner: Visitor) -> None:
    add_person(app, email="outsider@example.com")
    outsider = Visitor(app)
    outsider.sign_in(email="outsider@example.com")
    with db.reading() as session:
        theirs = queries.open_sessions(session, 1, this_hash=None, at=NOW)
    answer = outsider.post(f"/account/sessions/{theirs[0].public_id}/end")
    assert answer.status_code == 404
    assert owner.get("/account/sessions").status_code == 200


def test_an_administrator_ends_all_sessions_of_somebody(app: Flask, owner: Visitor) -> None:
    with db.reading() as session:
        public_id = queries.people(session)[0].public_id
    add_person(app, email="boss@example.com")
    boss = Visitor(app)
    boss.sign_in(email="boss@example.com")
    assert boss.post(f"/people/{public_id}/sessions/end").status_code == 303
    assert status_with(app, owner.cookie) == 401


def test_the_page_shows_no_id_that_opens_a_session(app: Flask, owner: Visitor) -> None:
    page = owner.get("/account/sessions").text
    with db.reading() as session:
        row = session.connection().exec_driver_sql("SELECT id_hash FROM web_session").one()
    assert owner.cookie not in page
    assert row[0] not in page


def test_a_changed_address_ends_every_session(app: Flask, owner: Visitor, person: int) -> None:
    with db.transaction() as session:
        services.change_email(session, user_id=person, email="new@example.com")
    assert status_with(app, owner.cookie) == 401
    assert Visitor(app).sign_in(email="new@example.com").status_code == 302


def test_a_role_change_ends_sessions_with_one_call(app: Flask, owner: Visitor, person: int) -> None:
    with db.transaction() as session:
        assert sessions.end_sessions(session, user_id=person) == 1
    assert status_with(app, owner.cookie) == 401


def test_rest_is_not_prolonged_by_the_list_of_sessions_of_another_browser(
    app: Flask, owner: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = signed_in_elsewhere(app)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=20))
    owner.get("/account/sessions")
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=31))
    assert "Firefox on Linux" not in words(owner.get("/account/sessions"))
    assert status_with(app, other.cookie) == 401


def test_a_suppliers_person_rests_a_quarter_of_an_hour(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    email = "contact@example.com"
    with app.app_context(), db.transaction() as session:
        contact = User(
            email=email, name="N. Okafor", kind=AccountKind.SUPPLIER, uniquifier="c" * 64
        )
        contact.password_hash = identity.hash_password(PASSWORD)
        session.add(contact)
    browser = Visitor(app)
    browser.sign_in(email=email)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=14))
    # Signed in, though without a role: refused, not asked to sign in.
    assert browser.get("/account/sessions").status_code == 403
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=30))
    assert browser.get("/account/sessions").status_code == 302
