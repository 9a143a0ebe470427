"""The second layer: PostgreSQL itself holds a supplier's person to the supplier's rows."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select, text

from app.base import acting, db, scope
from app.base.db import Database
from app.base.scope.session import SUPPLIER_ROLE
from app.base.scope.ties import Open
from app.facts.suppliers.models import Supplier
from tests import postgres
from tests.access import house
from tests.access.conftest import actor
from tests.access.house import CANARY_B, World
from tests.access.test_row_scope import CLASSES

GIVEN = f"""
    GRANT USAGE ON SCHEMA public TO {SUPPLIER_ROLE};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {SUPPLIER_ROLE};
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {SUPPLIER_ROLE};
"""
SCOPED = [each.__tablename__ for each in CLASSES if not isinstance(each.__scope__, Open)]


@pytest.fixture
def database(postgres_worlds: tuple[str, str]) -> Iterator[Database]:
    """Both worlds on PostgreSQL, with the role that a database administrator makes."""
    server, template = postgres_worlds
    name = f"test_{uuid.uuid4().hex}"
    url = postgres.create_database(server, name, template=template)
    for database in house.bound(url):
        with database.write_engine.begin() as connection:
            connection.execute(
                text(
                    f"DO $$ BEGIN CREATE ROLE {SUPPLIER_ROLE} NOLOGIN; "
                    "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
                )
            )
            connection.execute(text(GIVEN))
        yield database
        with database.write_engine.begin() as connection:
            connection.execute(text(f"DROP OWNED BY {SUPPLIER_ROLE}"))
    postgres.drop_database(server, name)


@pytest.fixture
def unfiltered(database: Database, worlds: tuple[World, World]) -> Iterator[Any]:
    """A session of supplier A's person with our own filter taken away."""
    with (
        acting.acting_as(actor(database, "contact_a")),
        db.transaction() as session,
        scope.unscoped(session, "what is left is the database's own"),
    ):
        yield session


def test_every_scoped_table_has_the_policy(database: Database) -> None:
    with database.reading() as session:
        secured = set(session.scalars(text("SELECT relname FROM pg_class WHERE relrowsecurity")))
    assert sorted(set(SCOPED) - secured) == []


def test_without_our_filter_no_foreign_row_is_there(unfiltered: Any) -> None:
    assert unfiltered.scalar(text("SELECT current_user")) == SUPPLIER_ROLE
    for table in SCOPED:
        rows = unfiltered.execute(text(f'SELECT * FROM "{table}"')).all()  # noqa: S608 — our tables
        assert CANARY_B not in str(rows), table


def test_without_our_filter_the_own_rows_are_there(unfiltered: Any) -> None:
    counts = {
        table: unfiltered.scalar(text(f"SELECT count(*) FROM {table}"))  # noqa: S608 — as above
        for table in ("supplier", "purchase_order", "receipt", "part", "category", "job_run")
    }
    assert counts == {
        "supplier": 1, "purchase_order": 40, "receipt": 40, "part": 1, "category": 1, "job_run": 0,
    }  # fmt: skip


def test_without_our_filter_foreign_rows_are_not_written(
    unfiltered: Any, worlds: tuple[World, World]
) -> None:
    assert unfiltered.execute(text("UPDATE purchase_order SET status = 'x'")).rowcount == 40
    assert unfiltered.execute(text("DELETE FROM contract_price")).rowcount == 1


def test_a_role_without_its_suppliers_named_sees_nothing(unfiltered: Any) -> None:
    unfiltered.execute(text("SELECT set_config('app.supplier_ids', '', true)"))
    assert unfiltered.scalar(text("SELECT count(*) FROM supplier")) == 0


def seen_as(database: Database, name: str) -> tuple[str, int]:
    """Return the database's user and the suppliers that it shows to somebody, unfiltered."""
    with (
        acting.acting_as(actor(database, name)),
        db.reading() as session,
        scope.unscoped(session, "a test looks at the role"),
    ):
        user = session.scalars(text("SELECT current_user::text")).one()
        return user, session.scalars(text("SELECT count(*) FROM supplier")).one()


def test_nobody_of_the_house_is_held_by_it(database: Database) -> None:
    assert seen_as(database, "buyer_in") == ("postgres", 2)
    assert seen_as(database, "auditor") == ("postgres", 2)


def test_the_role_ends_with_the_transaction(database: Database) -> None:
    for _ in range(3):
        assert seen_as(database, "contact_a") == (SUPPLIER_ROLE, 1)
        with db.reading() as session:
            assert session.scalar(text("SELECT current_user::text")) == "postgres"


def test_a_role_that_was_given_nothing_here_is_not_taken(
    database: Database, worlds: tuple[World, World]
) -> None:
    with database.write_engine.begin() as connection:
        connection.execute(text(f"DROP OWNED BY {SUPPLIER_ROLE}"))
    with acting.acting_as(actor(database, "contact_a")), db.reading() as session:
        assert session.scalars(select(Supplier.id)).all() == [worlds[0].supplier_id]
