"""From a first sign to restored supply: open a room, confirm, act, decide, contain, restore."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.base import db
from app.base.db import Database
from tests.browser.accessibility import findings
from tests.browser.conftest import Serve
from tests.incidents.cast import agree, people, supplier_with_parts
from tests.web_app import EMAIL, PASSWORD, add_person, app_on


@pytest.fixture
def company(sqlite_only: Database, tmp_path: Path) -> Iterator[Flask]:
    """A house with a supplier, two parts and a response that people may choose."""
    author, approver = people()
    app = app_on(sqlite_only, tmp_path)
    add_person(app)
    with db.transaction() as session:
        supplier_with_parts(session)
    agree(author, approver, None)
    return app


def test_an_incident_is_opened_by_a_response_and_led_to_its_end(
    company: Flask, serve: Serve, page: Page
) -> None:
    base = serve(company)
    page.goto(f"{base}/sign-in")
    page.get_by_label("Mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{base}/")
    page.goto(f"{base}/incidents/")
    page.get_by_role("link", name="Open an incident").first.click()
    page.get_by_label("Supplier", exact=True).fill("S-0042")
    page.get_by_label("What happens").fill("Furnace burnt")
    page.get_by_label("Response").select_option(label="Castings stop")
    page.get_by_role("button", name="Open it").click()
    # Its steps stand there as tasks, the revenue of one part is not known.
    expect(page.get_by_text("Call the plant manager")).to_be_visible()
    expect(page.get_by_text("2 parts, 1 part without a figure")).to_be_visible()
    assert findings(page) == []
    page.get_by_role("button", name="Confirm it").click()
    page.get_by_role("button", name="Done").first.click()
    expect(page.get_by_text("1 open")).to_be_visible()
    page.get_by_text("Write down a decision").click()
    page.get_by_label("Decision", exact=True).fill("Fly it in")
    page.get_by_label("Reason", exact=True).fill("Line 2 stands tomorrow")
    page.get_by_label("Money for expediting").fill("15000")
    page.locator("#decision-currency").fill("eur")
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("5,000 EUR").first).to_be_visible()
    page.get_by_role("button", name="It is contained").click()
    page.get_by_role("button", name="Supply is restored").click()
    expect(page.get_by_role("heading", name="It is over")).to_be_visible()
    assert findings(page) == []
    page.goto(f"{base}/incidents/")
    expect(page.get_by_role("row", name="Furnace burnt")).to_contain_text("restored")
    assert findings(page) == []
