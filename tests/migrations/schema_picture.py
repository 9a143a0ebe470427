"""What a database says of its own schema, in a form that can be compared."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection, Inspector, inspect, text

from app.base.db import Database

BOOKKEEPING = "alembic_version"
HOW_STORED = text("SELECT relname, reloptions FROM pg_class WHERE relkind = 'r'")
Picture = dict[str, dict[str, Any]]  # Any: what the engine reports of a column or constraint


# What SQLite's own words for a table say is read once: most revisions leave most tables alone.
_known: dict[tuple[str, ...], dict[str, Any]] = {}


def schema_picture(database: Database) -> Picture:
    """Return every table with its columns, keys, checks and indexes, as the engine reports them."""
    with database.read_engine.connect() as connection:
        inspector = inspect(connection)
        if connection.dialect.name == "sqlite":
            return _of_sqlite(connection, inspector)
        return _of_postgres(connection, inspector)


def _of_sqlite(connection: Connection, inspector: Inspector) -> Picture:
    said: dict[str, tuple[str, ...]] = {}
    rows = connection.execute(
        text("SELECT tbl_name, sql FROM sqlite_master ORDER BY tbl_name, type DESC, name")
    )
    for table, words in rows:
        if table != BOOKKEEPING and not table.startswith("sqlite_"):
            said[table] = (*said.get(table, ()), str(words))
    for table, words in said.items():
        if words not in _known:
            _known[words] = _sqlite_table(inspector, table, words)
    return {table: _known[words] for table, words in said.items()}


def _sqlite_table(inspector: Inspector, name: str, words: tuple[str, ...]) -> dict[str, Any]:
    # Names of keys that SQLite keeps with the column: added later, they are not among the table's
    # own constraints, where reflection looks.
    named = dict(re.findall(r"(\w+) [A-Z]+ CONSTRAINT (\w+) REFERENCES", " ".join(words)))
    keys = inspector.get_foreign_keys(name)
    for key in keys:
        key["name"] = key["name"] or named.get(key["constrained_columns"][0])
    return _table(
        inspector.get_columns(name),
        inspector.get_pk_constraint(name),
        {
            "foreign keys": keys,
            "unique": inspector.get_unique_constraints(name),
            "checks": inspector.get_check_constraints(name),
            "indexes": inspector.get_indexes(name),
        },
    )


def _of_postgres(connection: Connection, inspector: Inspector) -> Picture:
    stored: dict[str, list[str] | None] = {}
    for table, options in connection.execute(HOW_STORED):
        stored[table] = options
    primary = inspector.get_multi_pk_constraint()
    lists = {
        "foreign keys": inspector.get_multi_foreign_keys(),
        "unique": inspector.get_multi_unique_constraints(),
        "checks": inspector.get_multi_check_constraints(),
        "indexes": inspector.get_multi_indexes(),
    }
    return {
        key[1]: _table(columns, primary[key], {what: of[key] for what, of in lists.items()})
        | {"stored": stored[key[1]]}
        for key, columns in sorted(inspector.get_multi_columns().items())
        if key[1] != BOOKKEEPING
    }


def _table(columns: Any, primary: Any, lists: dict[str, Any]) -> dict[str, Any]:
    return {
        "columns": [
            (column["name"], str(column["type"]), column["nullable"], column["default"])
            for column in sorted(columns, key=lambda column: column["name"])
        ],
        "primary key": primary,
    } | {what: _by_name(found) for what, found in lists.items()}


def _by_name(found: Any) -> list[str]:  # Any: a list of one of SQLAlchemy's reflected types
    return sorted(_normal(item) for item in found)


def _normal(item: Any) -> str:
    """Return one constraint or index as text; its parts in a fixed order, SQL as text."""
    parts = {
        key: _normal(value) if isinstance(value, dict) else value for key, value in item.items()
    }
    return ", ".join(f"{key}={parts[key]!s}" for key in sorted(parts))
