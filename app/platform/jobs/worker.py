"""The worker process: a clock that fills the ledger, and one run at a time.

The only importer of APScheduler, which is only a clock here: one tick, memory store, UTC.
Knows no feature: the registry of jobs and the timetable are handed in.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor, Future
from concurrent.futures import TimeoutError as NotYet
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field

from app.base import clock, db
from app.base.errors import AppError
from app.platform.jobs import executor, ledger, schedule
from app.platform.jobs.executor import Job, LostLease
from app.platform.jobs.ledger import Arguments, Claim
from app.platform.jobs.models import RunState
from app.platform.jobs.schedule import Daily

log = logging.getLogger(__name__)

TICK_SECONDS = 30
IDLE_SECONDS = 1.0
LOOK_SECONDS = 0.5
BEATS_BETWEEN_LOOKS = int(ledger.HEARTBEAT_SECONDS / LOOK_SECONDS)


@dataclass
class Worker:
    """Takes runs from the ledger until it is told to stop.

    registry: job name → function. timetable: what is queued by the calendar.
    database_url: what the processes that do the work are bound to.
    """

    registry: Mapping[str, Job]
    timetable: Iterable[Daily]
    database_url: str
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Tick and work until `stop()`; a run under way goes back into the queue."""
        from apscheduler.schedulers.background import BackgroundScheduler

        clockwork = BackgroundScheduler(timezone="UTC")
        clockwork.add_job(
            self.tick,
            "interval",
            seconds=TICK_SECONDS,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        clockwork.start()
        try:
            self.tick()
            while not self.stopping.is_set():
                if not self.work_once():
                    self.stopping.wait(IDLE_SECONDS)
        finally:
            clockwork.shutdown(wait=False)

    def stop(self) -> None:
        """Tell the worker to end; it does within a second."""
        self.stopping.set()

    def tick(self) -> None:
        """Queue what is due."""
        try:
            with db.transaction() as session:
                schedule.enqueue_due(session, self.timetable, at=clock.now())
        except AppError as error:
            # A locked database now is no reason to lose the clock: the next tick asks again.
            log.warning("tick: %s", error)

    def work_once(self) -> bool:
        """Do one run, if there is one; tell whether there was."""
        try:
            with db.transaction() as session:
                held = ledger.claim(session)
        except AppError as error:
            log.warning("claim: %s", error)
            return False
        if held is None:
            return False
        job = self.registry.get(held.job)
        if job is None:
            _fail(held, f"This version knows no job “{held.job}”.", None)
            return True
        # A process per run gives its memory back: a recompute of everybody takes much.
        pool = executor.process_pool(self.database_url)
        try:
            self._watch(held, pool.submit(executor.work, job, held), pool)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        return True

    def _watch(self, held: Claim, future: Future[Arguments], pool: Executor) -> None:
        """Wait for a run's end: beat, notice a lost lease, hand over when told to stop."""
        looks = 0
        while True:
            try:
                report = future.result(timeout=LOOK_SECONDS)
            except NotYet:
                if future.done():
                    # The job itself raised a time-out; it is not ours.
                    _fail(held, "The work took too long.", future.exception())
                    return
                looks += 1
                if self.stopping.is_set():
                    executor.stop_now(pool)
                    _release(held)
                    return
                if looks % BEATS_BETWEEN_LOOKS == 0 and not _beat(held):
                    executor.stop_now(pool)
                    return
            except LostLease:
                return
            except BrokenProcessPool as error:
                _fail(held, "The process that did the work was ended from outside.", error)
                return
            except Exception as error:  # noqa: BLE001 — the one place: recorded, then the next run
                _fail(held, _words(error), error)
                return
            else:
                _finish(held, report)
                return


def run_here(job: Job, held: Claim) -> Arguments:
    """Do a claimed run in this process (the command line) and close it in the ledger."""
    try:
        report = executor.work(job, held)
    except Exception as error:
        _fail(held, _words(error), error)
        raise
    _finish(held, report)
    return report


def _finish(held: Claim, report: Arguments) -> None:
    state = RunState.PARTIAL if report.get("is_partial") else RunState.SUCCEEDED
    with db.transaction() as session:
        ledger.finish(session, held, result=report, state=state)


def _fail(held: Claim, words: str, error: BaseException | None) -> None:
    error_id = secrets.token_hex(6)
    log.error("run %s of %s failed, error %s", held.run_id, held.job, error_id, exc_info=error)
    with db.transaction() as session:
        ledger.fail(session, held, error=words, error_id=error_id)


def _release(held: Claim) -> None:
    with db.transaction() as session:
        ledger.release(session, held)


def _beat(held: Claim) -> bool:
    with db.transaction() as session:
        return ledger.heartbeat(session, held)


def _words(error: BaseException) -> str:
    if isinstance(error, AppError):
        return str(error)
    return f"Unexpected: {type(error).__name__}. The log has more under the number below."
