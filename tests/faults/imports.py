"""Killed imports: whenever the process dies, the file is in whole or not at all."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, text

from tests.faults import digests, files, processes, tasks
from tests.faults.digests import Contents
from tests.faults.engines import Engine, House
from tests.faults.report import Plan, Tally

DOORS = (tasks.import_by_command, tasks.import_by_web)
# A little beyond the end: what was committed but never acknowledged is part of the matter.
LATEST = 1.1
ALREADY = "E-IMP-15"
AT_ONCE = 5
# Imported already; or the staged rows went because the same person sent the same file again.
CLEAR = (ALREADY, "E-IMP-24")


@dataclass(frozen=True, slots=True)
class Oracle:
    """What undisturbed runs gave: contents before and after, and how long a run takes."""

    before: Contents
    after: Contents
    seconds: float


def kill_import(engine: Engine, plan: Plan) -> Tally:
    """Kill an import at a random point, look, then send the same file again.

    1. Right after the kill the facts are those before or those after, nothing between.
    2. What was acknowledged is there.
    3. The same file again is refused as imported where it had committed, else goes in.
    4. In the end the facts equal those of an undisturbed import, and staging is empty.
    """
    chance, tally = plan.chance(), Tally()
    file = files.write_later(engine.folder / "later.csv")
    oracles = [_oracle(engine, door, file, runs=plan.measured_runs) for door in DOORS]
    for number in range(plan.runs):
        tally.runs += 1
        door, oracle = DOORS[number % 2], oracles[number % 2]
        with engine.house() as house:
            child = processes.start(door, house.url, str(file))
            child.wait_for("begun")
            child.kill(chance.uniform(0, LATEST) * oracle.seconds)
            house.wait_until_left()
            _judge(tally, house, oracle, file, is_acknowledged=child.said("done") is not None)
    return tally


def same_file(engine: Engine, plan: Plan) -> Tally:
    """Import the same file five times at once: it goes in once, the others are told so."""
    tally = Tally()
    file = files.write_later(engine.folder / "later.csv")
    oracle = _oracle(engine, DOORS[0], file, runs=1)
    for number in range(plan.runs):
        tally.runs += 1
        with engine.house() as house, ExitStack() as stack:
            children = []
            for each in range(AT_ONCE):
                # One person in five windows, or five persons.
                by = tasks.BY if number % 2 else f"{tasks.BY} {each}"
                asked = (DOORS[each % 2], house.url, str(file), by)
                children.append(stack.enter_context(processes.running(*asked)))
            said = [child.result() for child in children]
            refused = [each for each in said if isinstance(each, str)]
            tally.counts.update(each.partition(" ")[0] for each in refused)
            if len(refused) != AT_ONCE - 1:
                tally.fail("doubled", f"{AT_ONCE - len(refused)} went in: {said}")
            if unclear := [each for each in refused if not each.startswith(CLEAR)]:
                tally.fail("lost", f"refused by other words: {unclear[0]}")
            found = _facts(house)
            if found.digest != oracle.after.digest:
                tally.fail(_kind(found, oracle.after), str(found.difference(oracle.after)))
    return tally


def _judge(
    tally: Tally, house: House, oracle: Oracle, file: Path, *, is_acknowledged: bool
) -> None:
    found = _facts(house)
    is_in = found.digest == oracle.after.digest
    tally.counts["committed" if is_in else "not committed"] += 1
    tally.counts["acknowledged"] += is_acknowledged
    if not is_in and found.digest != oracle.before.digest:
        tally.fail("partial", f"after the kill: {found.difference(oracle.before)}")
    if is_acknowledged and not is_in:
        tally.fail("lost", "an acknowledged import is not there")
    _judge_again(tally, house, oracle, file, is_in=is_in)


def _judge_again(tally: Tally, house: House, oracle: Oracle, file: Path, *, is_in: bool) -> None:
    """Send the file again and hold the house to the undisturbed one."""
    said = processes.done(tasks.import_by_command, house.url, str(file))
    was_refused = isinstance(said, str)
    if was_refused != is_in or (was_refused and not said.startswith(ALREADY)):
        tally.fail("doubled" if is_in else "lost", f"the file again: {said}")
    found = _facts(house)
    if found.digest != oracle.after.digest:
        tally.fail(_kind(found, oracle.after), f"in the end: {found.difference(oracle.after)}")
    left = _left_behind(house)
    if left:
        tally.fail("partial", f"left behind: {left}")
    if not house.is_intact():
        tally.fail("partial", "the file is damaged")


def _kind(found: Contents, wanted: Contents) -> str:
    """Say whether rows are missing, too many, or only different."""
    differences = found.difference(wanted).values()
    more, fewer = sum(a for a, _ in differences), sum(b for _, b in differences)
    if more == fewer:
        return "partial"
    return "doubled" if more > fewer else "lost"


def _oracle(engine: Engine, door: object, file: Path, *, runs: int) -> Oracle:
    seconds = []
    for _ in range(runs):
        with engine.house() as house:
            before = _facts(house)
            child = processes.start(door, house.url, str(file))  # type: ignore[arg-type] # a door
            child.wait_for("begun")
            began = time.monotonic()
            said = child.result()
            seconds.append(time.monotonic() - began)
            assert isinstance(said, int), said
            after = _facts(house)
    return Oracle(before, after, sorted(seconds)[runs // 2])


def _facts(house: House) -> Contents:
    return digests.contents(house.url, [digests.FACTS])


def _left_behind(house: House) -> dict[str, int]:
    """Return what staging still holds, and batches that are neither in nor discarded."""
    counted = {
        "staged rows": "SELECT count(*) FROM staged_delivery",
        "staged keys": "SELECT count(*) FROM staged_key",
        "staged files": "SELECT count(*) FROM staged_file",
        "open batches": "SELECT count(*) FROM source_batch WHERE state = 'staged'",
    }
    engine = create_engine(house.url)
    try:
        with engine.connect() as connection:
            found = {name: connection.scalar(text(sql)) or 0 for name, sql in counted.items()}
            published = connection.scalar(
                text("SELECT count(*) FROM source_batch WHERE state = 'published'")
            )
    finally:
        engine.dispose()
    if published != 2:
        found["published batches that are not two"] = int(published or 0)
    return {name: count for name, count in found.items() if count}
