"""The database glue: exact types, writing and reading sessions, errors with a remedy."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.base import acting, db
from app.base.db import Database
from app.base.errors import Unavailable
from app.facts.suppliers.models import Part
from config import ROOT, Settings, SettingsError
from tests.conftest import NOW


def test_quantities_and_money_come_back_exact(database: Database) -> None:
    with db.transaction() as session:
        session.add(Part(number="P-1", annual_usage=Decimal("0.000001"), unit_cost=Decimal("0.1")))
    with db.reading() as session:
        part = session.query(Part).one()
    assert (part.annual_usage, part.unit_cost) == (Decimal("0.000001"), Decimal("0.1"))


def test_a_quantity_finer_than_a_millionth_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="more decimals"), db.transaction() as session:
        session.add(Part(number="P-1", annual_usage=Decimal("0.0000001")))


def test_moments_come_back_aware(database: Database) -> None:
    with db.transaction() as session:
        session.add(Part(number="P-1"))
    with db.reading() as session:
        assert session.query(Part).one().created_at == NOW


def test_a_reading_session_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError), db.reading() as session:
        session.execute(
            text(
                "INSERT INTO category (name, created_at, updated_at)"
                " VALUES ('x', '2026-01-01', '2026-01-01')"
            )
        )


def test_an_exception_rolls_back_the_transaction(database: Database) -> None:
    def add_and_fail() -> None:
        with db.transaction() as session:
            session.add(Part(number="P-1"))
            session.flush()
            raise KeyError

    with pytest.raises(KeyError):
        add_and_fail()
    with db.reading() as session:
        assert session.query(Part).count() == 0


def test_a_database_without_tables_names_the_command_that_makes_them(database: Database) -> None:
    with pytest.raises(Unavailable, match="flask db upgrade"), db.reading() as session:
        session.execute(text("SELECT 1 FROM a_table_that_no_revision_made"))


def test_a_file_that_cannot_be_opened_is_named_without_a_trace(tmp_path: Path) -> None:
    lost = Database(f"sqlite:///{tmp_path / 'no' / 'folder.sqlite3'}")
    with (
        acting.acting_as(acting.system("a test")),
        pytest.raises(Unavailable, match=r"E-SYS-02: The database's file can't be opened\."),
        lost.reading() as session,
    ):
        session.execute(text("SELECT 1"))


@pytest.mark.parametrize("given", ["mysql://root:secret@db/x", "mainstay.sqlite3", "garbage"])
def test_a_database_of_another_engine_stops_the_start(given: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({"DATABASE_URL": given, "MAINSTAY_INSTANCE": str(tmp_path)})
    assert str(caught.value) == "DATABASE_URL must begin with postgresql:// or sqlite:///."


def test_a_folder_that_is_set_to_nothing_is_where_it_is_without_the_setting() -> None:
    keys = {"MAINSTAY_SECRET_KEY": "s" * 64, "MAINSTAY_AUDIT_KEY": "a" * 64}
    empty = Settings.from_env({**keys, "MAINSTAY_INSTANCE": "", "MAINSTAY_BACKUP_DIR": ""})
    assert empty.instance == ROOT / "instance"
    assert empty.backups == ROOT / "instance" / "backups"
