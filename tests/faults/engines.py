"""Databases for the harness: a template per engine, copied for every run."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

from tests import postgres
from tests.faults import files, processes, tasks

SQLITE, POSTGRESQL = "sqlite", "postgresql"
NAMES = (SQLITE, POSTGRESQL)
LONGEST_GOODBYE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class House:
    """One database of one run, with the folder of what belongs to it."""

    engine: str
    url: str
    folder: Path

    def wait_until_left(self) -> None:
        """Wait until no server process works for a client that is gone (PostgreSQL)."""
        if self.engine == SQLITE:
            return
        deadline = time.monotonic() + LONGEST_GOODBYE_SECONDS
        with psycopg.connect(plain(self.url), autocommit=True) as connection:
            while _others(connection):
                if time.monotonic() > deadline:
                    raise TimeoutError("a killed client's server process is still at work")
                time.sleep(0.01)

    def is_intact(self) -> bool:
        """Tell whether SQLite finds its file whole and all keys in place."""
        if self.engine == POSTGRESQL:
            return True
        path = make_url(self.url).database or ""
        with closing(sqlite3.connect(path)) as connection:
            intact = connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            return intact and not connection.execute("PRAGMA foreign_key_check").fetchall()


@dataclass(slots=True)
class Engine:
    """One engine with its templates, each made once."""

    name: str
    folder: Path
    server: str = ""
    _templates: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def house(self, template: str = "stocked") -> Iterator[House]:
        """Yield a copy of a template: `bare`, `empty` (tables), `stocked` (facts), `scored`."""
        made_from = self.template(template)
        key = f"run_{uuid.uuid4().hex}"
        folder = self.folder / key
        folder.mkdir()
        try:
            yield House(self.name, self._copied(made_from, key, folder), folder)
        finally:
            if self.name == POSTGRESQL:
                postgres.drop_database(self.server, key)
            shutil.rmtree(folder)

    def template(self, name: str) -> str:
        """Return a template's place, made at its first use."""
        if name not in self._templates:
            base, step = STEPS[name]
            self._templates[name] = self._made(name, base, step)
        return self._templates[name]

    def stocked(self) -> dict[str, str]:
        """Return the template that most runs begin with, for an engine elsewhere."""
        return {"stocked": self.template("stocked")}

    def drop(self) -> None:
        """Drop the templates."""
        if self.name == POSTGRESQL:
            for each in self._templates.values():
                postgres.drop_database(self.server, each)
        self._templates.clear()

    def _made(self, name: str, base: str | None, step: Callable[[str, Path], None]) -> str:
        key = f"template_{name}_{uuid.uuid4().hex[:8]}"
        folder = self.folder / key
        folder.mkdir()
        url = self._copied(None if base is None else self.template(base), key, folder)
        step(url, folder)
        if self.name == POSTGRESQL:
            return key
        path = folder / "house.sqlite3"
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return str(path)

    def _copied(self, source: str | None, key: str, folder: Path) -> str:
        if self.name == POSTGRESQL:
            return postgres.create_database(self.server, key, template=source)
        path = folder / "house.sqlite3"
        if source is not None:
            shutil.copyfile(source, path)
        return f"sqlite:///{path}"


def _stock(url: str, folder: Path) -> None:
    file = files.write_house(folder / "house.csv")
    processes.done(tasks.import_by_command, url, str(file))


def _touch(url: str, folder: Path) -> None:
    (folder / "house.sqlite3").touch()


STEPS: dict[str, tuple[str | None, Callable[[str, Path], None]]] = {
    "bare": (None, _touch),
    "empty": ("bare", lambda url, folder: processes.done(tasks.migrate, url)),
    "stocked": ("empty", _stock),
    "scored": ("stocked", lambda url, folder: processes.done(tasks.recompute_plain, url)),
}


@contextmanager
def opened(name: str) -> Iterator[Engine]:
    """Yield an engine with a folder of its own; raises LookupError where it is not installed."""
    server = ""
    if name == POSTGRESQL:
        found = postgres.cluster_url()
        if found is None:
            raise LookupError(postgres.missing_reason())
        server = found
    with tempfile.TemporaryDirectory(prefix="mainstay-faults-") as folder:
        engine = Engine(name, Path(folder), server)
        try:
            yield engine
        finally:
            engine.drop()


def plain(url: str) -> str:
    """Return a URL as the driver takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _others(connection: psycopg.Connection[tuple[int]]) -> int:
    row = connection.execute(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    ).fetchone()
    return 0 if row is None else row[0]
