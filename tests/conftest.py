"""Fixtures that every test may use: a migrated database on both engines, a fixed clock."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from app.base import acting, clock, db, migrating
from app.base.db import Database
from app.platform.audit import keys

# Imported here it would be loaded before pytest can rewrite its assertions.
pytest_plugins = ["tests.chromium", "tests.postgres", "tests.web_app"]

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
TODAY = date(2026, 11, 21)


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


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A migrated, empty database, bound to this process; the test runs once on each engine."""
    if request.param == "sqlite":
        path = tmp_path / "test.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield from _bound(f"sqlite:///{path}")
        return
    from tests import postgres

    server, template = request.getfixturevalue("postgres_template")
    name = f"test_{uuid.uuid4().hex}"
    url = postgres.create_database(server, name, template=template)
    yield from _bound(url)
    postgres.drop_database(server, name)


def _bound(url: str) -> Iterator[Database]:
    database = Database(url, pool_size=2)
    db.bind(database)
    yield database
    db.bind(None)
    database.dispose()
