"""The scheduler process: a clock that fills the ledger with what is due, and does nothing else.

The only importer of APScheduler, which is only a clock here: one tick, memory store, UTC.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from sqlalchemy.exc import DBAPIError

from app.base import clock, db
from app.base.errors import AppError
from app.platform.jobs import schedule
from app.platform.jobs.leading import Leadership
from app.platform.jobs.table import JobTable

log = logging.getLogger(__name__)

TICK_SECONDS = 30.0


@dataclass
class Scheduler:
    """Ticks until it is told to stop.

    table: the jobs with their times. zone: whose days and months count. leadership: who of
    several ticks.
    """

    table: JobTable
    zone: ZoneInfo
    leadership: Leadership
    tick_seconds: float = TICK_SECONDS
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Tick at once and then every half minute, until `stop()`."""
        from apscheduler.schedulers.background import BackgroundScheduler

        # It would tell of every tick.
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        clockwork = BackgroundScheduler(timezone="UTC")
        clockwork.add_job(
            self.tick,
            "interval",
            seconds=self.tick_seconds,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        try:
            self.tick()
            clockwork.start()
            self.stopping.wait()
        finally:
            if clockwork.running:
                clockwork.shutdown(wait=True)
            self.leadership.give_up()

    def stop(self) -> None:
        """Tell the scheduler to end; another one may lead at once."""
        self.stopping.set()

    def tick(self) -> int:
        """Note what is due; return how many periods were added. Nothing when another leads."""
        try:
            if not self.leadership.held():
                return 0
            with db.transaction() as session:
                return schedule.enqueue_due(session, self.table, at=clock.now(), zone=self.zone)
        except (AppError, DBAPIError) as error:
            # A busy or lost database now is no reason to lose the clock: the next tick asks
            # again, and nothing is missed for it.
            log.warning("tick: %s", error)
            return 0
