"""Second factors: once set up, a password alone opens nothing; each code works once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.base import clock, db
from app.base.db import Database
from app.platform.accounts import factors, identity, queries, services
from app.platform.accounts.models import SecretPurpose
from app.platform.audit.models import SecurityEvent
from tests.accounts.codes import begin_app, code_at, set_up_app
from tests.accounts.test_sign_in import status_with
from tests.conftest import NOW
from tests.web_app import EMAIL, PASSWORD, Visitor, add_person, app_on, words

# Half a minute later the app shows the next code.
NEXT = NOW + timedelta(seconds=30)


@pytest.fixture
def person(app: Flask) -> int:
    return add_person(app)


@pytest.fixture
def owner(app: Flask, person: int) -> Visitor:
    """Somebody who has signed in with a password just now."""
    browser = Visitor(app)
    assert browser.sign_in().status_code == 302
    return browser


def half_signed_in(app: Flask) -> Visitor:
    browser = Visitor(app)
    assert browser.sign_in().headers["Location"] == "/sign-in/second"
    return browser


def test_the_codes_are_those_of_rfc_6238() -> None:
    key = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert code_at(key, datetime.fromtimestamp(59, UTC)) == "287082"
    assert code_at(key, datetime.fromtimestamp(1_111_111_109, UTC)) == "081804"


def test_an_app_counts_once_it_has_shown_a_good_code(app: Flask, owner: Visitor) -> None:
    begin_app(owner)
    assert owner.post("/account/factors/app", {"code": "000000"}).status_code == 422
    assert Visitor(app).sign_in().headers["Location"] == "/"
    _, codes = set_up_app(owner, NOW)
    assert len(codes) == 10
    assert len(set(codes)) == 10
    assert Visitor(app).sign_in().headers["Location"] == "/sign-in/second"


def test_a_password_alone_reaches_nothing(app: Flask, owner: Visitor) -> None:
    set_up_app(owner, NOW)
    browser = half_signed_in(app)
    for path in ("/", "/jobs/", "/password", "/account/factors", "/account/sessions"):
        assert browser.get(path).headers["Location"].startswith("/sign-in"), path
    assert browser.post("/account/recovery-codes").status_code == 401


def test_password_and_code_open_the_house(
    app: Flask, owner: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, _ = set_up_app(owner, NOW)
    monkeypatch.setattr(clock, "now", lambda: NEXT)
    browser = half_signed_in(app)
    before = browser.cookie
    answer = browser.post("/sign-in/second", {"code": code_at(key, NEXT)})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert browser.get("/account/sessions").status_code == 200
    assert browser.cookie != before


def test_the_same_code_twice_is_refused(
    app: Flask, owner: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, _ = set_up_app(owner, NOW)
    # The code that set the app up is used already.
    assert (
        half_signed_in(app).post("/sign-in/second", {"code": code_at(key, NOW)}).status_code == 401
    )
    monkeypatch.setattr(clock, "now", lambda: NEXT)
    code = code_at(key, NEXT)
    assert half_signed_in(app).post("/sign-in/second", {"code": code}).status_code == 302
    again = half_signed_in(app).post("/sign-in/second", {"code": code})
    assert again.status_code == 401
    assert "The code is wrong or was used already." in words(again)


def test_the_sixth_wrong_code_waits_whatever_network_it_comes_from(
    app: Flask, owner: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, _ = set_up_app(owner, NOW)
    monkeypatch.setattr(clock, "now", lambda: NEXT)
    browser = half_signed_in(app)
    for number in range(5):
        answer = browser.post(
            "/sign-in/second",
            {"code": "000000"},
            environ_base={"REMOTE_ADDR": f"198.51.{number}.1"},
        )
        assert answer.status_code == 401
    answer = browser.post("/sign-in/second", {"code": code_at(key, NEXT)})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "600")
    assert "Too many wrong codes. Wait 10 minutes, then try again." in words(answer)


def test_a_recovery_code_lets_in_once(app: Flask, owner: Visitor) -> None:
    _, codes = set_up_app(owner, NOW)
    typed = codes[0].replace("-", " ").upper()
    assert half_signed_in(app).post("/sign-in/second", {"code": typed}).status_code == 302
    assert half_signed_in(app).post("/sign-in/second", {"code": codes[0]}).status_code == 401
    assert half_signed_in(app).post("/sign-in/second", {"code": codes[1]}).status_code == 302


def test_new_recovery_codes_end_the_older_ones(app: Flask, owner: Visitor) -> None:
    _, codes = set_up_app(owner, NOW)
    answer = owner.post("/account/recovery-codes")
    assert answer.status_code == 200
    assert codes[0] not in answer.text
    assert half_signed_in(app).post("/sign-in/second", {"code": codes[0]}).status_code == 401


def test_the_half_way_house_closes_after_ten_minutes(
    app: Flask, owner: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, _ = set_up_app(owner, NOW)
    browser = half_signed_in(app)
    late = NOW + timedelta(minutes=10, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: late)
    answer = browser.post("/sign-in/second", {"code": code_at(key, late)})
    assert answer.headers["Location"] == "/sign-in"


def test_a_one_time_link_does_not_skip_the_second_factor(
    app: Flask, owner: Visitor, person: int
) -> None:
    set_up_app(owner, NOW)
    with db.transaction() as session:
        secret = services.issue_secret(
            session, user_id=person, purpose=SecretPurpose.SIGN_IN, by="test"
        )
    answer = Visitor(app).post("/sign-in/once", {"secret": secret})
    assert answer.headers["Location"] == "/sign-in/second"


def test_a_new_factor_ends_every_other_session_and_renews_this_one(
    app: Flask, owner: Visitor
) -> None:
    other = Visitor(app)
    other.sign_in()
    copied = owner.cookie
    set_up_app(owner, NOW)
    assert status_with(app, other.cookie) == 401
    assert status_with(app, copied) == 401
    assert owner.get("/account/factors").status_code == 200


def test_removing_the_app_leaves_no_recovery_codes(app: Flask, owner: Visitor, person: int) -> None:
    set_up_app(owner, NOW)
    assert owner.post("/account/factors/app/remove").status_code == 303
    with db.reading() as session:
        assert factors.recovery_codes_left(session, person) == 0
    assert Visitor(app).sign_in().headers["Location"] == "/"


def test_the_database_holds_no_secret_in_the_clear(app: Flask, owner: Visitor) -> None:
    key, codes = set_up_app(owner, NOW)
    with db.reading() as session:
        connection = session.connection()
        rows = [
            *connection.exec_driver_sql("SELECT * FROM totp_factor").all(),
            *connection.exec_driver_sql("SELECT * FROM recovery_code").all(),
            *connection.exec_driver_sql("SELECT * FROM outbox_message").all(),
        ]
    kept = " ".join(str(value) for row in rows for value in row)
    assert key.replace("-", "").replace(" ", "") not in kept
    assert [code for code in codes if code in kept or code.replace("-", "") in kept] == []


def test_a_sealed_secret_opens_with_its_own_key_alone(
    app: Flask, database: Database, tmp_path: Path
) -> None:
    with app.app_context():
        sealed = identity.new_totp_secret()
        key = identity.totp_key(sealed)
    other = app_on(database, tmp_path, MAINSTAY_SECRET_KEY="o" * 48)
    with other.app_context():
        try:
            opened = identity.totp_key(sealed)
        except ValueError:
            opened = None
    assert opened != key


def test_where_a_second_factor_is_required_a_password_opens_its_page_alone(
    database: Database, tmp_path: Path
) -> None:
    app = app_on(database, tmp_path, MAINSTAY_REQUIRE_SECOND_FACTOR="yes")
    add_person(app)
    browser = Visitor(app)
    browser.sign_in()
    for path in ("/", "/jobs/", "/account/sessions", "/account/email"):
        assert browser.get(path).headers["Location"] == "/account/factors", path
    assert "This house asks for a second factor." in words(browser.get("/account/factors"))
    set_up_app(browser, NOW)
    assert browser.get("/account/sessions").status_code == 200


def test_the_local_administrator_on_this_machine_is_spared(
    database: Database, tmp_path: Path
) -> None:
    app = app_on(database, tmp_path, MAINSTAY_REQUIRE_SECOND_FACTOR="yes")
    with db.transaction() as session:
        link = services.one_time_sign_in(session, by="test", base_url="http://localhost")
    browser = Visitor(app)
    browser.post("/sign-in/once", {"secret": link.split("#")[1]})
    browser.post("/password", {"password": PASSWORD, "repeated": PASSWORD})
    assert browser.get("/account/sessions").status_code == 200


def test_an_old_proof_is_asked_for_anew_before_a_factor_changes(
    app: Flask, owner: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = NOW + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: later)
    answer = owner.post("/account/factors/app/begin")
    assert answer.headers["Location"] == "/confirm?next=/account/factors"
    before = owner.cookie
    wrong = owner.post("/confirm", {"password": "not the right one", "next": "/account/factors"})
    assert wrong.status_code == 401
    right = owner.post("/confirm", {"password": PASSWORD, "next": "/account/factors"})
    assert right.headers["Location"] == "/account/factors"
    assert owner.cookie != before
    assert owner.post("/account/factors/app/begin").headers["Location"] == "/account/factors/app"


def test_the_proof_asks_for_the_code_too_where_there_is_one(
    app: Flask, owner: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, _ = set_up_app(owner, NOW)
    later = NOW + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert owner.post("/confirm", {"password": PASSWORD}).status_code == 401
    both = {"password": PASSWORD, "code": code_at(key, later)}
    assert owner.post("/confirm", both).status_code == 303


def test_a_lost_second_factor_is_removed_by_an_administrator(
    app: Flask, owner: Visitor, person: int
) -> None:
    set_up_app(owner, NOW)
    add_person(app, email="boss@example.com")
    boss = Visitor(app)
    boss.sign_in("boss@example.com")
    with db.reading() as session:
        found = queries.person_by_id(session, person)
    assert found is not None
    answer = boss.post(f"/people/{found.public_id}/factors/reset", {"next": "/account/sessions"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/sessions")
    assert status_with(app, owner.cookie) == 401
    assert Visitor(app).sign_in(EMAIL).headers["Location"] == "/"


def test_a_lost_second_factor_is_removed_on_the_command_line(app: Flask, owner: Visitor) -> None:
    set_up_app(owner, NOW)
    done = app.test_cli_runner().invoke(args=["users", "reset-factors", "--email", EMAIL])
    assert done.exit_code == 0, done.output
    assert "has no second factor now; every session ended." in done.output
    assert status_with(app, owner.cookie) == 401
    assert Visitor(app).sign_in(EMAIL).headers["Location"] == "/"


def test_what_happens_at_the_door_stands_in_the_security_log(
    app: Flask, owner: Visitor, person: int
) -> None:
    set_up_app(owner, NOW)
    Visitor(app).sign_in(password="not the right one")
    half_signed_in(app).post("/sign-in/second", {"code": "000000"})
    owner.post("/sign-out")
    with db.reading() as session:
        kinds = list(session.scalars(select(SecurityEvent.kind).order_by(SecurityEvent.id)))
    assert kinds == ["sign_in", "factor.added", "sign_in.failed", "factor.failed", "sign_out"]
