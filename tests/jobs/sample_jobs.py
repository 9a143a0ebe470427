"""Jobs that a worker's process can load by name."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Integer, MetaData, Table, insert

from app.base import acting, db
from app.base.errors import InvalidInput, Unavailable
from app.platform.jobs.handle import Run
from app.platform.jobs.table import Job, table_of


def add(arguments: dict[str, Any], run: Run) -> dict[str, Any]:
    """Add two numbers."""
    return {"summary": f"{arguments['a'] + arguments['b']}", "rows_in": 2, "rows_out": 1}


def count_up(arguments: dict[str, Any], run: Run) -> dict[str, Any]:
    """Report progress to the end."""
    for done in range(1, arguments["to"] + 1):
        run.progress(done, arguments["to"])
    return {}


def refuse(arguments: dict[str, Any], run: Run) -> dict[str, Any]:
    """Refuse with an error of the product."""
    raise InvalidInput("E-X-01", "There is nothing to do.")


def break_down(arguments: dict[str, Any], run: Run) -> dict[str, Any]:
    """Fail as nobody expected."""
    raise ZeroDivisionError("canary")


def disk_full(arguments: dict[str, Any], run: Run) -> dict[str, Any]:
    """Find the disk full."""
    raise Unavailable("E-SYS-01", "The disk is full. Nothing was stored; free space, then retry.")


def half(arguments: dict[str, Any], run: Run) -> dict[str, Any]:
    """Do a part of what was asked, and name what was not done."""
    run.item_failed("supplier 4711", InvalidInput("E-X-02", "It has no lines."))
    run.item_failed("supplier 4712", ZeroDivisionError("canary"))
    return {}


def tell_actor(arguments: dict[str, Any], run: Run) -> dict[str, Any]:
    """Say who acts."""
    with db.reading() as session:
        actor = db.actor_of(session)
    return {"summary": f"{actor.name} for {actor.behind} ({acting.Source(actor.source)})"}


def linger(arguments: dict[str, Any], run: Run) -> dict[str, Any]:
    """Say that it began, then take longer than any test waits, deaf to everybody."""
    Path(arguments["began"]).touch()
    time.sleep(600)
    return {}


def leave_when_asked(arguments: dict[str, Any], run: Run) -> dict[str, Any]:
    """Note a checkpoint, then work on until asked to leave; the second time, end at once."""
    if run.resumed_from is not None:
        return {"summary": f"resumed from {run.resumed_from['at']}"}
    run.checkpoint({"at": 2300}, words="supplier 2,300")
    Path(arguments["began"]).touch()
    for done in range(6_000):
        run.progress(done)
        time.sleep(0.1)
    return {}


def die(arguments: dict[str, Any], run: Run) -> dict[str, Any]:
    """Note a checkpoint, then be killed; the next attempt ends well."""
    if run.resumed_from is not None:
        return {"summary": f"resumed from {run.resumed_from['at']}"}
    run.checkpoint({"at": 2300}, words="supplier 2,300")
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def close_itself(arguments: dict[str, Any], run: Run) -> dict[str, Any]:
    """End the run in the transaction of its effect."""
    with db.transaction() as session:
        run.guard(session)
        run.close(session, {"summary": "closed with its effect"})
    return {"summary": "what the worker would say"}


def tally(arguments: dict[str, Any], run: Run) -> dict[str, Any]:
    """Write a row for each supplier, one transaction each, and say how far it is."""
    behind = (run.resumed_from or {"behind": 0})["behind"]
    for supplier in range(behind + 1, arguments["suppliers"] + 1):
        with db.transaction() as session:
            run.guard(session)
            session.execute(insert(TALLY), {"supplier": supplier, "written_by": os.getpid()})
            run.checkpoint({"behind": supplier}, words=f"supplier {supplier + 1}", session=session)
        time.sleep(arguments["pause"])
        run.progress(supplier, arguments["suppliers"])
    return {"summary": "counted", "rows_out": arguments["suppliers"]}


def database_gone(arguments: dict[str, Any], run: Run) -> dict[str, Any]:
    """Write a row, then lose the database before it is committed."""
    with db.transaction() as session:
        run.guard(session)
        session.execute(insert(TALLY), {"supplier": 1, "written_by": os.getpid()})
        raise Unavailable("E-SYS-02", "The database is busy. Nothing was stored; try again.")


# A table without any key: what is written twice stands in it twice.
TALLY = Table("tally", MetaData(), Column("supplier", Integer), Column("written_by", Integer))

JOBS = table_of(
    Job("tally", "Tally", tally),
    Job("database_gone", "Lose the database", database_gone),
    Job("add", "Add", add, is_quick=True),
    Job("count_up", "Count", count_up),
    Job("refuse", "Refuse", refuse),
    Job("break_down", "Break", break_down),
    Job("disk_full", "Fill the disk", disk_full),
    Job("half", "Do half", half),
    Job("tell_actor", "Say who acts", tell_actor),
    Job("linger", "Linger", linger),
    Job("leave_when_asked", "Leave when asked", leave_when_asked),
    Job("die", "Die", die),
    Job("close_itself", "Close itself", close_itself),
)
