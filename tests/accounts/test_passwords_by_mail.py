"""The way back in: links that work once, for one hour, for one purpose, and tell nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from app.base import clock, db
from app.platform.accounts import letters, queries, services
from app.platform.accounts.models import SecretPurpose, User
from app.platform.outbox import links
from app.schema import metadata
from tests.accounts.codes import set_up_app
from tests.accounts.test_sign_in import status_with
from tests.conftest import NOW
from tests.web_app import EMAIL, PASSWORD, Visitor, add_person, words

DEAD = "This link is no longer valid. Ask for a new one."
NEW = "three blue kingfishers"


@pytest.fixture
def person(app: Flask) -> int:
    return add_person(app)


def mails() -> list[tuple[str, str, str | None]]:
    with db.reading() as session:
        rows = session.connection().exec_driver_sql(
            "SELECT recipient, text, link_kind FROM outbox_message ORDER BY id"
        )
        return [(row[0], row[1], row[2]) for row in rows]


def secret_of(link: str | None) -> str:
    assert link is not None
    return link.split("#")[1]


def reset_secret(person: int) -> str:
    with db.transaction() as session:
        return secret_of(links.make(session, "reset", str(person), base_url="http://localhost"))


def set_password(browser: Visitor, secret: str, password: str = NEW) -> int:
    form = {"secret": secret, "password": password, "repeated": password}
    return browser.post("/password/reset", form).status_code


@pytest.mark.usefixtures("person")
def test_a_known_and_an_unknown_address_get_the_same_answer(app: Flask) -> None:
    known = Visitor(app).post("/password/forgotten", {"email": EMAIL})
    unknown = Visitor(app).post("/password/forgotten", {"email": "n.obody@example.com"})
    assert known.status_code == unknown.status_code == 200
    assert words(known).replace(EMAIL, "") == words(unknown).replace("n.obody@example.com", "")
    assert [(to, kind) for to, _, kind in mails()] == [(EMAIL, "reset")]


@pytest.mark.usefixtures("person")
def test_a_waiting_mail_holds_no_link(visitor: Visitor) -> None:
    visitor.post("/password/forgotten", {"email": EMAIL})
    ((_, text, _),) = mails()
    assert "[a link that is made when this mail is sent]" in text
    assert "#" not in text


def test_a_reset_link_sets_the_password_once_and_ends_every_session(
    app: Flask, person: int
) -> None:
    owner = Visitor(app)
    owner.sign_in()
    secret = reset_secret(person)
    assert set_password(Visitor(app), secret) == 302
    assert status_with(app, owner.cookie) == 401
    again = Visitor(app).post(
        "/password/reset", {"secret": secret, "password": PASSWORD, "repeated": PASSWORD}
    )
    assert again.status_code == 400
    assert DEAD in words(again)
    assert Visitor(app).sign_in(password=NEW).status_code == 302


def test_a_reset_link_is_over_after_an_hour(
    app: Flask, person: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = reset_secret(person)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=1))
    assert set_password(Visitor(app), secret) == 400


def test_a_secret_of_one_purpose_opens_no_other(app: Flask, person: int) -> None:
    assert Visitor(app).post("/sign-in/once", {"secret": reset_secret(person)}).status_code == 400
    assert (
        Visitor(app).post("/account/email/confirm", {"secret": reset_secret(person)}).status_code
        == 400
    )
    with db.transaction() as session:
        sign_in = services.issue_secret(
            session, user_id=person, purpose=SecretPurpose.SIGN_IN, by="test"
        )
    assert set_password(Visitor(app), sign_in) == 400


def test_a_weak_password_leaves_the_link_good(app: Flask, person: int) -> None:
    secret = reset_secret(person)
    assert set_password(Visitor(app), secret, "123456789012") == 422
    assert set_password(Visitor(app), secret) == 302


def test_a_reset_does_not_skip_the_second_factor(app: Flask, person: int) -> None:
    owner = Visitor(app)
    owner.sign_in()
    set_up_app(owner, NOW)
    browser = Visitor(app)
    assert set_password(browser, reset_secret(person)) == 302
    assert browser.get("/account/sessions").headers["Location"].startswith("/sign-in")
    assert browser.sign_in(password=NEW).headers["Location"] == "/sign-in/second"


def test_a_disabled_account_gets_no_link(person: int) -> None:
    secret = reset_secret(person)
    with db.transaction() as session:
        services.disable(session, user_id=person)
        assert links.make(session, "reset", str(person), base_url="http://localhost") is None
        with pytest.raises(services.InvalidInput, match="no longer valid"):
            services.looked_up(session, secret, SecretPurpose.RESET)


@pytest.mark.parametrize("email", [EMAIL, "n.obody@example.com"])
@pytest.mark.usefixtures("person")
def test_a_flood_of_resets_waits_for_known_and_unknown_alike(visitor: Visitor, email: str) -> None:
    for _ in range(3):
        assert visitor.post("/password/forgotten", {"email": email}).status_code == 200
    answer = visitor.post("/password/forgotten", {"email": email})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")
    assert "Too many requests for a new password. Wait 60 minutes" in words(answer)


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize(
    "email", ["a@b.c\r\nBcc: x@y.z", "not an address", "<m.weber@example.com>"]
)
def test_what_is_no_address_is_answered_like_an_unknown_one(visitor: Visitor, email: str) -> None:
    answer = visitor.post("/password/forgotten", {"email": email})
    assert answer.status_code == 200
    assert mails() == []


def test_an_invitation_by_mail_lets_in_once_and_asks_for_a_password(app: Flask) -> None:
    newcomer = add_person(app, email="new@example.com", password=None)
    with db.transaction() as session:
        invited = queries.person_by_id(session, newcomer)
        assert invited is not None
        letters.invite(session, person=invited, by="M. Weber", house="Acme")
    assert [(to, kind) for to, _, kind in mails()] == [("new@example.com", "invitation")]
    with db.transaction() as session:
        link = links.make(session, "invitation", str(newcomer), base_url="http://localhost")
    answer = Visitor(app).post("/sign-in/once", {"secret": secret_of(link)})
    assert answer.headers["Location"] == "/password"


def test_who_has_a_password_needs_no_invitation_any_more(person: int) -> None:
    with db.transaction() as session:
        made = links.make(session, "invitation", str(person), base_url="http://localhost")
    assert made is None


def test_a_new_address_counts_when_its_link_is_opened(app: Flask, person: int) -> None:
    owner = Visitor(app)
    owner.sign_in()
    assert owner.post("/account/email", {"email": "new@example.com"}).status_code == 303
    assert [(to, kind) for to, _, kind in mails()] == [
        ("new@example.com", "new_email"),
        (EMAIL, None),
    ]
    with db.transaction() as session:
        link = links.make(session, "new_email", str(person), base_url="http://localhost")
    answer = Visitor(app).post("/account/email/confirm", {"secret": secret_of(link)})
    assert answer.status_code == 302
    assert status_with(app, owner.cookie) == 401
    assert Visitor(app).sign_in(email="new@example.com").status_code == 302


def test_an_address_of_somebody_else_is_not_taken_over(app: Flask, person: int) -> None:
    add_person(app, email="other@example.com")
    owner = Visitor(app)
    owner.sign_in()
    owner.post("/account/email", {"email": "other@example.com"})
    with db.transaction() as session:
        link = links.make(session, "new_email", str(person), base_url="http://localhost")
    answer = Visitor(app).post("/account/email/confirm", {"secret": secret_of(link)})
    assert answer.status_code == 400
    assert "other@example.com has an account already." in words(answer)
    assert Visitor(app).sign_in().status_code == 302


@pytest.mark.parametrize("name", ["{{7*7}}", "${7*7}", "{0.__class__}", "{% raw %}x"])
def test_a_name_that_looks_like_a_template_is_printed_as_it_is(app: Flask, name: str) -> None:
    newcomer = add_person(app, email="new@example.com", password=None)
    with db.transaction() as session:
        session.get_one(User, newcomer).name = name
        session.flush()
        invited = queries.person_by_id(session, newcomer)
        assert invited is not None
        letters.invite(session, person=invited, by="M. Weber", house="Acme")
    ((_, text, _),) = mails()
    assert name in text
    assert "49" not in text


def test_no_table_holds_a_secret_that_opens_something(app: Flask, person: int) -> None:
    secrets = [reset_secret(person)]
    with db.transaction() as session:
        for purpose in (SecretPurpose.SIGN_IN, SecretPurpose.INVITATION):
            secrets.append(
                services.issue_secret(session, user_id=person, purpose=purpose, by="test")
            )
    owner = Visitor(app)
    owner.sign_in()
    assert set_password(Visitor(app), secrets[0]) == 302
    owner.sign_in(password=NEW)
    secrets += [owner.cookie, NEW]
    with db.reading() as session:
        connection = session.connection()
        rows = [
            row
            for table in metadata.sorted_tables
            for row in connection.exec_driver_sql(f'SELECT * FROM "{table.name}"')  # noqa: S608
        ]
    kept = " ".join(str(value) for row in rows for value in row)
    assert EMAIL in kept
    assert [secret for secret in secrets if secret in kept] == []
