"""What a database says of its own schema, in a form that can be compared."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Inspector, inspect

from app.base.db import Database

BOOKKEEPING = "alembic_version"
Picture = dict[str, dict[str, Any]]  # Any: what the engine reports of a column or constraint


def schema_picture(database: Database) -> Picture:
    """Return every table with its columns, keys, checks and indexes, as the engine reports them."""
    with database.read_engine.connect() as connection:
        inspector = inspect(connection)
        names = sorted(set(inspector.get_table_names()) - {BOOKKEEPING})
        return {name: _table(inspector, name) for name in names}


def _table(inspector: Inspector, name: str) -> dict[str, Any]:
    return {
        "columns": [
            (column["name"], str(column["type"]), column["nullable"], column["default"])
            for column in sorted(inspector.get_columns(name), key=lambda column: column["name"])
        ],
        "primary key": inspector.get_pk_constraint(name),
        "foreign keys": _by_name(inspector.get_foreign_keys(name)),
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
