"""No text that somebody typed runs in a browser: every page, with a canary in every field."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import text

from app import timetable
from app.base import db
from app.base.db import Database
from app.faces.demo import services as demo
from app.platform.accounts import services as accounts
from app.platform.accounts.models import SecretPurpose
from app.platform.records import services as records
from app.platform.records.services import Shelf
from tests.browser.conftest import Serve
from tests.operations import file_samples as samples
from tests.walls import planting
from tests.walls.crawling import walk
from tests.web_app import Visitor, add_person, app_on


@pytest.fixture
def company(sqlite_template: Path, tmp_path: Path) -> Iterator[Flask]:
    """The demo company, every text of it a canary, every supplier with a file."""
    path = tmp_path / "company.sqlite3"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    db.bind(database)
    app = app_on(database, tmp_path)
    with db.transaction() as session:
        demo.load(session, by="test")
    timetable.recompute()
    shelf = Shelf(app.config["SETTINGS"].files, None, 10**6, per_account=999, per_contact=99)
    with db.reading() as session:
        ids = session.execute(text("SELECT id FROM supplier ORDER BY id LIMIT 3")).scalars().all()
    for supplier_id in ids:
        records.attach(
            records.examine(f"{planting.CANARY}.pdf", samples.pdf(), shelf=shelf),
            entity="supplier",
            entity_id=supplier_id,
            supplier_id=supplier_id,
            evidence_on=None,
            shelf=shelf,
        )
    with db.transaction() as session:
        planting.plant(session)
    yield app
    db.bind(None)
    database.dispose()


@pytest.mark.usefixtures("unprinted")
def test_no_page_runs_what_somebody_typed(company: Flask, serve: Serve, page: Page) -> None:
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    user_id = add_person(company)
    insider = Visitor(company)
    with db.transaction() as session:
        secret = accounts.issue_secret(
            session, user_id=user_id, purpose=SecretPurpose.SIGN_IN, by="test"
        )
    assert insider.post("/sign-in/once", {"secret": secret}).status_code == 302
    starts = ("/", "/suppliers/", "/imports/", "/packs/", "/jobs/")
    seen = walk(company, insider, *starts, with_files=False)
    assert [path for path, each in seen.answers.items() if each.status_code >= 500] == []
    addresses = [path for path, _ in seen.of_type("text/html")]
    assert len(addresses) > 20
    base = serve(company)
    page.context.add_cookies([{"name": "session", "value": insider.cookie, "url": base}])
    shown = 0
    for path in addresses:
        page.goto(base + path)
        assert urlsplit(page.url).path == urlsplit(path).path
        assert page.locator("svg[onload]").count() == 0
        shown += planting.CANARY in page.locator("body").inner_text()
    # The page itself fails the test when the browser reports a breach of the policy.
    assert dialogs == []
    assert shown > 10
