"""The demo company, made once and loaded once per engine; tests of its stories only read it."""

from __future__ import annotations

import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url, select, text
from sqlalchemy.orm import Session

from app.base import db
from app.base.db import Database
from app.calc.periods import Period, parse_period
from app.faces.demo import generator, services
from app.faces.demo.cast import LAST_DAY
from app.faces.demo.rows import Rows
from app.facts.suppliers.models import Supplier


@pytest.fixture(scope="session")
def rows() -> Rows:
    """The rows of the demo company, before they have keys."""
    return generator.build()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def company(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, rows: Rows
) -> Iterator[Database]:
    """A database that holds the demo company."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("demo") / "demo.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield from _loaded(f"sqlite:///{path}", rows)
        return
    from tests import postgres

    server, template = request.getfixturevalue("postgres_template")
    name = f"demo_{uuid.uuid4().hex}"
    yield from _loaded(postgres.create_database(server, name, template=template), rows)
    postgres.drop_database(server, name)


def _loaded(url: str, rows: Rows) -> Iterator[Database]:
    database = Database(url, pool_size=2)
    with database.transaction() as session:
        services.load(session, by="test", rows=rows)
    yield database
    database.dispose()


@pytest.fixture
def own_company(
    request: pytest.FixtureRequest, company: Database, tmp_path: Path
) -> Iterator[Database]:
    """A copy of the loaded database, bound to this process, for a test that changes it."""
    company.dispose()
    if company.is_sqlite:
        with company.reading() as session:
            session.execute(text("SELECT 1"))
            target = sqlite3.connect(tmp_path / "own.sqlite3")
            session.connection().connection.driver_connection.backup(target)
            target.close()
        yield from _bound(f"sqlite:///{tmp_path / 'own.sqlite3'}")
        return
    from tests import postgres

    server, _ = request.getfixturevalue("postgres_template")
    name, template = f"own_{uuid.uuid4().hex}", make_url(company.url).database
    yield from _bound(postgres.create_database(server, name, template=template))
    postgres.drop_database(server, name)


def _bound(url: str) -> Iterator[Database]:
    database = Database(url, pool_size=2)
    db.bind(database)
    yield database
    db.bind(None)
    database.dispose()


@pytest.fixture
def session(company: Database) -> Iterator[Session]:
    """A session that reads the demo company."""
    with company.reading() as session:
        yield session


@pytest.fixture
def year() -> Period:
    """The twelve months to 31 October 2026."""
    return parse_period("12m", as_of=LAST_DAY)


def supplier_id(session: Session, number: str) -> int:
    """Return the key of a supplier of the cast."""
    found: int = session.scalars(select(Supplier.id).where(Supplier.number == number)).one()
    return found
