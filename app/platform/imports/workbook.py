"""Excel workbooks (.xlsx): which sheet, which rows, what a cell holds.

Read by openpyxl in read-only mode, after `workbook_parts` has looked at the zip
directory. A workbook's own dates and numbers are taken as such, whatever format the
mapping declares for text.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from app.base.errors import AppError, InvalidInput
from app.platform.imports import workbook_parts
from app.platform.imports.mapping import FileShape
from app.platform.imports.problems import Code, NeedsAnswer, quoted
from app.platform.imports.rows import (
    MOST_COLUMNS,
    Cell,
    Row,
    checked_header,
    no_data_rows,
)
from app.platform.imports.source_file import SourceFile

MOST_BLANK_ROWS = 1_000


class FormulaError:
    """A cell whose formula failed or was never computed; it has no value to take."""

    __slots__ = ("reason",)

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class WorkbookRows:
    """The rows of one sheet of one workbook."""

    def __init__(self, source: SourceFile, shape: FileShape) -> None:
        workbook_parts.refuse_unsafe(source)
        self._file, self._book = _opened(source)
        self._done = 0
        self._held: tuple[int, tuple[Cell, ...]] | None = None
        try:
            sheet = self._sheet(source, _chosen(self._book, shape.sheet))
            self._rows = _numbered(sheet.iter_rows(values_only=True))
            self.header = self._header(shape)
        except AppError:
            self.close()
            raise

    def batches(self, size: int) -> Iterator[tuple[list[int], list[Row]]]:
        """Yield row numbers and rows, at most `size` at a time, without blank rows."""
        row_nos: list[int] = []
        rows: list[Row] = []
        is_empty = True
        for row_no, cells in self._filled():
            row_nos.append(row_no)
            rows.append(self._squared(row_no, cells))
            self._done = row_no
            if len(rows) == size:
                is_empty = False
                yield row_nos, rows
                row_nos, rows = [], []
        if rows:
            is_empty = False
            yield row_nos, rows
        self.close()
        if is_empty:
            raise no_data_rows()

    def progress(self) -> float:
        """Return which part of the sheet has been read, 0 to 1."""
        return min(1.0, self._done / max(1, self.facts.rows))

    def close(self) -> None:
        """Close the file."""
        self._book.close()
        self._file.close()

    def _sheet(self, source: SourceFile, title: str) -> Any:  # Any: openpyxl's worksheet
        """Return the sheet, walked for what openpyxl doesn't tell."""
        sheet = self._book[title]
        self.facts = workbook_parts.sheet_facts(source, _part_name(sheet))
        if self.facts.merged:
            raise InvalidInput(
                Code.MERGED,
                f"Sheet {quoted(title)} has merged cells ({', '.join(self.facts.merged[:5])})."
                " Unmerge them: only the first cell of a merged block holds its value.",
            )
        sheet.reset_dimensions()
        return sheet

    def _header(self, shape: FileShape) -> list[str]:
        for row_no, cells in self._filled():
            if shape.columns is None:
                return checked_header(_trimmed(cells))
            self._held = (row_no, cells)
            return checked_header(shape.columns)
        raise no_data_rows()

    def _filled(self) -> Iterator[tuple[int, tuple[Cell, ...]]]:
        """Yield the rows that hold anything; a row behind a desert of blank ones is refused."""
        if self._held is not None:
            held, self._held = self._held, None
            yield held
        blank = 0
        for row_no, cells in self._rows:
            if all(cell is None or cell == "" for cell in cells):
                blank += 1
                continue
            if blank > MOST_BLANK_ROWS:
                raise InvalidInput(
                    Code.BLANK_ROWS,
                    f"Row {row_no:,} follows more than {MOST_BLANK_ROWS:,} blank rows."
                    " Delete them, or the stray cells below the table.",
                )
            blank = 0
            yield row_no, cells

    def _squared(self, row_no: int, cells: tuple[Cell, ...]) -> list[Cell]:
        """Return a row as wide as the header, with failed formulas marked."""
        row = list(_trimmed(cells))
        row += [None] * (len(self.header) - len(row))
        if self.facts.errors or self.facts.uncomputed:
            for column in range(1, len(row) + 1):
                if (row_no, column) in self.facts.errors:
                    error = self.facts.errors[row_no, column]
                    row[column - 1] = FormulaError(f"formula error {error}.")
                elif (row_no, column) in self.facts.uncomputed:
                    row[column - 1] = FormulaError(
                        "a formula without a stored result; open the file in Excel and save it."
                    )
        return row


def sheet_titles(book: Any) -> tuple[list[str], list[str]]:  # Any: openpyxl's Workbook
    """Return the visible and the hidden sheets."""
    visible = [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]
    hidden = [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]
    return visible, hidden


def _opened(source: SourceFile) -> tuple[BinaryIO, Any]:  # Any: openpyxl is loaded lazily
    from defusedxml.common import DefusedXmlException
    from openpyxl.reader.excel import ExcelReader

    # It remarks on missing styles and odd dates; what matters of that is said of the row.
    warnings.filterwarnings("ignore", module=r"openpyxl\.")
    file = source.open()
    try:
        with workbook_parts.damage_told():
            # Any: a method is replaced. Sheets that are one chart hold no rows, and openpyxl
            # stumbles over those whose drawing is missing.
            reader: Any = ExcelReader(file, read_only=True, data_only=True)
            reader.read_chartsheet = lambda *_: None
            reader.read()
    except DefusedXmlException as error:
        file.close()
        raise InvalidInput(
            Code.ENTITIES, "Workbook contains XML entities, which are not allowed."
        ) from error
    except AppError:
        file.close()
        raise
    return file, reader.wb


def _numbered(
    rows: Iterable[tuple[Cell, ...]],
) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    with workbook_parts.damage_told():
        yield from enumerate(rows, 1)


def _chosen(book: Any, wanted: str | None) -> str:  # Any: openpyxl's Workbook
    visible, hidden = sheet_titles(book)
    if wanted is not None and wanted in visible + hidden:
        return wanted
    if wanted is None and len(visible) == 1 and not hidden:
        return visible[0]
    listed = ", ".join(quoted(title) for title in visible)
    if hidden:
        listed += "; hidden: " + ", ".join(quoted(title) for title in hidden)
    missing = "" if wanted is None else f"There is no sheet {quoted(wanted)}. "
    raise NeedsAnswer(
        Code.CHOOSE_SHEET,
        f"{missing}The workbook has {len(visible) + len(hidden)} sheets: {listed}."
        " Choose the sheet to import.",
        question="sheet",
        proposals=(*visible, *hidden),
    )


def _part_name(sheet: Any) -> str:  # Any: openpyxl's read-only worksheet
    return str(sheet._worksheet_path).lstrip("/")


def _trimmed(cells: tuple[Cell, ...]) -> list[Cell]:
    """Return the cells without the empty ones at the end."""
    row = list(cells)
    while row and (row[-1] is None or row[-1] == ""):
        row.pop()
    return row[: MOST_COLUMNS + 1] if len(row) > MOST_COLUMNS * 10 else row
