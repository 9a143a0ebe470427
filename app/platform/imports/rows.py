"""Rows of a table, whatever file they stand in: header, batches of cells, notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from app.base.errors import InvalidInput
from app.platform.imports.problems import Code, quoted

MOST_COLUMNS = 200
LONGEST_CELL = 10_000
REASON_COLUMN = "mainstay_reason"
SHOWN_COLUMNS = 30

Cell = object  # str from CSV; str, int, float, bool, datetime or None from a workbook
Row = Sequence[Cell]


class Rows(Protocol):
    """An opened table. Row numbers are those a spreadsheet shows: the header is row 1."""

    header: list[str]

    def batches(self, size: int) -> Iterator[tuple[list[int], list[Row]]]:
        """Yield row numbers and rows, at most `size` at a time, without blank rows."""

    def progress(self) -> float:
        """Return which part of the file has been read, 0 to 1."""

    def close(self) -> None:
        """Close the file."""


def checked_header(cells: Sequence[Cell]) -> list[str]:
    """Return the names of the columns; refuse too many and the same twice."""
    if len(cells) > MOST_COLUMNS:
        raise InvalidInput(
            Code.TOO_MANY_COLUMNS, f"{len(cells):,} columns; the limit is {MOST_COLUMNS}."
        )
    names = ["" if cell is None else str(cell).strip() for cell in cells]
    seen: dict[str, int] = {}
    for position, name in enumerate(names, 1):
        if name and (first := seen.setdefault(name.casefold(), position)) != position:
            raise InvalidInput(
                Code.COLUMN_TWICE,
                f"Column {quoted(name)} appears twice (columns {first} and {position})."
                " Rename or remove one.",
            )
    return names


def position_of(header: Sequence[str], column: str) -> int | None:
    """Return where a column stands; capitals and outer blanks make no difference."""
    wanted = column.strip().casefold()
    for position, name in enumerate(header):
        if name.casefold() == wanted:
            return position
    return None


def require_columns(header: Sequence[str], wanted: Sequence[str], hint: str = "") -> None:
    """Refuse a file that lacks a column that the mapping reads."""
    for column in wanted:
        if position_of(header, column) is None:
            found = ", ".join(header[:SHOWN_COLUMNS]) + (
                ", …" if len(header) > SHOWN_COLUMNS else ""
            )
            raise InvalidInput(
                Code.COLUMN_MISSING,
                f"Column {quoted(column)} is missing. Found: {found or 'none'}.{hint}",
            )


def no_data_rows() -> InvalidInput:
    """Return the refusal of a file that has a header at most."""
    return InvalidInput(Code.EMPTY, "No data rows. Export the file again with its rows.")
