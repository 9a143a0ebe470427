"""The database: engines, sessions, transactions, exact types. One schema, two engines.

SQLite (embedded default) and PostgreSQL. Every writing transaction on SQLite begins
IMMEDIATE: a deferred one that turns to writing fails at once instead of waiting.
Services flush; boundaries (view, command, job) commit through `transaction()`. Every session
works for the present actor (`acting`) and keeps it in `session.info["actor"]`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    String,
    TypeDecorator,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from app.base import acting, clock, scope
from app.base.errors import Unavailable

QUANTITY_SCALE = 1_000_000
MONEY_SCALE = 10_000

BUSY_TIMEOUT_MS = 10_000
# Commits take 0.5–2.7 s under load with the default of 1,000 pages.
WAL_AUTOCHECKPOINT_PAGES = 20_000
SQLITE_CACHE_KIB = 128 * 1024
POSTGRES_OPTIONS = {
    "statement_timeout": "30s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
    # Compiling forty sums takes longer than summing.
    "jit": "off",
}
# A host that swallows packets answers nobody; the driver itself would wait for minutes.
POSTGRES_CONNECT_SECONDS = 5
# More than the statements of all pages and jobs: one that drops out costs 2 ms to make again.
COMPILED_STATEMENTS = 2_000
# PostgreSQL's codes for a lost race: serialization failure, deadlock.
RETRYABLE_STATES = {"40001", "40P01"}
UNDEFINED_TABLE = "42P01"
IO_ERROR = "58030"
# An administrator's shutdown, a crash, a start under way; and all that concerns connections.
SERVER_LEAVES = {"57P01", "57P02", "57P03"}
CONNECTION_CLASS = "08"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Base(DeclarativeBase):
    """The base of all tables; each says in `__scope__` how its rows are reached."""

    metadata = metadata


scope.use(Base.registry)


class _ScaledInteger(TypeDecorator[Decimal]):
    """A Decimal kept as an exact integer of `1/scale`, because SQLite's NUMERIC is a float."""

    impl = BigInteger
    cache_ok = True
    scale = 1

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if not isinstance(value, Decimal | int) or isinstance(value, bool):
            raise TypeError(f"{value!r} is not a Decimal")
        scaled = Decimal(value) * self.scale
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{value} has more decimals than 1/{self.scale} can keep")
        return int(scaled)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value) / self.scale


class QuantityType(_ScaledInteger):
    """A quantity, exact to 1/1,000,000 of its unit."""

    cache_ok = True
    scale = QUANTITY_SCALE


class MoneyType(_ScaledInteger):
    """An amount of money, exact to 1/10,000 of its currency; the currency stands beside it."""

    cache_ok = True
    scale = MONEY_SCALE


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# SQLite makes a row id only of a column declared INTEGER.
BigKey = BigInteger().with_variant(Integer, "sqlite")

Key = Annotated[int, mapped_column(BigKey, primary_key=True)]
Quantity = Annotated[Decimal, mapped_column(QuantityType)]
Money = Annotated[Decimal, mapped_column(MoneyType)]
Moment = Annotated[datetime, mapped_column(UtcDateTime)]
ShortText = Annotated[str, mapped_column(String(200))]
Currency = Annotated[str, mapped_column(String(3))]


def one_of(column: str, values: type[StrEnum]) -> str:
    """Return the SQL condition that a column holds one of an enum's values."""
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


class JsonText(str):
    """JSON that is written already: stored as it is, read back as what it says."""

    __slots__ = ()


class Timestamps:
    """When a row was made and last changed."""

    created_at: Mapped[Moment] = mapped_column(default=lambda: clock.now())
    updated_at: Mapped[Moment] = mapped_column(
        default=lambda: clock.now(), onupdate=lambda: clock.now()
    )


class Database:
    """One database with an engine for reading and one for writing."""

    def __init__(self, url: str, *, pool_size: int = 5) -> None:
        self.url = url
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self.read_engine = _engine(url, writes=False, pool_size=pool_size)
        self.write_engine = _engine(url, writes=True, pool_size=pool_size)
        self._read = sessionmaker(self.read_engine, expire_on_commit=False)
        self._write = sessionmaker(self.write_engine, expire_on_commit=False)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Yield a session that writes; commit on return, roll back on an exception."""
        actor = acting.present()
        with clear_errors(), self._write.begin() as session:
            scope.limit(session, actor)
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Yield a session that reads one consistent state and can't write."""
        actor = acting.present()
        with clear_errors(), self._read() as session:
            session.info["is_reading"] = True
            scope.limit(session, actor)
            yield session

    def dispose(self) -> None:
        """Close all pooled connections."""
        self.read_engine.dispose()
        self.write_engine.dispose()


