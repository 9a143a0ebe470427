"""Rows 26–33 of the acceptance table: hostile and bad workbooks, and what is read of good ones."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest

from app.base.db import Database
from app.base.errors import AppError
from app.platform.imports import services
from app.platform.imports.mapping import Answers
from app.platform.imports.problems import NeedsAnswer
from tests.imports.files import (
    batch,
    count,
    line,
    part_of,
    problems,
    problems_of,
    publish,
    rows_in,
    stage,
    with_part,
    workbook,
)

SUPPLIERS = "mainstay-suppliers"
HEADER = ["supplier_no", "name"]
GOOD = workbook(("Data", [HEADER, ["S-1", "Adler"], ["00042", "Kestrel"]]))
SHEET = "xl/worksheets/sheet1.xml"


def refusal(content: bytes, name: str = "feed.xlsx", **options: object) -> AppError:
    with pytest.raises(AppError) as caught:
        stage(content, SUPPLIERS, name=name, **options)  # type: ignore[arg-type]
    assert count("supplier") == 0
    return caught.value


def archive(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name, text in parts.items():
            new.writestr(name, text)
    return out.getvalue()


def office(part: str) -> bytes:
    """An office file with this part."""
    return archive(**{"[Content_Types].xml": b"<Types/>", part: b"<document/>"})


def with_cell(cell: str) -> bytes:
    """The good workbook with one more row that holds this cell in its second column."""
    xml = part_of(GOOD, SHEET).decode()
    row = f'<row r="4"><c r="A4" t="inlineStr"><is><t>S-4</t></is></c>{cell}</row></sheetData>'
    return with_part(GOOD, SHEET, xml.replace("</sheetData>", row).encode())


def test_a_workbook_is_read_like_a_file_of_text(database: Database) -> None:
    assert publish(GOOD, SUPPLIERS, name="feed.xlsx").counts.new == 2
    assert sorted(rows_in("supplier", "number, name")) == [("00042", "Kestrel"), ("S-1", "Adler")]


def test_native_dates_and_numbers_need_no_format(database: Database) -> None:
    cells = line(ordered_on="", quantity_ordered="", unit_price="")
    row: list[object] = list(cells.values())
    header = list(cells)
    row[header.index("ordered_on")] = datetime(2026, 9, 1)  # noqa: DTZ001 — Excel knows no zone
    row[header.index("quantity_ordered")] = 500
    row[header.index("unit_price")] = 12.4
    row[header.index("order_no")] = 4500012
    publish(
        workbook(("Data", [header, row])),
        name="feed.xlsx",
        answers=Answers(decimal=",", creates=frozenset({"all"})),
    )
    assert rows_in("schedule_line", "quantity_ordered, unit_price") == [(500_000_000, 124_000)]
    assert rows_in("purchase_order", "number") == [("4500012",)]
    [(ordered_on,)] = rows_in("schedule_line", "ordered_on")
    assert str(ordered_on) == "2026-09-01"


def test_26_a_zip_bomb_is_refused_by_its_directory(database: Database) -> None:
    bomb = with_part(GOOD, "xl/sharedStrings.xml", b"<sst>" + b" " * (200 * 1024 * 1024))
    assert len(bomb) < 1_000_000
    refused = refusal(bomb)
    assert refused.code == "E-FIL-01"
    assert refused.message.startswith("Unpacks to 200 MB (limit 100 MB, ratio limit 100).")


def test_26_a_small_file_that_unpacks_a_hundredfold_is_refused(database: Database) -> None:
    assert refusal(with_part(GOOD, "xl/media/x.bin", b" " * 3_000_000)).code == "E-FIL-01"


def test_26_an_archive_in_the_archive_is_refused(database: Database) -> None:
    refused = refusal(with_part(GOOD, "xl/embeddings/x.zip", archive(a=b"b")))
    assert refused.code == "E-FIL-01"
    assert "another archive" in refused.message


def test_26_thousands_of_parts_are_refused(database: Database) -> None:
    parts = {f"xl/{number}.xml": b"<a/>" for number in range(1_100)}
    refused = refusal(archive(**{"[Content_Types].xml": b"<Types/>"}, **parts))
    assert refused.code == "E-FIL-01"


@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", SHEET, "xl/workbook.xml"])
def test_27_entities_are_refused_wherever_they_stand(database: Database, part: str) -> None:
    text = part_of(GOOD, part)
    head, _, tail = text.partition(b"?>")
    poisoned = head + b'?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + tail
    refused = refusal(with_part(GOOD, part, poisoned))
    assert (refused.code, refused.message) == (
        "E-FIL-02",
        "Workbook contains XML entities, which are not allowed.",
    )


def test_28_a_dimension_that_lies_costs_nothing(database: Database) -> None:
    xml = part_of(GOOD, SHEET).replace(b'ref="A1:B3"', b'ref="A1:XFD1048576"')
    assert b"XFD1048576" in xml
    assert publish(with_part(GOOD, SHEET, xml), SUPPLIERS, name="f.xlsx").counts.new == 2


def test_28_a_row_behind_a_thousand_blank_ones_is_not_lost_in_silence(database: Database) -> None:
    far = b'<row r="5000"><c r="A5000" t="inlineStr"><is><t>S-9</t></is></c></row></sheetData>'
    xml = part_of(GOOD, SHEET).replace(b"</sheetData>", far)
    refused = refusal(with_part(GOOD, SHEET, xml))
    assert refused.code == "E-FIL-03"
    assert refused.message.startswith("Row 5,000 follows more than 1,000 blank rows.")


def test_29_a_sheet_of_too_many_rows_is_sent_to_csv(database: Database) -> None:
    row = b"<row><c><v>1</v></c></row>"
    xml = b"<worksheet><sheetData>" + row * 200_002 + b"</sheetData></worksheet>"
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(GOOD)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, xml if name == SHEET else old.read(name))
    refused = refusal(out.getvalue())
    assert (refused.code, refused.message) == (
        "E-FIL-04",
        "The sheet has more than 200,000 rows; use CSV.",
    )


def test_30_a_macro_workbook_is_refused(database: Database) -> None:
    refused = refusal(with_part(GOOD, "xl/vbaProject.bin", b"x"), name="feed.xlsm")
    assert (refused.code, refused.message) == (
        "E-FIL-05",
        "Macro workbooks are not accepted; save the file as .xlsx.",
    )


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (OLE + b"\0" * 600, "feed.xls", "an old .xls workbook"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "feed.xlsx", "a password-protected"),
        (b"supplier_no,name\nS-1,Adler\n", "feed.xlsx", "a text file, such as CSV"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "feed.xls", "an HTML page"),
        (b"%PDF-1.7 ...", "feed.csv", "a PDF document"),
        (archive(a=b"b"), "feed.xlsx", "a zip archive, not a workbook"),
        (office("word/document.xml"), "feed.xlsx", "a Word document"),
        (office("ppt/presentation.xml"), "feed.xlsx", "a presentation"),
        (office("xl/workbook.bin"), "feed.xlsx", "a binary workbook (.xlsb)"),
        (b"\x1f\x8b\x08\0", "feed.csv.gz", "a compressed file"),
    ],
)
def test_31_a_wrong_format_is_called_what_it_is(
    database: Database, content: bytes, name: str, said: str
) -> None:
    refused = refusal(content, name=name)
    assert refused.code == "E-FIL-06"
    assert f"'{name}' is {said}" in refused.message


@pytest.mark.parametrize("number", [4500012345678901, -4500012345678901, 4.500012345678901e15])
def test_a_number_that_lost_digits_is_no_order_number(
    database: Database, number: int | float
) -> None:
    cells = line()
    row: list[object] = list(cells.values())
    row[list(cells).index("order_no")] = number
    [said] = problems(workbook(("Data", [list(cells), row])), name="feed.xlsx")
    assert said.startswith("E-IMP-10 Row 2, 'order_no': ")
    assert said.endswith(
        "has more than 15 digits, and a spreadsheet keeps 15 of a number."
        " Make the column text and enter it again."
    )


def test_31_a_damaged_workbook_is_refused(database: Database) -> None:
    assert refusal(GOOD[: len(GOOD) // 2]).code == "E-FIL-06"
    assert refusal(with_part(GOOD, SHEET, b"<worksheet><sheetData>")).code == "E-FIL-06"


def torn(content: bytes, part: str, *, at: int) -> bytes:
    """The archive with one byte of a packed part turned round."""
    with zipfile.ZipFile(io.BytesIO(content)) as read:
        start = read.getinfo(part).header_offset + 30 + len(part)
    changed = bytearray(content)
    changed[start + at] ^= 0xFF
    return bytes(changed)


@pytest.mark.parametrize(
    "content",
    [
        torn(GOOD, SHEET, at=5),
        torn(GOOD, "xl/workbook.xml", at=5),
        GOOD.replace(b"xl/workbook.xml", b"xl/workbook.xmm", 1),
        with_part(GOOD, SHEET, part_of(GOOD, SHEET).replace(b'r="A2"', b'r="2"')),
        with_part(GOOD, SHEET, part_of(GOOD, SHEET).replace(b"<v>0</v>", b"<v>99</v>")),
        with_part(GOOD, SHEET, part_of(GOOD, SHEET).replace(b'<row r="2"', b'<row r="x"')),
        with_part(GOOD, "xl/styles.xml", b"<styleSheet><numFmts><numFmt/></numFmts></styleSheet>"),
    ],
    ids=["sheet", "book", "name", "cell", "string", "row", "style"],
)
def test_31_a_workbook_with_torn_parts_is_refused(database: Database, content: bytes) -> None:
    assert content != GOOD
    refused = refusal(content)
    assert (refused.code, refused.message) == (
        "E-FIL-06",
        "The workbook is damaged and can't be read. Save it again as .xlsx.",
    )


def test_a_sheet_that_is_one_chart_is_no_sheet_to_choose(database: Database) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(HEADER)
    sheet.append(["S-1", "Adler"])
    book.create_chartsheet("Picture")
    out = io.BytesIO()
    book.save(out)
    publish(out.getvalue(), SUPPLIERS, name="feed.xlsx")
    assert rows_in("supplier", "number, name") == [("S-1", "Adler")]


def test_a_date_that_no_calendar_has_puts_its_row_aside(database: Database) -> None:
    cells = [*line(arrived_on="?").values()]
    cells[list(line()).index("arrived_on")] = date(2026, 1, 1)  # type: ignore[call-overload]
    good = workbook(("Data", [list(line()), cells]))
    sheet = part_of(good, SHEET)
    assert b"<v>46023</v>" in sheet
    content = with_part(good, SHEET, sheet.replace(b"<v>46023</v>", b"<v>99999999</v>"))
    [problem] = problems_of(stage(content, name="feed.xlsx"))
    assert problem.code == "E-IMP-13"
    assert "Row 2, 'arrived_on': '#VALUE!' is not a date" in problem.message


def test_32_a_formula_error_puts_its_row_aside(database: Database) -> None:
    batch_id = stage(
        with_cell('<c r="B4" t="e"><f>1/0</f><v>#REF!</v></c>'),
        SUPPLIERS,
        name="feed.xlsx",
        tolerate=1.0,
    )
    [problem] = problems_of(batch_id)
    assert (problem.code, problem.message) == (
        "E-FIL-07",
        "Row 4, 'name': formula error #REF!.",
    )
    assert services.publish(batch_id, by="a test").counts.new == 2


def test_32_a_formula_that_was_never_computed_says_so(database: Database) -> None:
    batch_id = stage(
        with_cell('<c r="B4"><f>A1&amp;"x"</f></c>'), SUPPLIERS, name="feed.xlsx", tolerate=1.0
    )
    [problem] = problems_of(batch_id)
    assert problem.message.startswith("Row 4, 'name': a formula without a stored result")


def test_32_a_computed_formula_counts_with_its_value(database: Database) -> None:
    content = with_cell('<c r="B4" t="str"><f>A1</f><v>Nordlys</v></c>')
    publish(content, SUPPLIERS, name="feed.xlsx")
    assert ("Nordlys",) in rows_in("supplier", "name")


def test_33_with_two_sheets_the_sheet_is_asked_for(database: Database) -> None:
    content = workbook(
        ("Notes", [["hello"]]), ("Data", [HEADER, ["S-1", "Adler"]]), ("Old", [["x"]]),
        hidden=["Old"],
    )  # fmt: skip
    asked = refusal(content)
    assert isinstance(asked, NeedsAnswer)
    assert (asked.code, asked.question) == ("E-FIL-12", "sheet")
    assert asked.proposals == ("Notes", "Data", "Old")
    assert "3 sheets: 'Notes', 'Data'; hidden: 'Old'." in asked.message
    publish(content, SUPPLIERS, name="feed.xlsx", answers=Answers(sheet="Data"))
    assert rows_in("supplier", "name") == [("Adler",)]


def test_33_one_visible_and_one_hidden_sheet_are_asked_about(database: Database) -> None:
    content = workbook(
        ("Data", [HEADER, ["S-1", "Adler"]]), ("Old", [HEADER, ["S-2", "X"]]), hidden=["Old"]
    )
    assert isinstance(refusal(content), NeedsAnswer)


def test_33_merged_cells_are_refused(database: Database) -> None:
    merged = b'</sheetData><mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>'
    xml = part_of(GOOD, SHEET).replace(b"</sheetData>", merged)
    refused = refusal(with_part(GOOD, SHEET, xml))
    assert refused.code == "E-FIL-13"
    assert "(A2:A3)" in refused.message


def test_a_missing_sheet_is_named(database: Database) -> None:
    refused = refusal(GOOD, answers=Answers(sheet="Nope"))
    assert refused.message.startswith("There is no sheet 'Nope'.")


def test_a_sum_of_binary_fractions_is_the_number_that_was_meant(database: Database) -> None:
    cells = line(unit_price="")
    row: list[object] = list(cells.values())
    row[list(cells).index("unit_price")] = 0.1 + 0.2
    published = publish(workbook(("Data", [list(cells), row])), name="feed.xlsx")
    assert batch(published.batch_id).rows_aside == 0
    [(price,)] = rows_in("schedule_line", "unit_price")
    assert Decimal(price) / 10_000 == Decimal("0.3")
