"""An empty database on each engine, with no table in it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from app.base import migrating
from app.base.db import Database
from tests import postgres


@pytest.fixture
def revisions_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the files of all revisions once: every step of Alembic's reads them anew."""
    read = ScriptDirectory(str(migrating.FOLDER))
    monkeypatch.setattr(ScriptDirectory, "from_config", lambda _: read)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Database]]:
    """Two empty databases on one engine, to be compared with each other."""
    if request.param == "sqlite":
        made = [Database(f"sqlite:///{tmp_path / name}.sqlite3") for name in ("one", "two")]
        yield made
        _dispose(made)
        return
    server = postgres.cluster_url()
    if server is None:
        pytest.skip(postgres.missing_reason())
    names = [f"empty_{uuid.uuid4().hex}" for _ in range(2)]
    made = [Database(postgres.create_database(server, name)) for name in names]
    yield made
    _dispose(made)
    for name in names:
        postgres.drop_database(server, name)


@pytest.fixture
def empty_database(empty_databases: list[Database]) -> Database:
    """One empty database."""
    return empty_databases[0]


def _dispose(databases: list[Database]) -> None:
    for database in databases:
        database.dispose()
