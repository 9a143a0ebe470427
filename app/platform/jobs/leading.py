"""Who of several schedulers leads. Saves work and nothing more: two that lead double nothing.

PostgreSQL: an advisory lock on a connection of its own (not through a pooler that shares
connections between transactions). SQLite: a lock on a file beside the database.
"""

from __future__ import annotations

import fcntl
import logging
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

from sqlalchemy import Connection, create_engine, func, make_url, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

log = logging.getLogger(__name__)

LEADER_LOCK = 7_020_305


class Leadership(Protocol):
    """The right to tick."""

    def held(self) -> bool:
        """Take the right, or keep it; tell whether it is ours."""

    def give_up(self) -> None:
        """Let another one lead."""


def leadership(database_url: str) -> Leadership:
    """Return how schedulers of this database agree on one."""
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite":
        return AdvisoryLock(database_url)
    return FileLock(Path(f"{url.database}.leader"))


@dataclass(slots=True)
class FileLock:
    """A lock that ends with its process."""

    path: Path
    _file: IO[str] | None = None

    def held(self) -> bool:
        """Take the right, or keep it; tell whether it is ours."""
        if self._file is not None:
            return True
        file = self.path.open("w", encoding="ascii")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True

    def give_up(self) -> None:
        """Let another one lead."""
        if self._file is not None:
            self._file.close()
            self._file = None


@dataclass(slots=True)
class AdvisoryLock:
    """A lock that ends with its connection."""

    database_url: str
    _connection: Connection | None = field(default=None)

    def held(self) -> bool:
        """Take the right, or keep it; tell whether it is ours."""
        try:
            if self._connection is not None:
                self._connection.execute(select(1))
                return True
            return self._taken()
        except DBAPIError as error:
            # The server is gone or was restarted, and the lock with it.
            log.warning("leadership lost: %s", error.orig)
            self.give_up()
            return False

    def give_up(self) -> None:
        """Let another one lead."""
        if self._connection is not None:
            with suppress(DBAPIError):
                self._connection.close()
            self._connection = None

    def _taken(self) -> bool:
        engine = create_engine(self.database_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        connection = engine.connect()
        if connection.scalar(select(func.pg_try_advisory_lock(LEADER_LOCK))):
            self._connection = connection
            return True
        connection.close()
        return False
