"""Reads mappings from TOML: the shipped ones, and files that a user names."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from app.base.errors import InvalidInput, NotFound
from app.platform.imports import kinds
from app.platform.imports.kinds import ImportKind
from app.platform.imports.mapping import (
    AUTO,
    ENCODINGS,
    TEMPLATE_PREFIX,
    UTF_8,
    FieldRule,
    FileShape,
    Mapping,
    is_date_format,
    is_decimal_sign,
    template_of,
)
from app.platform.imports.problems import Code

SHIPPED = Path(__file__).resolve().parent / "shipped"
TOP = {"name", "title", "kind", "note", "file", "formats", "rules", "fields", "ignores"}
FILE = {"encoding", "delimiter", "columns", "sheet"}
FORMATS = {"date", "decimal", "unknown"}
RULES = {"creates", "own_warehouses", "counted_statuses", "receipt_completes_line"}
FIELD = {"column", "constant", "date", "decimal", "unknown", "values"}
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", AUTO: AUTO}

Table = dict[str, Any]  # Any: what TOML holds, checked key by key below


def mapping_named(name_or_path: str) -> Mapping:
    """Return a shipped mapping, a template, or the mapping in a TOML file."""
    if name_or_path.startswith(TEMPLATE_PREFIX):
        return _template(name_or_path)
    shipped = SHIPPED / f"{name_or_path}.toml"
    if shipped.parent == SHIPPED and shipped.is_file():
        return read(shipped.read_text(encoding="utf-8"), shipped.name)
    path = Path(name_or_path)
    if path.is_file():
        return _from_file(path)
    known = ", ".join(mapping.name for mapping in available())
    raise NotFound(
        Code.MAPPING, f"There is no mapping '{name_or_path}' and no such file. Known: {known}."
    )


def available() -> list[Mapping]:
    """Return the shipped mappings and the templates, sources first."""
    paths = sorted(SHIPPED.glob("*.toml"))
    shipped = [read(path.read_text(encoding="utf-8"), path.name) for path in paths]
    return shipped + [template_of(kind) for kind in kinds.registered()]


def read(text: str, place: str) -> Mapping:
    """Return the mapping that a TOML text holds; every wrong key is named."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _invalid(place, f"is not valid TOML: {error}.") from error
    return _Reader(place).mapping(table)


def _template(name: str) -> Mapping:
    for kind in kinds.registered():
        mapping = template_of(kind)
        if mapping.name == name:
            return mapping
    raise NotFound(Code.MAPPING, f"There is no template '{name}'.")


def _from_file(path: Path) -> Mapping:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise _invalid(path.name, f"can't be read: {error}.") from error
    return read(text, path.name)


def _invalid(place: str, reason: str) -> InvalidInput:
    return InvalidInput(Code.MAPPING, f"Mapping {place}: {reason}")


