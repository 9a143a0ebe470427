"""Guessing is slowed down wherever it comes from, and never locks the owner out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask

from app.base import clock, db
from app.base.db import Database
from app.platform.accounts import identity, tries
from app.platform.accounts.models import TryKind
from app.platform.accounts.tries import TooManyTries
from tests.conftest import NOW
from tests.web_app import EMAIL, PASSWORD, Visitor, add_person

WRONG = "not the right one"


@pytest.fixture
def no_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare passwords in the clear: what is counted here is not how long hashing takes."""
    monkeypatch.setattr(
        identity, "is_right_password", lambda person, given: person and given == PASSWORD
    )


def guess(browser: Visitor, network: str, email: str = EMAIL, password: str = WRONG) -> int:
    answer = browser.post(
        "/sign-in",
        {"email": email, "password": password},
        environ_base={"REMOTE_ADDR": network},
    )
    return answer.status_code


def addresses(count: int) -> list[str]:
    """Addresses of as many networks."""
    return [f"10.{number // 256}.{number % 256}.1" for number in range(count)]


@pytest.mark.usefixtures("no_hashing")
def test_one_account_guessed_from_many_networks_is_closed_to_strangers(app: Flask) -> None:
    add_person(app)
    stranger = Visitor(app)
    answers = [guess(stranger, network) for network in addresses(51)]
    assert answers == [401] * 50 + [429]


@pytest.mark.usefixtures("no_hashing")
def test_one_network_guessing_on_many_accounts_is_shut_out(app: Flask) -> None:
    stranger = Visitor(app)
    answers = [
        guess(stranger, "192.0.2.1", email=f"person{number}@example.com") for number in range(101)
    ]
    assert answers == [401] * 100 + [429]


@pytest.mark.usefixtures("no_hashing")
def test_a_known_browser_still_gets_in_while_strangers_guess(app: Flask) -> None:
    add_person(app)
    owner = Visitor(app)
    assert owner.sign_in().status_code == 302
    owner.post("/sign-out")
    stranger = Visitor(app)
    for network in addresses(50):
        guess(stranger, network)
    for _ in range(11):
        guess(stranger, "127.0.0.1")
    assert guess(stranger, "127.0.0.1", password=PASSWORD) == 429
    assert owner.sign_in().status_code == 302


@pytest.mark.usefixtures("no_hashing")
def test_a_known_browser_that_guesses_is_counted_too(app: Flask) -> None:
    add_person(app)
    owner = Visitor(app)
    owner.sign_in()
    owner.post("/sign-out")
    answers = [owner.sign_in(password=WRONG).status_code for _ in range(11)]
    assert answers == [401] * 10 + [429]


@pytest.mark.usefixtures("no_hashing")
def test_a_browser_known_to_one_account_is_a_stranger_to_another(app: Flask) -> None:
    add_person(app)
    add_person(app, email="other@example.com")
    browser = Visitor(app)
    browser.sign_in()
    browser.post("/sign-out")
    stranger = Visitor(app)
    for network in addresses(50):
        guess(stranger, network, email="other@example.com")
    assert guess(browser, "203.0.113.7", email="other@example.com", password=PASSWORD) == 429


def test_retry_after_says_when_the_oldest_try_is_forgotten(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(10):
        at = NOW + timedelta(minutes=number)
        monkeypatch.setattr(clock, "now", lambda at=at: at)
        with db.transaction() as session:
            tries.note_try(session, TryKind.PASSWORD, account=EMAIL, network="a")
    with pytest.raises(TooManyTries) as refused, db.transaction() as session:
        tries.note_try(session, TryKind.PASSWORD, account=EMAIL, network="a")
    assert refused.value.retry_after == 6 * 60


def test_kinds_are_counted_each_for_itself(database: Database) -> None:
    for _ in range(5):
        with db.transaction() as session:
            tries.note_try(session, TryKind.SECOND_FACTOR, account=EMAIL, network="a")
    with db.transaction() as session:
        tries.note_try(session, TryKind.PASSWORD, account=EMAIL, network="a")


def test_workers_at_once_let_no_more_through_than_one_would(database: Database) -> None:
    database = Database(database.url, pool_size=8)

    def attempt(_: int) -> bool:
        try:
            with database.transaction() as session:
                tries.note_try(session, TryKind.PASSWORD, account=EMAIL, network="a")
        except TooManyTries:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        let_through = list(pool.map(attempt, range(40)))
    database.dispose()
    assert sum(let_through) == 10
