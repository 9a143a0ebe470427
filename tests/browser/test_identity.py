"""Signing in as people do: with an app, with a passkey, and from the list of sessions."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.base import clock, db
from app.platform.accounts import links as account_links
from app.platform.accounts.models import SecretPurpose
from tests.accounts.codes import code_at
from tests.browser.accessibility import findings
from tests.browser.conftest import Serve
from tests.web_app import EMAIL, PASSWORD, Visitor, add_person


@pytest.fixture
def address(app: Flask, serve: Serve) -> str:
    """Where the application is served, under a name: browsers make no passkeys for digits."""
    add_person(app)
    return serve(app).replace("127.0.0.1", "localhost")


def give_password(page: Page, address: str) -> None:
    page.goto(f"{address}/sign-in?next=/account/factors")
    page.get_by_label("Mail address").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: urlsplit(url).path != "/sign-in")


def sign_out(page: Page) -> None:
    await_scripts(page)
    page.locator("summary", has_text="M. Weber").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def with_authenticator(page: Page) -> None:
    """Give the browser a device that keeps passkeys and always verifies its owner."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def await_scripts(page: Page) -> None:
    """Wait for what a button needs that a script moves: the form is there before it."""
    page.wait_for_load_state("load")


def add_passkey(page: Page) -> None:
    await_scripts(page)
    page.get_by_label("Name of the passkey").fill("office laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()


def keep_codes(page: Page) -> None:
    page.get_by_role("link", name="I have kept them").click()
    page.wait_for_url("**/account/factors")


def test_an_app_is_set_up_and_asked_for(
    address: str, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_password(page, address)
    page.get_by_role("button", name="Set up an app").click()
    expect(page.get_by_role("img", name="QR code with your secret")).to_be_visible()
    page.get_by_text("No camera at hand?").click()
    key = page.locator(".mono.wrap").inner_text()
    page.get_by_role("textbox", name="Code").fill(code_at(key, clock.now()))
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator(".codes li")).to_have_count(10)
    codes = page.locator(".codes li").all_inner_texts()
    assert findings(page) == []
    keep_codes(page)
    expect(page.get_by_text("10 of 10 left")).to_be_visible()
    sign_out(page)
    give_password(page, address)
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
    assert findings(page) == []
    page.get_by_role("textbox", name="Code").fill(codes[3])
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("9 of 10 left")).to_be_visible()


def test_a_passkey_is_added_and_lets_in_without_a_password(address: str, page: Page) -> None:
    with_authenticator(page)
    give_password(page, address)
    add_passkey(page)
    keep_codes(page)
    expect(page.get_by_role("rowheader", name="office laptop")).to_be_visible()
    assert findings(page) == []
    sign_out(page)
    await_scripts(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{address}/")
    page.goto(f"{address}/account/sessions")
    row = page.locator("tbody tr", has_text="this one")
    expect(row.get_by_text("passkey")).to_be_visible()


def test_a_passkey_is_the_second_factor_after_a_password(address: str, page: Page) -> None:
    with_authenticator(page)
    give_password(page, address)
    add_passkey(page)
    keep_codes(page)
    sign_out(page)
    give_password(page, address)
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
    await_scripts(page)
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.get_by_role("heading", name="Passkeys")).to_be_visible()


def test_a_browser_without_the_passkey_says_so_and_lets_nobody_in(address: str, page: Page) -> None:
    with_authenticator(page)
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    trouble = page.get_by_role("alert")
    expect(trouble).to_have_text("Nothing was chosen. Try again, or use another way.")
    expect(page).to_have_url(f"{address}/sign-in")


def test_a_passkey_is_removed_after_a_question(address: str, page: Page) -> None:
    with_authenticator(page)
    give_password(page, address)
    add_passkey(page)
    keep_codes(page)
    page.get_by_role("row", name=re.compile("office laptop")).get_by_role(
        "button", name="Remove…"
    ).click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("The passkey “office laptop” was removed.")).to_be_visible()
    expect(page.get_by_text("none yet")).to_be_visible()


def test_a_session_elsewhere_is_ended_from_the_list(app: Flask, address: str, page: Page) -> None:
    other = Visitor(app)
    other.sign_in()
    give_password(page, address)
    page.goto(f"{address}/account/sessions")
    assert findings(page) == []
    page.get_by_role("button", name="End", exact=True).click()
    expect(page.get_by_text("The session has ended.")).to_be_visible()
    assert other.get("/account/sessions").status_code == 302


def test_a_reset_link_fills_itself_in_and_leaves_the_address_bar(address: str, page: Page) -> None:
    with db.transaction() as session:
        link = account_links.reset(session, "1", address)
    assert link is not None
    assert SecretPurpose.RESET in link
    page.goto(link)
    expect(page).not_to_have_url(re.compile("#"))
    page.get_by_label("New password", exact=True).fill("three blue kingfishers")
    page.get_by_label("New password again").fill("three blue kingfishers")
    assert findings(page) == []
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_text("Your password is set. Sign in with it.")).to_be_visible()


def test_an_address_of_digits_offers_no_passkeys(app: Flask, serve: Serve, page: Page) -> None:
    add_person(app)
    base = serve(app)
    give_password(page, base)
    expect(page.get_by_text("Passkeys work on a host name only.")).to_be_visible()
    expect(page.get_by_role("button", name="Add a passkey")).to_have_count(0)
