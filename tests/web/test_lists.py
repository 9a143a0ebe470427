"""What a list may be asked for, and that an export never becomes a formula."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from app.base.spreadsheets import harmless
from app.base.web.exports import Sheet, exported
from app.base.web.lists import BadQuery, Filter, ListShape, Pages, read_list

SHAPE = ListShape(
    sorts={"name": False, "score": True},
    default="name",
    filters=(Filter("grade", "Grade", {"A": "A", "B": "B"}),),
)


def asked(**query: str | list[str]) -> MultiDict[str, str]:
    return MultiDict(query)


def test_nothing_asked_is_the_default() -> None:
    state = read_list(SHAPE, asked())
    assert (state.sort, state.is_falling, state.page, state.size) == ("name", False, 1, 50)


def test_a_minus_falls() -> None:
    state = read_list(SHAPE, asked(sort="-score", page="3", size="25"))
    assert (state.sort, state.is_falling, state.offset) == ("score", True, 50)


@pytest.mark.parametrize(
    "sort",
    [
        "password_hash", "(case when 1=1 then id else -id end)", "name;--", '"name"',
        "name desc, (select 1)", "--name", "Name",
    ],
)  # fmt: skip
def test_an_unknown_sort_is_refused_with_what_is_allowed(sort: str) -> None:
    with pytest.raises(BadQuery, match=r"E-API-01: Unknown sort field\. Allowed: name, score\."):
        read_list(SHAPE, asked(sort=sort))


@pytest.mark.parametrize("page", ["-1", "0", "1e9", "²", "x", "9" * 30])
def test_a_page_that_can_not_be_is_refused(page: str) -> None:
    with pytest.raises(BadQuery):
        read_list(SHAPE, asked(page=page))


@pytest.mark.parametrize("size", ["0", "201", "1000000000"])
def test_a_page_size_has_limits(size: str) -> None:
    with pytest.raises(BadQuery, match=r"size 1\.\.200"):
        read_list(SHAPE, asked(size=size))


def test_several_values_of_a_filter_mean_any_of() -> None:
    assert read_list(SHAPE, asked(grade=["A", "B"])).values("grade") == ("A", "B")


def test_an_unknown_filter_value_is_refused() -> None:
    with pytest.raises(BadQuery, match="Grade has no value “E”"):
        read_list(SHAPE, asked(grade="E"))


def test_a_single_entry_given_twice_is_refused() -> None:
    with pytest.raises(BadQuery, match="given 2 times"):
        read_list(SHAPE, asked(page=["1", "2"]))


def test_a_page_knows_where_it_stands() -> None:
    pages = Pages(read_list(SHAPE, asked(page="3", size="25")), 61)
    assert (pages.first_row, pages.last_row, pages.last) == (51, 61, 3)


@pytest.mark.parametrize(
    "text",
    [
        "=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", " =1", ";=1", "＝1", "＋1", "－1", "＠x",
        "'=1", "=cmd|' /C calc'!A0",
    ],
)  # fmt: skip
def test_text_that_a_spreadsheet_would_run_is_made_harmless(text: str) -> None:
    assert harmless(text) == "'" + text


@pytest.mark.parametrize("text", ["", "Kestrel", "a=b", "3 - 4", "00123"])
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


HOSTILE = Sheet(
    "suppliers",
    [("name", "Name"), ("change", "Change"), ("n", "Lines"), ("on", "On")],
    [("=1+1", -5, Decimal("2.5"), date(2026, 3, 4)), ("Kestrel", None, 3, None)],
)


def test_csv_holds_the_rows_and_numbers_stay_numbers(app: Flask) -> None:
    with app.test_request_context():
        answer = exported(HOSTILE, "csv")
    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert rows == [
        ["Name", "Change", "Lines", "On"],
        ["'=1+1", "-5", "2.5", "2026-03-04"],
        ["Kestrel", "", "3", ""],
    ]
    assert answer.headers["Content-Disposition"] == "attachment; filename=suppliers.csv"


def test_xlsx_holds_no_formula(app: Flask) -> None:
    with app.test_request_context():
        answer = exported(HOSTILE, "xlsx")
    page = openpyxl.load_workbook(io.BytesIO(answer.get_data())).active
    assert page is not None
    cell = page["A2"]
    assert (cell.data_type, cell.value) == ("s", "=1+1")
    assert (page["B2"].value, page["C2"].value) == (-5, 2.5)
    assert page["D2"].value.date() == date(2026, 3, 4)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("claim-RV[2026]:*?/\\1", "claim-RV-2026------1"),
        ("'quoted'", "quoted"),
        ("🚀" * 40, "🚀" * 15),
    ],
)
def test_a_sheet_takes_its_name_from_anything(app: Flask, name: str, shown: str) -> None:
    with app.test_request_context():
        answer = exported(replace(HOSTILE, name=name), "xlsx")
    assert openpyxl.load_workbook(io.BytesIO(answer.get_data())).sheetnames == [shown]


def test_json_holds_the_same_rows(app: Flask) -> None:
    with app.test_request_context():
        body = json.loads(exported(HOSTILE, "json").get_data())
    assert body["count"] == 2
    assert body["rows"][0] == {"name": "=1+1", "change": -5, "n": 2.5, "on": "2026-03-04"}
