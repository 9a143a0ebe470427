"""Signing in: who gets in, who does not, and what neither can find out."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from app.base import clock, db
from app.base.db import Database
from app.platform.accounts import identity, services
from app.platform.accounts.models import SecretPurpose
from tests.conftest import NOW
from tests.web_app import EMAIL, Visitor, add_person, app_on, words


@pytest.fixture
def person(app: Flask) -> int:
    return add_person(app)


@pytest.mark.usefixtures("person")
def test_the_right_password_opens_the_house(visitor: Visitor) -> None:
    answer = visitor.sign_in()
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert visitor.get("/password").status_code == 200


@pytest.mark.usefixtures("person")
def test_the_address_is_taken_in_any_case(visitor: Visitor) -> None:
    assert visitor.sign_in(email=" M.Weber@Example.COM ").status_code == 302


@pytest.mark.usefixtures("person")
def test_a_wrong_password_and_an_unknown_person_get_the_same_answer(app: Flask) -> None:
    wrong = Visitor(app).sign_in(password="not the right one")
    unknown = Visitor(app).sign_in(email="n.obody@example.com")
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert "Mail address or password is wrong." in words(wrong)
    assert words(wrong) == words(unknown)


@pytest.mark.usefixtures("person")
def test_an_unknown_person_costs_as_many_hashes_as_a_known_one(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    real = identity.password_matches
    monkeypatch.setattr(
        identity, "password_matches", lambda p, h: (checked.append(h), real(p, h))[1]
    )
    Visitor(app).sign_in(password="not the right one")
    Visitor(app).sign_in(email="n.obody@example.com")
    assert len(checked) == 2
    assert all(h.startswith("$argon2id$") for h in checked)


@pytest.mark.usefixtures("person")
def test_the_eleventh_wrong_try_waits(visitor: Visitor) -> None:
    for _ in range(10):
        assert visitor.sign_in(password="not the right one").status_code == 401
    answer = visitor.sign_in(password="not the right one")
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "900"
    assert "Too many wrong tries. Wait 15 minutes, then try again." in words(answer)
    # The right password does not help before the time is over, so that it can't be guessed on.
    assert visitor.sign_in().status_code == 429


def test_the_eleventh_try_for_an_unknown_person_waits_with_the_same_words(
    visitor: Visitor,
) -> None:
    for _ in range(10):
        visitor.sign_in(email="n.obody@example.com")
    answer = visitor.sign_in(email="n.obody@example.com")
    assert answer.status_code == 429
    assert "Too many wrong tries. Wait 15 minutes, then try again." in words(answer)


@pytest.mark.usefixtures("person")
def test_tries_are_forgotten_after_a_quarter_of_an_hour(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(10):
        visitor.sign_in(password="not the right one")
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=15, seconds=1))
    assert visitor.sign_in().status_code == 302


@pytest.mark.usefixtures("person")
def test_a_victim_of_guessing_still_gets_in_from_elsewhere(app: Flask) -> None:
    guesser = Visitor(app)
    for _ in range(11):
        guesser.sign_in(password="not the right one")
    answer = Visitor(app).post(
        "/sign-in",
        {"email": EMAIL, "password": "a calm and dense panel"},
        environ_base={"REMOTE_ADDR": "192.0.2.7"},
    )
    assert answer.status_code == 302


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize(
    "target",
    [
        "//evil.example", "///evil", "\\\\evil", "/\\evil", "https:evil", "/%2fevil", "/%5cevil",
        "javascript:alert(1)", "http://localhost@evil", "/\tevil", "/\n/evil", "http://evil/", "x",
        "//e", "///e", "////example.com", "\\\\e", "\\\\\\github.com", "/\\e", "https:e", "%2f%2fe",
        "javascript:", "http://host@e", "\t//e", "/\r\n//e", "/%09/e", "/%0a/e",
    ],
)  # fmt: skip
def test_the_way_on_never_leaves_this_host(visitor: Visitor, target: str) -> None:
    answer = visitor.post(
        "/sign-in", {"email": EMAIL, "password": "a calm and dense panel", "next": target}
    )
    assert answer.headers["Location"] == "/"


@pytest.mark.usefixtures("person")
def test_signing_in_leads_to_the_page_that_was_asked_for(visitor: Visitor) -> None:
    asked = visitor.get("/jobs/?state=failed")
    assert asked.headers["Location"] == "/sign-in?next=%2Fjobs%2F%3Fstate%3Dfailed"
    answer = visitor.post(
        "/sign-in",
        {"email": EMAIL, "password": "a calm and dense panel", "next": "/jobs/?state=failed"},
    )
    assert answer.headers["Location"] == "/jobs/?state=failed"


@pytest.mark.usefixtures("person")
def test_the_session_is_another_one_after_sign_in(visitor: Visitor) -> None:
    visitor.get("/sign-in")
    before = visitor.cookie
    token_before = visitor.token()
    visitor.sign_in()
    assert visitor.cookie != before
    assert visitor.token() != token_before


@pytest.mark.usefixtures("person")
def test_a_cookie_set_before_sign_in_is_not_taken_over(visitor: Visitor) -> None:
    visitor.client.set_cookie("session", "chosen-by-somebody-else")
    visitor.sign_in()
    assert visitor.cookie != "chosen-by-somebody-else"


@pytest.mark.usefixtures("person")
def test_a_copied_cookie_is_dead_after_sign_out(app: Flask, visitor: Visitor) -> None:
    visitor.sign_in()
    copied = visitor.cookie
    answer = visitor.post("/sign-out")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert status_with(app, copied) == 401


def test_a_copied_cookie_is_dead_after_disabling(app: Flask, visitor: Visitor, person: int) -> None:
    visitor.sign_in()
    with db.transaction() as session:
        services.disable(session, user_id=person)
    assert status_with(app, visitor.cookie) == 401
    assert visitor.sign_in().status_code == 401


@pytest.mark.usefixtures("person")
def test_a_copied_cookie_is_dead_after_a_new_password(app: Flask, visitor: Visitor) -> None:
    visitor.sign_in()
    copied = visitor.cookie
    changed = visitor.post(
        "/password",
        {
            "present": "a calm and dense panel",
            "password": "hairlines between rows",
            "repeated": "hairlines between rows",
        },
    )
    assert changed.status_code == 302
    assert status_with(app, copied) == 401
    assert visitor.get("/password").status_code == 200


@pytest.mark.usefixtures("person")
def test_a_session_that_rests_half_an_hour_is_over(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.sign_in()
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=29))
    assert visitor.get("/password").status_code == 200
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=58))
    assert visitor.get("/password").status_code == 200
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=89))
    assert visitor.get("/password").status_code == 302


@pytest.mark.usefixtures("person")
def test_a_session_ends_after_twelve_hours_however_busy(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.sign_in()
    for minutes in range(20, 12 * 60, 20):
        at = NOW + timedelta(minutes=minutes)
        monkeypatch.setattr(clock, "now", lambda at=at: at)
        assert visitor.get("/password").status_code == 200
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=12, seconds=1))
    assert visitor.get("/password").status_code == 302


@pytest.mark.usefixtures("person")
def test_the_database_holds_no_session_id_and_no_password(visitor: Visitor, app: Flask) -> None:
    visitor.sign_in()
    with db.reading() as session:
        row = session.connection().exec_driver_sql("SELECT * FROM web_session").one()
        user = session.connection().exec_driver_sql('SELECT * FROM "user"').one()
    assert visitor.cookie not in " ".join(map(str, row))
    assert "calm and dense" not in " ".join(map(str, user))


@pytest.mark.usefixtures("person")
def test_a_password_of_a_million_characters_is_refused_unhashed(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "password_matches", lambda *_: pytest.fail("hashed"))
    assert visitor.sign_in(password="x" * 1_000_000).status_code == 422


def test_cookies_are_bound_to_the_host_where_https_is_configured(
    database: Database, tmp_path: Path
) -> None:
    app = app_on(database, tmp_path, MAINSTAY_BASE_URL="https://mainstay.example.com")
    answer = app.test_client().get("/sign-in", base_url="https://mainstay.example.com")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert flag in cookie
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_the_browser_is_known_by_a_cookie_of_the_same_kind(
    database: Database, tmp_path: Path
) -> None:
    app = app_on(database, tmp_path, MAINSTAY_BASE_URL="https://mainstay.example.com")
    person = add_person(app)
    with db.transaction() as session:
        secret = services.issue_secret(
            session, user_id=person, purpose=SecretPurpose.SIGN_IN, by="test"
        )
    client, home = app.test_client(), "https://mainstay.example.com"
    page = client.get("/sign-in/once", base_url=home).text
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    answer = client.post(
        "/sign-in/once",
        data={"csrf_token": token, "secret": secret},
        base_url=home,
        headers={"Origin": home},
    )
    cookies = [each for each in answer.headers.getlist("Set-Cookie") if "device=" in each]
    assert len(cookies) == 1
    assert cookies[0].startswith("__Host-device=")
    for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert flag in cookies[0]
    assert "Domain" not in cookies[0]


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize(
    "path", ["/account/sessions", "/account/factors", "/account/email", "/password", "/confirm"]
)
def test_pages_of_an_account_are_kept_by_no_cache(visitor: Visitor, path: str) -> None:
    visitor.sign_in()
    answer = visitor.get(path)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Cookie" in answer.headers["Vary"]


def status_with(app: Flask, cookie: str) -> int:
    """Return what a program gets that replays a cookie."""
    client = app.test_client()
    client.set_cookie("session", cookie)
    return client.get("/password", headers={"Accept": "application/json"}).status_code
