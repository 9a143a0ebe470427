"""What a database says of its own schema, in a form that can be compared."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection, Inspector, inspect, text

from app.base.db import Database

BOOKKEEPING = "alembic_version"
Picture = dict[str, dict[str, Any]]  # Any: what the engine reports of a column or constraint


def schema_picture(database: Database) -> Picture:
    """Return every table with its columns, keys, checks and indexes, as the engine reports them."""
    with database.read_engine.connect() as connection:
        inspector = inspect(connection)
        names = sorted(set(inspector.get_table_names()) - {BOOKKEEPING})
        return {
            name: _table(inspector, name, _names_in_columns(connection, name)) for name in names
        }


def _names_in_columns(connection: Connection, table: str) -> dict[str, str]:
    """Return by column the names of keys that SQLite keeps with the column: added later, they
    are not among the table's own constraints, where reflection looks."""
    if connection.dialect.name != "sqlite":
        return {}
    said = connection.scalar(
        text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name"), {"name": table}
    )
    return dict(re.findall(r"(\w+) [A-Z]+ CONSTRAINT (\w+) REFERENCES", str(said)))


def _table(inspector: Inspector, name: str, named: dict[str, str]) -> dict[str, Any]:
    keys = inspector.get_foreign_keys(name)
    for key in keys:
        key["name"] = key["name"] or named.get(key["constrained_columns"][0])
    return {
        "columns": [
            (column["name"], str(column["type"]), column["nullable"], column["default"])
            for column in sorted(inspector.get_columns(name), key=lambda column: column["name"])
        ],
        "primary key": inspector.get_pk_constraint(name),
        "foreign keys": _by_name(keys),
        "unique": _by_name(inspector.get_unique_constraints(name)),
        "checks": _by_name(inspector.get_check_constraints(name)),
        "indexes": _by_name(inspector.get_indexes(name)),
    }


def _by_name(found: Any) -> list[str]:  # Any: a list of one of SQLAlchemy's reflected types
    return sorted(_normal(item) for item in found)


def _normal(item: Any) -> str:
    """Return one constraint or index as text; its parts in a fixed order, SQL as text."""
    parts = {
        key: _normal(value) if isinstance(value, dict) else value for key, value in item.items()
    }
    return ", ".join(f"{key}={parts[key]!s}" for key in sorted(parts))
