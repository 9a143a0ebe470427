"""What the harness lets its children do: the product's own services, as its doors call them.

Imported by the fork server before the first child, so that all of the product is loaded.
A task says `begun` when its work begins; its return value is its result.
"""

from __future__ import annotations

import os
import signal
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from app import timetable
from app.base import acting, clock, db, migrating
from app.base.db import Database
from app.base.errors import AppError
from app.factory import IMPORT_KINDS
from app.facts.deliveries.models import ScheduleLine
from app.platform.imports import held_files, kinds, mapping_files, services, staging
from app.platform.imports.mapping import Answers
from app.platform.imports.services import Options
from app.platform.imports.source_file import SourceFile
from config import SHORTEST_KEY
from tests.faults.processes import MARK, Say
from tests.faults.report import BUILD

real_now = clock.now
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
BY = "fault harness"
CHILDREN_LOG = BUILD / "children.log"
# Small files are staged in as many steps as big ones are.
ROWS_AT_ONCE = 40
LOOK_SECONDS = 0.02
BATCHES_PER_TRANSACTION = 5
ANYTHING = Options(answers=Answers(creates=frozenset({"all"})))


def run(
    outbox: Connection, mark: str, task: Callable[..., Any], arguments: tuple[Any, ...]
) -> None:
    """Do a task in this fresh process and send its result, or what went wrong."""
    os.environ[MARK] = mark
    _send_words_to(CHILDREN_LOG)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the harness, which ends us

    def say(kind: str, *facts: object) -> None:
        outbox.send((kind, *facts))

    acting.act_for_process(acting.system(BY))
    stop_clock()
    try:
        say("done", task(say, *arguments))
    except AppError as error:
        say("failed", error.code, str(error))
        raise SystemExit(1) from None
    except BaseException:  # noqa: BLE001 — told to the harness, whatever it is
        say("failed", "", traceback.format_exc())
        raise SystemExit(1) from None


def _send_words_to(log: Path) -> None:
    """Let what this process and its own children print stand in a file, not in the table."""
    log.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number in (1, 2):
        os.dup2(handle, number)
    os.close(handle)


def stop_clock() -> None:
    """Let it always be the same moment in this process: the same work gives the same rows."""
    clock.now = lambda: NOW


def bound(url: str) -> Database:
    """Bind this process to a database, with the import kinds known, as the factory does."""
    database = Database(url, pool_size=2)
    db.bind(database)
    kinds.register(IMPORT_KINDS)
    staging.ROWS_AT_ONCE = ROWS_AT_ONCE
    staging.BATCHES_PER_TRANSACTION = BATCHES_PER_TRANSACTION
    return database


def installed(url: str, folder: str) -> None:
    """Bind this process to a database and let it be an installation in a folder of its own."""
    os.environ.update(
        DATABASE_URL=url, MAINSTAY_INSTANCE=folder, MAINSTAY_SECRET_KEY="k" * SHORTEST_KEY
    )
    bound(url)


def bound_once(url: str) -> None:
    """Bind this process to a database, unless it is already: its connections stay open."""
    try:
        is_bound = db.current().url == url
    except RuntimeError:
        is_bound = False
    if not is_bound:
        bound(url)


def migrate(say: Say, url: str) -> None:
    """Give an empty database its tables."""
    database = Database(url)
    migrating.upgrade(database)
    database.dispose()


def import_by_command(say: Say, url: str, file: str, by: str = BY) -> int | str:
    """Import a file as the command does; return the batch, or why it was refused."""
    bound_once(url)
    path = Path(file)
    source = SourceFile(path.name, path=path)
    say("begun")
    try:
        batch_id = services.stage_file(source, _mapping(), by=by, options=ANYTHING)
        return _published(batch_id, by)
    except AppError as error:
        return f"{error.code} {error.message}"


def import_by_web(say: Say, url: str, file: str, by: str = BY) -> int | str:
    """Import a file as the pages do: the bytes kept, a preview shown, then published."""
    bound(url)
    path = Path(file)
    source = SourceFile(path.name, content=path.read_bytes())
    say("begun")
    try:
        batch_id = held_files.take(source, _mapping(), by=by, options=ANYTHING)
        return _published(batch_id, by)
    except AppError as error:
        return f"{error.code} {error.message}"


def import_twice(say: Say, url: str, file: str, freed: str) -> int | str:
    """Try to import, read the house, wait until there is space, and import without a restart."""
    say("tried", import_by_command(say, url, file))
    with db.reading() as session:
        session.scalar(select(func.count()).select_from(ScheduleLine))
    while not Path(freed).exists():
        time.sleep(LOOK_SECONDS)
    return import_by_command(say, url, file)


def recompute_plain(say: Say, url: str) -> None:
    """Recompute everybody, outside the ledger."""
    bound(url)
    timetable.recompute()


def _mapping() -> Any:  # Any: a Mapping
    return mapping_files.mapping_named("mainstay-deliveries")


def _published(batch_id: int, by: str) -> int:
    return services.publish(batch_id, by=by).batch_id
