"""Runs jobs in processes of their own, so that a worker stays able to beat, stop and report.

The default is a pool of spawned processes, each bound to the database. An executor only
does; what is done is said by the ledger.
"""

from __future__ import annotations

import inspect
import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import suppress
from time import monotonic
from typing import Any

from app.base import acting, db
from app.base.db import Database
from app.platform.jobs import ledger
from app.platform.jobs.ledger import Arguments, Claim

# A job: what it is given → what it reports. It may ask for `progress=` (done, total).
Job = Callable[..., Arguments | None]
Progress = Callable[[int, int | None], None]
PROGRESS_SECONDS = 1.0


class LostLease(Exception):
    """Somebody else works on the run by now; whatever we do must not count."""


def process_pool(database_url: str, *, processes: int = 1) -> Executor:
    """Return a pool of spawned processes that are bound to the database."""
    return ProcessPoolExecutor(
        max_workers=processes,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_prepare,
        initargs=(database_url,),
    )


def stop_now(pool: Executor) -> None:
    """End a pool's processes, and whatever they started, without waiting for their work.

    Returns when they are gone; what they held is given back by then.
    """
    # The pool has no public way to reach its processes; each leads a group of its own.
    processes: dict[int, Any] = getattr(pool, "_processes", None) or {}
    for process in list(processes.values()):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGTERM)
    pool.shutdown(wait=True, cancel_futures=True)


def work(job: Job, held: Claim) -> Arguments:
    """Do a claimed run's work and return its report; runs inside a process of the pool."""
    options: dict[str, Any] = {}  # Any: jobs choose whether to report progress
    if "progress" in inspect.signature(job).parameters:
        options["progress"] = reporter(held)
    return job(held.arguments, **options) or {}


def reporter(held: Claim) -> Progress:
    """Return a function that notes progress in the ledger, at most once a second."""
    last = -PROGRESS_SECONDS

    def report(done: int, total: int | None = None) -> None:
        nonlocal last
        now = monotonic()
        if now - last < PROGRESS_SECONDS and done != total:
            return
        last = now
        with db.transaction() as session:
            if not ledger.heartbeat(session, held, done=done, total=total):
                raise LostLease

    return report


def _prepare(database_url: str) -> None:
    """Make a fresh process its group's leader, bind it, and leave Ctrl-C to its parent."""
    os.setpgrp()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    acting.act_for_process(acting.system("worker"))
    db.bind(Database(database_url, pool_size=2))
