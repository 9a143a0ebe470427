"""Home, the list of suppliers and the search."""

from __future__ import annotations

import csv
import io
from uuid import UUID

import pytest
from sqlalchemy import update

from app import timetable
from app.base import db
from app.base.web import exports
from app.facts.deliveries import rollup
from app.facts.deliveries.models import Receipt
from app.facts.suppliers import queries as suppliers
from app.platform.audit import services as audit
from tests.overview.conftest import UNTIL, House
from tests.web_app import Visitor, words


def names(page: str) -> list[str]:
    return [name for name in ("Fragile & Söhne", "Healthy Forge AS", "Lapsed Ltd") if name in page]


def test_home_says_what_needs_somebody(insider: Visitor, house: House) -> None:
    page = words(insider.get("/"))
    assert "12 months to" in page
    assert "Not rated: what to ask for" in page
    assert "Lapsed Ltd" in page


@pytest.mark.parametrize("path", ["/risk", "/contracts/", "/continuity/", "/incidents/"])
def test_the_navigation_marks_risk_on_all_its_pages(
    insider: Visitor, house: House, path: str
) -> None:
    assert 'data-go="r" aria-current="page">Risk' in insider.get(path).text


def test_the_list_shows_what_is_published(insider: Visitor, house: House) -> None:
    page = words(insider.get("/suppliers/"))
    assert "3 suppliers" in page
    assert names(page) == ["Fragile & Söhne", "Healthy Forge AS", "Lapsed Ltd"]
    assert "75.0 % 40" in page
    assert "not rated no data 0" in page


def test_a_feed_without_quantities_is_told_by_date(insider: Visitor, house: House) -> None:
    with db.transaction() as session:
        session.execute(update(Receipt).values(quantity=None, completes_line=True))
        rollup.rebuild(session, until=UNTIL)
    timetable.recompute()
    page = insider.get("/suppliers/")
    assert "75.0 % on time 40" in words(page)
    assert "On time, 12 months" in page.text
    rows = insider.get("/suppliers/?format=json").get_json()["rows"]
    told = {row["name"]: (row["otif"], row["on_time"], row["on_time_lines"]) for row in rows}
    assert told == {
        "Fragile & Söhne": (None, 0.75, 40),
        "Healthy Forge AS": (None, 1.0, 40),
        "Lapsed Ltd": (None, None, 0),
    }
    assert "On time 75.0 % of 40 lines" in words(insider.get(house.fragile))
    assert "40 lines judged by date alone" in words(insider.get("/"))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("grade=NR", ["Lapsed Ltd"]),
        ("country=DEU", ["Fragile & Söhne"]),
        ("country=DEU&country=NOR", ["Fragile & Söhne", "Healthy Forge AS"]),
        ("q=forge", ["Healthy Forge AS"]),
        ("q=S-2", ["Fragile & Söhne"]),
        ("q=%25", []),
        ("status=blocked", []),
    ],
)
def test_the_list_filters(insider: Visitor, house: House, query: str, expected: list[str]) -> None:
    rows = insider.get(f"/suppliers/?{query}&format=json").get_json()["rows"]
    assert sorted(row["name"] for row in rows) == sorted(expected)


def test_the_list_sorts_with_the_unknown_last_both_ways(insider: Visitor, house: House) -> None:
    for order in ("otif", "-otif"):
        rows = insider.get(f"/suppliers/?sort={order}&format=json").get_json()["rows"]
        assert rows[-1]["name"] == "Lapsed Ltd"


@pytest.mark.parametrize(
    "query",
    ["sort=password_hash", "sort=(case when 1=1 then id else -id end)", "grade=E", "page=-1",
     "size=1000000000", "category=1 or 1=1", "page=1&page=2"],
)  # fmt: skip
def test_what_the_list_does_not_have_is_400(insider: Visitor, house: House, query: str) -> None:
    answer = insider.get(f"/suppliers/?{query}")
    assert answer.status_code == 400
    assert "E-API-" in words(answer)


def test_the_csv_holds_rates_as_fractions(insider: Visitor, house: House) -> None:
    text = insider.get("/suppliers/?format=csv&q=Fragile").get_data().decode("utf-8-sig")
    row = next(csv.DictReader(io.StringIO(text)))
    assert (row["Supplier"], row["OTIF"], row["Lines"]) == ("Fragile & Söhne", "0.75", "40")


def test_the_search_finds_suppliers_and_orders(insider: Visitor, house: House) -> None:
    assert "Healthy Forge AS" in words(insider.get("/search?q=healthy"))
    assert "S-2-1000" in words(insider.get("/search?q=S-2-1000"))
    assert "Nothing found" in words(insider.get("/search?q=%25%25%25"))
    assert insider.get("/search?q=" + "(" * 5_000).status_code == 200


def test_all_lines_of_an_order_open(insider: Visitor, house: House) -> None:
    assert "1 line" in words(insider.get("/lines?order=S-2-1000"))
    assert insider.get("/lines").status_code == 400


def test_a_workbook_that_would_not_hold_every_row_is_refused(
    insider: Visitor, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MOST_ROWS_OF_A_SHEET", 3)
    answer = insider.get("/suppliers/?format=xlsx")
    assert answer.status_code == 422
    assert "E-LST-01" in words(answer)
    assert insider.get("/suppliers/?format=csv").status_code == 200


@pytest.mark.parametrize("page", ["/deliveries", "/disruptions/", "/scars/new", "/judgements"])
def test_every_page_of_a_restricted_supplier_says_so(
    insider: Visitor, house: House, page: str
) -> None:
    with db.transaction() as session:
        found = suppliers.supplier_by_public_id(session, UUID(house.fragile.rsplit("/", 1)[1]))
        found.status = "restricted"
        audit.give_reason(session, "A test restricts it.")
    assert "Restricted" in words(insider.get(f"{house.fragile}{page}"))
    assert "Restricted" not in words(insider.get(f"{house.healthy}{page}"))
