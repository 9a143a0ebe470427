"""What a database holds, as hashes that do not depend on how rows are numbered.

A row's hash is that of its values, with every key of another row replaced by that row's
hash: two houses are equal exactly when their hashes are, whatever was rolled back between.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, Table, create_engine, text

from app import schema
from app.base import scope
from app.base.db import Base

assert schema, "the models must be known"

FACTS, JUDGEMENTS = "app.facts.", "app.judgement."
# Keys without a constraint, kept that way because a check of each would cost too much.
SOFT_KEYS = {
    "supplier_id": "supplier",
    "category_id": "category",
    "site_id": "site",
    "part_id": "part",
    "line_id": "schedule_line",
    "order_id": "purchase_order",
}
PASSING = ("staged_", "batch_")
NUMBERED = {"id", "public_id"}
# Which batch and when, of what waits for a recompute: another try has another number and hour.
PASSING_COLUMNS = {"touched_month": {"cause_id", "at"}}
NONE_KEY = 0


@dataclass(frozen=True, slots=True)
class Contents:
    """The hashes of some tables' rows, by table."""

    rows: dict[str, Counter[str]]

    @property
    def digest(self) -> str:
        """One hash of all."""
        lines = (f"{table} {key} {n}" for table, of in self.rows.items() for key, n in of.items())
        return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()

    def difference(self, other: Contents) -> dict[str, tuple[int, int]]:
        """Return by table how many rows only the one and only the other has."""
        found = {}
        for table in sorted(self.rows.keys() | other.rows.keys()):
            ours, theirs = self.rows.get(table, Counter()), other.rows.get(table, Counter())
            if ours != theirs:
                found[table] = ((ours - theirs).total(), (theirs - ours).total())
        return found


def contents(url: str, packages: Iterable[str]) -> Contents:
    """Return what the tables of some packages hold."""
    prefixes = tuple(packages)
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return _contents(connection, prefixes)
    finally:
        engine.dispose()


def _contents(connection: Connection, prefixes: tuple[str, ...]) -> Contents:
    known: dict[str, dict[object, str]] = {}
    found: dict[str, Counter[str]] = {}
    homes = {str(mapper.local_table): mapper.class_.__module__ for mapper in Base.registry.mappers}
    for table in Base.metadata.sorted_tables:
        if not homes.get(table.name, "").startswith(("app.facts.", "app.judgement.")):
            continue
        if table.name.startswith(PASSING):
            continue
        rows = _hashes(connection, table, known)
        if homes[table.name].startswith(prefixes):
            found[table.name] = Counter(rows)
    return Contents(found)


def _hashes(connection: Connection, table: Table, known: dict[str, dict[object, str]]) -> list[str]:
    columns = [column.name for column in table.columns]
    keys = _keys(table)
    listed = ", ".join(f'"{name}"' for name in columns)
    rows = connection.execute(text(f'SELECT {listed} FROM "{table.name}"')).all()  # noqa: S608
    own: dict[object, str] = {}
    hashes = []
    for row in rows:
        parts = []
        for name, value in zip(columns, row, strict=True):
            if name in NUMBERED and "id" in columns:
                continue
            if name in PASSING_COLUMNS.get(table.name, ()):
                continue
            parts.append(f"{name}={_said(value, keys.get(name), table.name, known)}")
        hashed = hashlib.sha256("|".join(parts).encode()).hexdigest()
        hashes.append(hashed)
        if "id" in columns:
            own[row[columns.index("id")]] = hashed
    known[table.name] = own
    return hashes


def _said(
    value: object, target: str | None, table: str, known: dict[str, dict[object, str]]
) -> object:
    if target is None or value is None or value == NONE_KEY:
        return value
    if target == table:
        return "another of these"  # a row that points to its own kind: that it does, not to which
    return known.get(target, {}).get(value, "elsewhere")


def _keys(table: Table) -> dict[str, str]:
    """Return by column the table whose row it names."""
    soft = {name: of for name, of in SOFT_KEYS.items() if name in table.columns}
    named = {column.name: scope.named_by(column) for column in table.columns}
    return soft | {name: of.name for name, of in named.items() if of is not None}
