"""What must prove itself: a backup made under load, and an audit log that was tampered with."""

from __future__ import annotations

import time
import uuid
from pathlib import Path
from random import Random

from app.base import db
from app.base.db import Database
from app.platform.operations import backups, restoring
from config import Settings
from tests import postgres
from tests.audit import tampering
from tests.faults import databases, probe, processes, tasks
from tests.faults.engines import POSTGRESQL, Engine, House
from tests.faults.probe import Load
from tests.faults.processes import Say
from tests.faults.report import Plan, Tally

LONGEST_LOAD_SECONDS = 120.0
LEAST_WRITES = 20


def tampered_log(engine: Engine, plan: Plan) -> Tally:
    """Tamper with an audit log in every way; verifying against the anchors finds each."""
    tally = Tally()
    with engine.house("empty") as house:
        told = processes.done(tamper, house.url, str(house.folder), plan.runs, plan.seed)
    tally.runs = told["runs"]
    tally.counts.update(told["by_kind"])
    for words in told["missed"]:
        tally.fail("lost", f"not found: {words}")
    return tally


def backup_under_load(engine: Engine, plan: Plan) -> Tally:
    """Back up while others write, restore into an empty place, look what came back.

    Everything acknowledged before the backup began is in it, and no half of a transaction.
    """
    tally, chance = Tally(), plan.chance()
    for _ in range(plan.runs):
        tally.runs += 1
        with engine.house("stocked") as house:
            _backed_up(tally, engine, house, chance)
    return tally


def _backed_up(tally: Tally, engine: Engine, house: House, chance: Random) -> None:
    asked = Load(databases.THREADS, seconds=LONGEST_LOAD_SECONDS)
    with processes.running(probe.load, house.url, str(house.folder), asked) as child:
        child.wait_for("begun")
        _wait_until_written(house, LEAST_WRITES)
        time.sleep(chance.uniform(0, 2))
        began = time.monotonic()
        made = processes.done(back_up, house.url, str(house.folder))
        (house.folder / probe.STOP).touch()
        answers = child.result()
    name = f"restored_{uuid.uuid4().hex}"
    into, files = str(house.folder / "back"), None
    if engine.name == POSTGRESQL:
        into = postgres.create_database(engine.server, name)
        files = str(house.folder / "back")
    try:
        url = processes.done(restore, made, into, files)
        first, second = probe.written(url)
    finally:
        if engine.name == POSTGRESQL:
            postgres.drop_database(engine.server, name)
    before = {each.name for each in answers if each.status == probe.OK and each.at < began}
    tally.counts["writes"] += len(answers)
    tally.counts["before the backup"] += len(before)
    tally.counts["in the backup"] += len(first & second)
    if len(before) < LEAST_WRITES:
        tally.fail("lost", "nothing was written before the backup: nothing was tested")
    if missing := before - (first & second):
        tally.fail("lost", f"{len(missing)} writes from before the backup are not in it")
    if halves := first ^ second:
        tally.fail("partial", f"{len(halves)} half writes are in it")


def _wait_until_written(house: House, least: int) -> None:
    deadline = time.monotonic() + LONGEST_LOAD_SECONDS / 2
    while len(probe.written(house.url)[1]) <= least and time.monotonic() < deadline:
        time.sleep(0.1)


# The other side


def tamper(say: Say, url: str, folder: str, attempts: int, seed: int) -> dict[str, object]:
    """Fill an audit log and tamper with it; return what was tried and what was missed."""
    tasks.installed(url, folder)
    anchors = tampering.fill()
    return tampering.run(db.current(), anchors, attempts=attempts, seed=seed)


def back_up(say: Say, url: str, folder: str) -> str:
    """Make a backup as the command does; return its path."""
    tasks.installed(url, folder)
    settings = Settings.from_env()
    made = backups.make(
        db.current(), files=settings.files, folder=settings.backups, version="faults"
    )
    return str(made.path)


def restore(say: Say, backup: str, into: str, files: str | None) -> str:
    """Restore a backup into an empty place, which proves it; return the database's address."""
    place = None if files is None else Path(files)
    url = restoring.restore(Path(backup), into, files=place).url
    Database(url).dispose()
    return url
