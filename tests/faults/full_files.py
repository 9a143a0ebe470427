"""A full disk under the stored files: no row without its file; the rest when space returns."""

from __future__ import annotations

from pathlib import Path

from tests.faults import disk, killed_packs, pack_tasks, processes
from tests.faults.engines import Engine, House
from tests.faults.killed_packs import Calm
from tests.faults.report import Plan, Tally

FULL = "E-SYS-01"


def files_full(engine: Engine, plan: Plan) -> Tally:
    """Print a batch with less space than it takes; free it, and print the rest.

    1. What fits is stored and whole, the rest is refused with E-SYS-01 and has no row.
    2. With space again the same batch, asked for again, makes what was missing.
    """
    tally, chance = Tally(), plan.chance()
    calm = killed_packs.undisturbed(engine, is_real=False)
    with disk.small_disk() as small:
        for _ in range(plan.runs):
            tally.runs += 1
            with engine.house("scored") as house:
                (small / "files").mkdir()
                (house.folder / "files").symlink_to(small / "files")
                disk.fill(small, round(chance.uniform(0, 0.9) * calm.bytes))
                _judge_full(tally, house, calm)
                disk.ballast(small).unlink()
                state = processes.done(pack_tasks.print_batch, *_asked(house, calm, "again"))
                if state != "succeeded":
                    tally.fail("lost", f"with space again the batch ended as {state}")
                killed_packs.judge_files(tally, house, "with space again")
                killed_packs.judge_packs(tally, house, calm)
                _clear(small / "files")
    return tally


def _judge_full(tally: Tally, house: House, calm: Calm) -> None:
    child = processes.start(pack_tasks.print_batch, *_asked(house, calm, "full"))
    child.process.join()
    child.end()
    failed = child.said("failed")
    told = child.said("done")
    tally.counts[f"ended as {told[1] if told else failed and failed[1]}"] += 1
    if failed is not None and failed[1] != FULL:
        tally.fail("lost", f"refused by other words: {failed}")
    if told is not None and told[1] not in ("partial", "succeeded"):
        tally.fail("lost", f"the batch ended as {told[1]}")
    killed_packs.judge_files(tally, house, "on the full disk")
    stored = processes.done(pack_tasks.kept, house.url, str(house.folder))
    tally.counts["stored on the full disk"] += len(stored)
    places = {str(Path(place).resolve()) for _, _, _, place in stored}
    lying = {str(path) for path in (house.folder / "files").resolve().rglob("*") if path.is_file()}
    if stray := lying - places:
        tally.fail("partial", f"files without a row: {sorted(stray)[:3]}")


def _asked(house: House, calm: Calm, period: str) -> tuple[str, str, list[int], bool, str]:
    return house.url, str(house.folder), calm.supplier_ids, False, period


def _clear(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    folder.rmdir()
