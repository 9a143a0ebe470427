"""Housekeeping: remove what has served its time, and say how much of what.

Knows no feature: each chore is handed in by who composes them, with how long its things
are kept. A dry run counts and removes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from app.base import clock, db, formatting
from app.base.errors import AppError
from app.base.logging import event

log = logging.getLogger(__name__)

# Removes (or, in a dry run, counts) what is older than a moment.
Work = Callable[[datetime, bool], int]
Report = dict[str, Any]  # Any: JSON


class Watched(Protocol):
    """Who is told how far the work is and what could not be done (a job's run)."""

    def progress(self, done: int, total: int | None = None) -> None:
        """Note progress."""

    def item_failed(self, item: str, error: BaseException) -> None:
        """Note that one chore could not be done."""


@dataclass(frozen=True, slots=True)
class Chore:
    """One thing to tidy.

    name: stable, for the report. words: what is counted, in the plural. work: does it.
    days: how long its things are kept; 0 where they are over by themselves.
    """

    name: str
    words: str
    work: Work
    days: int = 0


def tidy(
    chores: Sequence[Chore], *, is_dry_run: bool = False, run: Watched | None = None
) -> Report:
    """Do all chores, each by itself: one that fails does not keep the others from being done."""
    now = clock.now()
    counts: dict[str, int] = {}
    failed: dict[str, str] = {}
    for number, chore in enumerate(chores, 1):
        try:
            counts[chore.name] = chore.work(now - timedelta(days=chore.days), is_dry_run)
        except (AppError, OSError) as error:
            failed[chore.name] = str(error)
            if run is not None:
                run.item_failed(chore.name, error)
        if run is not None:
            run.progress(number, len(chores))
    event(log, "housekeeping.done", dry_run=is_dry_run, counts=counts, failed=failed)
    return {
        "summary": _summary(chores, counts, failed, is_dry_run=is_dry_run),
        "is_dry_run": is_dry_run,
        "counts": counts,
        "failed": failed,
        "is_partial": bool(failed),
    }


def shorten_log() -> None:
    """Write SQLite's log back into its file and cut it; nothing to do elsewhere."""
    database = db.current()
    if not database.is_sqlite:
        return
    with database.write_engine.connect() as connection:
        line = connection.connection.driver_connection
        assert line is not None  # noqa: S101 — it was just opened
        # Outside of any transaction; a busy log is cut by the next one.
        line.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _summary(
    chores: Sequence[Chore],
    counts: dict[str, int],
    failed: dict[str, str],
    *,
    is_dry_run: bool,
) -> str:
    words = {chore.name: chore.words for chore in chores}
    told = [f"{formatting.number(n)} {words[name]}" for name, n in counts.items() if n]
    done = "Would remove" if is_dry_run else "Removed"
    said = f"{done} {', '.join(told)}." if told else "Nothing was due."
    if failed:
        said += f" Not done: {', '.join(words[name] for name in failed)}."
    return said
