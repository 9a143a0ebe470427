"""The parts that printed pages are made of: frozen, formatted, without arithmetic left to do.

Every text is ready to print: numbers, dates and units come from `base.formatting`. Charts are
the values of `base.charts`. An unknown figure has the value “no data” and a reason. Every part
can be pickled, so that a child process can print it.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from app.base.charts import (
    BarChart,
    ColumnChart,
    DayHistogram,
    IntervalStrip,
    LineChart,
    Meter,
    Staircase,
)
from app.base.pdf.printable import PaperSize

Chart = LineChart | ColumnChart | DayHistogram | Staircase | BarChart

# Letters that the footer's left side holds, the product's name aside.
FOOTER_ROOM = 108
SHORTEST_NAME_IN_FOOTER = 14
MOST_ROWS_OF_CELLS = 40
# Letters of equal width in a printed line of a long table.
LINE_LETTERS = 124


class Sign(StrEnum):
    """A state's shape, which reads without colour; the value is what is printed."""

    FINE = "●"
    WATCH = "▲"
    ACT = "■"
    FALLING = "▼"
    NO_DATA = "○"


@dataclass(frozen=True, slots=True)
class State:
    """A state in shape and word.

    sign: the shape. word: one or two words (“below floor”, “steady”, “not counted”).
    """

    sign: Sign
    word: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every page.

    house: the buying company (“Adler Pumps SE”), may be empty.
    supplier: its name. supplier_line: number, category, sites
    (“V-10482 · Aluminium castings · Chemnitz, DE and Brașov, RO”).
    period: the period in words (“12 months to 31 October 2026”).
    as_of: the date of the facts (“31 Oct 2026”).
    method: scoring method and version (“Direct material v4”).
    created_on: the as-of date in ISO form (“2026-10-31”), for the file's metadata.
    paper_size: the sheet. language: BCP 47 tag of the texts.
    status: “preliminary”, “restated”, or empty.
    """

    house: str
    supplier: str
    supplier_line: str
    period: str
    as_of: str
    method: str
    created_on: str
    paper_size: PaperSize = PaperSize.A4
    language: str = "en"
    status: str = ""

    @property
    def footer(self) -> str:
        """The left side of the footer."""
        rest = f" · {self.period} · as of {self.as_of} · method {self.method}"
        room = max(SHORTEST_NAME_IN_FOOTER, FOOTER_ROOM - len(rest))
        return f"Mainstay · {cut(self.supplier, room)}{rest}"


def letters_wide(text: str) -> int:
    """Return how many Latin letters wide `text` is; East Asian letters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def cut(text: str, room: int) -> str:
    """Return `text` cut to `room` Latin letters' width; East Asian ones take two."""
    if letters_wide(text) <= room:
        return text
    while text and letters_wide(text) > room - 1:
        text = text[: room - 1] if len(text) > room else text[:-1]
    return text.rstrip() + "…"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the supplier stands.

    grade: a letter, or “NR” (not rated). score: “62.3 of 100”, or “not rated”.
    previous: “was C 74.9”, “first scorecard”. coverage: the weight with data (“95 %”).
    bounds: the score if the missing were 0 / 100 (“59.2 – 64.2”), empty at full coverage.
    notes: why the grade is what it is, in sentences: caps, missing data; may be empty.
    """

    grade: str
    score: str
    previous: str
    coverage: str
    bounds: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One of the large figures at the head of a page.

    label: “OTIF by line”. value: “89.9”, or “no data”. unit: “%”, “ppm”, may be empty.
    note: the line below: target, n, or the reason for no data.
    """

    label: str
    value: str
    unit: str
    note: str


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """One scored measure on the scorecard.

    label: category and measure (“Delivery · OTIF by line”). value: “89.9 %”, or “no data”.
    interval: the 95 % interval (“88.2 – 91.4”), another short note (“P95 +9 d”), or, without
    a value, the reason (“no invoices fed”). n: the population (“2,577”). target: “98 %”.
    state: shape and word. points: 0–100 for the meter, None without data.
    points_text: “49.5”, or “shared out”. weight: “25”. contribution: weight × points ÷ 100
    to 0.01 (“12.38”), or “–”.
    """

    label: str
    value: str
    interval: str
    n: str
    target: str
    state: State
    points: float | None
    points_text: str
    weight: str
    contribution: str

    @property
    def meter(self) -> Meter | None:
        """The points as a bar, None without data."""
        if self.points is None:
            return None
        return Meter(f"{self.points_text} of 100 points", self.points)


