"""Nobody learns from the time an answer takes whether there is an account."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event

from app.base.db import Database
from tests.accounts.sign_in_timing import add_people, measured
from tests.web_app import EMAIL, PASSWORD, Visitor, add_person, app_on

# The figure to hold is 5 %, measured by `python -m tests.accounts.sign_in_timing` on a machine
# that does nothing else; a hash left out would show as more than 90 % on any.
NOTICEABLE = 0.2


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Collect the statements that the database is asked inside."""
    asked: list[str] = []

    def note(*given: object) -> None:
        asked.append(str(given[2]).split("VALUES")[0])

    for engine in (database.read_engine, database.write_engine):
        event.listen(engine, "before_cursor_execute", note)
    yield asked
    for engine in (database.read_engine, database.write_engine):
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/sign-in", {"password": "not the right one"}),
        ("/password/forgotten", {}),
    ],
)
def test_the_database_is_asked_the_same_for_somebody_and_nobody(
    app: Flask, database: Database, path: str, form: dict[str, str]
) -> None:
    add_person(app)
    browser = Visitor(app)
    with statements(database) as for_somebody:
        browser.post(path, form | {"email": EMAIL})
    with statements(database) as for_nobody:
        browser.post(path, form | {"email": "n.obody@example.com"})
    without_end = [each for each in for_somebody if "SAVEPOINT" not in each]
    assert without_end == [each for each in for_nobody if "SAVEPOINT" not in each]
    assert len(for_somebody) > 3


def test_the_processor_works_as_long_for_somebody_as_for_nobody(
    sqlite_template: Path, tmp_path: Path
) -> None:
    path = tmp_path / "timing.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{path}")
    app = app_on(database, tmp_path)
    add_people(app, 60)
    timing = measured(app, "/sign-in", 60, password="not the right one")
    database.dispose()
    assert timing.cpu_difference < NOTICEABLE


def test_a_password_of_a_million_characters_is_refused_in_words(app: Flask) -> None:
    add_person(app)
    browser = Visitor(app)
    token = browser.token()
    form = {"csrf_token": token, "email": EMAIL, "password": "x" * 1_000_000}
    answer = browser.client.post("/sign-in", data=form)
    assert answer.status_code == 422
    assert "At most 1,024 characters." in answer.text


def test_passwords_are_compared_to_their_last_character(app: Flask) -> None:
    long = "a slow grey heron stands in the reeds and waits for the evening tide to turn" * 3
    person = add_person(app, email="long@example.com", password=long[:200])
    assert person
    assert Visitor(app).sign_in("long@example.com", long[:199] + "!").status_code == 401
    assert Visitor(app).sign_in("long@example.com", long[:200]).status_code == 302


def test_a_new_password_of_1025_characters_is_refused_and_nothing_cut(app: Flask) -> None:
    add_person(app)
    browser = Visitor(app)
    browser.sign_in()
    new = ("hairlines between rows of a calm panel " * 30)[:1_025]
    answer = browser.post("/password", {"present": PASSWORD, "password": new, "repeated": new})
    assert answer.status_code == 422
    assert "At most 1,024 characters." in answer.text


def test_fields_for_passwords_can_be_pasted_into_and_filled(app: Flask) -> None:
    page = Visitor(app).get("/sign-in").text
    assert 'autocomplete="current-password"' in page
    assert "onpaste" not in page
    assert "maxlength" not in page.split('name="password"')[0].rsplit("<input", 1)[1]