class _Reader:
    """Turns a TOML table into a mapping and says what does not belong."""

    def __init__(self, place: str) -> None:
        self.place = place

    def mapping(self, table: Table) -> Mapping:
        self.known(table, TOP, "the top")
        kind = self.kind(self.text(table, "kind", "the top"))
        rules = self.table(table, "rules")
        self.known(rules, RULES, "[rules]")
        creates = self.texts(rules, "creates", "[rules]")
        for entity in creates - set(kind.creatable):
            raise self.wrong(f"{kind.name} can't create '{entity}'.")
        counted = rules.get("counted_statuses")
        return Mapping(
            name=self.text(table, "name", "the top"),
            kind=kind.name,
            title=self.optional(table, "title", "the top") or table["name"],
            note=self.optional(table, "note", "the top") or "",
            shape=self.shape(self.table(table, "file")),
            fields=self.fields(table, kind),
            ignores=self.texts(table, "ignores", "the top"),
            creates=creates,
            own_warehouses=self.texts(rules, "own_warehouses", "[rules]"),
            counted_statuses=(
                None if counted is None else self.texts(rules, "counted_statuses", "[rules]")
            ),
            receipt_completes_line=self.truth(rules, "receipt_completes_line", "[rules]"),
        )

    def kind(self, name: str) -> ImportKind:
        found = {kind.name: kind for kind in kinds.registered()}
        if name not in found:
            raise self.wrong(f"there is no kind '{name}'; use one of {', '.join(found)}.")
        return found[name]

    def shape(self, table: Table) -> FileShape:
        self.known(table, FILE, "[file]")
        encoding = (self.optional(table, "encoding", "[file]") or UTF_8).lower()
        delimiter = self.optional(table, "delimiter", "[file]") or AUTO
        if encoding not in ENCODINGS:
            raise self.wrong(f"encoding '{encoding}' is not one of {', '.join(ENCODINGS)}.")
        if delimiter not in DELIMITERS:
            raise self.wrong(f"delimiter '{delimiter}' is not one of {', '.join(DELIMITERS)}.")
        columns = table.get("columns")
        if columns is not None and (not isinstance(columns, list) or not columns):
            raise self.wrong("[file]: 'columns' must be a list of names.")
        return FileShape(
            encoding=encoding,
            delimiter=DELIMITERS[delimiter],
            columns=None if columns is None else tuple(str(column) for column in columns),
            sheet=self.optional(table, "sheet", "[file]"),
        )

    def fields(self, table: Table, kind: ImportKind) -> tuple[FieldRule, ...]:
        formats = self.table(table, "formats")
        self.known(formats, FORMATS, "[formats]")
        given = self.table(table, "fields")
        rules = tuple(self.rule(name, said, formats) for name, said in given.items())
        self.known(given, {field.name for field in kind.fields}, "[fields]")
        for field in kind.fields:
            if field.is_required and field.default is None and field.name not in given:
                raise self.wrong(f"the required field '{field.name}' has no column.")
        return rules

    def rule(self, name: str, said: object, formats: Table) -> FieldRule:
        table = {"column": said} if isinstance(said, str) else said
        if not isinstance(table, dict):
            raise self.wrong(f"field '{name}' must be a column name or a table.")
        where = f"field '{name}'"
        self.known(table, FIELD, where)
        if ("column" in table) == ("constant" in table):
            raise self.wrong(f"field '{name}' needs either a column or a constant.")
        constant = table.get("constant")
        rule = FieldRule(
            field=name,
            column=self.optional(table, "column", where),
            constant=None if constant is None else str(constant),
            date=self.optional(formats | table, "date", where),
            decimal=self.optional(formats | table, "decimal", where),
            unknown=frozenset({""})
            | self.texts(formats, "unknown", "[formats]")
            | self.texts(table, "unknown", where),
            values=tuple(
                (str(word), str(meaning)) for word, meaning in self.table(table, "values").items()
            ),
        )
        if rule.date is not None and not is_date_format(rule.date):
            raise self.wrong(f"{where}: '{rule.date}' is no date format (d-Mon-yy).")
        if rule.decimal is not None and not is_decimal_sign(rule.decimal):
            raise self.wrong(f"{where}: the decimal sign must be '.' or ','.")
        return rule

    def known(self, table: Table, allowed: set[str], where: str) -> None:
        for key in table:
            if key not in allowed:
                raise self.wrong(f"{where} has an unknown key '{key}'.")

    def table(self, table: Table, key: str) -> Table:
        found = table.get(key, {})
        if not isinstance(found, dict):
            raise self.wrong(f"[{key}] must be a table.")
        return found

    def text(self, table: Table, key: str, where: str) -> str:
        found = table.get(key)
        if not isinstance(found, str) or not found:
            raise self.wrong(f"{where} lacks '{key}'.")
        return found

    def optional(self, table: Table, key: str, where: str) -> str | None:
        found = table.get(key)
        if found is not None and not isinstance(found, str):
            raise self.wrong(f"{where}: '{key}' must be a text.")
        return found

    def truth(self, table: Table, key: str, where: str) -> bool:
        found = table.get(key, False)
        if not isinstance(found, bool):
            raise self.wrong(f"{where}: '{key}' must be true or false.")
        return found

    def texts(self, table: Table, key: str, where: str) -> frozenset[str]:
        found = table.get(key, [])
        if not isinstance(found, list):
            raise self.wrong(f"{where}: '{key}' must be a list.")
        return frozenset(str(item) for item in found)

    def wrong(self, reason: str) -> InvalidInput:
        return _invalid(self.place, reason)
