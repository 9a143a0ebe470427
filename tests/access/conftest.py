"""The house of two worlds, made once for each engine; every test gets a copy."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.base import acting, clock
from app.base.acting import Actor, Source
from app.base.db import Database
from app.platform.accounts import grant_queries, roles
from app.platform.accounts.matrix import Extent
from tests import postgres
from tests.access import house
from tests.access.house import World
from tests.conftest import NOW, copied


@pytest.fixture(scope="session")
def sqlite_worlds(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with both worlds in it."""
    path = tmp_path_factory.mktemp("worlds") / "worlds.sqlite3"
    shutil.copy(sqlite_template, path)
    _furnished(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_worlds(postgres_template: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """The server and the name of a database with both worlds in it."""
    server, template = postgres_template
    name = f"worlds_{uuid.uuid4().hex}"
    _furnished(postgres.create_database(server, name, template=template))
    yield server, name
    postgres.drop_database(server, name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A copy of both worlds, bound to this process; the test runs once on each engine."""
    yield from copied(request, sqlite="sqlite_worlds", postgres="postgres_worlds")


@pytest.fixture
def worlds(database: Database) -> tuple[World, World]:
    """The keys of both worlds."""
    with database.reading() as session:
        return house.worlds(session)


def actor(database: Database, name: str, *, buyers_see: Extent = Extent.ALL) -> Actor:
    """Return one of the house's people as who acts."""
    with acting.acting_as(acting.system("test")), database.reading() as session:
        user_id = house.user_id(session, name)
        held = grant_queries.held_by(session, user_id)
    return Actor(
        name=name,
        source=Source.UI,
        user_id=user_id,
        roles=roles.roles_of(held),
        reads=roles.reads_of(held, buyers_see=buyers_see),
        writes=roles.writes_of(held),
    )


def _furnished(url: str) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(clock, "now", lambda: NOW)
        for database in house.bound(url):
            house.furnish(database)
