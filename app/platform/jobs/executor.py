"""Runs jobs in processes of their own, so that a worker stays able to beat, stop and report.

The default is a pool of spawned processes, each bound to the database; a Dask cluster where
MAINSTAY_CLUSTER names its scheduler. An executor only does; what is done is said by the
ledger.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from multiprocessing.connection import wait
from typing import Any, TypeVar

from app.base import acting, db
from app.base.db import Database
from app.base.errors import Unavailable
from config import Settings

CLUSTER_SECONDS = 10
Result = TypeVar("Result")


def process_pool(database_url: str, *, processes: int = 1) -> Executor:
    """Return a pool of spawned processes that are bound to the database."""
    return ProcessPoolExecutor(
        max_workers=processes,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_prepare,
        initargs=(database_url,),
    )


def executor_of(settings: Settings, *, processes: int | None = None) -> Executor:
    """Return what does this installation's work: its cluster, or processes of this machine.

    Both do the same functions on the same database. The processes end with this one.
    """
    if settings.cluster:
        return _Cluster(settings.cluster)
    return ProcessPoolExecutor(
        max_workers=processes or os.cpu_count() or 1,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_prepare_for_tasks,
        initargs=(db.current().url,),
    )


def workers_of(settings: Settings, *, most: int | None = None) -> int:
    """Return how many tasks can be done at a time; of our own processes no more than `most`."""
    if settings.cluster:
        cluster = _Cluster(settings.cluster)
        try:
            return cluster.workers
        finally:
            cluster.shutdown()
    cores = os.cpu_count() or 1
    return cores if most is None else max(1, min(cores, most))


class Here(Executor):
    """Does everything at once in this very process: for little work, and where one must look."""

    def submit(
        self, function: Callable[..., Result], /, *arguments: Any, **named: Any
    ) -> Future[Result]:
        """Do the work and return it done."""
        done: Future[Result] = Future()
        try:
            done.set_result(function(*arguments, **named))
        except BaseException as error:
            done.set_exception(error)
            if not isinstance(error, Exception):
                raise
        return done


class WorkerDied(BrokenExecutor):
    """A worker of the cluster ended in the middle of a task, and those after it too."""


class _Cluster(Executor):
    """A Dask cluster; its workers bind the database that their own environment names."""

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
            from distributed.scheduler import KilledWorker
        except ImportError as error:
            raise Unavailable(
                "E-JOB-12",
                "MAINSTAY_CLUSTER is set, but the package “distributed” is not installed; "
                "install the extra “cluster”.",
            ) from error
        try:
            connect: Any = Client  # Any: the package declares no types
            self._client = connect(address, timeout=CLUSTER_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise Unavailable(
                "E-JOB-13",
                f"No scheduler answers at {address}. Nothing was done; start it, then retry.",
            ) from error
        self._inner = self._client.get_executor(pure=False)
        self._killed: type[Exception] = KilledWorker

    @property
    def workers(self) -> int:
        """How many tasks the cluster does at a time; at least one, for it may still grow."""
        threads: int = sum(self._client.nthreads().values())
        return max(1, threads)

    def submit(
        self, function: Callable[..., Result], /, *arguments: Any, **named: Any
    ) -> Future[Result]:
        """Hand the work over."""
        told: Future[Result] = Future()
        given: Future[Result] = self._inner.submit(_on_cluster, function, *arguments, **named)
        given.add_done_callback(lambda done: self._tell(done, told))
        return told

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster; its workers stay."""
        self._inner.shutdown(wait=wait and not cancel_futures)
        self._client.close()

    def _tell(self, done: Future[Result], told: Future[Result]) -> None:
        """Pass an outcome on in the words that a pool of processes has for it."""
        if done.cancelled():
            told.cancel()
            return
        error = done.exception()
        if error is None:
            told.set_result(done.result())
        elif isinstance(error, self._killed):
            told.set_exception(WorkerDied(str(error)))
        else:
            told.set_exception(error)


def _prepare(database_url: str) -> None:
    """Make a fresh process its group's leader, bind it, and leave Ctrl-C to its parent."""
    os.setpgrp()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    acting.act_for_process(acting.system("worker"))
    db.bind(Database(database_url, pool_size=2))


def _prepare_for_tasks(database_url: str) -> None:
    """Make a fresh process ready for tasks: bound, silent on Ctrl-C, gone with its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    acting.act_for_process(acting.system("worker"))
    db.bind(Database(database_url, pool_size=2))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


_joined = threading.Lock()


def _on_cluster(function: Callable[..., Result], *arguments: Any) -> Result:
    """Do the work in a worker of the cluster, bound by its own environment the first time."""
    with _joined:
        if not db.is_bound():
            _join(Settings.from_env())
    return function(*arguments)


def _join(settings: Settings) -> None:
    if multiprocessing.current_process().daemon:
        raise Unavailable(
            "E-JOB-11",
            "This worker may not start processes to print in; start it with --no-nanny.",
        )
    acting.act_for_process(acting.system("worker"))
    db.bind(Database(settings.database_url, pool_size=2))
