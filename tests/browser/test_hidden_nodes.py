"""Tracing a hidden common node upstream, from the risk page to the part that hangs on it."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.base import db
from app.base.db import Database
from app.facts.suppliers.models import Supplier
from app.platform.accounts import services as accounts
from tests.browser.accessibility import findings
from tests.browser.conftest import Serve
from tests.dependency.conftest import database, house_file
from tests.web_app import add_person, app_on

__all__ = ["database", "house_file"]


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Flask:
    """The application on a copy of the house, with one person."""
    app = app_on(database, tmp_path)
    add_person(app)
    return app


def test_a_hidden_common_node_is_traced_and_an_award_moved(
    house: Flask, serve: Serve, page: Page
) -> None:
    base = serve(house)
    with db.transaction() as session:
        link = accounts.one_time_sign_in(session, by="test", base_url=base)
        beta = session.scalars(select(Supplier.public_id).where(Supplier.number == "S-2")).one()
    page.goto(link)
    page.get_by_label("New password", exact=True).fill("three blue kingfishers")
    page.get_by_label("New password again").fill("three blue kingfishers")
    page.get_by_role("button", name="Set").click()
    page.wait_for_load_state()

    page.goto(f"{base}/risk")
    page.get_by_role("link", name="Hidden common nodes").click()
    page.get_by_role("link", name="One", exact=True).click()
    expect(page.get_by_role("heading", name="One (Shared Co)")).to_be_visible()
    expect(page.get_by_text("All 3 “independent” sources of")).to_be_visible()
    page.get_by_role("link", name="P-1 Housing 1").click()
    expect(page.get_by_text("If this plant stops, no way leads around it.")).to_be_visible()
    assert findings(page) == []

    page.get_by_role("link", name="If an award moves").click()
    page.get_by_label("From supplier").fill("S-1")
    page.get_by_label("To supplier").fill("S-2")
    page.get_by_label("Percent of the volume").fill("25")
    page.get_by_role("button", name="Work it out").click()
    expect(page.get_by_role("row", name="Suppliers of P-1")).to_contain_text("4,150")
    assert "share=25" in page.url

    page.goto(f"{base}/suppliers/{beta}/upstream")
    expect(page.get_by_role("img", name="Who supplies Beta")).to_be_visible()
    assert findings(page) == []
