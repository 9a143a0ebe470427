"""What stands in the parts of an .xlsx file before it is opened: sizes, entities, formulas.

openpyxl loads a 199 KB file into 416 MB, walks a million rows that a wrong dimension
claims, and returns None for a formula that was never computed. So the zip directory is
checked first, and the chosen sheet is walked once by expat for what openpyxl doesn't tell.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

from app.base import archives
from app.base.errors import AppError, InvalidInput
from app.platform.imports.problems import Code, quoted
from app.platform.imports.source_file import SourceFile

# A sheet that unpacks to more than archives may is counted instead, so that the message can
# say how many rows.
LARGEST_COUNTED = 600 * archives.MEGABYTE
MOST_ROWS = 200_000
BLOCK = 1 << 16
# What other office files hold, which are zip archives too.
OTHERS = {
    "word/document.xml": "a Word document",
    "ppt/presentation.xml": "a presentation",
    "xl/workbook.bin": "a binary workbook (.xlsb)",
}
# What zipfile, zlib, expat and openpyxl raise on parts that are torn or make no sense.
DAMAGE = (
    zipfile.BadZipFile, zlib.error, expat.ExpatError, SyntaxError, OSError, EOFError, LookupError,
    ValueError, TypeError, AttributeError, ArithmeticError, NotImplementedError,
)  # fmt: skip


@dataclass(slots=True)
class SheetFacts:
    """What a walk through one sheet told. Cells by (row, column), both from 1."""

    rows: int = 0
    merged: list[str] = field(default_factory=list)
    uncomputed: set[tuple[int, int]] = field(default_factory=set)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)


@contextmanager
def damage_told() -> Iterator[None]:
    """Refuse the workbook where reading it stumbles over what it holds."""
    try:
        yield
    except AppError:
        raise
    except DAMAGE as error:
        raise InvalidInput(
            Code.WRONG_TYPE, "The workbook is damaged and can't be read. Save it again as .xlsx."
        ) from error


def refuse_unsafe(source: SourceFile) -> None:
    """Refuse a workbook whose zip directory promises trouble, and XML with a document type."""
    with source.open() as file, _archive(source, file) as archive, damage_told():
        entries = archive.infolist()
        names = [entry.filename for entry in entries]
        if archives.is_encrypted(entries):
            raise _wrong(source, "a password-protected archive; save it without a password")
        if "[Content_Types].xml" not in names:
            raise _wrong(source, "a zip archive, not a workbook")
        for part_name, found in OTHERS.items():
            if part_name in names:
                raise _wrong(source, found)
        if any(name.endswith("vbaProject.bin") for name in names):
            raise InvalidInput(
                Code.MACROS, "Macro workbooks are not accepted; save the file as .xlsx."
            )
        _refuse_bombs(archive, entries)
        for entry in entries:
            if entry.filename.endswith((".xml", ".rels")):
                with archive.open(entry) as part:
                    # Sheets are walked whole when they are chosen; here only to their root.
                    walk(part, expat.ParserCreate(), head_only="/sheet" in entry.filename)


def sheet_facts(source: SourceFile, part_name: str) -> SheetFacts:
    """Walk one sheet: count its rows, find merged cells, errors, formulas without a value."""
    facts = SheetFacts()
    with (
        source.open() as file,
        damage_told(),
        zipfile.ZipFile(file) as archive,
        archive.open(part_name) as part,
    ):
        walk(part, _sheet_parser(facts))
    return facts


def walk(part: IO[bytes], parser: expat.XMLParserType, *, head_only: bool = False) -> None:
    """Feed an XML part to a parser that refuses document types, hence entities."""

    def refuse(*_: object) -> None:
        raise InvalidInput(Code.ENTITIES, "Workbook contains XML entities, which are not allowed.")

    parser.StartDoctypeDeclHandler = refuse
    while block := part.read(BLOCK):
        parser.Parse(block, False)
        if head_only:
            return
    parser.Parse(b"", True)


def too_many_rows() -> InvalidInput:
    """Return the refusal of a sheet that belongs into CSV."""
    return InvalidInput(Code.TOO_MANY_ROWS, f"The sheet has more than {MOST_ROWS:,} rows; use CSV.")


def _archive(source: SourceFile, file: IO[bytes]) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError):
        raise _wrong(source, "a damaged zip archive") from None


def _wrong(source: SourceFile, found: str) -> InvalidInput:
    return InvalidInput(
        Code.WRONG_TYPE, f"{quoted(source.name)} is {found}. Send CSV or an .xlsx workbook."
    )


def _refuse_bombs(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    archives.refuse_trouble(entries, thing="workbook")
    if not archives.is_too_large(entries):
        return
    unpacked = archives.unpacked_size(entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    is_plain = not archives.is_bomb(entries) and unpacked / packed <= archives.RATIO_LIMIT
    if is_plain and unpacked <= LARGEST_COUNTED:
        for entry in entries:
            if "/sheet" in entry.filename and _has_too_many_rows(archive, entry):
                raise too_many_rows()
    raise archives.too_large(entries, remedy="Use CSV.")


def _has_too_many_rows(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    """Count rows by their end tags, without parsing, until the limit is passed."""
    rows, tail = 0, b""
    with archive.open(entry) as part:
        while block := part.read(1 << 20):
            text = tail + block
            rows += text.count(b"</row>") + text.count(b":row>")
            if rows > MOST_ROWS:
                return True
            tail = text[-5:]
    return False


def _sheet_parser(facts: SheetFacts) -> expat.XMLParserType:
    """Return a parser that fills `facts`; stops at the first row over the limit."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    state = _Cell()

    def start(tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "c":
            state.open(attributes)
        elif name == "f":
            state.has_formula = True
        elif name == "v":
            state.text = []
        elif name == "row":
            facts.rows += 1
            state.next_row(attributes)
            if facts.rows > MOST_ROWS + 1:
                raise too_many_rows()
        elif name == "mergeCell":
            facts.merged.append(attributes.get("ref", "?"))

    def end(tag: str) -> None:
        name = tag.rpartition(":")[2]
        if name == "v":
            state.value, state.text = "".join(state.text or ()), None
        elif name == "c":
            state.close(facts)

    def text(characters: str) -> None:
        if state.text is not None:
            state.text.append(characters)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    handler: Callable[[str], None] = text
    parser.CharacterDataHandler = handler
    return parser


class _Cell:
    """The cell that the parser is in."""

    def __init__(self) -> None:
        self.row = self.column = 0
        self.type = ""
        self.has_formula = False
        self.value = ""
        self.text: list[str] | None = None

    def next_row(self, attributes: dict[str, str]) -> None:
        given = attributes.get("r", "")
        self.row = int(given) if given.isdecimal() else self.row + 1
        self.column = 0

    def open(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r", "").rstrip("0123456789")
        self.column = _column_number(reference) if reference else self.column + 1
        self.type, self.has_formula, self.value = attributes.get("t", ""), False, ""

    def close(self, facts: SheetFacts) -> None:
        if self.type == "e":
            facts.errors[self.row, self.column] = self.value or "an error"
        elif self.has_formula and not self.value and self.type != "str":
            facts.uncomputed.add((self.row, self.column))


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number
