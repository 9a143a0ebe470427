"""The pages of financial health and of places: forms, refusals, two tabs, doors."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask

from app.base import db
from app.base.db import Database
from app.facts.deliveries import rollup
from app.facts.suppliers.models import Site
from app.platform.accounts import services
from app.platform.accounts.models import SecretPurpose
from tests.builders import facts
from tests.imports.files import publish, rows_in
from tests.web_app import Visitor, add_person, app_on, words

STATEMENT = {
    "closed_on": "2025-12-31", "currency": "eur", "unit": "1000", "total_assets": "100",
    "total_liabilities": "60", "working_capital": "10", "retained_earnings": "20", "ebit": "13",
    "book_value_equity": "30", "source": "Annual report",
}  # fmt: skip
REASON = "the auditor corrected it"
PROXY = {"kind": "rating", "rating": "BB", "observed_on": "2026-10-01", "source": "Agency"}


@pytest.fixture
def house(sqlite_only: Database, tmp_path: Path) -> tuple[Visitor, str]:
    """Somebody signed in, and the address of a supplier of kind other with a site in Somalia."""
    app: Flask = app_on(sqlite_only, tmp_path)
    user_id = add_person(app)
    with db.transaction() as session:
        of = facts.supplier(session, "Kestrel", financial_kind="other", country="DEU")
        session.add(Site(supplier_id=of.id, owner_key=of.id, name="Berbera", country="SOM"))
        due = date(2026, 10, 30)
        line = facts.line(session, facts.order(session, of), promised_original_on=due)
        facts.receipt(session, line, due)
        secret = services.issue_secret(
            session, user_id=user_id, purpose=SecretPurpose.SIGN_IN, by="test"
        )
        address = f"/suppliers/{of.public_id}"
    insider = Visitor(app)
    assert insider.post("/sign-in/once", {"secret": secret}).status_code == 302
    return insider, address


def test_a_statement_in_thousands_shows_its_score_term_by_term(house: tuple[Visitor, str]) -> None:
    insider, address = house
    assert "No annual statement is recorded" in words(insider.get(f"{address}/financial"))
    form = f"{address}/financial/statements"
    assert insider.post(f"{form}/new", STATEMENT).status_code == 303
    page = words(insider.get(f"{address}/financial"))
    # Z″: 6.56·0.10 + 3.26·0.20 + 6.72·0.13 + 1.05·0.50.
    for said in (
        "2.7066",
        "+0.6560",
        "+0.6520",
        "+0.8736",
        "+0.5250",
        "100,000",
        "safe above 2.60",
    ):
        assert said in page
    again = insider.post(f"{form}/new", STATEMENT)
    assert again.status_code == 409
    assert "is there already" in words(again)
    assert 'value="Annual report"' in again.text


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"ebit": "NaN"}, "At most 100,000,000,000,000."),
        ({"ebit": str(2**63)}, "At most 100,000,000,000,000."),
        ({"ebit": "-1e999999999"}, "At most 100,000,000,000,000."),
        ({"ebit": "99999999999999", "unit": "1000000"}, "above 900,000,000,000,000"),
        ({"ebit": "sNaN"}, ""),
        ({"total_assets": "0"}, "they lie above 0"),
        ({"currency": "EURO"}, "One currency of ISO 4217"),
        ({"currency": "\u200b"}, "Required"),
        ({"closed_on": "2026-02-30"}, "Not a valid date value."),
        ({"closed_on": "2031-12-31"}, "lies after today"),
        ({"source": "x" * 10_001}, "At most 200 characters"),
        ({"evidence_file": "00000000-0000-0000-0000-000000000001"}, "Not a valid choice"),
        ({"unit": "7"}, "Not a valid choice"),
    ],
)
def test_what_cannot_be_a_statement_is_said_beside_its_field_and_kept(
    house: tuple[Visitor, str], cells: dict[str, str], said: str
) -> None:
    insider, address = house
    refused = insider.post(f"{address}/financial/statements/new", STATEMENT | cells)
    assert refused.status_code == 422
    assert said in words(refused)
    assert 'value="13"' in refused.text or "ebit" in cells
    assert rows_in("financial_statement", "count(*)") == [(0,)]


def test_of_two_tabs_the_second_sees_what_the_first_changed(house: tuple[Visitor, str]) -> None:
    insider, address = house
    insider.post(f"{address}/financial/statements/new", STATEMENT)
    form = f"{address}/financial/statements/2025-12-31"
    assert 'name="version" type="hidden" value="1"' in insider.get(form).text
    seen = STATEMENT | {"version": "1", "reason": REASON}
    assert insider.post(form, seen | {"ebit": "9"}).status_code == 303
    second = insider.post(form, seen | {"ebit": "11"})
    assert second.status_code == 409
    assert "Changed while you were correcting it" in words(second)
    assert "9,000.00" in words(second)
    assert 'value="11"' in second.text
    assert rows_in("financial_statement", "ebit, version") == [(90_000_000, 2)]
    short = insider.post(form, seen | {"version": "2", "reason": "x"})
    assert short.status_code == 422
    for missing in ("2024-12-31", "2025-13-99", "x" * 300):
        assert insider.get(f"{address}/financial/statements/{missing}").status_code == 404


def test_a_proxy_is_declared_counts_and_is_withdrawn(house: tuple[Visitor, str]) -> None:
    insider, address = house
    page = f"{address}/financial"
    for cells, said in (
        ({"rating": ""}, "Fill in “Rating” too."),
        ({"kind": "payment", "days": "2.5"}, "Whole days from 0 to 3,650."),
        ({"kind": "payment", "days": "sNaN"}, ""),
        ({"kind": "payment"}, "Fill in “Days beyond terms, on average” too."),
        ({"kind": "gossip"}, "Not a valid choice"),
        ({"observed_on": "2027-01-01"}, "lies after today"),
    ):
        refused = insider.post(f"{page}/proxies", PROXY | cells)
        assert (refused.status_code, said in words(refused)) == (422, True), cells
    assert insider.post(f"{page}/proxies", PROXY).status_code == 303
    assert insider.post(f"{page}/proxies", PROXY).status_code == 409
    later = PROXY | {"observed_on": "2026-11-02", "source": "Bureau", "rating": "D"}
    assert insider.post(f"{page}/proxies", later).status_code == 303
    shown = words(insider.get(page))
    # As of 30 October: what was observed since is there and does not speak yet.
    assert "not yet" in shown
    assert "45 of 100, between 30 and 60" in shown
    key = UUID(rows_in("financial_proxy WHERE observed = 'BB'", "public_id")[0][0])
    short = insider.post(f"{page}/proxies/{key}/withdraw", {"reason": "x"})
    assert short.status_code == 422
    assert words(short).count("at least 10 characters") == 1
    gone = insider.post(f"{page}/proxies/{key}/withdraw", {"reason": REASON})
    assert gone.status_code == 303
    assert f"withdrawn by M. Weber: {REASON}" in words(insider.get(page))


def test_a_country_is_a_door_to_those_who_supply_from_there(house: tuple[Visitor, str]) -> None:
    insider, address = house
    publish(
        [{"source": "INFORM", "edition": "2020", "country": "SOM", "inform_risk": "8.9"}],
        "mainstay-countries",
    )
    # 1,000 pieces at 2 euro, all from the site, none from the head office.
    with db.transaction() as session:
        rollup.rebuild(session, until=date(2026, 11, 20))
    world = insider.get("/risk/world")
    assert 'aria-label="Somalia: 2,000 EUR, 100 % of spend, risk 89"' in world.text
    country = words(insider.get("/risk/countries/SOM"))
    assert "risk 89.0 of 100" in country
    assert "Kestrel Berbera" in country
    assert "Berbera production" not in country
    assert "Somalia" in words(insider.get(f"{address}/geography"))
    for wrong in ("som", "ZZZ", "DE", "x" * 300):
        assert insider.get(f"/risk/countries/{wrong}").status_code == 404
    assert insider.get("/risk/world?currency=XXX").status_code == 404
    tables = words(insider.get("/risk/tables"))
    assert "INFORM 2020" in tables
    exported = insider.get("/risk/world?format=csv").text
    assert "SOM,Somalia,1,1,0,2000.0,EUR" in exported


def test_without_anything_the_pages_say_what_to_do(sqlite_only: Database, tmp_path: Path) -> None:
    app = app_on(sqlite_only, tmp_path)
    user_id = add_person(app)
    with db.transaction() as session:
        secret = services.issue_secret(
            session, user_id=user_id, purpose=SecretPurpose.SIGN_IN, by="test"
        )
    insider = Visitor(app)
    insider.post("/sign-in/once", {"secret": secret})
    assert "Import suppliers with their sites" in words(insider.get("/risk/world"))
    assert "No country table yet" in words(insider.get("/risk/tables"))
