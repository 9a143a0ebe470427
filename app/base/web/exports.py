"""Exports of a list: CSV, XLSX and JSON of exactly what is filtered, never cut.

Text that a spreadsheet would run as a formula is made harmless; numbers stay numbers. Rows are
taken one by one and written to a file, so that millions of them need no more memory.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from urllib.parse import quote

from flask import Response

from app.base.errors import InvalidInput
from app.base.spreadsheets import harmless

Cell = str | int | float | Decimal | bool | date | None

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a sheet of the format holds, its head included.
MOST_ROWS_OF_A_SHEET = 1_048_576
FORBIDDEN_IN_SHEETS, LONGEST_SHEET_NAME = frozenset("[]:*?/\\"), 31
KEPT_IN_MEMORY = 4 * 1024 * 1024
SENT_AT_ONCE = 256 * 1024


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table to export.

    name: of file and sheet. heads: (key in JSON, words of the column). rows: cells.
    about: what the rows are (period, as-of, filters), printed in JSON and in the file's
    properties, never among the rows.
    """

    name: str
    heads: Sequence[tuple[str, str]]
    rows: Iterable[Sequence[Cell]]
    about: str = ""


def exported(sheet: Sheet, kind: str) -> Response:
    """Return the download of a sheet as csv, xlsx or json.

    Every row has been taken when this returns: what they are read from may be closed then.
    """
    file = SpooledTemporaryFile(max_size=KEPT_IN_MEMORY)  # noqa: SIM115 — closed when it is sent
    try:
        mime = MAKERS[kind](sheet, file)
    except BaseException:
        file.close()
        raise
    size = file.tell()
    file.seek(0)
    answer = Response(_sent(file), mimetype=mime)
    answer.content_length = size
    answer.headers.set("Content-Disposition", "attachment", filename=f"{sheet.name}.{kind}")
    return answer


def attached(answer: Response, name: str) -> Response:
    """Let a browser save an answer under a name, whatever signs the name has (RFC 6266).

    Old programs read the plain name, of harmless ASCII; others the encoded one.
    """
    plain = "".join(
        sign if sign.isascii() and (sign.isalnum() or sign in "-_. ()") else "_" for sign in name
    ).strip()
    encoded = quote(name, safe="", errors="replace")
    answer.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain or 'file'}\"; filename*=UTF-8''{encoded}"
    )
    return answer


def _sent(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while some := file.read(SENT_AT_ONCE):
            yield some


def _csv(sheet: Sheet, file: IO[bytes]) -> str:
    # Excel reads UTF-8 only behind the mark.
    text = io.TextIOWrapper(file, "utf-8-sig", newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([harmless(words) for _, words in sheet.heads])
    for row in sheet.rows:
        writer.writerow([_csv_cell(cell) for cell in row])
    text.detach()
    return "text/csv"


def _csv_cell(cell: Cell) -> str | int | float | Decimal:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return harmless(cell)
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, date):
        return cell.isoformat()
    return cell


def _xlsx(sheet: Sheet, file: IO[bytes]) -> str:
    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "remove_timezone": True,
        "default_date_format": "yyyy-mm-dd",
    }
    with xlsxwriter.Workbook(file, options) as book:
        book.set_properties({"title": sheet.name, "comments": sheet.about})
        page = book.add_worksheet(_sheet_name(sheet.name))
        bold = book.add_format({"bold": True})
        page.freeze_panes(1, 0)
        for column, (_, words) in enumerate(sheet.heads):
            page.write_string(0, column, words, bold)
        for line, row in enumerate(sheet.rows, start=1):
            if line == MOST_ROWS_OF_A_SHEET:
                # The library would leave the others out in silence.
                raise InvalidInput(
                    "E-LST-01",
                    f"A workbook's sheet holds {MOST_ROWS_OF_A_SHEET:,} rows; these are more."
                    " Take CSV or JSON, or filter the list.",
                )
            for column, cell in enumerate(row):
                _write(page, line, column, cell)
    return XLSX


def _sheet_name(name: str) -> str:
    """Return a name that the format takes: some signs stand for places in it, an emoji for two."""
    plain = "".join("-" if sign in FORBIDDEN_IN_SHEETS else sign for sign in name)
    cut = plain.encode("utf-16-le")[: 2 * LONGEST_SHEET_NAME].decode("utf-16-le", "ignore")
    return cut.strip("' ")


def _write(page: Any, line: int, column: int, cell: Cell) -> None:
    # Any: the library is loaded only when a workbook is made.
    if cell is None:
        return
    if isinstance(cell, str):
        page.write_string(line, column, cell)
    elif isinstance(cell, Decimal):
        page.write_number(line, column, float(cell))
    elif isinstance(cell, datetime) or not isinstance(cell, date):
        page.write(line, column, cell)
    else:
        page.write_datetime(line, column, datetime(cell.year, cell.month, cell.day))  # noqa: DTZ001 — a date


def _json(sheet: Sheet, file: IO[bytes]) -> str:
    keys = [key for key, _ in sheet.heads]
    file.write(f'{{"about": {json.dumps(sheet.about, ensure_ascii=False)},\n "rows": ['.encode())
    count = 0
    for row in sheet.rows:
        said = dict(zip(keys, map(_json_cell, row), strict=True))
        separator = ",\n  " if count else "\n  "
        file.write((separator + json.dumps(said, ensure_ascii=False)).encode())
        count += 1
    file.write(f'],\n "count": {count}}}\n'.encode())
    return "application/json"


def _json_cell(cell: Cell) -> str | int | float | bool | None:
    if isinstance(cell, Decimal):
        return int(cell) if cell == cell.to_integral_value() else float(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    return cell


MAKERS: dict[str, Callable[[Sheet, IO[bytes]], str]] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "json": _json,
}
