"""Which periods of which jobs are due. The ledger remembers what was queued, not the clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.platform.jobs import ledger
from app.platform.jobs.ledger import AlreadyOpen

BY = "timetable"


@dataclass(frozen=True, slots=True)
class Daily:
    """A job for every day, from an hour [UTC] on. A day missed is not caught up: the next
    run covers it (“latest”)."""

    job: str
    hour: int
    arguments: dict[str, Any] = field(default_factory=dict)  # Any: JSON has no narrower type

    def period(self, at: datetime) -> str:
        """Return the day that is due at a moment."""
        day = at.date() if at.hour >= self.hour else at.date() - timedelta(days=1)
        return day.isoformat()


def enqueue_due(session: Session, timetable: Iterable[Daily], *, at: datetime) -> int:
    """Queue what is due and not yet in the ledger; return how many runs were added or found.

    A job that still has an open run waits for its end; the next tick asks again.
    """
    queued = 0
    for entry in timetable:
        try:
            ledger.enqueue(
                session,
                job=entry.job,
                period_key=entry.period(at),
                arguments=entry.arguments,
                by=BY,
            )
        except AlreadyOpen:
            continue
        queued += 1
    return queued
