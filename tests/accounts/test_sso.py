"""Single sign-on: only accounts that are here, only answers that belong to this browser."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from joserfc import jwk
from werkzeug.test import TestResponse

from app.base import clock, db
from app.base.db import Database
from app.platform.accounts import queries, services, sso
from tests.accounts import provider as providers
from tests.accounts.codes import set_up_app
from tests.accounts.provider import Provider
from tests.conftest import NOW
from tests.web_app import Visitor, add_person, app_on, words


@pytest.fixture
def provider() -> Iterator[Provider]:
    with providers.running() as running:
        yield running


@pytest.fixture
def house(database: Database, tmp_path: Path, provider: Provider) -> Flask:
    """The application with the provider set up."""
    return app_on(
        database,
        tmp_path,
        MAINSTAY_SSO_ISSUER=provider.issuer,
        MAINSTAY_SSO_CLIENT_ID=providers.CLIENT_ID,
        MAINSTAY_SSO_CLIENT_SECRET=providers.CLIENT_SECRET,
        MAINSTAY_SSO_LABEL="Sign in with Acme",
    )


def sign_in(house: Flask, provider: Provider, **claims: object) -> tuple[Visitor, TestResponse]:
    browser = Visitor(house)
    there = browser.get("/sign-in/sso?next=/account/sessions").headers["Location"]
    back = provider.grant(there, **claims)
    return browser, browser.get("/sign-in/sso/back", query_string=back)


def test_who_has_an_account_gets_in_and_goes_on(house: Flask, provider: Provider) -> None:
    add_person(house)
    browser, answer = sign_in(house, provider)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/sessions")
    assert "single sign-on" in words(browser.get("/account/sessions"))


def test_an_invited_account_needs_no_password(house: Flask, provider: Provider) -> None:
    add_person(house, password=None)
    browser, _ = sign_in(house, provider)
    assert browser.get("/account/sessions").status_code == 200


def test_who_has_no_account_is_told_whom_to_ask(house: Flask, provider: Provider) -> None:
    _, answer = sign_in(house, provider)
    assert answer.status_code == 403
    assert "There is no account for you here." in words(answer)
    with db.reading() as session:
        assert queries.people(session) == []


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_address_that_the_provider_has_not_verified_opens_nothing(
    house: Flask, provider: Provider, verified: object
) -> None:
    add_person(house)
    _, answer = sign_in(house, provider, email_verified=verified)
    assert answer.status_code == 403
    assert "has not verified your mail address" in words(answer)


def test_a_disabled_account_stays_closed(house: Flask, provider: Provider) -> None:
    person = add_person(house)
    with db.transaction() as session:
        services.disable(session, user_id=person)
    assert sign_in(house, provider)[1].status_code == 403


def test_an_account_stays_with_the_first_who_took_it(house: Flask, provider: Provider) -> None:
    add_person(house)
    assert sign_in(house, provider)[1].status_code == 302
    # Somebody else at the provider has come by the same address.
    assert sign_in(house, provider, sub="subject-2")[1].status_code == 403
    # The first one may have got another address meanwhile.
    assert sign_in(house, provider, email="married@example.com")[1].status_code == 302


def test_a_second_factor_is_asked_unless_the_provider_has_asked(
    house: Flask, provider: Provider
) -> None:
    add_person(house)
    owner = Visitor(house)
    owner.sign_in()
    set_up_app(owner, NOW)
    assert sign_in(house, provider)[1].headers["Location"] == "/sign-in/second"
    assert sign_in(house, provider, amr=["pwd", "mfa"])[1].headers["Location"] == (
        "/account/sessions"
    )


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"aud": "another"},
        {"iss": "http://another.example"},
        {"exp": int(NOW.timestamp()) - 120},
        {"iat": int(NOW.timestamp()) + 3_600},
        {"aud": ["mainstay", "another"], "azp": "another"},
    ],
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    house: Flask, provider: Provider, claims: dict[str, object]
) -> None:
    add_person(house)
    browser, answer = sign_in(house, provider, **claims)
    assert answer.status_code == 422
    assert "answer does not fit" in words(answer)
    assert browser.get("/account/sessions").status_code == 302


def test_a_token_signed_by_somebody_else_is_refused(house: Flask, provider: Provider) -> None:
    add_person(house)
    provider.signing_key = jwk.RSAKey.generate_key(2048)
    assert sign_in(house, provider)[1].status_code == 422


def test_an_answer_begun_in_another_browser_is_refused(house: Flask, provider: Provider) -> None:
    add_person(house)
    there = Visitor(house).get("/sign-in/sso").headers["Location"]
    back = provider.grant(there)
    victim = Visitor(house)
    victim.get("/sign-in/sso")
    assert victim.get("/sign-in/sso/back", query_string=back).status_code == 422
    assert Visitor(house).get("/sign-in/sso/back", query_string=back).status_code == 422


def test_an_answer_works_once_and_for_ten_minutes(
    house: Flask, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_person(house)
    browser = Visitor(house)
    back = provider.grant(browser.get("/sign-in/sso").headers["Location"])
    cookie = browser.cookie
    assert browser.get("/sign-in/sso/back", query_string=back).status_code == 302
    again = Visitor(house)
    again.client.set_cookie("session", cookie)
    assert again.get("/sign-in/sso/back", query_string=back).status_code == 422
    late = Visitor(house)
    back = provider.grant(late.get("/sign-in/sso").headers["Location"])
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=11))
    assert late.get("/sign-in/sso/back", query_string=back).status_code == 422


def test_a_provider_that_names_itself_differently_is_not_used(
    house: Flask, provider: Provider
) -> None:
    provider.named = "http://another.example"
    answer = Visitor(house).get("/sign-in/sso")
    assert answer.status_code == 503
    assert "names itself differently" in words(answer)


def test_the_way_on_stays_on_this_host(house: Flask, provider: Provider) -> None:
    add_person(house)
    browser = Visitor(house)
    there = browser.get("/sign-in/sso?next=//evil.example").headers["Location"]
    answer = browser.get("/sign-in/sso/back", query_string=provider.grant(there))
    assert answer.headers["Location"] == "/"


def test_with_the_setting_the_page_offers_it(house: Flask) -> None:
    assert "Sign in with Acme" in words(Visitor(house).get("/sign-in"))


def test_without_the_setting_nothing_of_it_shows(app: Flask, visitor: Visitor) -> None:
    assert "company account" not in words(visitor.get("/sign-in"))
    assert visitor.get("/sign-in/sso").status_code == 404
    assert visitor.get("/sign-in/sso/back").status_code == 404


def test_without_the_extra_nothing_of_it_shows(
    house: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sso, "is_installed", lambda: False)
    assert "Acme" not in words(Visitor(house).get("/sign-in"))
    assert Visitor(house).get("/sign-in/sso").status_code == 404
