"""What people type stays what they typed: on every page and in every export."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from pathlib import Path

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import text

from app import timetable
from app.base import db
from app.base.spreadsheets import restored, starts_a_formula
from app.faces.demo import services as demo
from app.platform.records import services as records
from app.platform.records.services import Shelf
from tests.operations import file_samples as samples
from tests.walls import planting
from tests.walls.crawling import Walk, walk
from tests.web_app import Visitor

CANARY = planting.CANARY
# A start of the canary that survived as markup, and one that was run as a template.
AS_MARKUP = re.compile(r"<svg onload|'49|49\{0|<class ")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def company(app: Flask) -> None:
    """The demo company with a file, every text of it a canary."""
    with db.transaction() as session:
        demo.load(session, by="test")
    timetable.recompute()
    settings = app.config["SETTINGS"]
    shelf = Shelf(Path(settings.files), None, largest=10**6, per_account=99, per_contact=99)
    with db.reading() as session:
        ids = session.execute(text("SELECT id FROM supplier ORDER BY id")).scalars().all()
    for supplier_id in ids:
        records.attach(
            records.examine(f"{CANARY}.pdf", samples.pdf(), shelf=shelf),
            entity="supplier",
            entity_id=supplier_id,
            supplier_id=supplier_id,
            evidence_on=None,
            shelf=shelf,
        )
    with db.transaction() as session:
        planted = planting.plant(session)
    assert {"supplier.name", "part.name", "category.name", "attachment.display_name"} <= planted


@pytest.fixture
def seen(app: Flask, company: None, insider: Visitor) -> Walk:
    """Every page that links lead to."""
    return walk(app, insider, "/", "/suppliers/", "/imports/", "/packs/", "/jobs/", "/search?q=svg")


# No engine writes a page: one of them is enough for what takes a minute.
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_canary_stays_text_on_every_page_and_in_every_export(seen: Walk) -> None:
    broken = [path for path, each in seen.answers.items() if each.status_code >= 500]
    assert broken == []
    pages = seen.of_type("text/html")
    assert len(pages) > 20
    assert [path for path, page in pages if AS_MARKUP.search(page.text)] == []
    shown = [path for path, page in pages if CANARY in html.unescape(page.text)]
    assert len(shown) > 10
    check_csv(seen)
    check_xlsx(seen)
    check_json(seen)
    for path, answer in seen.answers.items():
        for name, value in answer.headers:
            assert (path, name, "<svg onload" in value) == (path, name, False)


def check_csv(seen: Walk) -> None:
    """No cell of any CSV starts a formula; what was guarded comes back as it was."""
    files = seen.of_type("text/csv")
    assert len(files) >= 3
    cells = [
        cell
        for _, answer in files
        for row in csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
        for cell in row
    ]
    running = [cell for cell in cells if starts_a_formula(cell) and not is_number(cell)]
    assert [cell for cell in running if not cell.startswith("'")] == []
    guarded = [restored(cell) for cell in cells if CANARY in cell]
    assert guarded
    assert all(CANARY in cell for cell in guarded)


def check_xlsx(seen: Walk) -> None:
    """No cell of any workbook is a formula; numbers are numbers."""
    files = seen.of_type(XLSX)
    assert len(files) >= 3
    kinds = set()
    for _, answer in files:
        for row in openpyxl.load_workbook(io.BytesIO(answer.data)).active.iter_rows():
            kinds |= {cell.data_type for cell in row}
    assert "f" not in kinds
    assert {"s", "n"} <= kinds


def check_json(seen: Walk) -> None:
    """JSON holds the text itself."""
    files = [each for each in seen.of_type("application/json") if "format=json" in each[0]]
    assert len(files) >= 3
    texts = [
        value
        for _, answer in files
        for row in json.loads(answer.text)["rows"]
        for value in row.values()
        if isinstance(value, str)
    ]
    assert any(CANARY in value for value in texts)


def is_number(cell: str) -> bool:
    """Tell whether a spreadsheet reads a number."""
    return bool(re.fullmatch(r"[+-]?\d+(\.\d+)?", cell))
