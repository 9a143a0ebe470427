"""Killed migrations: the schema is the old one or the new one, and running it again ends it."""

from __future__ import annotations

import time

from sqlalchemy import create_engine, inspect

from tests.faults import processes, tasks
from tests.faults.engines import Engine, House
from tests.faults.report import Plan, Tally


def kill_migration(engine: Engine, plan: Plan) -> Tally:
    """Kill the migration of an empty database at a random point, then run it again."""
    tally, chance = Tally(), plan.chance()
    with engine.house("bare") as house:
        began = time.monotonic()
        processes.done(tasks.migrate, house.url)
        seconds, wanted = time.monotonic() - began, _schema(house)
    for _ in range(plan.runs):
        tally.runs += 1
        with engine.house("bare") as house:
            child = processes.start(tasks.migrate, house.url)
            child.kill(chance.uniform(0, 1.1) * seconds)
            house.wait_until_left()
            found = _schema(house)
            tally.counts["migrated" if found else "as before"] += 1
            if found and found != wanted:
                tally.fail("partial", f"{len(found)} of {len(wanted)} tables after the kill")
            processes.done(tasks.migrate, house.url)
            if _schema(house) != wanted:
                tally.fail("partial", "in the end the schema is not that of an undisturbed run")
            if not house.is_intact():
                tally.fail("partial", "the file is damaged")
    return tally


def _schema(house: House) -> dict[str, list[str]]:
    """Return the columns and indexes of every table."""
    engine = create_engine(house.url)
    try:
        found = inspect(engine)
        return {
            table: sorted(
                [str(column["name"]) for column in found.get_columns(table)]
                + [str(index["name"]) for index in found.get_indexes(table)]
            )
            for table in found.get_table_names()
        }
    finally:
        engine.dispose()
