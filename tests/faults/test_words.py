"""What the database's own failures are called: a code, a remedy, and no trace."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from app.base import db
from app.base.db import Database
from app.base.errors import Unavailable


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (sqlite3.OperationalError("database or disk is full"), "E-SYS-01"),
        (psycopg.errors.DiskFull("could not extend file"), "E-SYS-01"),
        (sqlite3.OperationalError("database is locked"), "E-SYS-02"),
        (psycopg.errors.LockNotAvailable("canceling statement"), "E-SYS-02"),
        (psycopg.errors.AdminShutdown("terminating connection"), "E-SYS-02"),
        (psycopg.errors.CannotConnectNow("the database system is starting up"), "E-SYS-02"),
        (psycopg.OperationalError("consuming input failed: server closed"), "E-SYS-02"),
        (psycopg.errors.ConnectionException("lost"), "E-SYS-02"),
        (sqlite3.OperationalError("disk I/O error"), "E-SYS-04"),
        (psycopg.errors.IoError("could not read block"), "E-SYS-04"),
    ],
)
def test_what_the_database_suffers_has_a_code(
    database: Database, failure: Exception, code: str
) -> None:
    with pytest.raises(Unavailable) as told, db.transaction():
        raise OperationalError("INSERT", None, failure)
    assert told.value.code == code


def test_what_is_our_own_fault_is_not_blamed_on_the_database(database: Database) -> None:
    with pytest.raises(OperationalError), db.transaction():
        raise OperationalError("INSERT", None, sqlite3.OperationalError("near “SELEC”: syntax"))
