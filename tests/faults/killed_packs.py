"""Killed pack batches: every file that a row names is whole, every supplier has its one pack."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pikepdf

from tests.faults import killed_jobs, pack_tasks, processes
from tests.faults.engines import Engine, House
from tests.faults.report import Plan, Tally

# Printing through processes of its own takes seconds to start: one run of so many does.
REAL_EVERY = 50
IDS = "SELECT id FROM supplier ORDER BY id LIMIT 1 OFFSET {}"


@dataclass(frozen=True, slots=True)
class Calm:
    """What an undisturbed batch made: content by supplier, how long it took, how large it is."""

    packs: dict[int, str]
    supplier_ids: list[int]
    seconds: float
    bytes: int = 0


def kill_packs(engine: Engine, plan: Plan) -> Tally:
    """Kill a batch of packs at a random point, let the next worker end it.

    1. Right after the kill every file that a row names is there, whole, and opens.
    2. In the end every supplier has one pack, with the content of an undisturbed batch.
    3. After the collector nothing lies in the folder that no row knows.
    """
    tally, chance = Tally(), plan.chance()
    calm: dict[bool, Calm] = {}
    for number in range(plan.runs):
        tally.runs += 1
        is_real = number % REAL_EVERY == REAL_EVERY - 1
        if is_real not in calm:
            calm[is_real] = undisturbed(engine, is_real=is_real)
        asked = calm[is_real]
        with engine.house("scored") as house:
            child = processes.start(pack_tasks.print_batch, *_of(house, asked, is_real))
            child.wait_for("begun")
            child.kill(chance.uniform(0, killed_jobs.LATEST) * asked.seconds)
            house.wait_until_left()
            tally.counts["killed" if child.said("done") is None else "had ended"] += 1
            judge_files(tally, house, "after the kill")
            killed_jobs.expire_leases(house)
            state = processes.done(pack_tasks.print_batch, *_of(house, asked, is_real))
            if state != "succeeded":
                tally.fail("lost", f"the batch ended as {state}")
            judge_files(tally, house, "in the end")
            judge_packs(tally, house, asked)
            killed_jobs.judge_ledger(tally, house)
    return tally


def _of(house: House, calm: Calm, is_real: bool) -> tuple[str, str, list[int], bool]:
    return house.url, str(house.folder), calm.supplier_ids, is_real


def judge_files(tally: Tally, house: House, when: str) -> None:
    """Hold every row to its file."""
    for _, _, sha256, path in processes.done(pack_tasks.kept, house.url, str(house.folder)):
        file = Path(path)
        if not file.exists():
            tally.fail("lost", f"{when}: the file of a pack is not there")
            continue
        content = file.read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            tally.fail("partial", f"{when}: a file is not what its row says")
        with pikepdf.open(file) as document:
            if not document.pages:
                tally.fail("partial", f"{when}: a file without a page")


def judge_packs(tally: Tally, house: House, calm: Calm) -> None:
    """Hold the packs to those of the undisturbed batch, and the folder to the packs."""
    packs = processes.done(pack_tasks.kept, house.url, str(house.folder))
    have = Counter(supplier_id for supplier_id, _, _, _ in packs)
    if doubled := [each for each, n in have.items() if n > 1]:
        tally.fail("doubled", f"suppliers {doubled} have more than one pack")
    if missing := set(calm.packs) - set(have):
        tally.fail("lost", f"suppliers {sorted(missing)} have none")
    if any(calm.packs[supplier_id] != content for supplier_id, content, _, _ in packs):
        tally.fail("partial", "a pack's content differs from the undisturbed one")
    tally.counts["orphans collected"] += processes.done(
        pack_tasks.collect, house.url, str(house.folder)
    )
    folder = (house.folder / "files").resolve()
    left = {str(path) for path in folder.rglob("*") if path.is_file()}
    if stray := left - {str(Path(path).resolve()) for _, _, _, path in packs}:
        tally.fail("partial", f"the collector left {sorted(stray)[:3]}")


def undisturbed(engine: Engine, *, is_real: bool) -> Calm:
    """Return what a batch makes that nobody disturbs."""
    with engine.house("scored") as house:
        ids = [killed_jobs.asked(house, IDS.format(n)) for n in range(pack_tasks.SUPPLIERS)]
        calm = Calm({}, ids, 0.0)
        child = processes.start(pack_tasks.print_batch, *_of(house, calm, is_real))
        child.wait_for("begun")
        began = time.monotonic()
        child.result()
        seconds = time.monotonic() - began
        kept = processes.done(pack_tasks.kept, house.url, str(house.folder))
        size = sum(Path(place).stat().st_size for _, _, _, place in kept)
    assert len(kept) == pack_tasks.SUPPLIERS, kept
    return Calm({supplier: content for supplier, content, _, _ in kept}, ids, seconds, size)
