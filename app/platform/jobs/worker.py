"""The worker process: takes runs from the ledger and has them done, one at a time in a lane.

Quick jobs have a lane of their own, so that mail does not wait behind an hour of packs. The
work is done in processes of a pool, so that the worker stays able to beat, stop and report.
Knows no feature: the table of jobs is handed in.
"""

from __future__ import annotations

import contextvars
import logging
import secrets
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy.exc import DBAPIError

from app.base import db
from app.base.errors import AppError, Unavailable
from app.platform.jobs import executor, ledger, working
from app.platform.jobs.handle import LostLease, Stopped, words_of
from app.platform.jobs.ledger import Arguments, Claim
from app.platform.jobs.table import Job, JobTable
from app.platform.jobs.working import Outcome

log = logging.getLogger(__name__)

IDLE_SECONDS = 1.0
LOOK_SECONDS = 0.2
# How long a job may take to reach a safe place when the worker is told to stop.
GRACE_SECONDS = 5.0
# How often a run's end is told to a database that does not answer, once a second.
MOST_TELLINGS = 60
ENDED_FROM_OUTSIDE = "The process that did the work was ended from outside, or ran out of memory."
# What may fail now and work in a while; anything else a refusal says stays as it is.
PASSING = (Unavailable,)


@dataclass
class Lane:
    """Takes some of the jobs, one run at a time. keeps_pool: a process stays for the next run."""

    table: JobTable
    database_url: str
    stopping: threading.Event
    only: frozenset[str] | None = None
    without: frozenset[str] = frozenset()
    keeps_pool: bool = False
    code_version: str | None = None
    heartbeat_seconds: float = ledger.HEARTBEAT_SECONDS
    grace_seconds: float = GRACE_SECONDS
    _pool: Executor | None = None

    def work(self) -> None:
        """Do run after run until the worker stops."""
        try:
            while not self.stopping.is_set():
                if not self.work_once():
                    self.stopping.wait(IDLE_SECONDS)
        finally:
            self._let_pool_go()

    def work_once(self) -> bool:
        """Do one run, if there is one; tell whether there was."""
        held = self._claimed()
        if held is None:
            return False
        job = self.table.get(held.job)
        if job is None:
            _fail(held, f"This version knows no job “{held.job}”.", None)
            return True
        if self._pool is None:
            # A process per run gives its memory back: a recompute of everybody takes much.
            self._pool = executor.process_pool(self.database_url)
        try:
            future = self._pool.submit(working.do_in_child, job.function, held, job.slice_size)
            is_whole = self._watch(held, future, self._pool)
        except BrokenProcessPool as error:
            _fail(held, ENDED_FROM_OUTSIDE, error, code="E-JOB-04", may_retry=True)
            is_whole = False
        if not (self.keeps_pool and is_whole):
            self._let_pool_go()
        return True

    def _claimed(self) -> Claim | None:
        try:
            with db.transaction() as session:
                return ledger.claim(
                    session,
                    only=self.only,
                    without=self.without,
                    code_version=self.code_version,
                )
        except (AppError, DBAPIError) as error:
            log.warning("claim: %s", error)
            return None

    def _watch(self, held: Claim, future: Future[Outcome], pool: Executor) -> bool:
        """Wait for a run's end; return whether the process may be used again."""
        waited, beat_at = 0.0, self.heartbeat_seconds
        while not wait((future,), timeout=LOOK_SECONDS).done:
            waited += LOOK_SECONDS
            if self.stopping.is_set():
                self._hand_over(held, future, pool)
                return False
            if waited >= beat_at:
                beat_at = waited + self.heartbeat_seconds
                if not _beat(held):
                    working.end(pool)
                    return False
        try:
            _tell_outcome(held, future.result())
        except Exception as error:  # noqa: BLE001 — the one place: recorded, then the next run
            return _recorded(held, error)
        return True

    def _hand_over(self, held: Claim, future: Future[Outcome], pool: Executor) -> None:
        """Ask the job to leave, wait a little, and put its run back into the queue."""
        working.ask_to_leave(pool)
        try:
            outcome = future.result(timeout=self.grace_seconds)
        except Exception as error:  # noqa: BLE001 — whatever it met on its way out: it goes on later
            log.info("run %s of %s is handed over: %r", held.run_id, held.job, error)
            working.end(pool)
            _tell(lambda: _release(held))
        else:
            _tell_outcome(held, outcome)

    def _let_pool_go(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


@dataclass
class Worker:
    """Takes runs from the ledger until it is told to stop.

    table: the jobs. database_url: what the processes that do the work are bound to.
    """

    table: JobTable
    database_url: str
    code_version: str | None = None
    heartbeat_seconds: float = ledger.HEARTBEAT_SECONDS
    stopping: threading.Event = field(default_factory=threading.Event)
    _broken: list[BaseException] = field(default_factory=list)

    def run(self) -> None:
        """Work until `stop()`; a run under way goes back into the queue."""
        threads = [
            threading.Thread(target=contextvars.copy_context().run, args=(self._keep, lane))
            for lane in self.lanes()
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self._broken:
            raise self._broken[0]

    def stop(self) -> None:
        """Tell the worker to end; it does as soon as its jobs have left."""
        self.stopping.set()

    def work_once(self) -> bool:
        """Do one run of any lane, if there is one; tell whether there was."""
        return any(lane.work_once() for lane in self.lanes())

    def lanes(self) -> list[Lane]:
        """Return the lanes: one for what is quick and often, one for the rest."""
        quick = frozenset(job.name for job in self.table.values() if job.is_quick)
        rest = self._lane(only=None, without=quick, keeps_pool=False)
        return (
            [self._lane(only=quick, without=frozenset(), keeps_pool=True), rest]
            if quick
            else [rest]
        )

    def _lane(
        self, *, only: frozenset[str] | None, without: frozenset[str], keeps_pool: bool
    ) -> Lane:
        return Lane(
            self.table,
            self.database_url,
            self.stopping,
            only=only,
            without=without,
            keeps_pool=keeps_pool,
            code_version=self.code_version,
            heartbeat_seconds=self.heartbeat_seconds,
        )

    def _keep(self, lane: Lane) -> None:
        """Work a lane; one that breaks ends the whole worker, so that it is started anew."""
        try:
            lane.work()
        except BaseException as error:
            log.exception("a lane broke")
            self._broken.append(error)
            self.stop()


def run_here(job: Job, held: Claim) -> Arguments:
    """Do a claimed run in this process (the command line) and close it in the ledger."""
    try:
        with _beating(held):
            outcome = working.do(job.function, held, job.slice_size)
    except BaseException as error:
        words = words_of(error) if isinstance(error, Exception) else "It was ended from outside."
        _fail(held, words, error, code=ledger.code_of(error))
        raise
    _tell_outcome(held, outcome)
    return outcome.report


@contextmanager
def _beating(held: Claim) -> Iterator[None]:
    """Keep the lease of a run that is done in this process."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(ledger.HEARTBEAT_SECONDS) and _beat(held):
            pass

    thread = threading.Thread(target=contextvars.copy_context().run, args=(beat,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _recorded(held: Claim, error: Exception) -> bool:
    """Note how a run ended that raised; return whether its process may be used again."""
    if isinstance(error, LostLease):
        return True
    if isinstance(error, Stopped):
        _tell(lambda: _release(held))
        return True
    if isinstance(error, BrokenProcessPool):
        _fail(held, ENDED_FROM_OUTSIDE, error, code="E-JOB-04", may_retry=True)
        return False
    code = ledger.code_of(error)
    is_passing = code is None or isinstance(error, PASSING)
    _fail(held, words_of(error), error, code=code, may_retry=is_passing)
    return True


def _tell_outcome(held: Claim, outcome: Outcome) -> None:
    if outcome.is_closed:
        return

    def note() -> None:
        with db.transaction() as session:
            ledger.finish(session, held, result=outcome.report, state=outcome.state)

    _tell(note)


def _fail(
    held: Claim,
    words: str,
    error: BaseException | None,
    *,
    code: str | None = None,
    may_retry: bool = False,
) -> None:
    error_id = secrets.token_hex(6)
    log.error("run %s of %s failed, error %s", held.run_id, held.job, error_id, exc_info=error)

    def note() -> None:
        with db.transaction() as session:
            ledger.fail(
                session, held, error=words, error_id=error_id, code=code, may_retry=may_retry
            )

    _tell(note)


def _release(held: Claim) -> None:
    with db.transaction() as session:
        ledger.release(session, held)


def _beat(held: Claim) -> bool:
    """Extend the lease; a database that does not answer now is asked again at the next beat."""
    try:
        with db.transaction() as session:
            return ledger.heartbeat(session, held)
    except (AppError, DBAPIError) as error:
        log.warning("heartbeat of run %s: %s", held.run_id, error)
        return True


def _tell(note: Callable[[], None]) -> None:
    """Tell the ledger how a run ended, again and again while the database does not answer.

    When it never answers the lease runs out, and the run goes on from its checkpoint.
    """
    pause = threading.Event()
    for _ in range(MOST_TELLINGS):
        try:
            return note()
        except (AppError, DBAPIError) as error:
            log.warning("the end of a run could not be noted: %s", error)
            pause.wait(1.0)
    return None
