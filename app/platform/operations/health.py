"""Whether the house works: its process, its database, its files, its jobs.

Told to whoever asks, so it names no person, supplier, file or address: only what is in order
and what is not. Reads only, except for one empty file that shows that files can be written.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from app.base import db, migrating
from app.base.errors import AppError
from app.platform.jobs.models import JobItem, JobRun
from app.platform.jobs.standing import Standing, standings
from app.platform.jobs.table import JobTable
from app.platform.outbox import queries as outbox


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be in order. words: what is wrong and what to do, else “in order”."""

    name: str
    is_good: bool
    words: str


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure of the metrics. labels: pairs of name and value."""

    name: str
    help: str
    value: float
    labels: tuple[tuple[str, str], ...] = ()


def readiness(files: Path) -> list[Check]:
    """Return whether requests can be answered: database, schema, files."""
    database = _database()
    schema = _schema() if database.is_good else Check("schema", False, "unknown: no database")
    return [database, schema, _files(files)]


def job_checks(table: JobTable, *, at: datetime, zone: ZoneInfo) -> list[Check]:
    """Return, for each job of the timetable, whether its last success is recent enough."""
    with db.reading() as session:
        found = standings(session, table, at=at, zone=zone)
    return [
        Check(each.job.name, not each.is_late, _job_words(each))
        for each in found
        if each.job.when is not None
    ]


def metrics(table: JobTable, *, at: datetime, zone: ZoneInfo) -> list[Metric]:
    """Return the figures that a monitoring system collects."""
    with db.reading() as session:
        found = standings(session, table, at=at, zone=zone)
        counted = session.execute(
            select(JobRun.job, JobRun.state, func.count()).group_by(JobRun.job, JobRun.state)
        ).all()
        failed_items = session.scalar(select(func.count()).select_from(JobItem)) or 0
        waiting = outbox.waiting_count(session)
    figures = [metric for each in found for metric in _job_metrics(each)]
    figures += [
        Metric(
            "mainstay_job_runs",
            "Runs in the ledger, by job and state.",
            count,
            (("job", job), ("state", state)),
        )
        for job, state, count in sorted(counted)
    ]
    figures.append(
        Metric("mainstay_job_items_failed", "Items that runs could not do.", failed_items)
    )
    figures.append(Metric("mainstay_outbox_waiting", "Messages that wait to be sent.", waiting))
    return figures


def exposition(figures: list[Metric]) -> str:
    """Return figures in the text format that Prometheus reads."""
    lines: list[str] = []
    told: set[str] = set()
    for figure in sorted(figures, key=lambda each: each.name):
        if figure.name not in told:
            told.add(figure.name)
            lines += [f"# HELP {figure.name} {figure.help}", f"# TYPE {figure.name} gauge"]
        labels = ",".join(f'{name}="{_escaped(value)}"' for name, value in figure.labels)
        shown = f"{{{labels}}}" if labels else ""
        lines.append(f"{figure.name}{shown} {figure.value:.17g}")
    return "\n".join(lines) + "\n"


def _database() -> Check:
    try:
        with db.reading() as session:
            session.execute(select(1))
    except (AppError, DBAPIError):
        return Check("database", False, "does not answer; the log says why")
    return Check("database", True, "in order")


def _schema() -> Check:
    try:
        is_current = migrating.is_current(db.current())
    except (AppError, DBAPIError):
        return Check("schema", False, "could not be read; the log says why")
    words = "in order" if is_current else "not current; run flask db upgrade"
    return Check("schema", is_current, words)


def _files(folder: Path) -> Check:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"-")
    except OSError as error:
        return Check("files", False, f"can't be written: {error.strerror}")
    return Check("files", True, "in order")


def _job_words(standing: Standing) -> str:
    assert standing.job.when is not None  # noqa: S101 — only jobs of the timetable are asked
    wanted = standing.job.when.words
    if standing.good is None:
        last = "no success yet"
    else:
        last = f"last success {_moment(standing.good.finished_at)}"
    if not standing.is_late:
        return f"{last}; due {wanted}"
    if standing.late_from is None:
        return f"late: never noted; due {wanted}; does a scheduler run?"
    return f"late since {_moment(standing.late_from)}: {last}; due {wanted}"


def _job_metrics(standing: Standing) -> Iterator[Metric]:
    labels = (("job", standing.job.name),)
    if standing.job.when is not None:
        yield Metric(
            "mainstay_job_late",
            "1 when the last success is older than one and a half periods.",
            standing.is_late,
            labels,
        )
    good = standing.good
    if good is None or good.finished_at is None:
        return
    yield Metric(
        "mainstay_job_last_success_timestamp_seconds",
        "When the job last went well.",
        good.finished_at.timestamp(),
        labels,
    )
    if good.took is not None:
        yield Metric(
            "mainstay_job_last_duration_seconds",
            "How long that took.",
            good.took.total_seconds(),
            labels,
        )


def _moment(at: datetime | None) -> str:
    return "unknown" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
