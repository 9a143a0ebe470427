"""Temporary tables between the steps of a change: made, told to the planner, dropped.

Both engines plan a join of small tables better than one statement of everything.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import Column, MetaData, PrimaryKeyConstraint, Table, text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateTable

from app.base.db import is_sqlite

# Statements kept; a change makes a dozen tables. To spell one out takes as long as to make it.
STATEMENTS = 128


def temporary(
    name: str,
    *columns: Column[Any],  # Any: of mixed types
    key: str | tuple[str, ...] = (),
    is_told: bool = True,
) -> Table:
    """Return a temporary table; its writers see to it that `key` tells rows apart.

    SQLite looks rows up by it. PostgreSQL joins such tables by hashing them, where their
    writers call `tell_size`, and keeping an index there takes longer than filling the table.
    Where they do not (`is_told` false) it gets the index too: it takes the table for a handful
    of rows, and without an index would read all of it for each of another's.
    """
    names = (key,) if isinstance(key, str) else key
    for column in columns:
        column.autoincrement = False
    keys = [PrimaryKeyConstraint(*names)] if names else []
    if is_told:
        keys = [each.ddl_if(dialect="sqlite") for each in keys]
    # A key of one number is SQLite's row number; with others the table itself is kept by them.
    has_number = len(names) < 2
    return Table(
        name, MetaData(), *columns, *keys, prefixes=["TEMPORARY"], sqlite_with_rowid=has_number
    )


def make(session: Session, *tables: Table) -> None:
    """Make temporary tables."""
    connection = session.connection()
    for table in tables:
        connection.exec_driver_sql(_making(table, connection.dialect))


def drop(session: Session, *tables: Table) -> None:
    """Drop temporary tables."""
    names = [table.name for table in tables]
    for some in names if is_sqlite(session) else [", ".join(names)]:
        # allowed: built-sql: names of our own
        session.execute(text(f"DROP TABLE {some}"))


def tell_size(session: Session, table: Table) -> None:
    """Let the planner know how few rows a temporary table holds: both engines guess high.

    SQLite would read a whole table of facts into a filter before it looks up a handful.
    PostgreSQL needs to know of the key alone; of forty columns it takes longer than the join.
    """
    columns = "" if is_sqlite(session) else f" ({next(iter(table.columns)).name})"
    # allowed: built-sql: names of our own
    session.execute(text(f"ANALYZE {table.name}{columns}"))


@lru_cache(maxsize=STATEMENTS)
def _making(table: Table, dialect: Dialect) -> str:
    return str(CreateTable(table).compile(dialect=dialect))
