"""The house's upkeep as jobs: the daily backup, housekeeping, and cutting SQLite's log.

Composes what several features tidy; each chore is a feature's own function.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.orm import Session

from app.base import acting, db, formatting
from app.base.db import Database
from app.judgement.risk_index.models import RiskSnapshot
from app.judgement.scorecards.models import ScorecardSnapshot
from app.judgement.snapshots import services as publisher
from app.platform.accounts import services as accounts
from app.platform.accounts.models import OneTimeSecret, WebSession
from app.platform.audit import erasure, security, verifying
from app.platform.audit.appending import code_version
from app.platform.imports import services as imports
from app.platform.jobs.models import JobRun
from app.platform.operations import backups, housekeeping, tables
from app.platform.operations.housekeeping import Chore, Work
from app.platform.operations.restoring import Check, Restored
from app.platform.outbox import services as outbox
from app.platform.records import services as records
from app.platform.sources.models import BatchState, SourceBatch
from app.reviews.packs import services as packs
from config import Settings

Arguments = dict[str, Any]  # Any: JSON
MEGABYTE = 1024 * 1024
# Younger ones may belong to a run under way, or to one that goes on tomorrow.
DAYS_OF_ORPHANS = 7
SNAPSHOTS = (ScorecardSnapshot, RiskSnapshot)


class Run(backups.Progress, housekeeping.Watched, Protocol):
    """What these jobs ask of their run."""


def backup_job(_arguments: Arguments, run: Run) -> Arguments:
    """Back up database and files into the folder of MAINSTAY_BACKUP_DIR."""
    settings = Settings.from_env()
    made = backups.make(
        db.current(),
        files=settings.files,
        folder=settings.backups,
        version=code_version(),
        run=run,
    )
    size = f"{formatting.number(made.size / MEGABYTE, 1)} MB"
    return {
        "summary": f"{made.path.name}, {size}: {made.manifest.summary}.",
        "rows": made.manifest.rows,
        "files": len(made.manifest.files),
        "size": made.size,
        "dropped": [path.name for path in made.dropped],
    }


def housekeeping_job(arguments: Arguments, run: Run) -> Arguments:
    """Remove what has served its time; arguments: `dry_run` counts and removes nothing."""
    is_dry_run = bool(arguments.get("dry_run"))
    report = housekeeping.tidy(chores_of(Settings.from_env()), is_dry_run=is_dry_run, run=run)
    if not is_dry_run:
        housekeeping.shorten_log()
    return report


def shorten_log_job(_arguments: Arguments, _run: Run) -> Arguments:
    """Write SQLite's log back into its file; nothing to do on PostgreSQL."""
    housekeeping.shorten_log()
    return {"summary": "The database's log is written back."}


def chores_of(settings: Settings) -> tuple[Chore, ...]:
    """Return everything that is tidied, with how long its things are kept."""
    keep, files = settings.keep, settings.files
    return (
        Chore("sessions", "sessions, tries and secrets that are over", _ended_sign_ins),
        Chore("staged_files", "uploads that nobody published", _abandoned, keep.staged_files),
        Chore(
            "removed_files",
            "removed files",
            lambda before, is_dry_run: records.drop_removed(files, before, is_dry_run=is_dry_run),
            keep.removed_files,
        ),
        Chore(
            "orphan_files",
            "files that no record names",
            lambda at, is_dry_run: records.collect_orphans(files, at, is_dry_run=is_dry_run),
        ),
        Chore(
            "orphan_packs",
            "files of packs that were never recorded",
            lambda at, is_dry_run: packs.collect_orphans(files, at, is_dry_run=is_dry_run),
            DAYS_OF_ORPHANS,
        ),
        Chore(
            "abandoned_snapshots",
            "snapshots that were never published",
            _in_transaction(
                lambda s, before: publisher.discard_abandoned(s, SNAPSHOTS, before=before)
            ),
            DAYS_OF_ORPHANS,
        ),
        Chore("mails", "mails sent long ago", _in_transaction(lambda s, _: outbox.forget_old(s))),
        Chore("job_runs", "ended runs", _in_transaction(_ended_runs), keep.job_runs),
        Chore(
            "addresses",
            "full network addresses",
            _in_transaction(lambda s, before: security.forget_addresses(s, before=before)),
            keep.full_addresses,
        ),
        Chore(
            "security_log",
            "entries of the security log",
            _in_transaction(lambda s, before: security.forget_old(s, before=before)),
            keep.security_log,
        ),
    )


def audit_log_holds(connection: Connection) -> list[str]:
    """Return what is wrong with the audit log of a restored database.

    Checked with this house's key and those of its anchors that the backup reaches.
    """
    head = tables.chain_head(connection)
    if head is None:
        return []
    known = verifying.anchors_in(Settings.from_env().anchors)
    with Session(bind=connection) as session:
        session.info["actor"] = acting.present()
        verdict = verifying.verify(session, [each for each in known if each.seq <= head.seq])
    return [f"audit log, event {fault.seq}: {fault.words}" for fault in verdict.faults[:3]]


# What must hold of a restored database beside its rows.
RESTORE_CHECKS: tuple[Check, ...] = (audit_log_holds,)


def forget_the_erased(restored: Restored) -> int:
    """Erase again, in a restored house, whoever was erased since the backup was made."""
    database = Database(restored.url, pool_size=1)
    try:
        with database.transaction() as session:
            return erasure.replay(session, Settings.from_env().instance)
    finally:
        database.dispose()


class _OnlyCounted(Exception):
    """Takes a dry run's changes back."""


def _in_transaction(work: Callable[[Session, datetime], int]) -> Work:
    """Return a chore that does its work in one transaction, taken back in a dry run."""

    def do(before: datetime, is_dry_run: bool) -> int:
        count = 0
        try:
            with db.transaction() as session:
                count = work(session, before)
                if is_dry_run:
                    raise _OnlyCounted
        except _OnlyCounted:
            pass
        return count

    return do


def _ended_sign_ins(before: datetime, is_dry_run: bool) -> int:
    def work(session: Session, _: datetime) -> int:
        there = _count(session)
        accounts.forget_old(session)
        return there - _count(session)

    return _in_transaction(work)(before, is_dry_run)


def _count(session: Session) -> int:
    return sum(
        session.scalar(select(func.count()).select_from(model)) or 0
        for model in (WebSession, OneTimeSecret)
    )


def _abandoned(before: datetime, is_dry_run: bool) -> int:
    """Discard staged imports that nobody came back to."""
    with db.reading() as session:
        waiting = list(
            session.scalars(
                select(SourceBatch.id)
                .where(SourceBatch.state == BatchState.STAGED, SourceBatch.created_at < before)
                .order_by(SourceBatch.id)
            )
        )
    if not is_dry_run:
        for batch_id in waiting:
            imports.discard(batch_id)
    return len(waiting)


def _ended_runs(session: Session, before: datetime) -> int:
    gone = session.execute(delete(JobRun).where(JobRun.finished_at < before).returning(JobRun.id))
    return len(gone.all())
