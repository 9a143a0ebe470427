"""Doing one claimed run: inside a process of a pool, or right here for the command line.

The process that works listens to its worker: asked to leave it does so at the job's next safe
place, and it ends when its worker is gone, so that nobody works for a dead one.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess

from app.base import acting, logging
from app.base.logging import LogForm
from app.platform.jobs import handle
from app.platform.jobs.handle import Run
from app.platform.jobs.ledger import Arguments, Claim
from app.platform.jobs.models import RunState
from config import Settings

# A job: what it is given and its run → what it reports.
Function = Callable[[Arguments, Run], Arguments | None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended. is_closed: it has told the ledger already, with its last effect."""

    report: Arguments
    state: RunState
    is_closed: bool


def do(function: Function, held: Claim, slice_size: int | None = None) -> Outcome:
    """Do a claimed run's work, as the system on behalf of whoever asked."""
    run = Run(held, slice_size=slice_size)
    behind = held.by or None
    with acting.acting_as(acting.system(f"job:{held.job} run:{held.run_id}", behind=behind)):
        report = function(held.arguments, run) or {}
    return Outcome(report, run.end_state(report), run.is_closed)


def do_in_child(function: Function, held: Claim, slice_size: int | None = None) -> Outcome:
    """Do the work inside a process of a pool, which heeds its worker from now on."""
    _heed_worker()
    handle.start_over()
    return do(function, held, slice_size)


def ask_to_leave(pool: Executor) -> None:
    """Ask the processes of a pool to leave at their job's next safe place."""
    for process in _processes(pool):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(_pid(process), signal.SIGTERM)


def end(pool: Executor) -> None:
    """End a pool's processes and whatever they started; returns when they are gone."""
    for process in _processes(pool):
        # Each leads a group of its own; until it does, it has started nobody.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(_pid(process), signal.SIGKILL)
        with suppress(ProcessLookupError, PermissionError):
            os.kill(_pid(process), signal.SIGKILL)
    pool.shutdown(wait=True, cancel_futures=True)


@cache
def _heed_worker() -> None:
    logging.configure(LogForm(Settings.from_env().log_form))
    signal.signal(signal.SIGTERM, handle.tell_to_stop)
    threading.Thread(target=_end_with_parent, daemon=True, name="parent").start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        if os.getpgrp() == os.getpid():
            os.killpg(os.getpid(), signal.SIGKILL)
        os._exit(1)


def _processes(pool: Executor) -> list[BaseProcess]:
    # The pool has no public way to reach its processes.
    found: dict[int, BaseProcess] | None = getattr(pool, "_processes", None)
    return list((found or {}).values())


def _pid(process: BaseProcess) -> int:
    if process.pid is None:
        raise ProcessLookupError
    return process.pid
