"""Work that fans out: many tasks of one kind, done by an executor, told in their order.

A task is a function that a worker can import by name, given one plain value; it reads from
the database and returns little. It may be done twice, so doing it twice must do no harm.
Says nothing about what is done: the ledger does.
"""

from __future__ import annotations

import logging
import secrets
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.base.errors import AppError, Unavailable
from app.platform.jobs import executor
from config import Settings

log = logging.getLogger(__name__)

Task = TypeVar("Task")
Result = TypeVar("Result")

# Tasks handed over ahead of time per worker: enough to keep it busy, few enough to hold little.
AHEAD = 2
MOST_DEATHS = 2


@dataclass(frozen=True, slots=True)
class Failure(Generic[Task]):
    """A task that could not be done, and why; of what nobody foresaw the log has more."""

    task: Task
    error: AppError


@dataclass(frozen=True, slots=True)
class Fleet:
    """Workers to be started when there is work, and how many they are."""

    start: Callable[[], Executor]
    workers: int

    def each(
        self, function: Callable[[Task], Result], tasks: Iterable[Task]
    ) -> Generator[tuple[Task, Result | Failure[Task]]]:
        """Yield every task with its result or failure, in the order of the tasks.

        Workers that end in the middle are replaced and their tasks done again, one by one, so
        that a task which ends its worker is known and fails alone.
        """
        with _Line(self, function) as line:
            for task in tasks:
                line.take(task)
                if line.is_full:
                    yield line.next()
            while line.waiting:
                yield line.next()


HERE = Fleet(executor.Here, workers=0)


def fleet_of(settings: Settings, *, tasks: int | None = None) -> Fleet:
    """Return the workers of this installation: the cluster's, or a process per core.

    A single task is done here: starting a process costs more than it saves.
    """
    if tasks is not None and tasks <= 1 and not settings.cluster:
        return HERE
    workers = executor.workers_of(settings, most=tasks)
    return Fleet(lambda: executor.executor_of(settings, processes=workers), workers)


def attempt(function: Callable[[Task], Result], task: Task) -> Result | Failure[Task]:
    """Do a task; return its failure instead of raising it, so that the others go on."""
    try:
        return function(task)
    except AppError as error:
        return Failure(task, error)
    except Exception as error:
        error_id = secrets.token_hex(6)
        # A partial has no name of its own, and its arguments may be secret.
        done = getattr(getattr(function, "func", function), "__qualname__", "a callable")
        log.exception("a task of %s failed, error %s", done, error_id)
        words = f"Unexpected: {type(error).__name__}. The log has more under {error_id}."
        return Failure(task, Unavailable("E-JOB-14", words))


class _Line(Generic[Task, Result]):
    """Tasks under way, the first one first."""

    def __init__(self, fleet: Fleet, function: Callable[[Task], Result]) -> None:
        self._fleet, self._function = fleet, function
        self._pool: Executor | None = None
        self.waiting: deque[tuple[Task, Future[Result | Failure[Task]]]] = deque()

    def __enter__(self) -> _Line[Task, Result]:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    @property
    def is_full(self) -> bool:
        """Whether the workers have enough to do."""
        return len(self.waiting) >= max(1, self._fleet.workers * AHEAD)

    def take(self, task: Task) -> None:
        """Hand a task over."""
        self.waiting.append((task, self._submitted(task)))

    def next(self) -> tuple[Task, Result | Failure[Task]]:
        """Wait for the first task and return what became of it."""
        task, future = self.waiting[0]
        try:
            done = future.result()
        except BrokenExecutor:
            self._one_by_one()
            task, future = self.waiting[0]
            done = future.result()
        self.waiting.popleft()
        return task, done

    def _one_by_one(self) -> None:
        """Do everything under way again, each alone."""
        self._end()
        again = [task for task, _ in self.waiting]
        self.waiting.clear()
        for task in again:
            done: Future[Result | Failure[Task]] = Future()
            done.set_result(self._alone(task))
            self.waiting.append((task, done))

    def _alone(self, task: Task) -> Result | Failure[Task]:
        for _ in range(MOST_DEATHS):
            try:
                return self._submitted(task).result()
            except BrokenExecutor as error:
                log.warning("a worker ended while it did a task: %s", error)
                self._end()
        words = f"Ended the process that worked on it, {MOST_DEATHS} times."
        return Failure(task, Unavailable("E-JOB-04", words))

    def _submitted(self, task: Task) -> Future[Result | Failure[Task]]:
        if self._pool is None:
            self._pool = self._fleet.start()
        try:
            return self._pool.submit(attempt, self._function, task)
        except BrokenExecutor:
            broken: Future[Result | Failure[Task]] = Future()
            broken.set_exception(BrokenExecutor("the workers ended"))
            return broken

    def _end(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None
