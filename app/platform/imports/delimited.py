"""Delimited text (CSV, TSV): dialect, header, strict rows.

The csv module by default swallows a thousand rows after an unclosed quote and lets the
last of two equal column names win; both are refused here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import islice

from app.base.errors import AppError, InvalidInput
from app.platform.imports.mapping import AUTO, FileShape
from app.platform.imports.problems import Code
from app.platform.imports.rows import (
    REASON_COLUMN,
    Row,
    checked_header,
    no_data_rows,
)
from app.platform.imports.source_file import FileFacts, SourceFile

NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
HEAD_CHARACTERS = 1 << 16
# Above any honest cell (10,000 characters), below what an unclosed quote swallows.
LONGEST_FIELD = 1 << 24


class DelimitedRows:
    """The rows of one delimited text file."""

    def __init__(
        self,
        source: SourceFile,
        facts: FileFacts,
        shape: FileShape,
        known: Sequence[str],
    ) -> None:
        csv.field_size_limit(LONGEST_FIELD)
        self._binary = source.open()
        self._size = max(facts.size, 1)
        self._text = io.TextIOWrapper(self._binary, encoding=facts.encoding, newline="")
        self._row_no = 0
        self._held: list[list[str]] = []
        try:
            self.delimiter = self._delimiter(shape, known)
            self._reader = csv.reader(self._text, delimiter=self.delimiter, strict=True)
            self.header = self._header(shape)
        except AppError:
            self.close()
            raise

    def batches(self, size: int) -> Iterator[tuple[list[int], list[Row]]]:
        """Yield row numbers and rows, at most `size` at a time, without blank rows."""
        blank = [""] * len(self.header)
        is_empty = True
        while rows := self._next(size):
            first = self._row_no - len(rows) + 1
            row_nos = list(range(first, self._row_no + 1))
            if [] in rows or blank in rows:
                kept = [(no, row) for no, row in zip(row_nos, rows, strict=True) if any(row)]
                row_nos, rows = [no for no, _ in kept], [row for _, row in kept]
            if rows:
                is_empty = False
                yield row_nos, list(rows)
        self.close()
        if is_empty:
            raise no_data_rows()

    def progress(self) -> float:
        """Return which part of the file has been read, 0 to 1."""
        return 1.0 if self._binary.closed else min(1.0, self._binary.tell() / self._size)

    def close(self) -> None:
        """Close the file."""
        self._text.close()

    def separation_hint(self, wanted: Sequence[str]) -> str:
        """Return a remark where another separator would find more of the wanted columns."""
        if len(self.header) != 1:
            return ""
        for sign, name in NAMES.items():
            if len([1 for part in self.header[0].split(sign) if part.strip(' "') in wanted]) > 1:
                return f" The columns seem to be separated by {name}."
        return ""

    def _next(self, size: int) -> list[list[str]]:
        rows, self._held = self._held, []
        try:
            rows.extend(islice(self._reader, size - len(rows)))
        except csv.Error as error:
            raise self._torn(self._row_no + len(rows) + 1, str(error)) from None
        self._row_no += len(rows)
        return rows

    def _torn(self, row_no: int, error: str) -> InvalidInput:
        if "unexpected end of data" in error or "field larger" in error:
            said = f"Quote opened in row {row_no:,} is never closed."
        elif "expected after" in error:
            said = (
                f"Quote opened in row {row_no:,} is never closed,"
                " or a quote inside its cell is not doubled."
            )
        else:
            said = f"Row {row_no:,} can't be read: {error}."
        return InvalidInput(Code.QUOTE, f"{said} Close or double the quote.")

    def _delimiter(self, shape: FileShape, known: Sequence[str]) -> str:
        if shape.delimiter != AUTO:
            return shape.delimiter
        head = self._text.read(HEAD_CHARACTERS)
        self._text.seek(0)
        line = head.splitlines()[0] if head.strip() else ""
        return max(NAMES, key=lambda sign: self._fit(line, sign, shape, known))

    def _fit(self, line: str, sign: str, shape: FileShape, known: Sequence[str]) -> tuple[int, int]:
        """Return how well a separator explains the first line: known columns, then columns."""
        try:
            cells = next(csv.reader([line], delimiter=sign), [])
        except csv.Error:
            return (0, 0)
        if shape.columns is not None:
            return (int(len(cells) == len(shape.columns)), len(cells))
        names = {cell.strip().casefold() for cell in cells}
        return (sum(name.casefold() in names for name in known), len(cells))

    def _header(self, shape: FileShape) -> list[str]:
        rows = self._next(1)
        while rows and not any(rows[0]):
            rows = self._next(1)
        if not rows:
            raise no_data_rows()
        if shape.columns is None:
            return checked_header(rows[0])
        # The reject file of a file without header has one, so that it says what is what.
        names = [cell.strip() for cell in rows[0]]
        if names == [*shape.columns, REASON_COLUMN]:
            return names
        self._held = rows
        self._row_no -= 1
        return checked_header(shape.columns)
