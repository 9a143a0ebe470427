"""All scenarios by name: what each proves, how often it runs, on which engines."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.faults import (
    databases,
    disk,
    full_files,
    imports,
    io_errors,
    killed_jobs,
    killed_packs,
    migrations,
    paused,
    proofs,
    schedulers,
)
from tests.faults.engines import NAMES, POSTGRESQL, SQLITE, Engine
from tests.faults.processes import ChildFailed
from tests.faults.report import Plan, Row, Skipped, Tally

KILLS = 200


@dataclass(frozen=True, slots=True)
class Scenario:
    """One line of the table: what happens, how often by default, how often in the suite."""

    name: str
    proves: str
    work: Callable[[Engine, Plan], Tally]
    runs: int = KILLS
    short_runs: int = 2
    engines: tuple[str, ...] = NAMES
    # The engines of the runs in the suite: one where the ledger decides and not the engine.
    # `make faults` plays all.
    short_engines: tuple[str, ...] = NAMES


SCENARIOS = (
    Scenario(
        "kill-import",
        "an import killed at any point is in whole or not at all; the file again settles it",
        imports.kill_import,
    ),
    Scenario(
        "same-file",
        "the same file sent five times at once goes in once, the others are told so",
        imports.same_file,
        runs=20,
        short_runs=1,
    ),
    Scenario(
        "kill-recompute",
        "a recompute killed at any point ends as if undisturbed; nobody sees half of it",
        killed_jobs.kill_recompute,
    ),
    Scenario(
        "kill-packs",
        "every file that a row names is whole and opens, whenever the batch was killed",
        killed_packs.kill_packs,
        short_engines=(SQLITE,),
    ),
    Scenario(
        "kill-scheduler",
        "a scheduler killed among its ticks leaves every period in the ledger exactly once",
        schedulers.kill_scheduler,
        short_engines=(SQLITE,),
    ),
    Scenario(
        "clocks",
        "each period once: both DST nights, leap day, year end, clock back 1 h, down 1 h to 40 d",
        schedulers.misled_clocks,
        runs=10,
        short_runs=9,
        short_engines=(SQLITE,),
    ),
    Scenario(
        "two-schedulers",
        "two schedulers and two workers at once for ten minutes run each slot once",
        schedulers.two_schedulers,
        runs=600,
        short_runs=5,
        short_engines=(POSTGRESQL,),
    ),
    Scenario(
        "five-schedulers",
        "five schedulers and five workers at once for ten minutes run each slot once",
        schedulers.five_schedulers,
        runs=600,
        short_runs=5,
        short_engines=(SQLITE,),
    ),
    Scenario(
        "pause",
        "a worker paused for longer than its lease writes nothing when it wakes up",
        paused.pause_shortly,
        runs=50,
        short_runs=1,
        short_engines=(SQLITE,),
    ),
    Scenario(
        "pause-90s",
        "the same with the lease as it is: paused for 90 s",
        paused.pause_90s,
        runs=15,
        short_runs=0,
    ),
    Scenario(
        "stop-worker",
        "a worker asked to end amid its job hands over; every step is taken once",
        paused.stop_worker,
        runs=50,
        short_runs=1,
        short_engines=(SQLITE,),
    ),
    Scenario(
        "kill-migration",
        "a migration killed at any point left the old schema or the new one; again ends it",
        migrations.kill_migration,
        runs=50,
        short_runs=1,
    ),
    Scenario(
        "lock-3s",
        "while another process holds the database for 3 s every request waits and succeeds",
        databases.lock_shortly,
        runs=10,
        short_runs=1,
    ),
    Scenario(
        "lock-30s",
        "a database held for 30 s is answered with E-SYS-02 within 12 s, then all goes on",
        databases.lock_long,
        runs=3,
        short_runs=1,
    ),
    Scenario(
        "pg-restart",
        "a server restarted at once, or connections cut, under load: back in 5 s, no half write",
        databases.restart_postgres,
        runs=20,
        short_runs=2,
        engines=(POSTGRESQL,),
    ),
    Scenario(
        "disk-full",
        "a full disk refuses with E-SYS-01, stores nothing by half, and recovers by itself",
        disk.disk_full,
        runs=50,
        short_runs=1,
    ),
    Scenario(
        "files-full",
        "a full disk under the stored files leaves no row without its whole file",
        full_files.files_full,
        runs=30,
        short_runs=1,
        short_engines=(SQLITE,),
    ),
    Scenario(
        "failing-writes",
        "1 % failed writes and 2 % failed syncs: every refusal has a code, nothing by half",
        io_errors.failing_writes,
        runs=300,
        short_runs=5,
        engines=(SQLITE,),
    ),
    Scenario(
        "backup",
        "a backup made under load restores, with all that was acknowledged before it began",
        proofs.backup_under_load,
        runs=10,
        short_runs=1,
    ),
    Scenario(
        "audit-tampering",
        "every tampering with the audit log is found with the anchor",
        proofs.tampered_log,
        runs=500,
        short_runs=10,
        short_engines=(SQLITE,),
    ),
)


def played(scenario: Scenario, engine: Engine, plan: Plan) -> Row:
    """Play a scenario and return its row."""
    began = time.monotonic()
    try:
        tally, skipped = scenario.work(engine, plan), ""
    except Skipped as reason:
        tally, skipped = Tally(), str(reason)
    except ChildFailed as failure:
        tally, skipped = Tally(), ""
        tally.fail("lost", f"a child that nobody killed failed: {failure}")
    return Row(scenario.name, engine.name, plan.seed, tally, time.monotonic() - began, skipped)
