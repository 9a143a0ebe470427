"""A mapping: how one source's files become rows of one import kind. It is data, one TOML file.

`docs/import-formats.md` describes the format. The product's own templates are mappings
too (`mainstay-deliveries`, …), made from the fields of their kind: each field is a
column of the same name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from app.base.errors import InvalidInput
from app.platform.imports import parse_dates, parse_numbers
from app.platform.imports.kinds import ImportKind
from app.platform.imports.problems import Code, quoted

UTF_8 = "utf-8"
UTF_16 = "utf-16"
CP1252 = "cp1252"
ENCODINGS = {UTF_8: "UTF-8", UTF_16: "UTF-16", CP1252: "Windows-1252"}
TEMPLATE_PREFIX = "mainstay-"
AUTO = "auto"


@dataclass(frozen=True, slots=True)
class FieldRule:
    """Where one field comes from and how its cells are read.

    `column` of the file, or else a `constant`. `unknown` are the cells that mean
    unknown, `values` translates a source's words into ours.
    """

    field: str
    column: str | None = None
    constant: str | None = None
    date: str | None = None
    decimal: str | None = None
    unknown: frozenset[str] = frozenset()
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FileShape:
    """What the file is: how it is encoded, separated and headed."""

    encoding: str = UTF_8
    delimiter: str = AUTO
    # The names of the columns of a file without a header row.
    columns: tuple[str, ...] | None = None
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class Mapping:
    """How one source's files become rows of one kind."""

    name: str
    kind: str
    title: str
    fields: tuple[FieldRule, ...]
    shape: FileShape = field(default_factory=FileShape)
    note: str = ""
    # Columns that the mapping knows and leaves out; others are named in a warning.
    ignores: frozenset[str] = frozenset()
    creates: frozenset[str] = frozenset()
    own_warehouses: frozenset[str] = frozenset()
    # Statuses whose lines count; None: all do.
    counted_statuses: frozenset[str] | None = None
    receipt_completes_line: bool = False

    @property
    def version(self) -> str:
        """A digest of everything the mapping says: another rule is another version."""
        return hashlib.sha256(_as_json(self).encode()).hexdigest()

    @property
    def is_template(self) -> bool:
        """Tell whether this is one of the product's own documented templates."""
        return self.name.startswith(TEMPLATE_PREFIX)

    def gives(self, name: str) -> bool:
        """Tell whether the mapping says anything about a field."""
        return any(rule.field == name for rule in self.fields)

    def source_columns(self) -> list[str]:
        """Return the columns of the file that the mapping reads, once each, in order."""
        return list(dict.fromkeys(rule.column for rule in self.fields if rule.column is not None))


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person says about one file beyond its mapping."""

    encoding: str | None = None
    sheet: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    date: str | None = None
    # What may be created on the way beyond what the mapping allows.
    creates: frozenset[str] = frozenset()


def written(mapping: Mapping) -> dict[str, Any]:
    """Return the mapping as JSON can hold it, to be kept with a batch."""
    return json.loads(_as_json(mapping))  # type: ignore[no-any-return]  # an object by construction


def from_written(said: dict[str, Any]) -> Mapping:
    """Return the mapping that `written` wrote."""
    shape = dict(said["shape"])
    if shape["columns"] is not None:
        shape["columns"] = tuple(shape["columns"])
    fields = tuple(
        FieldRule(
            **rule
            | {
                "unknown": frozenset(rule["unknown"]),
                "values": tuple((word, meaning) for word, meaning in rule["values"]),
            }
        )
        for rule in said["fields"]
    )
    counted = said["counted_statuses"]
    sets = {name: frozenset(said[name]) for name in ("ignores", "creates", "own_warehouses")}
    return Mapping(
        **said
        | sets
        | {
            "shape": FileShape(**shape),
            "fields": fields,
            "counted_statuses": None if counted is None else frozenset(counted),
        }
    )


def _as_json(mapping: Mapping) -> str:
    return json.dumps(asdict(mapping), sort_keys=True, default=sorted, ensure_ascii=False)


def answered(mapping: Mapping, answers: Answers) -> Mapping:
    """Return the mapping with the person's answers in it; refuse what is no date format."""
    if answers.date and not is_date_format(answers.date):
        raise InvalidInput(
            Code.MAPPING, f"{quoted(answers.date)} is no date format. Write it like d.m.yyyy."
        )
    shape = replace(
        mapping.shape,
        encoding=answers.encoding or mapping.shape.encoding,
        delimiter=answers.delimiter or mapping.shape.delimiter,
        sheet=answers.sheet or mapping.shape.sheet,
    )
    fields = tuple(
        replace(rule, decimal=answers.decimal or rule.decimal, date=answers.date or rule.date)
        for rule in mapping.fields
    )
    return replace(mapping, shape=shape, fields=fields)


def allowed(mapping: Mapping, creates: frozenset[str], creatable: Sequence[str]) -> Mapping:
    """Return the mapping with more that may be created; `all` is everything it can."""
    wanted = frozenset(creatable) if "all" in creates else creates & frozenset(creatable)
    return replace(mapping, creates=mapping.creates | wanted)


def template_of(kind: ImportKind) -> Mapping:
    """Return the product's own mapping of a kind: fields by name, ISO dates, decimal point."""
    rules = tuple(
        FieldRule(
            field=each.name,
            column=each.name,
            date=parse_dates.ISO,
            decimal=".",
            unknown=frozenset({""}),
        )
        for each in kind.fields
    )
    return Mapping(
        name=TEMPLATE_PREFIX + kind.name.replace("_", "-"),
        kind=kind.name,
        title=f"Template: {kind.title.lower()}",
        fields=rules,
        note=kind.help,
    )


def template_rows(kind: ImportKind) -> list[list[str]]:
    """Return the header and one example row of a kind's template."""
    return [[each.name for each in kind.fields], [each.example for each in kind.fields]]


def is_date_format(text: str) -> bool:
    """Tell whether dates can be read in this format."""
    try:
        parse_dates.compiled(text)
    except ValueError:
        return False
    return True


def is_decimal_sign(text: str) -> bool:
    """Tell whether the sign separates decimals."""
    return text in parse_numbers.SIGNS
