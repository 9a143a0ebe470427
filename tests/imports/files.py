"""Files to import, made of bytes, and the short ways to stage and publish them."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter

from app.base import db
from app.platform.imports import mapping_files, services
from app.platform.imports.mapping import Answers
from app.platform.imports.services import Options, Published
from app.platform.imports.source_file import SourceFile
from app.platform.sources import queries
from app.platform.sources.queries import BatchRow, ProblemRow

ANYTHING = Answers(creates=frozenset({"all"}))
LINE = {
    "order_no": "4500012",
    "line_no": "10",
    "supplier_no": "S-0042",
    "part_no": "P-100200",
    "ordered_on": "2026-09-01",
    "promised_original_on": "2026-10-05",
    "quantity_ordered": "500",
    "unit_price": "12.40",
    "currency": "EUR",
    "arrived_on": "2026-10-05",
    "quantity_received": "500",
}


def line(**cells: str) -> dict[str, str]:
    """A delivery row: an order line that came in full on its day, but for what is given."""
    return LINE | cells


def lines(count: int, **cells: str) -> list[dict[str, str]]:
    """Delivery rows that differ by their line number: 10, 20, …"""
    return [line(line_no=str(number * 10), **cells) for number in range(1, count + 1)]


def csv_text(rows: Sequence[Mapping[str, str]], delimiter: str = ",") -> str:
    """CSV with a header row of all names that the rows have."""
    out = io.StringIO(newline="")
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(out, names, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def source(content: str | bytes, name: str = "feed.csv") -> SourceFile:
    """A file of this content."""
    return SourceFile(name, content=content.encode() if isinstance(content, str) else content)


def stage(
    content: str | bytes | Sequence[Mapping[str, str]],
    mapping: str = "mainstay-deliveries",
    *,
    name: str = "feed.csv",
    answers: Answers = ANYTHING,
    tolerate: float = 0.01,
) -> int:
    """Stage a file and return its batch."""
    if not isinstance(content, str | bytes):
        content = csv_text(content)
    options = Options(tolerate=tolerate, answers=answers)
    found = mapping_files.mapping_named(mapping)
    return services.stage_file(source(content, name), found, by="a test", options=options)


def publish(
    content: str | bytes | Sequence[Mapping[str, str]],
    mapping: str = "mainstay-deliveries",
    **options: Any,
) -> Published:
    """Stage and publish a file."""
    return services.publish(stage(content, mapping, **options), by="a test")


def problems_of(batch_id: int, *, warnings: bool = False) -> list[ProblemRow]:
    """What is wrong, or strange, with the rows of a batch."""
    with db.reading() as session:
        return queries.problems(session, batch_id, limit=1_000, warnings=warnings)


def problems(content: str | bytes | Sequence[Mapping[str, str]], **options: Any) -> list[str]:
    """What is wrong with the rows of a file, as people read it."""
    return [f"{each.code} {each.message}" for each in problems_of(stage(content, **options))]


def batch(batch_id: int) -> BatchRow:
    """The batch as lists show it."""
    with db.reading() as session:
        return queries.batch_row(session, batch_id)


def rows_in(table: str, columns: str = "*") -> list[tuple[Any, ...]]:
    """The rows of a table, for looking at what was stored."""
    from sqlalchemy import text

    with db.reading() as session:
        return [tuple(row) for row in session.execute(text(f"SELECT {columns} FROM {table}"))]  # noqa: S608


def count(table: str) -> int:
    """How many rows a table has."""
    return int(rows_in(table, "count(*)")[0][0])


def workbook(*sheets: tuple[str, Sequence[Sequence[object]]], hidden: Sequence[str] = ()) -> bytes:
    """A workbook with these sheets."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    dated = book.add_format({"num_format": "yyyy-mm-dd"})
    for title, rows in sheets:
        sheet = book.add_worksheet(title)
        for row_no, row in enumerate(rows):
            for column, cell in enumerate(row):
                if hasattr(cell, "isoformat"):
                    sheet.write_datetime(row_no, column, cell, dated)  # type: ignore[arg-type]
                else:
                    sheet.write(row_no, column, cell)
        if title in hidden:
            sheet.hide()
    book.close()
    return out.getvalue()


def with_part(content: bytes, part: str, text: bytes) -> bytes:
    """A zip archive with one part replaced or added."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
        new.writestr(part, text)
    return out.getvalue()


def part_of(content: bytes, part: str) -> bytes:
    """One part of a zip archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(part)
