"""Why did it move? In a real browser, between two quarters of the demo company."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.base import db
from app.base.db import Database
from app.faces.demo import services as demo
from app.recompute import recompute
from tests.browser.conftest import Serve
from tests.browser.test_screens import KESTREL, supplier_path
from tests.web_app import EMAIL, PASSWORD, add_person, app_on

MOVE = re.compile(r"(\d+\.\d) → (\d+\.\d): (\+\d\.\d)")


@pytest.fixture
def company(sqlite_template: Path, tmp_path: Path) -> Iterator[Flask]:
    """The demo company with two quarters' ends published, and one person."""
    path = tmp_path / "quarters.sqlite3"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    db.bind(database)
    with database.transaction() as session:
        demo.load(session, by="test")
    for day in (date(2026, 6, 30), date(2026, 9, 30)):
        recompute(day)
    app = app_on(database, tmp_path)
    add_person(app)
    yield app
    db.bind(None)
    database.dispose()


def test_why_an_index_moved_is_told_down_to_the_lines(
    company: Flask, serve: Serve, page: Page
) -> None:
    base = serve(company)
    page.goto(f"{base}/sign-in")
    page.get_by_label("Mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    page.goto(base + supplier_path(KESTREL))
    page.get_by_role("link", name="Risk", exact=True).last.click()
    page.get_by_role("link", name="Why did it move?").click()
    told = MOVE.fullmatch(page.locator("#waterfall-title").inner_text())
    assert told is not None
    picture = f"Why the index moved from {told[1]} to {told[2]}"
    expect(page.get_by_role("img", name=picture)).to_be_visible()
    page.get_by_role("link", name=re.compile("OTIF by line 93.6 % .* → 91.7 %")).click()
    expect(page.get_by_role("heading", name="OTIF by line: the lines behind it")).to_be_visible()
    page.goto(f"{base}/risk/moved")
    row = page.get_by_role("row", name=re.compile(KESTREL))
    row.get_by_role("link", name=told[3]).click()
    expect(page.locator("#waterfall-title")).to_have_text(told[0])
