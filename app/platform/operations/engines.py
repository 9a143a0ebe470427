"""How each engine copies itself to a file and comes back from one.

SQLite: `VACUUM INTO`, never a copy of the live file. PostgreSQL: `pg_dump` of a snapshot
that the counting transaction exports, so that figures and dump are of the same moment.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from app.base.db import Database
from app.base.errors import Conflict, Unavailable
from app.platform.operations import tables
from app.platform.operations.tables import ChainHead, TableFacts

SQLITE_NAME = "mainstay.sqlite3"
POSTGRES_NAME = "mainstay.dump"
LONGEST_WORDS = 300


@dataclass(frozen=True, slots=True)
class Copied:
    """A database's copy in a file, and what was counted at the same moment."""

    engine: str
    engine_version: str
    revision: str | None
    facts: dict[str, TableFacts]
    chain: ChainHead | None


def copy(database: Database, path: Path) -> Copied:
    """Copy the whole database to `path`, of one moment, while others go on."""
    if database.is_sqlite:
        return _copy_sqlite(database, path)
    return _copy_postgres(database, path)


def fill_postgres(path: Path, url: str) -> None:
    """Fill the empty database of `url` from the dump in `path`, all of it or nothing."""
    environment, name = _connection_words(make_url(url))
    _run(
        [
            _program("pg_restore"), "--exit-on-error", "--single-transaction", "--no-owner",
            "--no-privileges", "--dbname", name, str(path),
        ],
        environment,
        "E-BAK-08",
    )  # fmt: skip


def refuse_filled(url: str) -> None:
    """Refuse a PostgreSQL database that has any table; raises Conflict (E-BAK-07)."""
    with opened(url) as connection:
        names = tables.table_names(connection)
    if names:
        raise Conflict(
            "E-BAK-07",
            f"The database has {len(names)} tables already ({', '.join(names[:3])}, …)."
            " A backup is restored into an empty one only.",
        )


@contextmanager
def opened(url: str) -> Iterator[Connection]:
    """Yield a connection that reads; nothing of it stays open."""
    engine = create_engine(url, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def check_integrity(connection: Connection) -> list[str]:
    """Return what the engine itself finds wrong: pages, indexes, references."""
    if connection.dialect.name != "sqlite":
        # A restored dump built its indexes and checked its references by itself.
        return []
    wrong = [row[0] for row in connection.exec_driver_sql("PRAGMA integrity_check")]
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    found = [f"integrity: {each}" for each in wrong if each != "ok"]
    return found + [f"a row of {row[0]} refers to a missing row of {row[2]}" for row in broken[:10]]


def _copy_sqlite(database: Database, path: Path) -> Copied:
    source = make_url(database.url).database or ""
    # A connection of its own: VACUUM runs in no transaction, and holds up nobody.
    place = f"{Path(source).resolve().as_uri()}?mode=rw"
    line = sqlite3.connect(place, uri=True, isolation_level=None, timeout=60)
    try:
        line.execute("VACUUM INTO ?", (str(path),))
    except sqlite3.OperationalError as error:
        raise _not_copied(str(error)) from error
    finally:
        line.close()
    with opened(f"sqlite:///{path}") as connection:
        return _counted(connection, sqlite3.sqlite_version)


def _copy_postgres(database: Database, path: Path) -> Copied:
    # Without the limits of ordinary connections: a large dump takes its time.
    engine: Engine = create_engine(
        database.url, poolclass=NullPool, isolation_level="REPEATABLE READ"
    )
    try:
        with engine.connect() as connection:
            connection.execute(text("SET TRANSACTION READ ONLY"))
            connection.execute(text("SET LOCAL timezone = 'UTC'"))
            snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
            environment, name = _connection_words(make_url(database.url))
            _run(
                [
                    _program("pg_dump"), "--format=custom", "--no-owner", "--no-privileges",
                    f"--snapshot={snapshot}", f"--file={path}", "--dbname", name,
                ],
                environment,
                "E-BAK-01",
            )  # fmt: skip
            version = str(connection.execute(text("SHOW server_version")).scalar_one())
            return _counted(connection, version)
    finally:
        engine.dispose()


def _counted(connection: Connection, version: str) -> Copied:
    return Copied(
        engine=connection.dialect.name,
        engine_version=version,
        revision=tables.schema_revision(connection),
        facts=tables.table_facts(connection),
        chain=tables.chain_head(connection),
    )


def _connection_words(url: URL) -> tuple[dict[str, str], str]:
    """Return what libpq's programs need; the password is in no command line."""
    parts = {
        "PGHOST": url.host or url.query.get("host"),
        "PGPORT": None if url.port is None else str(url.port),
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGSSLMODE": url.query.get("sslmode"),
        "PGSSLROOTCERT": url.query.get("sslrootcert"),
    }
    return {name: str(value) for name, value in parts.items() if value}, url.database or ""


def _program(name: str) -> str:
    """Return the newest installed one: it must not be older than the server."""
    found = [*Path("/usr/lib/postgresql").glob(f"*/bin/{name}")]
    if found:
        return str(max(found, key=lambda path: float(path.parent.parent.name)))
    on_path = shutil.which(name)
    if on_path is None:
        raise Unavailable(
            "E-BAK-02", f"The program {name} is missing. Install PostgreSQL's client programs."
        )
    return on_path


def _run(command: list[str], environment: dict[str, str], code: str) -> None:
    done = subprocess.run(  # noqa: S603 — our own command, no shell
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        words = " ".join(done.stderr.split())[:LONGEST_WORDS]
        raise Unavailable(code, f"{Path(command[0]).name} failed: {words}")


def _not_copied(words: str) -> Unavailable:
    if "full" in words:
        return Unavailable(
            "E-SYS-01", "The disk is full. No backup was made; free space, then try again."
        )
    return Unavailable("E-BAK-01", f"The database could not be copied: {words}.")
