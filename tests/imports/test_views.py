"""The imports pages: status, what they say, and the way from upload to undo."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app import timetable
from app.base import db
from app.base.db import Database
from app.platform.sources.models import SourceBatch
from tests.conftest import NOW
from tests.imports.files import count, csv_text, line, lines, publish, rows_in, workbook
from tests.web_app import Visitor, words

EVERYTHING = ["supplier", "part", "site", "category"]


def upload(
    insider: Visitor,
    content: str | bytes,
    mapping: str = "mainstay-deliveries",
    name: str = "feed.csv",
    **fields: Any,
) -> TestResponse:
    """Send a file as a browser does."""
    data = content.encode() if isinstance(content, str) else content
    form = {"mapping": mapping, "creates": EVERYTHING, "tolerate": "1"} | fields
    return insider.post(
        "/imports/", form | {"file": (io.BytesIO(data), name)}, follow_redirects=True
    )


def test_what_no_file_brought_is_not_undone_here(database: Database, insider: Visitor) -> None:
    with db.transaction() as session:
        batch = SourceBatch(
            kind="demo", file_name="demo company", file_sha256="0" * 64, fingerprint="0" * 64,
            mapping_name="demo", mapping_version="1", state="published", staged_by="demo",
            published_by="demo", published_at=NOW, summary={},
        )  # fmt: skip
        session.add(batch)
        session.flush()
        batch_id = batch.id
    page = insider.get(f"/imports/{batch_id}")
    assert page.status_code == 200
    assert "Take it back by “flask demo remove”" in words(page)
    assert "Undo" not in words(page)
    refused = insider.post(f"/imports/{batch_id}/undo")
    assert refused.status_code == 409
    assert "E-IMP-27" in words(refused)


def test_the_pages_need_sign_in(visitor: Visitor) -> None:
    for path in ("/imports/", "/imports/new", "/imports/1", "/imports/1/rejects"):
        assert visitor.get(path).status_code == 302


def test_an_empty_list_says_what_to_do(insider: Visitor) -> None:
    page = insider.get("/imports/")
    assert page.status_code == 200
    assert "Nothing was imported yet" in words(page)


def test_a_file_goes_from_upload_to_publication_to_undo(insider: Visitor) -> None:
    page = upload(insider, csv_text(lines(3, own_site="Plant North")))
    assert page.status_code == 200
    said = words(page)
    assert "Nothing is published yet." in said
    assert "Publish 3 rows" in said
    assert "Supplier 1" in said
    assert count("schedule_line") == 0

    page = insider.post("/imports/1/publish", follow_redirects=True)
    assert "Import #1 is published." in words(page)
    assert "Published 21 Nov 2026" in words(page)
    assert count("schedule_line") == 3

    listed = words(insider.get("/imports/"))
    assert "#1" in listed
    assert "feed.csv" in listed

    page = insider.post("/imports/1/undo", follow_redirects=True)
    assert "Undone 21 Nov 2026" in words(page)
    assert count("schedule_line") == 0


def test_the_same_file_again_answers_409_and_leads_to_the_import(insider: Visitor) -> None:
    upload(insider, csv_text(lines(3)))
    insider.post("/imports/1/publish")
    page = upload(insider, csv_text(lines(3)), name="renamed.csv")
    assert page.status_code == 409
    assert "Already imported as #1 on 21 Nov 2026 by M. Weber." in words(page)
    assert "/imports/1" in page.text


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        ("number\n1\n", "feed.csv", "Column 'order_no' is missing. Found: number."),
        ("", "feed.csv", "No data rows."),
        (b"%PDF-1.7", "feed.csv", "is a PDF document"),
    ],
)
def test_a_file_that_cannot_be_read_answers_422(
    insider: Visitor, content: str | bytes, name: str, said: str
) -> None:
    page = upload(insider, content, name=name)
    assert page.status_code == 422
    assert said in words(page)
    assert count("source_batch") == 0


def test_an_upload_without_a_file_answers_422(insider: Visitor) -> None:
    page = insider.post("/imports/", {"mapping": "mainstay-deliveries", "tolerate": "1"})
    assert page.status_code == 422
    assert "Choose a CSV or XLSX file." in words(page)


def test_a_file_over_the_limit_answers_413_before_it_is_read(app: Flask, insider: Visitor) -> None:
    page = insider.client.post(
        "/imports/", environ_overrides={"CONTENT_LENGTH": str(60 * 1024 * 1024)}
    )
    assert page.status_code == 413
    assert "60 MB; limit 50 MB." in words(page)
    assert "E-IMP-17" in words(page)


def test_an_encoding_is_confirmed_by_a_button(insider: Visitor) -> None:
    content = "supplier_no,name\nS-1,Müller\n".encode("cp1252")
    page = upload(insider, content, "mainstay-suppliers")
    assert page.status_code == 200
    assert "How is the file encoded?" in words(page)
    assert "Read as Windows-1252: Müller" in words(page)
    page = insider.post("/imports/1/answer", {"answer": "cp1252"}, follow_redirects=True)
    assert "Publish 1 row" in words(page)
    assert sorted(rows_in("source_batch", "id, state")) == [(1, "discarded"), (2, "staged")]
    insider.post("/imports/2/publish")
    assert rows_in("supplier", "name") == [("Müller",)]
    assert count("staged_file") == 0


def test_a_sheet_is_chosen_by_a_button(insider: Visitor) -> None:
    header = ["supplier_no", "name"]
    book = workbook(("Notes", [["hi"]]), ("Data", [header, ["S-1", "Adler"]]))
    page = upload(insider, book, "mainstay-suppliers", name="feed.xlsx")
    assert "Which sheet?" in words(page)
    page = insider.post("/imports/1/answer", {"answer": "Data"}, follow_redirects=True)
    assert "Publish 1 row" in words(page)


def test_an_answer_that_was_not_offered_answers_422(insider: Visitor) -> None:
    upload(insider, "supplier_no,name\nS-1,Müller\n".encode("cp1252"), "mainstay-suppliers")
    assert insider.post("/imports/1/answer", {"answer": "ebcdic"}).status_code == 422


def test_bad_rows_are_listed_and_can_be_downloaded(insider: Visitor) -> None:
    rows = [*lines(3), line(line_no="=A9", unit_price="<b>?</b>")]
    page = upload(insider, csv_text(rows), tolerate="50")
    assert "5 unit_price <b>?</b> '<b>?</b>' is not a number" in words(page)
    assert "<b>?</b>" not in page.text
    rejected = insider.get("/imports/1/rejects")
    assert rejected.mimetype == "text/csv"
    assert "attachment; filename=rejects-1.csv" in rejected.headers["Content-Disposition"]
    assert "'=A9" in rejected.text


def test_too_many_bad_rows_can_be_left_out_on_purpose(insider: Visitor) -> None:
    rows = [*lines(3), line(line_no="9", unit_price="?")]
    page = upload(insider, csv_text(rows))
    assert "1 of 4 rows are bad" in words(page)
    assert insider.post("/imports/1/publish").status_code == 422
    assert count("schedule_line") == 0
    insider.post("/imports/1/publish", {"despite_bad_rows": "yes"})
    assert count("schedule_line") == 3


def test_a_discarded_import_cannot_be_published(insider: Visitor) -> None:
    upload(insider, csv_text(lines(3)))
    assert "was discarded" in words(insider.post("/imports/1/discard", follow_redirects=True))
    assert insider.post("/imports/1/publish").status_code == 409


def test_undo_of_what_was_changed_since_answers_409(insider: Visitor) -> None:
    upload(insider, csv_text(lines(3)))
    insider.post("/imports/1/publish")
    upload(insider, csv_text([line(quantity_received="1")]))
    insider.post("/imports/2/publish")
    page = insider.post("/imports/1/undo")
    assert page.status_code == 409
    assert "Undo #2 first." in words(page)


def test_home_says_that_nobody_can_be_scored_after_a_first_small_import(insider: Visitor) -> None:
    publish([line(), line(line_no="20")])
    timetable.recompute()
    home = words(insider.get("/"))
    assert "No supplier has a score yet: too little is known of each." in home
    assert "No supplier has an index yet: too little is known, or none is published." in home
    assert "2 lines with OTIF" in home


def test_a_template_is_chosen_by_the_name_under_which_it_is_downloaded(insider: Visitor) -> None:
    page = insider.get("/imports/new").text
    assert page.count(">FMEA worksheets<") == 2


def test_every_template_can_be_downloaded(insider: Visitor) -> None:
    page = insider.get("/imports/new")
    links = re.findall(r'href="(/imports/templates/[^"]+)"', page.text)
    assert len(links) == 23
    for link in links:
        content = insider.get(link).data.decode("utf-8-sig")
        assert len(content.splitlines()) == 2
    assert insider.get("/imports/templates/nothing.csv").status_code == 404


def test_a_first_import_may_create_everything(insider: Visitor) -> None:
    assert insider.get("/imports/new").text.count('type="checkbox"') == 4
    assert insider.get("/imports/new").text.count("checked id=") == 4
    upload(insider, csv_text(lines(3)))
    insider.post("/imports/1/publish")
    assert insider.get("/imports/new").text.count("checked id=") == 0


def test_an_import_that_does_not_exist_answers_404(insider: Visitor) -> None:
    assert insider.get("/imports/77").status_code == 404
    assert insider.post("/imports/77/publish").status_code == 404


def test_a_file_name_deceives_nobody(insider: Visitor) -> None:
    upload(insider, csv_text(lines(1)), name="../../etc/\u202egnp.csv")
    assert rows_in("source_batch", "file_name") == [("gnp.csv",)]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_the_list_can_be_exported(insider: Visitor, kind: str) -> None:
    upload(insider, csv_text(lines(3)))
    assert insider.get(f"/imports/?format={kind}").status_code == 200


def test_an_unknown_sort_answers_400(insider: Visitor) -> None:
    assert insider.get("/imports/?sort=password_hash").status_code == 400
