"""What a job holds while it works: its run.

A job is `job(arguments, run) -> report`. It reads and computes as it likes; whatever it
changes, it changes in short transactions that begin with `run.guard(session)` and end with
`run.checkpoint(…, session=session)`. A worker that was paused and replaced then holds an old
fence, and its transaction rolls back; a worker that was killed is followed by one that goes
on from the checkpoint. `run.close(session, report)` puts the end of the run into the
transaction of its last effect.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.errors import Unavailable
from app.platform.jobs import ledger
from app.platform.jobs.ledger import Arguments, Claim
from app.platform.jobs.models import JobItem, RunState

log = logging.getLogger(__name__)

Watch = Callable[[int, int | None], None]
PROGRESS_SECONDS = 1.0

# Set in the process that works when its worker is told to end.
_told_to_stop = threading.Event()


class LostLease(Exception):
    """Somebody else works on the run by now; whatever we do must not count."""


class Stopped(Exception):
    """The worker is told to end: the run goes back into the queue with its checkpoint."""


@dataclass(slots=True)
class Run:
    """A job's own run. Without a claim (`Run.by_hand`) nothing is noted in the ledger.

    slice_size: how many items at a time, as the timetable says; None leaves it to the job.
    watch: told of progress as well, for a bar on a terminal.
    """

    held: Claim | None = None
    slice_size: int | None = None
    watch: Watch | None = None
    items_failed: int = 0
    is_closed: bool = False
    _noted_at: float = field(default=-PROGRESS_SECONDS)

    @classmethod
    def by_hand(cls, watch: Watch | None = None) -> Run:
        """Return a handle for work that the ledger does not know (a direct command, a test)."""
        return cls(watch=watch)

    @property
    def resumed_from(self) -> Arguments | None:
        """The checkpoint of the attempt before, None for a fresh start."""
        return None if self.held is None else self.held.checkpoint

    @property
    def by(self) -> str:
        """Who asked for the run."""
        return "" if self.held is None else self.held.by

    @property
    def stopping(self) -> bool:
        """Whether the worker is told to end; the job leaves at the next safe place."""
        return _told_to_stop.is_set()

    def progress(self, done: int, total: int | None = None) -> None:
        """Say how far the work is; noted at most once a second.

        Call it between transactions. Raises Stopped when the worker is told to end, LostLease
        when the run is somebody else's by now.
        """
        if self.watch is not None:
            self.watch(done, total)
        if self.stopping:
            raise Stopped
        now = monotonic()
        if self.held is None or (now - self._noted_at < PROGRESS_SECONDS and done != total):
            return
        self._noted_at = now
        self._note_progress(self.held, done, total)

    def guard(self, session: Session) -> None:
        """Make sure, inside the transaction of an effect, that the run is still ours.

        The run's row stays locked until the transaction ends, so nobody can take it over in
        between. Raises LostLease, which rolls the transaction back.
        """
        if self.held is not None and not ledger.holds(session, self.held):
            raise LostLease

    def checkpoint(
        self, state: Arguments, *, words: str = "", session: Session | None = None
    ) -> None:
        """Note how far the work is, so that the next attempt goes on from there.

        state: JSON that the job understands (`resumed_from`). words: the same for people
        (“supplier 2,300”). Inside `session` it commits together with the effects.
        """
        if self.held is None:
            return
        with _transaction(session) as own:
            if not ledger.keep_checkpoint(own, self.held, state, words=words):
                raise LostLease

    def item_failed(
        self, item: str, error: BaseException, *, session: Session | None = None
    ) -> None:
        """Note that one item could not be done; the job goes on and ends “partial”."""
        self.items_failed += 1
        error_id = None if ledger.code_of(error) else secrets.token_hex(6)
        if error_id is not None:
            log.error("item %s failed, error %s", item, error_id, exc_info=error)
        if self.held is None:
            return
        with _transaction(session) as own:
            self.guard(own)
            own.execute(
                delete(JobItem).where(
                    JobItem.run_id == self.held.run_id, JobItem.item == item[:200]
                )
            )
            own.add(_item(self.held.run_id, item, error, error_id))

    def close(self, session: Session, report: Arguments) -> None:
        """End the run in the transaction of its last effect; raises LostLease."""
        self.is_closed = True
        if self.held is None:
            return
        if not ledger.finish(session, self.held, result=report, state=self.end_state(report)):
            raise LostLease

    def end_state(self, report: Arguments) -> RunState:
        """Return how a run with this report ends: partial when something could not be done."""
        is_partial = bool(self.items_failed or report.get("is_partial"))
        return RunState.PARTIAL if is_partial else RunState.SUCCEEDED

    def _note_progress(self, held: Claim, done: int, total: int | None) -> None:
        try:
            with db.transaction() as session:
                is_ours = ledger.heartbeat(session, held, done=done, total=total)
        except Unavailable:
            # A busy database is no reason to lose the work; the next note comes in a second.
            return
        if not is_ours:
            raise LostLease


def words_of(error: BaseException) -> str:
    """Return what people read about an error: a refusal's own words, never a trace."""
    if ledger.code_of(error):
        return str(error)
    return f"Unexpected: {type(error).__name__}. The log has more under the number below."


def tell_to_stop(*_: Any) -> None:
    """Ask the job of this process to leave at its next safe place (a signal's handler)."""
    _told_to_stop.set()


def start_over() -> None:
    """Forget that a job was asked to leave: this process begins another one."""
    _told_to_stop.clear()


def _item(run_id: int, item: str, error: BaseException, error_id: str | None) -> JobItem:
    return JobItem(
        run_id=run_id,
        item=item[:200],
        error_code=ledger.code_of(error),
        error=words_of(error)[: ledger.LONGEST_ERROR],
        error_id=error_id,
        failed_at=clock.now(),
    )


@contextmanager
def _transaction(given: Session | None) -> Iterator[Session]:
    if given is not None:
        yield given
        return
    with db.transaction() as session:
        yield session
