"""A contract with 90 days' notice, from its alarm to the calendar and into a calendar program."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from urllib.request import urlopen

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.base import db
from app.base.db import Database
from app.judgement.alerts import evaluation, services
from tests.browser.accessibility import findings
from tests.browser.conftest import Serve
from tests.builders import facts
from tests.builders.contract_days import contract
from tests.web_app import EMAIL, PASSWORD, add_person, app_on

ENDS = date(2027, 3, 15)


@pytest.fixture
def house(sqlite_only: Database, tmp_path: Path) -> Flask:
    """A house with one contract that ends on 15 March: notice by 15 December, in 24 days."""
    app = app_on(sqlite_only, tmp_path)
    add_person(app)
    with db.transaction() as session:
        kestrel = facts.supplier(session, "Kestrel", number="V-1", owner="M. Weber")
        contract(session, kestrel.id, ENDS, our_notice_days=90)
        services.take_presets(session)
    evaluation.evaluate()
    return app


def test_a_notice_deadline_alarms_and_goes_into_the_own_calendar(
    house: Flask, serve: Serve, page: Page
) -> None:
    base = serve(house)
    page.goto(f"{base}/sign-in")
    page.get_by_label("Mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Today")).to_be_visible()

    page.goto(f"{base}/alerts/")
    told = "Notice period of contract C-1 begins: it ends on 15 Mar 2027, in 24 days"
    expect(page.get_by_text(told)).to_be_visible()
    page.get_by_role("row", name=told).get_by_role("link", name="Kestrel").click()
    page.get_by_role("link", name="What is behind it").click()
    expect(page.get_by_role("heading", name="Castings").first).to_be_visible()

    page.goto(f"{base}/risk")
    page.get_by_role("main").get_by_role("link", name="Calendar").click()
    page.get_by_role("link", name="Month behind").click()
    expect(page.get_by_role("heading", name="Dec 2026")).to_be_visible()
    expect(page.locator("td:has(a.due)")).to_contain_text("15")
    expect(page.locator("a.due")).to_contain_text("notice deadline")
    assert findings(page) == []
    page.set_viewport_size({"width": 400, "height": 800})
    expect(page.locator("table.month-grid")).to_be_hidden()
    row = page.get_by_role("row", name="Contract C-1: Castings")
    expect(row).to_contain_text("15 Dec 2026")
    expect(row).to_contain_text("in 24 days")
    assert findings(page) == []

    page.get_by_role("link", name="In your own calendar").click()
    page.get_by_label("Which program reads it").fill("Outlook")
    page.get_by_label("Only what is mine").check()
    page.get_by_role("button", name="Make the address").click()
    address = page.locator("code.secret").inner_text()
    assert findings(page) == []
    assert address.startswith("http://127.0.0.1:8000/calendar/feed.ics?token=")
    with urlopen(base + address.removeprefix("http://127.0.0.1:8000")) as answer:  # noqa: S310 — our own server
        events = answer.read().decode()
    assert "DTSTART;VALUE=DATE:20261215" in events