_bound: Database | None = None


def bind(database: Database | None) -> None:
    """Make `database` the one that `transaction()` and `reading()` use in this process."""
    global _bound
    _bound = database


def is_bound() -> bool:
    """Tell whether a database is bound to this process."""
    return _bound is not None


def current() -> Database:
    """Return the bound database; an unbound process is a programming error."""
    if _bound is None:
        raise RuntimeError("no database is bound to this process; call db.bind() first")
    return _bound


@contextmanager
def transaction() -> Iterator[Session]:
    """Yield a session on the bound database that commits on return."""
    with current().transaction() as session:
        yield session


@contextmanager
def reading() -> Iterator[Session]:
    """Yield a reading session on the bound database."""
    with current().reading() as session:
        yield session


def actor_of(session: Session) -> acting.Actor:
    """Return whom a session works for."""
    actor: acting.Actor = session.info["actor"]
    return actor


def is_reading(session: Session) -> bool:
    """Tell whether a session only reads: what it has read once need not be read again."""
    return bool(session.info.get("is_reading"))


def is_sqlite(session: Session) -> bool:
    """Tell whether the session speaks to SQLite, for the few statements that differ."""
    return session.get_bind().dialect.name == "sqlite"


def analyze(session: Session) -> None:
    """Refresh the planner's statistics, after a load that changed the sizes of tables."""
    session.execute(text("PRAGMA optimize" if is_sqlite(session) else "ANALYZE"))


def _engine(url: str, *, writes: bool, pool_size: int) -> Engine:
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite_engine(url, writes=writes, pool_size=pool_size)
    options = dict(POSTGRES_OPTIONS)
    if not writes:
        options["default_transaction_read_only"] = "on"
    flags = " ".join(f"-c {name}={value}" for name, value in options.items())
    return create_engine(
        url,
        pool_size=pool_size,
        pool_pre_ping=True,
        pool_recycle=1800,
        query_cache_size=COMPILED_STATEMENTS,
        hide_parameters=True,
        json_serializer=_json,
        connect_args={"options": flags, "connect_timeout": POSTGRES_CONNECT_SECONDS},
    )


def _sqlite_engine(url: str, *, writes: bool, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        query_cache_size=COMPILED_STATEMENTS,
        hide_parameters=True,
        json_serializer=_json,
        connect_args={"check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _: Any) -> None:  # Any: SQLAlchemy's pool record
        # The driver must not begin transactions of its own; `begin` below does.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        cursor.execute(f"PRAGMA wal_autocheckpoint={WAL_AUTOCHECKPOINT_PAGES}")
        cursor.execute(f"PRAGMA cache_size=-{SQLITE_CACHE_KIB}")
        if not writes:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:  # Any: SQLAlchemy passes its Connection untyped here
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _json(value: object) -> str:
    """Return a value as compact JSON; NaN is no JSON and is refused."""
    if isinstance(value, JsonText):
        return str(value)
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


@contextmanager
def clear_errors() -> Iterator[None]:
    """Turn the driver's words for “locked” and “full” into an AppError with a remedy."""
    try:
        yield
    except (OperationalError, ProgrammingError) as error:
        raise _translated(error) from error


def _translated(error: DBAPIError) -> Exception:
    words = str(error.orig).lower()
    state = getattr(error.orig, "sqlstate", None)
    if "full" in words or state == "53100":
        return Unavailable(
            "E-SYS-01", "The disk is full. Nothing was stored; free space, then retry."
        )
    if "locked" in words or state in RETRYABLE_STATES | {"55P03", "57014"}:
        return Unavailable("E-SYS-02", "The database is busy. Nothing was stored; try again.")
    if "no such table" in words or state == UNDEFINED_TABLE:
        return Unavailable("E-SYS-03", "The database lacks its tables. Run: flask db upgrade.")
    if "disk i/o error" in words or state == IO_ERROR:
        return Unavailable(
            "E-SYS-04",
            "The disk of the database fails. Nothing was stored; look at the disk, then retry.",
        )
    if "unable to open" in words:
        return Unavailable(
            "E-SYS-02",
            "The database's file can't be opened. See whether its folder is there and may be"
            " written.",
        )
    if _is_lost(error, state):
        return Unavailable(
            "E-SYS-02",
            "The database does not answer. See whether your last change is there, then retry.",
        )
    return error


def _is_lost(error: DBAPIError, state: str | None) -> bool:
    """Tell whether the server went away, was restarted or can't be reached."""
    if isinstance(error.orig, sqlite3.Error) or not isinstance(error, OperationalError):
        return False
    return state is None or state in SERVER_LEAVES or state.startswith(CONNECTION_CLASS)
