"""Evidence of a supplier in a real browser: a sanctions match decided, a statement entered."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.base import db
from app.base.db import Database
from app.facts.suppliers.models import FinancialKind
from tests.browser.accessibility import findings
from tests.browser.conftest import Serve
from tests.builders import facts
from tests.screening.cast import load, screen
from tests.single_engine import sqlite_only
from tests.web_app import EMAIL, PASSWORD, add_person, app_on

__all__ = ["sqlite_only"]
LISTED = "K1,KESTREL CASTING FZE,entity,,AE,DUAL USE\n"


@pytest.fixture
def house(sqlite_only: Database, tmp_path: Path) -> Flask:
    """A private manufacturer whose name is like a listed one."""
    app = app_on(sqlite_only, tmp_path)
    add_person(app)
    with db.transaction() as session:
        own = facts.supplier(
            session, "Kestrel Castings GmbH", country="DEU", number="V-1", currency="EUR",
            financial_kind=FinancialKind.PRIVATE_MANUFACTURER,
        )  # fmt: skip
        app.config["OWN"] = f"/suppliers/{own.public_id}"
    load(LISTED)
    screen()
    return app


@pytest.fixture
def address(house: Flask, serve: Serve, page: Page) -> str:
    """Where the house is served, with somebody signed in on `page`."""
    base = serve(house)
    page.goto(f"{base}/sign-in")
    page.get_by_label("Mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{base}/")
    return base


def test_a_match_is_reviewed_and_cleared_and_the_supplier_shows_it(
    house: Flask, address: str, page: Page
) -> None:
    page.goto(f"{address}/risk")
    page.get_by_role("link", name="Sanctions screening").click()
    page.get_by_role("link", name="Kestrel Castings GmbH").click()
    sides = page.get_by_role("region", name="Both parties side by side")
    expect(sides).to_contain_text("KESTREL CASTING FZE")
    assert findings(page) == []
    page.get_by_role("button", name="Clear: somebody else").click()
    # Without a reason nothing is decided.
    expect(page.get_by_text("Give a reason of at least 10 characters.")).to_be_visible()
    expect(page.get_by_text("to be decided").first).to_be_visible()
    page.get_by_label("Why", exact=True).fill("Other address, other owners, register compared")
    page.get_by_role("button", name="Clear: somebody else").click()
    expect(page.get_by_text("Other address, other owners, register compared")).to_be_visible()
    page.goto(address + house.config["OWN"])
    page.get_by_role("link", name="Risk", exact=True).last.click()
    page.get_by_role("link", name="Sanctions screening").click()
    expect(page.get_by_role("row", name="KESTREL CASTING FZE")).to_contain_text("cleared")
    assert findings(page) == []


def test_a_statement_is_entered_and_its_terms_add_up_to_the_score(
    house: Flask, address: str, page: Page
) -> None:
    page.goto(f"{address}{house.config['OWN']}/financial")
    page.get_by_role("link", name="Enter a statement").click()
    page.get_by_label("Last day of the year").fill("2025-12-31")
    page.get_by_label("Currency").fill("EUR")
    page.get_by_label("Figures are in").select_option("1000")
    # Z′ by hand: 0.717·0.1 + 0.847·0.2 + 3.107·0.1 + 0.420·1.5 + 0.998·1.1 = 2.2796.
    for label, amount in (
        ("Total assets", "100"), ("Total liabilities", "40"), ("Working capital", "10"),
        ("Retained earnings", "20"), ("EBIT", "10"), ("Equity, book value", "60"),
        ("Sales", "110"), ("Where it is from", "Annual report 2025"),
    ):  # fmt: skip
        page.get_by_label(label, exact=True).fill(amount)
    assert findings(page) == []
    page.get_by_role("button", name="Save").click()
    terms = page.get_by_role("region", name="Terms of the score of 31 Dec 2025")
    for product in ("+0.0717", "+0.1694", "+0.3107", "+0.6300", "+1.0978"):
        expect(terms).to_contain_text(product)
    expect(terms.locator("tfoot")).to_contain_text("2.2796")
    expect(terms).to_contain_text("100,000")
    assert findings(page) == []
