"""Killed jobs: the next worker goes on where the last one was, and nobody can tell after."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import create_engine, text

from tests.faults import digests, job_tasks, processes
from tests.faults.digests import Contents
from tests.faults.engines import Engine, House
from tests.faults.processes import Child
from tests.faults.report import Plan, Tally

# A share of the runs dies twice.
TWICE = 0.25
# A little beyond the end: what was committed but never acknowledged is part of the matter.
LATEST = 1.1
SEEN = """
SELECT count(*) FROM scorecard_snapshot AS s JOIN publication AS p ON p.id = s.publication_id
WHERE p.published_at IS NOT NULL
"""
Task = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """What a run gave that nobody killed, how many are seen, how long it took."""

    contents: Contents
    seen: int
    seconds: float


def kill_recompute(engine: Engine, plan: Plan) -> Tally:
    """Kill a recompute at a random point, some twice; let the next worker end it.

    1. Right after the kill readers see all of the publication or nothing of it.
    2. The lease runs out, the next worker claims the run and goes on.
    3. Scores, indexes and verdicts equal those of an undisturbed run; the ledger has one row.
    """
    chance, tally = plan.chance(), Tally()
    calm = _undisturbed(engine, runs=plan.measured_runs)
    for _ in range(plan.runs):
        tally.runs += 1
        with engine.house() as house:
            for _ in range(2 if chance.random() < TWICE else 1):
                child = _killed(house, chance.uniform(0, LATEST) * calm.seconds)
                tally.counts["killed" if child.said("done") is None else "had ended"] += 1
                if (seen := asked(house, SEEN)) not in (0, calm.seen):
                    tally.fail("partial", f"{seen} of {calm.seen} scorecards are seen")
                expire_leases(house)
            _judge(tally, house, calm)
    return tally


def _judge(tally: Tally, house: House, calm: Undisturbed) -> None:
    state = processes.done(job_tasks.recompute, house.url, str(house.folder))
    if state != "succeeded":
        tally.fail("lost", f"the run ended as {state}")
    found = _contents(house)
    if found.digest != calm.contents.digest:
        tally.fail("partial", f"in the end: {found.difference(calm.contents)}")
    judge_ledger(tally, house)
    tally.counts["resumed"] += asked(house, "SELECT count(resumed_at) FROM job_run")


def judge_ledger(tally: Tally, house: House) -> None:
    """Hold the ledger to one row per period, closed."""
    runs = asked(house, "SELECT count(*) FROM job_run")
    if runs != 1:
        tally.fail("doubled" if runs > 1 else "lost", f"{runs} rows in the ledger")
    if asked(house, "SELECT count(*) FROM job_run WHERE lease_until IS NOT NULL"):
        tally.fail("partial", "a lease is still held")


def _killed(house: House, after: float) -> Child:
    child = processes.start(job_tasks.recompute, house.url, str(house.folder))
    child.wait_for("begun")
    child.kill(after)
    house.wait_until_left()
    return child


def _undisturbed(engine: Engine, *, runs: int) -> Undisturbed:
    seconds = []
    for _ in range(runs):
        with engine.house() as house:
            child = processes.start(job_tasks.recompute, house.url, str(house.folder))
            child.wait_for("begun")
            began = time.monotonic()
            child.result()
            seconds.append(time.monotonic() - began)
            contents, seen = _contents(house), asked(house, SEEN)
    assert seen > 0, "an undisturbed recompute published nothing"
    return Undisturbed(contents, seen, sorted(seconds)[runs // 2])


def _contents(house: House) -> Contents:
    return digests.contents(house.url, [digests.FACTS, digests.JUDGEMENTS])


def expire_leases(house: House) -> None:
    """Let the time pass that a dead worker's lease still has."""
    change(house, "UPDATE job_run SET lease_until = '2000-01-01' WHERE state = 'running'")
    change(house, "UPDATE job_run SET next_at = NULL WHERE state = 'queued'")


def asked(house: House, statement: str) -> int:
    """Return the one number that a statement asks for."""
    engine = create_engine(house.url)
    try:
        with engine.connect() as connection:
            return int(connection.scalar(text(statement)) or 0)
    finally:
        engine.dispose()


def change(house: House, statement: str) -> None:
    """Change rows past the product."""
    engine = create_engine(house.url)
    try:
        with engine.begin() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()
