"""Fixtures that every test may use: a migrated database on both engines, a fixed clock."""

from __future__ import annotations

import gc
import os
import shutil
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from app.base import acting, clock, db, migrating
from app.base.db import Database
from app.platform.audit import keys

# Imported here it would be loaded before pytest can rewrite its assertions.
pytest_plugins = ["tests.chromium", "tests.postgres", "tests.single_engine", "tests.web_app"]

# Thousands of databases are written and dropped: in memory none waits for a disk.
IN_MEMORY, ROOM_IN_MEMORY = Path("/dev/shm"), 4 << 30  # noqa: S108 # pytest's folder is private
if os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free >= ROOM_IN_MEMORY:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
TODAY = date(2026, 11, 21)
FILE = "test.sqlite3"


def pytest_collection_finish() -> None:
    """Leave modules and collected tests, which stay to the end, out of every collection."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(autouse=True)
def fixed_clock(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Stop the clock at NOW; a test that needs another moment patches `clock.now` again."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return NOW


@pytest.fixture(autouse=True, scope="session")
def somebody_acts() -> None:
    """Let the system act wherever a test names nobody, in its threads too.

    Requests name their own actor: they begin as a visitor's.
    """
    acting.act_for_process(acting.system("test"))
    keys.bind("a" * 48)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file that each test copies."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    database = Database(f"sqlite:///{path}")
    migrating.upgrade(database)
    database.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[tuple[str, str]]:
    """The server's URL and the name of a migrated, empty database that each test copies."""
    from tests import postgres

    server = postgres.cluster_url()
    if server is None:
        pytest.skip(postgres.missing_reason())
    name = f"template_{uuid.uuid4().hex}"
    database = Database(postgres.create_database(server, name))
    migrating.upgrade(database)
    database.dispose()
    yield server, name
    postgres.drop_database(server, name)


@pytest.fixture(scope="session")
def sqlite_database(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """The SQLite database of all tests of this process, each of which gets a file of its own.

    One object and one address: what the engine has compiled serves every test.
    """
    return Database(f"sqlite:///{tmp_path_factory.mktemp('database') / FILE}", pool_size=2)


@pytest.fixture(scope="session")
def postgres_database(postgres_template: tuple[str, str]) -> Database:
    """The PostgreSQL database of all tests of this process, made anew for each."""
    from tests import postgres

    server, _ = postgres_template
    url = postgres.url_of(server, f"test_{uuid.uuid4().hex}")
    return Database(url, pool_size=2)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A migrated, empty database, bound to this process; the test runs once on each engine."""
    yield from copied(request, sqlite="sqlite_template", postgres="postgres_template")


def copied(request: pytest.FixtureRequest, *, sqlite: str, postgres: str) -> Iterator[Database]:
    """Bind a copy of what the named fixture of the test's engine holds; gone with the test."""
    if request.param == "sqlite":
        database = request.getfixturevalue("sqlite_database")
        path = Path(make_url(database.url).database or "")
        for rest in path.parent.glob(f"{path.name}*"):
            rest.unlink()
        shutil.copy(request.getfixturevalue(sqlite), path)
        yield from _bound(database)
        return
    from tests.postgres import create_database, drop_database

    server, template = request.getfixturevalue(postgres)
    database = request.getfixturevalue("postgres_database")
    name = make_url(database.url).database or ""
    create_database(server, name, template=template)
    try:
        yield from _bound(database)
    finally:
        drop_database(server, name)


def _bound(database: Database) -> Iterator[Database]:
    db.bind(database)
    yield database
    db.bind(None)
    database.dispose()
