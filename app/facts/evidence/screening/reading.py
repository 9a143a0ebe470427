"""Reads a list's file into entries: OFAC's SDN table, or our own plain table.

A file that is not laid out as declared is refused whole: a list with holes clears nobody.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from app.base.errors import InvalidInput
from app.calc.name_words import name_words
from app.facts.evidence.screening.models import LONGEST_KEY, LONGEST_NAME, EntryKind, Layout
from app.platform.imports import parse_words
from app.platform.imports.delimited import DelimitedRows
from app.platform.imports.mapping import AUTO, UTF_8, FileShape
from app.platform.imports.problems import Code, place, quoted
from app.platform.imports.rows import LONGEST_CELL, require_columns
from app.platform.imports.source_file import SourceFile, examine

OFAC_COLUMNS = (
    "ent_num", "name", "type", "program", "title", "call_sign", "vessel_type", "tonnage", "grt",
    "vessel_flag", "vessel_owner", "remarks",
)  # fmt: skip
GENERIC_COLUMNS = ("name", "type", "aliases", "country", "program", "id", "remarks")
NEEDED = ("name", "type", "id")
NULL = "-0-"
# Old tables end with the sign that closed a file under DOS.
END_OF_FILE = b"\x1a"
BATCH = 5_000
SEVERAL = "|"
ALIAS = re.compile(r"\b[afn]\.k\.a\. '(.+?)'(?=\s*[;.,(]|\s*$)")
NAMED_COUNTRY = re.compile(
    r"\(([A-Z][A-Za-z ,.'-]+)\)|\b(?:nationality|citizen|Nationality of Registration) ([^;.(]+)"
)
# How the list spells what ISO 3166 and everyday words spell otherwise.
SPELLINGS: Mapping[str, str] = {
    "korea, north": "PRK", "korea, south": "KOR", "palestinian": "PSE", "the gambia": "GMB",
    "congo, democratic republic of the": "COD", "congo, republic of the": "COG",
    "bahamas, the": "BHS", "cote d ivoire": "CIV", "iran": "IRN", "syria": "SYR",
    "bolivia": "BOL", "venezuela": "VEN", "tanzania": "TZA", "vietnam": "VNM", "laos": "LAO",
}  # fmt: skip
KINDS: Mapping[str | None, EntryKind] = {
    None: EntryKind.ENTITY, "individual": EntryKind.INDIVIDUAL, "vessel": EntryKind.VESSEL,
    "aircraft": EntryKind.AIRCRAFT,
}  # fmt: skip
Cells = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class ListedParty:
    """One entry as its list has it."""

    entry_key: str
    kind: EntryKind
    name: str
    aliases: tuple[str, ...]
    countries: tuple[str, ...]
    program: str | None
    remarks: str | None

    @property
    def digest(self) -> str:
        """A mark of all that the list says: another content has another one."""
        said = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ListFile:
    """What a file holds. unread: columns that nobody reads."""

    sha256: str
    parties: tuple[ListedParty, ...]
    unread: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Entries by kind, each kind named."""
        found = Counter(str(each.kind) for each in self.parties)
        return {str(kind): found[str(kind)] for kind in EntryKind}


def read_list(source: SourceFile, layout: Layout, *, encoding: str = UTF_8) -> ListFile:
    """Read a list's file; raises InvalidInput naming row, column, value and remedy."""
    if source.content is None and source.path is not None:
        source = SourceFile(source.name, source.path.read_bytes())
    content = (source.content or b"").rstrip().removesuffix(END_OF_FILE)
    given = SourceFile(source.name, content)
    facts = examine(given, encoding)
    if facts.is_workbook:
        raise InvalidInput(Code.WRONG_TYPE, f"{quoted(source.name)} is a workbook. Save it as CSV.")
    if facts.has_nul:
        raise InvalidInput(Code.NUL, "The file contains a NUL character. Save it as CSV again.")
    is_ofac = layout is Layout.OFAC
    shape = FileShape(
        encoding=encoding,
        delimiter="," if is_ofac else AUTO,
        columns=OFAC_COLUMNS if is_ofac else None,
    )
    rows = DelimitedRows(given, facts, shape, GENERIC_COLUMNS)
    header = [name.casefold() for name in rows.header]
    if not is_ofac:
        require_columns(header, NEEDED, rows.separation_hint(GENERIC_COLUMNS))
    party_of = _ofac_party if is_ofac else _generic_party
    parties = tuple(_parties(rows, header, party_of))
    unread = () if is_ofac else tuple(n for n in header if n and n not in GENERIC_COLUMNS)
    digest = hashlib.sha256(source.content or b"").hexdigest()
    return ListFile(digest, parties, unread)


def _parties(
    rows: DelimitedRows, header: Sequence[str], party_of: Callable[[int, Cells], ListedParty]
) -> Iterator[ListedParty]:
    seen: dict[str, int] = {}
    for row_nos, batch in rows.batches(BATCH):
        for row_no, row in zip(row_nos, batch, strict=True):
            party = party_of(row_no, _cells(row_no, header, row))
            first = seen.setdefault(party.entry_key, row_no)
            if first != row_no:
                raise InvalidInput(
                    Code.SAME_KEY,
                    f"Rows {first:,} and {row_no:,} have the same id {quoted(party.entry_key)}."
                    " Each entry has an id of its own; remove one.",
                )
            yield party


