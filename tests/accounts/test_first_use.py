"""The first administrator: made on the command line, let in once, asked for a password."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from app.base import clock, db
from app.base.errors import Conflict, InvalidInput
from app.platform.accounts import services, values
from tests.conftest import NOW
from tests.web_app import EMAIL, Visitor, words


def invite(app: Flask) -> str:
    """Create an administrator as the command line does; return the one-time secret."""
    result = app.test_cli_runner().invoke(args=["users", "create-admin", "--email", EMAIL])
    assert result.exit_code == 0, result.output
    found = re.search(r"http://127\.0\.0\.1:8000/sign-in/once#(\S+)", result.output)
    assert found is not None
    return found.group(1)


def test_a_new_administrator_is_told_how_to_see_suppliers(app: Flask, visitor: Visitor) -> None:
    made = app.test_cli_runner().invoke(args=["users", "create-admin", "--email", EMAIL])
    assert f"flask users grant --email {EMAIL} --role risk_manager" in made.stderr
    visitor.post("/sign-in/once", {"secret": made.stdout.strip().rpartition("#")[2]})
    set_password = {"password": "three blue kingfishers", "repeated": "three blue kingfishers"}
    visitor.post("/password", set_password)
    assert "flask users grant" in visitor.get("/").text


def test_the_first_use_asks_for_a_password_and_nothing_else_opens(
    app: Flask, visitor: Visitor
) -> None:
    answer = visitor.post("/sign-in/once", {"secret": invite(app)})
    assert answer.headers["Location"] == "/password"
    assert visitor.get("/jobs/").headers["Location"] == "/password"
    set_password = {"password": "three blue kingfishers", "repeated": "three blue kingfishers"}
    assert visitor.post("/password", set_password).headers["Location"] == "/"
    assert visitor.get("/jobs/").status_code == 200
    assert Visitor(app).sign_in(password="three blue kingfishers").status_code == 302


def test_a_one_time_secret_works_once(app: Flask, visitor: Visitor) -> None:
    secret = invite(app)
    visitor.post("/sign-in/once", {"secret": secret})
    again = Visitor(app).post("/sign-in/once", {"secret": secret})
    assert again.status_code == 400
    assert "This link is no longer valid. Ask for a new one." in words(again)


def test_an_invitation_is_over_after_72_hours(
    app: Flask, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = invite(app)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=72))
    assert visitor.post("/sign-in/once", {"secret": secret}).status_code == 400


def test_a_new_one_time_link_ends_the_older_one(app: Flask, visitor: Visitor) -> None:
    with db.transaction() as session:
        first = services.one_time_sign_in(session, by="test", base_url="http://localhost")
        second = services.one_time_sign_in(session, by="test", base_url="http://localhost")
    assert visitor.post("/sign-in/once", {"secret": first.split("#")[1]}).status_code == 400
    assert visitor.post("/sign-in/once", {"secret": second.split("#")[1]}).status_code == 302


def test_the_secret_stands_behind_the_hash_where_no_log_sees_it(app: Flask) -> None:
    with db.transaction() as session:
        link = services.one_time_sign_in(session, by="test", base_url="http://localhost:8000/")
    assert link.startswith("http://localhost:8000/sign-in/once#")


def test_an_address_has_one_account(app: Flask) -> None:
    with db.transaction() as session:
        services.create_admin(session, email="a@b.example", name=None)
    with pytest.raises(Conflict, match="has an account already"), db.transaction() as session:
        services.create_admin(session, email="A@B.example", name=None)


@pytest.mark.parametrize("email", ["", "x", "a@b.c\r\nBcc: x@y.z", "a b@c.de", "<a@b.cd>"])
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(InvalidInput, match="Give one mail address"):
        values.clean_email(email)


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("short", "At least 12 characters"),
        ("x" * 1_025, "At most 1,024 characters"),
        ("abababababab", "at least 5 different characters"),
        ("mainstaymainstay", "Too easy to guess"),
        ("m.weber12345", "Too easy to guess"),
        ("acme gmbh password", "Too easy to guess"),
        ("123456789012", "on, or near, the lists"),
        ("qwertyuiop123", "on, or near, the lists"),
        ("iloveyou123456", "on, or near, the lists"),
        ("Welcome2026!", "on, or near, the lists"),
        ("x7" * 500 + "abc", "on, or near, the lists"),
    ],
)
def test_a_weak_password_is_refused_with_the_remedy(password: str, problem: str) -> None:
    said = values.password_problem(password, email=EMAIL, house_name="Acme GmbH")
    assert said is not None
    assert problem in said


@pytest.mark.parametrize(
    "password",
    [
        "three blue kingfishers",
        "Grüße aus Ωλ 42",
        "a slow grey heron stands in the reeds and waits for the evening tide to turn",
    ],
)
def test_length_decides_and_no_rule_of_composition(password: str) -> None:
    assert values.password_problem(password, email=EMAIL) is None


def test_a_wrong_present_password_changes_nothing(app: Flask, insider: Visitor) -> None:
    answer = insider.post(
        "/password",
        {
            "present": "a wrong guess",
            "password": "three blue kingfishers",
            "repeated": "three blue kingfishers",
        },
    )
    assert answer.status_code == 422
    assert "This is not your present password." in words(answer)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::5", "2001:db8:1::/48"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("nonsense", ""),
        (None, ""),
    ],
)
def test_an_address_is_kept_as_its_network(address: str | None, network: str) -> None:
    assert values.ip_prefix(address) == network
