"""The calendar's pages: month and list, filters, exports, what they refuse, the own address."""

from __future__ import annotations

import csv
import io
import uuid
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.base import db
from app.base.db import Database
from app.facts.suppliers.models import Supplier
from app.platform.accounts import services as accounts
from app.platform.accounts.models import SecretPurpose
from app.reviews.due_dates import calendar_views
from tests.due_dates.conftest import House
from tests.web_app import Visitor, app_on, words


@pytest.fixture
def database(sqlite_only: Database, house: House) -> Database:
    """Pages speak to one engine, of a house with dates."""
    return sqlite_only


@pytest.fixture
def app(database: Database, tmp_path: Path) -> Flask:
    """A house in which buyers see their own suppliers alone."""
    return app_on(
        database, tmp_path, MAINSTAY_BUYERS_SEE="own", MAINSTAY_BASE_URL="http://localhost"
    )


def signed_in(app: Flask, user_id: int) -> Visitor:
    with db.transaction() as session:
        secret = accounts.issue_secret(
            session, user_id=user_id, purpose=SecretPurpose.SIGN_IN, by="test"
        )
    browser = Visitor(app)
    assert browser.post("/sign-in/once", {"secret": secret}).status_code == 302
    return browser


@pytest.fixture
def manager(app: Flask, house: House) -> Visitor:
    """Somebody who sees all suppliers."""
    return signed_in(app, house.manager)


def rows(browser: Visitor, query: str) -> list[list[str]]:
    """Return day, kind, supplier and what of an export."""
    answer = browser.get(f"/calendar/?format=csv&{query}")
    assert answer.status_code == 200, answer.text
    found = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    return [[row[0], row[3], row[5], row[6]] for row in found[1:]]


ACTION = ["2026-11-30", "action against a risk", "Kestrel", "Pin; new, longer"]
MEETING = ["2026-12-05", "risk meeting", "", "Risk meeting"]


def test_a_month_lists_its_own_days_and_its_grid_those_beside_it(manager: Visitor) -> None:
    assert rows(manager, "month=2026-11") == [ACTION]
    assert rows(manager, "month=2026-12")[0] == MEETING
    page = manager.get("/calendar/")
    assert "Nov 2026" in page.text
    # The week of the 30th runs into December: the meeting stands in the grid, not in the table.
    assert "risk meeting, Risk meeting (soon)" in page.text
    assert page.text.count('<th scope="row"') == 1
    assert "Nothing ends or is due in this month" in manager.get("/calendar/?month=2030-01").text


def test_the_list_is_filtered_by_kind_time_supplier_and_mine(
    manager: Visitor, app: Flask, house: House
) -> None:
    everything = rows(manager, "view=list")
    assert everything[:2] == [ACTION, MEETING]
    assert len(everything) == 5
    assert rows(manager, "view=list&kind=action&kind=meeting") == [ACTION, MEETING]
    assert rows(manager, "view=list&when=30") == [ACTION, MEETING]
    assert rows(manager, "view=list&when=overdue") == []
    assert rows(manager, "view=list&whose=mine") == [MEETING]
    assert rows(manager, "view=list&q=NEW, long") == [ACTION]
    assert rows(manager, "view=list&kind=action&when=overdue&when=30") == [ACTION]
    with db.reading() as session:
        kestrel, adler = session.scalars(select(Supplier.public_id).order_by(Supplier.id))
    assert {row[2] for row in rows(manager, f"view=list&supplier={kestrel}")} == {"Kestrel"}
    buyer = signed_in(app, house.buyer)
    assert {row[2] for row in rows(buyer, "view=list")} == {"Kestrel", ""}
    assert rows(buyer, "view=list&whose=mine") == [ACTION]
    assert buyer.get(f"/calendar/?supplier={adler}").status_code == 404
    assert buyer.get(f"/calendar/?supplier={uuid.uuid4()}").status_code == 404


def test_of_many_suppliers_none_is_offered_but_one_that_is_asked_for_is_shown(
    manager: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.reading() as session:
        kestrel = session.scalars(select(Supplier.public_id).order_by(Supplier.id)).first()
    offered = 'name="supplier" value="'
    assert manager.get("/calendar/?view=list").text.count(f'<input type="checkbox" {offered}') == 2
    monkeypatch.setattr(calendar_views, "MOST_CHOICES", 1)
    assert f'<input type="checkbox" {offered}' not in manager.get("/calendar/?view=list").text
    assert {row[2] for row in rows(manager, f"view=list&supplier={kestrel}")} == {"Kestrel"}
    assert "<strong>Kestrel</strong>" in manager.get(f"/calendar/?supplier={kestrel}").text


def test_an_address_that_asks_for_nothing_there_is_refused(manager: Visitor) -> None:
    for query in (
        "view=week", "month=2026-13", "month=9999-12", "supplier=x", "kind=x", "when=9", "sort=x",
        "format=ics", "page=0",
    ):  # fmt: skip
        assert manager.get(f"/calendar/?{query}").status_code == 400, query


def test_an_address_is_shown_once_read_and_taken_back(manager: Visitor, app: Flask) -> None:
    refused = manager.post("/calendar/feeds", {"name": "\u200b ", "lasts": "90"})
    assert refused.status_code == 422
    assert "Required" in words(refused)
    assert manager.post("/calendar/feeds", {"name": "x", "lasts": "999"}).status_code == 422
    made = manager.post("/calendar/feeds", {"name": "Outlook", "lasts": "183"})
    assert made.status_code == 200
    address = made.text.split('<code class="secret">')[1].split("<")[0]
    assert address.startswith("http://localhost/calendar/feed.ics?token=msc_")
    listed = manager.get("/calendar/feeds")
    token = address.partition("token=")[2]
    assert token not in listed.text
    assert "Outlook" in listed.text
    path = address.removeprefix("http://localhost")
    assert Visitor(app).get(path).text.count("BEGIN:VEVENT") == 5
    action = manager.get("/calendar/feeds").text.split('action="/calendar/feeds/')[1].split('"')[0]
    assert manager.post(f"/calendar/feeds/{action}").status_code == 303
    assert Visitor(app).get(path).status_code == 404
