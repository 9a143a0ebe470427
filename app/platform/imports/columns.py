"""Cells to values, column by column. Each distinct cell of a column is parsed once.

A column of a delivery file repeats itself: dates, suppliers, currencies. So a column's
reader is a dictionary that parses what it has not seen, which costs 50 ns a cell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal

from app.base import spreadsheets
from app.base.db import MONEY_SCALE, QUANTITY_SCALE
from app.platform.imports import parse_dates, parse_numbers, parse_words
from app.platform.imports.kinds import Field, FieldType, Value
from app.platform.imports.mapping import FieldRule
from app.platform.imports.problems import Code, Fault, Warned, quoted
from app.platform.imports.rows import Cell
from app.platform.imports.workbook import FormulaError

PLACES = {
    FieldType.QUANTITY: len(str(QUANTITY_SCALE)) - 1,
    FieldType.MONEY: len(str(MONEY_SCALE)) - 1,
    FieldType.NUMBER: 6,
    FieldType.WHOLE: 0,
    # A percent figure with four decimals is a whole number of millionths.
    FieldType.SHARE: 4,
}
MOST_REMEMBERED = 50_000

Parse = Callable[[str], Value | Fault]


class ColumnReader(dict[Cell, Value | Fault]):
    """What the cells of one column mean, by cell.

    `has_faults` and `odd` (cells that are strange but taken) are filled as cells are read.
    """

    def __init__(self, field: Field, rule: FieldRule, today: date) -> None:
        super().__init__()
        self.field = field
        self.rule = rule
        self.today = today
        self.has_faults = False
        self.odd: dict[Cell, tuple[Warned, ...]] = {}
        self._words = dict(rule.values)
        self._parse = self._parser()

    def __missing__(self, cell: Cell) -> Value | Fault:
        value = self.read(cell)
        if value.__class__ is Fault:
            self.has_faults = True
        self[cell] = value
        return value

    def read_column(self, cells: Sequence[Cell]) -> list[Value | Fault]:
        """Return what the cells mean, in their order."""
        if len(self) > MOST_REMEMBERED:
            self.clear()
            self.odd.clear()
            self.has_faults = False
        return list(map(self.__getitem__, cells))

    def read(self, cell: Cell) -> Value | Fault:
        """Return what one cell means."""
        if isinstance(cell, str):
            return self._read_text(cell)
        if cell is None:
            return self._absent()
        if isinstance(cell, FormulaError):
            return Fault(Code.FORMULA, cell.reason)
        return self._read_native(cell)

    def as_text(self, cell: Cell) -> str:
        """Return a cell as this column's text would say it, so that it can be sent again."""
        if cell is None:
            return ""
        if isinstance(cell, datetime | date):
            if self.field.type is not FieldType.DATE:
                return cell.isoformat()
            return parse_dates.rendered(cell, self.rule.date or parse_dates.ISO)
        if isinstance(cell, float) and not isinstance(cell, bool):
            text = format(Decimal(repr(cell)), "f")
            return text.replace(".", self.rule.decimal or ".")
        return str(cell)

    def _read_text(self, cell: str) -> Value | Fault:
        # What our own exports guard against spreadsheets comes back as it was.
        cell = spreadsheets.restored(cell)
        text = cell.strip()
        if text in self.rule.unknown:
            return self._absent()
        if (self.field.type is FieldType.TEXT and (odd := parse_words.oddities(cell))) or (
            text != cell and (odd := (Warned.TRIMMED,))
        ):
            self.odd[cell] = odd
        return self._parse(self._words.get(text, text))

    def _absent(self) -> Value | Fault:
        if self.field.is_key and self.field.default is not None:
            return self.field.default
        if self.field.is_required:
            return Fault(Code.REQUIRED, "is empty; a value is required.")
        return None

    def _parser(self) -> Parse:
        kind = self.field.type
        if kind is FieldType.DATE:
            return self._date_parser()
        if kind in PLACES:
            return self._number
        choices = self.field.choices
        parsers: dict[FieldType, Parse] = {
            FieldType.TEXT: self._text,
            FieldType.MOMENT: self._moment,
            FieldType.BOOLEAN: parse_words.boolean,
            FieldType.CHOICE: lambda text: parse_words.choice(text, choices),
            FieldType.COUNTRY: parse_words.country,
            FieldType.CURRENCY: parse_words.currency,
            FieldType.INCOTERM: parse_words.incoterm,
        }
        return parsers[kind]

    def _text(self, text: str) -> Value | Fault:
        if len(text) > self.field.longest:
            return Fault(Code.TOO_LONG, f"longer than {self.field.longest:,} characters.")
        if self.field.rule is not None and (why := self.field.rule(text)) is not None:
            return Fault(Code.NOT_ALLOWED, f"{quoted(text)} {why}")
        return text

    def _number(self, text: str) -> Value | Fault:
        value = parse_numbers.scaled(text, self.rule.decimal, PLACES[self.field.type])
        return self._signed(value, text)

    def _signed(self, value: int | Fault, cell: Cell) -> Value | Fault:
        if isinstance(value, int) and value < 0 and not self.field.is_signed:
            returns = "; returns use type R" if self.field.type is FieldType.QUANTITY else ""
            return Fault(Code.NEGATIVE, f"{quoted(cell)} must be 0 or more{returns}.")
        return value

    def _date_parser(self) -> Parse:
        declared = self.rule.date
        readers = [parse_dates.compiled(declared or parse_dates.ISO)]

        def parse(text: str) -> Value | Fault:
            iso = readers[0](text)
            if iso is None:
                return parse_dates.unreadable(text, declared)
            return self._plausible(iso, text)

        return parse

    def _plausible(self, iso: str, cell: Cell) -> Value | Fault:
        if self.field.is_past and iso > self.today.isoformat():
            return parse_dates.after_today(cell, self.today)
        if (why := parse_dates.implausible(iso, self.today)) is not None:
            return Fault(Code.DATE_FORMAT, f"{quoted(cell)} {why}.")
        return iso

    def _moment(self, text: str) -> Value | Fault:
        found = parse_dates.moment(text)
        if found is None:
            return parse_dates.unreadable(text, "yyyy-mm-dd hh:mm, with zone or in UTC")
        checked = self._plausible(found[:10], text)
        return checked if isinstance(checked, Fault) else found

    def _read_native(self, cell: Cell) -> Value | Fault:
        """Read what a workbook holds as a date, a number or a truth."""
        kind = self.field.type
        if isinstance(cell, datetime | date):
            iso = cell.isoformat()
            if kind is FieldType.DATE:
                return self._plausible(iso[:10], iso[:10])
            return self._read_text(iso) if kind is FieldType.MOMENT else self._read_text(iso[:10])
        if isinstance(cell, bool):
            return self._read_text("true" if cell else "false")
        if isinstance(cell, int | float):
            if kind in PLACES:
                return self._signed(parse_numbers.scaled_number(cell, PLACES[kind]), cell)
            if abs(cell) >= parse_numbers.LARGEST_WHOLE:
                return parse_numbers.shortened_key(cell)
            whole = isinstance(cell, float) and cell.is_integer()
            return self._read_text(str(int(cell) if whole else cell))
        return self._read_text(str(cell))
