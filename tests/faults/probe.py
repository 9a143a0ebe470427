"""The web application under load, with one page added that writes two rows or none."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Flask
from sqlalchemy import select

from app.base import acting, db
from app.base.db import Database
from app.base.web.access import public
from app.factory import create_app
from app.facts.suppliers.models import Category
from config import Settings
from tests.faults import tasks
from tests.faults.processes import Say

blueprint = Blueprint("probe", __name__, url_prefix="/probe")
FIRST, SECOND = "first of", "second of"
OK = 200
STOP = "stop"
LOOK_SECONDS = 0.1


_told_to_stop = threading.Event()


@dataclass(frozen=True, slots=True)
class Load:
    """How much is asked for: threads, for how long, and how long databases wait for locks.

    It ends sooner where a file named `stop` appears in the house's folder.
    """

    threads: int
    seconds: float
    lock_wait_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One request: what it wrote, how it was answered, when [s, monotonic], how long it took."""

    name: str
    status: int
    code: str
    retry_after: str
    at: float
    seconds: float


@blueprint.get("/<name>")
@public
def write(name: str) -> str:
    """Write two rows that belong together."""
    # Nobody is signed in: what is tested is the database, not who may write.
    with acting.acting_as(acting.system(tasks.BY)), db.transaction() as session:
        first = Category(name=f"{FIRST} {name}")
        session.add(first)
        session.flush()
        session.add(Category(name=f"{SECOND} {name}", parent_id=first.id))
    return "written"


def load(say: Say, url: str, folder: str, asked: Load) -> list[Answer]:
    """Let threads ask the application without a pause and return every answer."""
    if asked.lock_wait_ms is not None:
        db.BUSY_TIMEOUT_MS = asked.lock_wait_ms
        db.POSTGRES_OPTIONS["lock_timeout"] = f"{asked.lock_wait_ms}ms"
    app = _application(url, Path(folder))
    answers: list[Answer] = []
    until = time.monotonic() + asked.seconds
    threads = [
        threading.Thread(target=_ask, args=(app, number, until, answers), daemon=True)
        for number in range(asked.threads)
    ]
    threads.append(threading.Thread(target=_heed, args=(Path(folder) / STOP, until), daemon=True))
    say("begun")
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def written(url: str) -> tuple[set[str], set[str]]:
    """Return the names of the first and of the second rows that are there."""
    database = Database(url)
    try:
        with database.reading() as session:
            names = session.scalars(select(Category.name)).all()
    finally:
        database.dispose()
    return (
        {name.removeprefix(f"{FIRST} ") for name in names if name.startswith(FIRST)},
        {name.removeprefix(f"{SECOND} ") for name in names if name.startswith(SECOND)},
    )


def _application(url: str, folder: Path) -> Flask:
    app = create_app(
        Settings.from_env(
            {"DATABASE_URL": url, "MAINSTAY_INSTANCE": str(folder), "MAINSTAY_SECRET_KEY": "k" * 48}
        )
    )
    app.register_blueprint(blueprint)
    tasks.bound(url)
    return app


def _ask(app: Flask, number: int, until: float, answers: list[Answer]) -> None:
    client = app.test_client()
    count = 0
    while time.monotonic() < until and not _told_to_stop.is_set():
        count += 1
        name, began = f"{number}-{count}", time.monotonic()
        got = client.get(f"/probe/{name}", headers={"Accept": "application/json"})
        now = time.monotonic()
        code = "" if got.status_code == OK else str((got.json or {}).get("code") or "")
        retry = got.headers.get("Retry-After", "")
        answers.append(Answer(name, got.status_code, code, retry, now, now - began))


def _heed(stop: Path, until: float) -> None:
    while time.monotonic() < until and not stop.exists():
        time.sleep(LOOK_SECONDS)
    _told_to_stop.set()
