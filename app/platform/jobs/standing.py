"""How every job stands: when it last went well, what it does now, whether it is late.

Absence is the alarm: a job is late when its last success is older than one and a half of its
periods, whoever was to blame. What has never run is measured from when it was first noted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.platform.jobs import calendar
from app.platform.jobs.models import JobRun, RunState
from app.platform.jobs.queries import Run, runs_by_id
from app.platform.jobs.table import LOOK_BACK, Job, JobTable

PERIODS_UNTIL_LATE = 1.5
# A worker may be busy for a while: what is due every minute is not late after one and a half.
LEAST_PATIENCE = timedelta(minutes=10)
# A run that did a part of its work has run; what it could not do is listed with it.
WENT_WELL = (RunState.SUCCEEDED, RunState.PARTIAL)
ENDED = (*WENT_WELL, RunState.FAILED)
OPEN = (RunState.QUEUED, RunState.RUNNING)


@dataclass(frozen=True, slots=True)
class Standing:
    """One job as it stands.

    good: its last run that went well. last: its last run that ended. present: the run that is
    queued or under way. skipped: periods of the last 35 days that will not run. late_from: the
    moment from which it is late, None for what only people ask for.
    """

    job: Job
    good: Run | None
    last: Run | None
    present: Run | None
    skipped: int
    next_due: datetime | None
    late_from: datetime | None
    is_late: bool

    @property
    def has_failed(self) -> bool:
        """Whether its last run failed and nothing went well since."""
        return self.last is not None and self.last.state is RunState.FAILED


def standings(session: Session, table: JobTable, *, at: datetime, zone: ZoneInfo) -> list[Standing]:
    """Return how each job of the table stands, in the table's order."""
    good = _newest(session, WENT_WELL)
    last = _newest(session, ENDED)
    present = _newest(session, OPEN)
    runs = runs_by_id(session, {*good.values(), *last.values(), *present.values()})
    begun = _first_noted(session)
    skipped = _skipped(session, since=at - LOOK_BACK)
    found = []
    for name, job in table.items():
        well = runs.get(good.get(name, 0))
        late_from = _late_from(job, well, begun.get(name), at=at, zone=zone)
        found.append(
            Standing(
                job,
                good=well,
                last=runs.get(last.get(name, 0)),
                present=runs.get(present.get(name, 0)),
                skipped=skipped.get(name, 0),
                next_due=None if job.when is None else job.when.following(at, zone).at,
                late_from=late_from,
                is_late=job.when is not None and (late_from is None or at > late_from),
            )
        )
    return found


def _late_from(
    job: Job, good: Run | None, begun: datetime | None, *, at: datetime, zone: ZoneInfo
) -> datetime | None:
    since = begun if good is None else good.finished_at
    if job.when is None or since is None:
        return None
    period = calendar.length(job.when, at, zone)
    return since + max(PERIODS_UNTIL_LATE * period, period + LEAST_PATIENCE)


def _newest(session: Session, states: Iterable[RunState]) -> dict[str, int]:
    rows = session.execute(
        select(JobRun.job, func.max(JobRun.id))
        .where(JobRun.state.in_(list(states)))
        .group_by(JobRun.job)
    )
    return {row[0]: row[1] for row in rows}


def _first_noted(session: Session) -> dict[str, datetime]:
    rows = session.execute(select(JobRun.job, func.min(JobRun.queued_at)).group_by(JobRun.job))
    return {row[0]: row[1] for row in rows}


def _skipped(session: Session, *, since: datetime) -> dict[str, int]:
    rows = session.execute(
        select(JobRun.job, func.count())
        .where(JobRun.state == RunState.SKIPPED, JobRun.queued_at >= since)
        .group_by(JobRun.job)
    )
    return {row[0]: row[1] for row in rows}
