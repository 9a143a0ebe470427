"""One supplier: every figure with its n, every n a door, nothing guessed."""

from __future__ import annotations

import re
import uuid

import pytest
from sqlalchemy import event

from app.base import db
from tests.overview.conftest import House
from tests.web_app import Visitor, words

NOBODY = "00000000-0000-4000-8000-000000000000"
TABS = ("", "/deliveries", "/quality", "/risk", "/packs", "/facts", "/history")


@pytest.mark.parametrize("tab", TABS)
def test_every_page_of_every_supplier_opens(insider: Visitor, house: House, tab: str) -> None:
    for supplier in (house.healthy, house.fragile, house.unknown):
        assert insider.get(supplier + tab).status_code == 200


def test_the_scorecard_shows_value_interval_and_n(insider: Visitor, house: House) -> None:
    page = words(insider.get(house.fragile))
    assert "OTIF by line 75.0 % 59.6 – 85.9 40 95 %" in page
    assert "of 40 lines" in page
    assert "▼ floor 90 %" in page


def test_the_doors_count_what_the_figure_counts(insider: Visitor, house: House) -> None:
    page = words(insider.get(f"{house.fragile}/lines?measure=otif_line"))
    assert "all 40 met 30 missed 10" in page


def test_a_supplier_of_whom_nothing_is_known_is_asked_about(insider: Visitor, house: House) -> None:
    page = words(insider.get(house.unknown))
    assert "not rated" in page
    assert "Nothing is known of deliveries in this period" in page
    assert "What to ask for" in page
    assert " 0.0 %" not in page
    assert "100.0 %" not in page


def test_a_quarter_can_be_shown(insider: Visitor, house: House) -> None:
    page = words(insider.get(f"{house.fragile}?window=2026Q3"))
    assert "quarter 3 of 2026" in page


def test_an_earlier_day_can_be_shown(insider: Visitor, house: House) -> None:
    page = words(insider.get(f"{house.fragile}?as_of=2026-06-30"))
    assert "12 months to 30 Jun 2026" in page


@pytest.mark.parametrize(
    "query",
    [
        "window=13x",
        "window=(select 1)",
        "as_of=2026-02-30",
        "as_of=20260101",
        "as_of=2027-01-01",
        "as_of=0001-01-05",
        "as_of=0001-01-05&window=13w",
        "window=0000Q1",
        "window=0001Q1",
    ],
)
def test_a_period_that_can_not_be_is_400(insider: Visitor, house: House, query: str) -> None:
    assert insider.get(f"{house.fragile}?{query}").status_code == 400


def test_missed_lines_come_with_what_happened(insider: Visitor, house: House) -> None:
    page = words(insider.get(f"{house.fragile}/lines?outcome=missed&sort=due"))
    assert "all 1,000 on 17 Jan, due 12 Jan" in page
    assert "10 lines" in page


def test_one_line_explains_its_verdict(insider: Visitor, house: House) -> None:
    page = words(insider.get(f"{house.fragile}/lines/{house.missed_line}"))
    assert "Judged by the default rule: the first promise counts" in page
    assert "the window runs from any day before it to 12 Jan 2026" in page
    assert "Missed: late." in page


def test_a_line_of_another_supplier_is_not_found_here(insider: Visitor, house: House) -> None:
    assert insider.get(f"{house.healthy}/lines/{house.missed_line}").status_code == 404


def test_an_unknown_supplier_and_a_missing_page_answer_alike(
    insider: Visitor, house: House
) -> None:
    unknown = insider.get(f"/suppliers/{uuid.uuid4()}")
    assert unknown.status_code == 404
    assert insider.get("/suppliers/1").status_code == 404


def test_the_export_holds_what_is_filtered(insider: Visitor, house: House) -> None:
    rows = insider.get(f"{house.fragile}/lines?outcome=missed&format=json").get_json()["rows"]
    assert len(rows) == 10
    assert {row["outcome"] for row in rows} == {"missed"}
    assert {row["days_late"] for row in rows} == {5}


@pytest.mark.parametrize(
    "kind", ["receipts", "lots", "acknowledgements", "invoices", "disruptions"]
)
def test_the_records_behind_a_figure_open(insider: Visitor, house: House, kind: str) -> None:
    assert insider.get(f"{house.fragile}/records/{kind}").status_code == 200
    assert insider.get(f"{house.fragile}/records/{kind}?format=csv").status_code == 200


def test_lots_behind_a_figure_are_as_many_as_its_n(insider: Visitor, house: House) -> None:
    page = insider.get(f"{house.fragile}/records/lots?format=json").get_json()
    assert page["count"] == 12


@pytest.mark.parametrize(
    "path",
    ["/records/passwords", "/lines?measure=password_hash", "/lines?sort=id;--", "/lines?size=500"],
)
def test_what_a_list_does_not_have_is_refused(insider: Visitor, house: House, path: str) -> None:
    assert insider.get(house.fragile + path).status_code in (400, 404)


def test_a_page_of_the_list_costs_the_same_reads_however_long_it_is(
    insider: Visitor, house: House
) -> None:
    statements: list[str] = []
    engine = db.current().read_engine
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    insider.get("/suppliers/?size=1")
    short = len(statements)
    statements.clear()
    insider.get("/suppliers/?size=200")
    assert len(statements) == short
    assert 0 < short < 40


def test_packs_are_prepared_by_a_run(insider: Visitor, house: House) -> None:
    page = insider.get(house.fragile).text
    asked = re.findall(r'name="(supplier|kind|period)" value="([^"]+)"', page)
    review = dict(asked[-3:])
    assert review["kind"] == "qbr"
    assert review["period"] == "2026Q3"
    answer = insider.post("/packs/prepare", review)
    assert answer.status_code == 303
    run = words(insider.get(answer.headers["Location"]))
    assert "Fragile & Söhne, review pack, 2026Q3" in run
    assert insider.post("/packs/prepare", review).status_code == 409


@pytest.mark.parametrize(
    ("kind", "supplier", "status"),
    [("qbr", "x", 404), ("novel", NOBODY, 422), ("qbr", NOBODY, 404)],
)
def test_a_pack_of_nobody_is_refused(
    insider: Visitor, kind: str, supplier: str, status: int
) -> None:
    answer = insider.post("/packs/prepare", {"kind": kind, "supplier": supplier})
    assert answer.status_code == status


def test_a_file_that_is_not_there_is_not_found(insider: Visitor) -> None:
    assert insider.get(f"/packs/{uuid.uuid4()}/file").status_code == 404