def _cells(row_no: int, header: Sequence[str], row: Sequence[object]) -> Cells:
    if len(row) != len(header):
        raise InvalidInput(
            Code.RAGGED,
            f"Row {row_no:,} has {len(row)} cells, expected {len(header)}. The file is not laid"
            " out as declared, or a cell with a comma lacks its quotes.",
        )
    found: dict[str, str | None] = {}
    for name, cell in zip(header, row, strict=True):
        text = str(cell).strip()
        if len(text) > LONGEST_CELL:
            raise _refused(Code.TOO_LONG, row_no, name, f"longer than {LONGEST_CELL:,} characters.")
        found[name] = None if text in ("", NULL) else text
    return found


def _ofac_party(row_no: int, cells: Cells) -> ListedParty:
    kind = KINDS.get(cells["type"])
    if kind is None:
        raise _refused(
            Code.NOT_ALLOWED, row_no, "type",
            f"{quoted(cells['type'])} is no type of the SDN list (individual, vessel, aircraft"
            " or -0-).",
        )  # fmt: skip
    remarks, flag = cells["remarks"] or "", cells["vessel_flag"]
    more = [
        f"{words}: {said}"
        for words, column in (
            ("Title", "title"), ("Call sign", "call_sign"), ("Vessel type", "vessel_type"),
            ("Tonnage", "tonnage"), ("GRT", "grt"), ("Flag", "vessel_flag"),
            ("Vessel owner", "vessel_owner"),
        )
        if (said := cells[column])
    ]  # fmt: skip
    program = cells["program"]
    return _party(
        row_no,
        key=cells["ent_num"],
        key_column="ent_num",
        kind=kind,
        name=cells["name"],
        aliases=ALIAS.findall(remarks),
        countries=_countries_in(remarks, flag),
        program=None if program is None else program.replace("] [", ", "),
        remarks="; ".join([*more, remarks]) if remarks else "; ".join(more),
    )


def _generic_party(row_no: int, cells: Cells) -> ListedParty:
    said = (cells["type"] or "").casefold()
    if said not in set(EntryKind):
        raise _refused(
            Code.NOT_ALLOWED, row_no, "type",
            f"{quoted(cells['type'] or '')} is none of {', '.join(EntryKind)}.",
        )  # fmt: skip
    countries = []
    for text in _several(cells.get("country")):
        code = _country(text)
        if code is None:
            raise _refused(
                Code.NOT_ALLOWED, row_no, "country",
                f"{quoted(text)} is not a country; use its ISO 3166 code, such as DEU or DE.",
            )  # fmt: skip
        countries.append(code)
    return _party(
        row_no,
        key=cells["id"],
        key_column="id",
        kind=EntryKind(said),
        name=cells["name"],
        aliases=_several(cells.get("aliases")),
        countries=countries,
        program=cells.get("program"),
        remarks=cells.get("remarks"),
    )


def _party(
    row_no: int,
    *,
    key: str | None,
    key_column: str,
    kind: EntryKind,
    name: str | None,
    aliases: Sequence[str],
    countries: Sequence[str],
    program: str | None,
    remarks: str | None,
) -> ListedParty:
    """Return the entry; raises InvalidInput where its name or id can't be one."""
    for column, text, longest in (
        (key_column, key, LONGEST_KEY), ("name", name, LONGEST_NAME),
        ("program", program or "-", LONGEST_NAME),
        *(("aliases", alias, LONGEST_NAME) for alias in aliases),
    ):  # fmt: skip
        if not text:
            raise _refused(Code.REQUIRED, row_no, column, "is empty; every entry needs one.")
        if len(text) > longest:
            raise _refused(
                Code.TOO_LONG, row_no, column, f"longer than {longest} characters: {quoted(text)}."
            )
    if name_words(name or "").is_empty:
        raise _refused(
            Code.REQUIRED, row_no, "name", f"{quoted(name)} has no letter or digit to compare."
        )
    return ListedParty(
        entry_key=key or "",
        kind=kind,
        name=name or "",
        aliases=tuple(dict.fromkeys(aliases)),
        countries=tuple(dict.fromkeys(countries)),
        program=program,
        remarks=remarks or None,
    )


def _several(cell: str | None) -> list[str]:
    return [part.strip() for part in (cell or "").split(SEVERAL) if part.strip()]


def _countries_in(remarks: str, flag: str | None) -> list[str]:
    """Return the countries that remarks name as those of papers or nationality, and the flag."""
    named = [first or second for first, second in NAMED_COUNTRY.findall(remarks)]
    codes = [_country(text.strip()) for text in [*named, *([flag] if flag else [])]]
    return [code for code in codes if code is not None]


def _country(text: str) -> str | None:
    if text.casefold() in SPELLINGS:
        return SPELLINGS[text.casefold()]
    found = parse_words.country(text)
    return found if isinstance(found, str) else None


def _refused(code: Code, row_no: int, column: str, reason: str) -> InvalidInput:
    return InvalidInput(code, place(row_no, column, reason))
