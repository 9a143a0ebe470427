"""Rows to checked chunks: what can be staged, what stands aside and why.

Everything that is wrong with a row is collected, each with row, column, value, reason
and remedy; a row with a fault is taken out whole. Warnings are counted, never silent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from app.base import spreadsheets
from app.base.errors import InvalidInput
from app.platform.imports import parse_dates
from app.platform.imports.columns import ColumnReader
from app.platform.imports.kinds import (
    Chunk,
    ImportKind,
    RowFault,
    RowWarning,
    Stager,
    Value,
)
from app.platform.imports.mapping import FieldRule, Mapping
from app.platform.imports.problems import (
    Code,
    Fault,
    NeedsAnswer,
    Problem,
    Warned,
    place,
    quoted,
)
from app.platform.imports.rows import LONGEST_CELL, REASON_COLUMN, Cell, Row, position_of


@dataclass(slots=True)
class AsideRow:
    """A row that can't be taken, with its cells as the file had them."""

    row_no: int
    cells: list[str]


@dataclass(slots=True)
class Checked:
    """One batch of rows after checking."""

    rows_read: int
    chunk: Chunk
    problems: list[Problem] = field(default_factory=list)
    aside: list[AsideRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Source:
    """A field with its reader and where its column stands (None: a constant)."""

    rule: FieldRule
    reader: ColumnReader
    position: int | None
    constant: Value


class Checker:
    """Checks the rows of one file, batch by batch, and counts what was strange."""

    def __init__(
        self,
        kind: ImportKind,
        mapping: Mapping,
        header: Sequence[str],
        stager: Stager,
        *,
        today: date,
        has_nul: bool,
    ) -> None:
        self.header = list(header)
        self.warnings: Counter[Warned] = Counter()
        self.unknown_columns = _unknown_columns(mapping, header)
        self._stager = stager
        self._has_nul = has_nul
        self._width = len(self.header)
        self._is_returned = self._width > 0 and self.header[-1] == REASON_COLUMN
        self._sources = [_source(kind, rule, self.header, today) for rule in mapping.fields]
        self._defaults = {
            each.name: each.default
            for each in kind.fields
            if each.is_key and each.default is not None and not mapping.gives(each.name)
        }
        self._seen: dict[str, tuple[int, str]] = {}

    def check(self, row_nos: list[int], rows: list[Row]) -> Checked:
        """Return the good rows as a chunk, and what is wrong with the others."""
        result = Checked(len(rows), Chunk(row_nos, {}))
        if self._is_returned:
            rows = [_unguarded(row) for row in rows]
        faulty = self._structure_faults(row_nos, rows, result)
        if faulty:
            row_nos, rows = self._without(faulty, row_nos, rows, result)
        if not rows:
            result.chunk = Chunk([], {each.rule.field: [] for each in self._sources})
            return result
        cells = list(zip(*rows, strict=True))
        columns = {each.rule.field: self._column(each, cells, len(rows)) for each in self._sources}
        columns |= {name: [value] * len(rows) for name, value in self._defaults.items()}
        chunk = Chunk(row_nos, columns)
        bad = self._cell_faults(chunk, cells, result)
        if bad:
            chunk, rows = self._keep(bad, chunk, rows, result)
        bad = self._row_faults(chunk, rows, result)
        if bad:
            chunk, rows = self._keep(bad, chunk, rows, result)
        result.chunk = chunk
        return result

    def as_texts(self, row: Row) -> list[str]:
        """Return a row's cells as text, as it can be sent again."""
        readers = {each.position: each.reader for each in self._sources}
        return [
            readers[position].as_text(cell)
            if position in readers
            else ""
            if cell is None
            else str(cell)
            for position, cell in enumerate(row)
        ]

    def _structure_faults(self, row_nos: list[int], rows: list[Row], result: Checked) -> set[int]:
        faulty: set[int] = set()
        if set(map(len, rows)) != {self._width}:
            for index, row in enumerate(rows):
                if len(row) != self._width:
                    faulty.add(index)
                    said = f"Row {row_nos[index]:,} has {len(row):,} cells, expected {self._width}."
                    result.problems.append(Problem(row_nos[index], None, None, Code.RAGGED, said))
        for index, row in enumerate(rows):
            if index not in faulty and self._is_suspect(row):
                self._text_faults(index, row_nos[index], row, faulty, result)
        return faulty

    def _is_suspect(self, row: Row) -> bool:
        """Tell whether a cell of the row may be too long or hold a NUL; cheap for most rows."""
        try:
            joined = "".join(row)  # type: ignore[arg-type]  # a workbook's rows raise TypeError
        except TypeError:
            joined = "".join(map(str, row))
        return len(joined) > LONGEST_CELL or (self._has_nul and "\0" in joined)

    def _text_faults(
        self, index: int, row_no: int, row: Row, faulty: set[int], result: Checked
    ) -> None:
        for position, cell in enumerate(row):
            fault = self._text_fault(cell)
            if fault is not None:
                faulty.add(index)
                self._report(result, row_no, self.header[position], cell, fault)

    def _text_fault(self, cell: Cell) -> Fault | None:
        if isinstance(cell, str):
            if len(cell) > LONGEST_CELL:
                return Fault(Code.TOO_LONG, f"longer than {LONGEST_CELL:,} characters.")
            if "\0" in cell:
                return Fault(Code.NUL, "contains a NUL character.")
        return None

    def _column(self, source: _Source, cells: Sequence[Sequence[Cell]], size: int) -> list[Value]:
        if source.position is None:
            return [source.constant] * size
        # Faults are still among the values; the rows that hold one are taken out next.
        return source.reader.read_column(cells[source.position])  # type: ignore[return-value]

    def _cell_faults(
        self, chunk: Chunk, cells: Sequence[Sequence[Cell]], result: Checked
    ) -> set[int]:
        bad: set[int] = set()
        for source in self._sources:
            if source.position is None:
                continue
            column = cells[source.position]
            if source.reader.odd:
                self._count_odd(source, chunk, column, result)
            if not source.reader.has_faults:
                continue
            read: Sequence[Value | Fault] = chunk.columns[source.rule.field]
            for index, value in enumerate(read):
                if isinstance(value, Fault):
                    bad.add(index)
                    fault = self._explained(source, chunk, column, index, value)
                    self._report(
                        result, chunk.row_nos[index], source.rule.column, column[index], fault
                    )
        return bad

    def _row_faults(self, chunk: Chunk, rows: list[Row], result: Checked) -> set[int]:
        bad: set[int] = set()
        columns = {each.rule.field: each for each in self._sources}
        for found in self._stager.check(chunk):
            source = columns.get(found.field or "")
            column = source.rule.column if source is not None else None
            position = source.position if source is not None else None
            cell = rows[found.index][position] if position is not None else None
            row_no = chunk.row_nos[found.index]
            if isinstance(found, RowFault):
                bad.add(found.index)
                self._report(result, row_no, column, cell, found.fault)
            else:
                self._warn(result, row_no, column, cell, found)
        return bad

    def _explained(
        self, source: _Source, chunk: Chunk, column: Sequence[Cell], index: int, fault: Fault
    ) -> Fault:
        """Return the fault in the light of the whole column, or ask what the file means."""
        rule, cell = source.rule, column[index]
        if fault.code == Code.NUMBER_FORMAT and rule.decimal is None:
            raise NeedsAnswer(
                fault.code,
                place(chunk.row_nos[index], rule.column, fault.reason)
                + f" Does {quoted(cell)} use a decimal point or a decimal comma? Choose one.",
                question="decimal",
                proposals=(".", ","),
            )
        if fault.code != Code.DATE_FORMAT or not isinstance(cell, str):
            return fault
        if not parse_dates.fits_any(cell.strip()):
            return fault
        if rule.date is None:
            raise NeedsAnswer(
                fault.code,
                place(chunk.row_nos[index], rule.column, fault.reason)
                + " Choose how its dates are written.",
                question="date",
                proposals=("d/m/yyyy", "m/d/yyyy", "d.m.yyyy"),
            )
        return self._two_formats(source, chunk, column, index) or fault

    def _two_formats(
        self, source: _Source, chunk: Chunk, column: Sequence[Cell], index: int
    ) -> Fault | None:
        name = source.rule.field
        if name not in self._seen:
            for other, value in enumerate(chunk.columns[name]):
                if isinstance(value, str):
                    self._seen[name] = (chunk.row_nos[other], quoted(column[other]))
                    break
        if name not in self._seen:
            return None
        good_row, good = self._seen[name]
        both = sorted([(good_row, good), (chunk.row_nos[index], quoted(column[index]))])
        return Fault(
            Code.DATE_FORMAT,
            f"Two date formats in column {quoted(source.rule.column)}."
            + f" Row {both[0][0]:,} has {both[0][1]}, row {both[1][0]:,} has {both[1][1]}."
            + f" Use {source.rule.date} throughout.",
        )

    def _count_odd(
        self, source: _Source, chunk: Chunk, column: Sequence[Cell], result: Checked
    ) -> None:
        odd = source.reader.odd
        for index, cell in enumerate(column):
            if cell in odd:
                for kind in odd[cell]:
                    warning = RowWarning(index, source.rule.field, kind, f"{quoted(cell)}: {kind}.")
                    self._warn(result, chunk.row_nos[index], source.rule.column, cell, warning)

    def _warn(
        self, result: Checked, row_no: int, column: str | None, cell: Cell, found: RowWarning
    ) -> None:
        self.warnings[found.kind] += 1
        value = None if cell is None else str(cell)[:LONGEST_CELL]
        said = place(row_no, column, found.reason)
        result.problems.append(Problem(row_no, column, value, "warning", said, is_warning=True))

    def _report(
        self, result: Checked, row_no: int, column: str | None, cell: Cell, fault: Fault
    ) -> None:
        value = None if cell is None else str(cell).replace("\0", "�")[:LONGEST_CELL]
        said = place(row_no, column, fault.reason)
        result.problems.append(Problem(row_no, column, value, fault.code, said))

    def _keep(
        self, bad: set[int], chunk: Chunk, rows: list[Row], result: Checked
    ) -> tuple[Chunk, list[Row]]:
        """Take the bad rows out of a chunk and put them aside."""
        row_nos, rows = self._without(bad, chunk.row_nos, rows, result)
        good = [index not in bad for index in range(len(chunk.row_nos))]
        columns = {
            name: [value for value, is_good in zip(values, good, strict=True) if is_good]
            for name, values in chunk.columns.items()
        }
        return Chunk(row_nos, columns), rows

    def _without(
        self, bad: set[int], row_nos: list[int], rows: list[Row], result: Checked
    ) -> tuple[list[int], list[Row]]:
        for index in sorted(bad):
            cells = [text.replace("\0", "�")[:LONGEST_CELL] for text in self.as_texts(rows[index])]
            result.aside.append(AsideRow(row_nos[index], cells))
        good = [index for index in range(len(rows)) if index not in bad]
        return [row_nos[index] for index in good], [rows[index] for index in good]


def _source(kind: ImportKind, rule: FieldRule, header: Sequence[str], today: date) -> _Source:
    field = kind.field(rule.field)
    if field is None:
        raise ValueError(f"{kind.name} has no field {rule.field!r}")
    reader = ColumnReader(field, rule, today)
    if rule.column is not None:
        return _Source(rule, reader, position_of(header, rule.column), None)
    constant = reader.read(rule.constant)
    if isinstance(constant, Fault):
        said = f"The mapping's constant for '{rule.field}': {constant.reason}"
        raise InvalidInput(Code.MAPPING, said)
    return _Source(rule, reader, None, constant)


def _unknown_columns(mapping: Mapping, header: Sequence[str]) -> list[str]:
    if "*" in mapping.ignores:
        return []
    known = {name.casefold() for name in (*mapping.source_columns(), *mapping.ignores)}
    return [name for name in header if name and name.casefold() not in known | {REASON_COLUMN}]


def _unguarded(row: Row) -> Row:
    """Take away the apostrophe that a reject file puts before text like a formula."""
    return [spreadsheets.restored(cell) if isinstance(cell, str) else cell for cell in row]
