"""From a rating to an action and back: rate by the scales, act, complete, compare."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.base import db
from app.base.db import Database
from app.judgement.fmea.models import FmeaControl
from tests.browser.accessibility import findings
from tests.browser.conftest import Serve
from tests.builders import facts, risks
from tests.web_app import EMAIL, PASSWORD, add_person, app_on


@pytest.fixture
def company(sqlite_only: Database, tmp_path: Path) -> Iterator[Flask]:
    """A house with one register and one row that nobody has rated."""
    app = app_on(sqlite_only, tmp_path)
    add_person(app)
    with db.transaction() as session:
        register = risks.register(session, facts.supplier(session, "Kestrel", number="V-1"))
        row = risks.row(session, register, None)
        session.add(
            FmeaControl(cause_id=row.cause_id, kind="detection", place=1, text="Weekly call")
        )
        app.config["ROW"] = f"/fmea/{register.public_id}/rows/{row.public_id}"
    return app


def choose(page: Page, dimension: str, rating: int) -> None:
    page.locator(f"#{dimension}").get_by_role("radio", name=f"{rating}:").check()


def test_a_risk_is_rated_acted_upon_and_compared(company: Flask, serve: Serve, page: Page) -> None:
    base = serve(company)
    page.goto(f"{base}/sign-in")
    page.get_by_label("Mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{base}/")
    page.goto(base + company.config["ROW"])
    # The scales stand beside the choice.
    expect(page.locator("#severity")).to_contain_text("A line stops for 3 to 14 days")
    for dimension, rating in (("severity", 8), ("occurrence", 6), ("detection", 5)):
        choose(page, dimension, rating)
    page.get_by_role("button", name="Keep this rating").click()
    expect(page.get_by_text("240", exact=True).first).to_be_visible()
    page.goto(base + company.config["ROW"])
    page.get_by_role("link", name="Actions and history").click()
    page.get_by_role("link", name="Add an action").first.click()
    page.get_by_label("Action", exact=True).fill("New locating pin")
    page.get_by_label("Owner").fill("A. Lindqvist")
    page.get_by_label("Due").fill("2026-12-18")
    page.get_by_role("button", name="Plan it").click()
    page.get_by_role("link", name="Complete it").click()
    page.get_by_label("Evidence", exact=True).fill("Capability study: twelve lots, no finding")
    page.get_by_label("Occurrence").select_option("2")
    page.get_by_label("Detection").select_option("3")
    page.get_by_role("button", name="Complete it").click()
    table = page.get_by_role("region", name="Ratings before and after")
    expect(table.get_by_role("row", name="Before")).to_contain_text("240■H")
    expect(table.get_by_role("row", name="After")).to_contain_text("48●L")
    expect(page.get_by_text("The RPN went from 240 to 48: 80 % less.")).to_be_visible()
    assert findings(page) == []
    page.get_by_role("link", name="Castings come late").click()
    expect(page.get_by_role("img", name="How the risk went: Castings come late")).to_be_visible()
    assert findings(page) == []
