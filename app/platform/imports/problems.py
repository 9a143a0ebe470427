"""What can be wrong with a file or a row: stable codes, one sentence, place and remedy.

A `Fault` is one cell or row that can't be taken; it carries the same code and words
whether it refuses the file or puts the row aside. What is wrong with a file as a whole
is raised as an AppError at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.base.errors import InvalidInput

SHOWN_VALUE = 80
ELLIPSIS = "…"


class Code(StrEnum):
    """The stable codes of `docs/import-formats.md`."""

    ENCODING = "E-IMP-01"
    NUL = "E-IMP-02"
    TOO_MANY_COLUMNS = "E-IMP-03"
    TOO_LONG = "E-IMP-04"
    QUOTE = "E-IMP-05"
    COLUMN_TWICE = "E-IMP-06"
    COLUMN_MISSING = "E-IMP-07"
    RAGGED = "E-IMP-08"
    NUMBER_FORMAT = "E-IMP-09"
    NOT_A_NUMBER = "E-IMP-10"
    NEGATIVE = "E-IMP-11"
    DATE_RULE = "E-IMP-12"
    DATE_FORMAT = "E-IMP-13"
    SAME_KEY = "E-IMP-14"
    ALREADY_IMPORTED = "E-IMP-15"
    EMPTY = "E-IMP-16"
    TOO_LARGE = "E-IMP-17"
    NOT_ALLOWED = "E-IMP-18"
    REQUIRED = "E-IMP-19"
    UNMATCHED = "E-IMP-20"
    DISAGREE = "E-IMP-21"
    TOO_MANY_BAD = "E-IMP-22"
    MAPPING = "E-IMP-23"
    BATCH_STATE = "E-IMP-24"
    UNDO = "E-IMP-25"
    OUT_OF_REACH = "E-IMP-28"
    NOT_OWN = "E-IMP-29"
    UNPACKS_TOO_LARGE = "E-FIL-01"
    ENTITIES = "E-FIL-02"
    BLANK_ROWS = "E-FIL-03"
    TOO_MANY_ROWS = "E-FIL-04"
    MACROS = "E-FIL-05"
    WRONG_TYPE = "E-FIL-06"
    FORMULA = "E-FIL-07"
    CHOOSE_SHEET = "E-FIL-12"
    MERGED = "E-FIL-13"


class Warned(StrEnum):
    """What is strange but taken; each is counted in the batch's summary."""

    TRIMMED = "blanks trimmed"
    FORMULA_LIKE = "text like a formula"
    MIXED_SCRIPT = "mixed scripts"
    PROMISED_BEFORE_ORDER = "promised before the order date"
    ARRIVED_BEFORE_ORDER = "negative lead time"
    REJECTED_OVER_RECEIVED = "more rejected than received"
    RECEIPT_WITHOUT_DATE = "receipt without a date"
    RESTRICTED = "order with a restricted supplier"
    BLOCKED = "order with a blocked supplier"
    WRONG_FIGURE = "printed figure that is wrong"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a cell can't be taken. `reason` reads on after “Row 3, 'price': ”."""

    code: Code
    reason: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong, or strange, with one row; `column` and `value` as the file has them."""

    row_no: int
    column: str | None
    value: str | None
    code: str
    message: str
    is_warning: bool = False


class NeedsAnswer(InvalidInput):
    """The file can be read in more than one way; a person must say which.

    `question` is the option that answers it, `proposals` what it may be set to, `sample`
    what the file would say with the first proposal.
    """

    def __init__(
        self,
        code: Code,
        message: str,
        *,
        question: str = "",
        proposals: Sequence[str] = (),
        sample: str = "",
    ) -> None:
        super().__init__(code, message)
        self.question = question
        self.proposals = tuple(proposals)
        self.sample = sample


def place(row_no: int, column: str | None, reason: str) -> str:
    """Return a fault's sentence with its place in front."""
    where = f"Row {row_no:,}" if column is None else f"Row {row_no:,}, '{column}'"
    return f"{where}: {reason}"


def quoted(cell: object) -> str:
    """Return a cell as a message shows it: quoted, shortened, control characters visible."""
    text = str(cell)
    if len(text) > SHOWN_VALUE:
        text = text[: SHOWN_VALUE - 1] + ELLIPSIS
    return "'" + "".join(char if char.isprintable() else "�" for char in text) + "'"