@dataclass(frozen=True, slots=True)
class ScoreTotal:
    """The closing row of the scorecard.

    score: “62.3”, or “not rated”. interval: the sampling range where there is one.
    grade: the letter. division: how the score follows from the contributions and the
    coverage (“59.22 ÷ 0.95”), empty when nothing could be scored. weight: “100”.
    contribution: the sum of the contributions above, as printed (“59.22”).
    """

    score: str
    interval: str
    grade: str
    division: str
    weight: str
    contribution: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure that is shown but not scored where it stands.

    label: “OTIF by order”. value: “84.2 %”, or “no data”. interval: “81.9 – 86.3”, or the
    reason. n: “402”. counted: numerator of denominator (“2,317 of 2,577”), may be empty.
    target: “93 %”, may be empty. state: shape and word, None where nothing is judged.
    strip: the interval as a picture, on the same scale in all rows of a table, or None.
    """

    label: str
    value: str
    interval: str
    n: str
    counted: str = ""
    target: str = ""
    state: State | None = None
    strip: IntervalStrip | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """A chart with its words.

    heading: the idea in words (“OTIF by line, month by month”). reading: one line that says
    how to read it, with n. chart: the picture, None when there is nothing to draw.
    missing: why there is nothing and what to ask for; printed instead of the chart.
    is_fact: it is known that there is nothing (“No line was missed”), no data are missing.
    """

    heading: str
    reading: str
    chart: Chart | None
    missing: str = ""
    is_fact: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column.

    label: its head. width: its share of the table's width in percent; a table's columns add
    up to 100. is_number: right-aligned.
    """

    label: str
    width: int
    is_number: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """A plain table of texts.

    heading: the idea in words. reading: one grey line, may be empty. columns: at least one.
    rows: one text per column; the builder keeps them short. missing: printed when there are
    no rows, with the reason. has_total: the last row is a total.
    """

    heading: str
    reading: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    missing: str = ""
    has_total: bool = False

    @property
    def is_long(self) -> bool:
        """Whether it is printed as lines: each cell of a row would cost as much as a line."""
        return len(self.rows) > MOST_ROWS_OF_CELLS

    @property
    def head_line(self) -> str:
        """The columns' heads as one line of letters of equal width."""
        return self._line(tuple(column.label for column in self.columns))

    @property
    def lines(self) -> tuple[str, ...]:
        """The rows as lines of letters of equal width, cut to their columns."""
        return tuple(self._line(row) for row in self.rows)

    def _line(self, row: tuple[str, ...]) -> str:
        cells = zip(self.columns, row, strict=True)
        return " ".join(_padded(text, column) for column, text in cells).rstrip()


def _padded(text: str, column: Column) -> str:
    room = LINE_LETTERS * column.width // 100 - 1
    shown = cut(text, room)
    blank = " " * (room - letters_wide(shown))
    return blank + shown if column.is_number else shown + blank


@dataclass(frozen=True, slots=True)
class Miss:
    """A missed order line.

    order_line: “4500012 / 10”. part: “Housing 7731-A”, may be empty. ordered: “1,000”.
    due: end of the due window (“3 Sep 2026”). happened: what came and when, in words
    (“600 of 1,000 on 3 Sep in the window, 400 on 17 Sep”). cause: “supplier · capacity”, or
    “unattributed”. late: “14 d”; still open: “> 31 d”.
    """

    order_line: str
    part: str
    ordered: str
    due: str
    happened: str
    cause: str
    late: str


@dataclass(frozen=True, slots=True)
class Action:
    """An agreed action. text: what. owner: who. due: “30 Nov”, or “overdue”."""

    text: str
    owner: str
    due: str


@dataclass(frozen=True, slots=True)
class Attention:
    """Something that needs the meeting. state: shape and word; text: what, why, since when."""

    state: State
    text: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Lines that do not count. reason: “cancelled by us before the window ended”. count: “29”."""

    reason: str
    count: str


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that the figures rest on.

    name: its file name. mapping: mapping and version (“erp-lines v2”). rows: rows read
    (“12,004”). aside: rows that stand aside and why (“3: 2 without a date, 1 quantity”), or
    “none”. imported: when and by whom (“1 Nov 2026 06:10 UTC, A. Lindqvist”).
    sha256: the first digits of its digest (“9f2c 11d0 …”).
    """

    name: str
    mapping: str
    rows: str
    aside: str
    imported: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Definition:
    """How a number is made. term: “OTIF”. text: the rule in sentences."""

    term: str
    text: str


@dataclass(frozen=True, slots=True)
class Dimension:
    """A dimension of the supply risk index.

    label: “financial”. risk: its risk, 0 best – 100 worst (“62.5”), or “no data”.
    weight: “20”. contribution: points (“+12.5”), or “–”. basis: what the value rests on
    (“Z′ 1.64, statement of 31 Dec 2025”), or why it is unknown and what to ask for.
    state: shape and word. risk_points: 0–100 for the meter, None when unknown.
    """

    label: str
    risk: str
    weight: str
    contribution: str
    basis: str
    state: State
    risk_points: float | None

    @property
    def meter(self) -> Meter | None:
        """The risk as a bar, None when it is unknown."""
        if self.risk_points is None:
            return None
        return Meter(f"risk {self.risk} of 100", self.risk_points)
