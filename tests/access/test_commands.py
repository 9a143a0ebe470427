"""Roles and tokens from the command line, with the page's rules."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from app.base import db
from app.base.db import Database
from app.platform.accounts import grants
from tests.access import house
from tests.access.house import CANARY_A
from tests.web_app import app_on

REASON = "needed on the command line"


@pytest.fixture
def app(database: Database, tmp_path: Path) -> Flask:
    """The application on both worlds."""
    return app_on(database, tmp_path)


def run(app: Flask, *words: str) -> Result:
    """Run a command as it is typed."""
    return app.test_cli_runner().invoke(args=list(words))


def held(name: str) -> set[str]:
    with db.reading() as session:
        return set(grants.roles_held(session, house.user_id(session, name)))


def test_a_role_is_given_and_taken_back(app: Flask) -> None:
    address = house.email("auditor")
    given = run(
        app, "users", "grant", "--email", address, "--role", "buyer", "--reason", REASON,
        "--category", f"{CANARY_A} above", "--until", "2027-01-31",
    )  # fmt: skip
    assert given.output == f"{address} is buyer now.\n"
    assert held("auditor") == {"auditor", "buyer"}
    listed = run(app, "users", "list").output
    assert f"{address}\tauditor\tactive\tBuyer, Auditor\n" in listed
    taken = run(app, "users", "revoke", "--email", address, "--role", "buyer", "--reason", REASON)
    assert taken.output == f"{address} is buyer no longer.\n"
    assert held("auditor") == {"auditor"}


def test_the_command_line_says_when_nobody_else_agreed(app: Flask) -> None:
    given = run(
        app, "users", "grant", "--email", house.email("auditor"), "--role", "administrator",
        "--reason", REASON,
    )  # fmt: skip
    assert "marked as not independent" in given.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--email", "nobody@example.com", "--role", "buyer"], "There is no account"),
        (["--email", house.email("auditor"), "--role", "service"], "Invalid value"),
        (
            ["--email", house.email("auditor"), "--role", "buyer", "--category", "nothing"],
            "There is no category 'nothing'",
        ),
        (["--email", house.email("contact_a"), "--role", "buyer"], "E-ACC-09"),
    ],
)
def test_what_cannot_be_given_is_said(app: Flask, words: list[str], said: str) -> None:
    answer = run(app, "users", "grant", "--reason", REASON, *words)
    assert answer.exit_code != 0
    assert said in answer.output


def test_a_token_is_made_listed_and_taken_back(app: Flask) -> None:
    made = run(app, "tokens", "make", "--name", "erp", "--scope", "imports.publish")
    assert made.output.startswith("mst_")
    listed = run(app, "tokens", "list").output
    key, name, scopes, _, state = listed.strip().split("\t")
    assert (name, scopes, state) == ("erp", "imports.publish", "works")
    assert made.output.strip() not in listed
    assert run(app, "tokens", "revoke", key, "--reason", REASON).output == "The token is dead.\n"
    assert run(app, "tokens", "list").output.strip().endswith("dead")
