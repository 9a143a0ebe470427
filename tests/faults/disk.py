"""A full disk: a clear refusal, nothing by half, and work as before when space returns."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
from psycopg import sql

from tests.faults import cluster, digests, engines, files, processes, tasks
from tests.faults.engines import SQLITE, Engine, House
from tests.faults.report import Plan, Skipped, Tally

DISK_BYTES = 48 * 1024 * 1024
BLOCK = 4096
FULL = "E-SYS-01"
TABLESPACE = "small"
# PostgreSQL leaves what it had extended; with less it can't even start to write.
LEAST_LEFT = 64 * 1024


def disk_full(engine: Engine, plan: Plan) -> Tally:
    """Import with less space than it takes; then free it, and the same process imports.

    1. An undisturbed import tells how much space it takes.
    2. A random part of that is left free. The import is refused with E-SYS-01 and nothing
       has changed, or it fits and is whole; the house can be read throughout.
    3. Space returns: the same process imports the file, and all is as undisturbed.
    """
    if engine.name == SQLITE:
        return _on_small_disk(engine, plan)
    # Nobody kills this server: that its writes reach the disk at once is not the matter.
    with cluster.opened(fsync="off") as own:
        twin = replace(engine, server=own.url, _templates={})
        tally = _on_small_disk(twin, plan)
        twin.drop()
    return tally


def _on_small_disk(engine: Engine, plan: Plan) -> Tally:
    tally, chance = Tally(), plan.chance()
    later = files.write_later(engine.folder / "later.csv")
    with small_disk() as disk:
        with _house_on(engine, disk) as house:
            before = digests.contents(house.url, [digests.FACTS])
            free = _free(disk)
            processes.done(tasks.import_by_command, house.url, str(later))
            needed = free - _free(disk)
            after = digests.contents(house.url, [digests.FACTS])
        for _ in range(plan.runs):
            tally.runs += 1
            left = LEAST_LEFT + round(chance.uniform(0, 0.9) * max(0, needed - LEAST_LEFT))
            with _house_on(engine, disk) as house:
                # A first connection lets PostgreSQL write what it can't live without.
                digests.contents(house.url, [digests.FACTS])
                fill(disk, left)
                _judge(tally, house, disk, later, before.digest, after.digest)
    return tally


def _judge(tally: Tally, house: House, disk: Path, later: Path, before: str, after: str) -> None:
    freed = house.folder.parent / f"{uuid.uuid4().hex}.freed"
    with processes.running(tasks.import_twice, house.url, str(later), str(freed)) as child:
        tried = child.wait_for("tried")
        said = None if tried is None else tried[1]
        found = digests.contents(house.url, [digests.FACTS]).digest
        tally.counts["refused" if isinstance(said, str) else "fitted"] += 1
        if isinstance(said, str) and not said.startswith(FULL):
            tally.fail("lost", f"refused by other words: {said}")
        if found != (before if isinstance(said, str) else after):
            tally.fail("partial", f"after {said!r} the facts are neither old nor new")
        ballast(disk).unlink()
        freed.touch()
        again = child.result()
    freed.unlink()
    if isinstance(said, str) and isinstance(again, str):
        tally.fail("lost", f"with space again: {again}")
    if digests.contents(house.url, [digests.FACTS]).digest != after:
        tally.fail("partial", "in the end the facts differ from the undisturbed")
    if not house.is_intact():
        tally.fail("partial", "the file is damaged")


@contextmanager
def _house_on(engine: Engine, disk: Path) -> Iterator[House]:
    """Yield a fresh house that lies on the small disk."""
    if engine.name == SQLITE:
        with replace(engine, folder=disk, _templates=engine.stocked()).house() as house:
            yield house
        return
    with (
        engine.house() as house,
        psycopg.connect(engines.plain(engine.server), autocommit=True) as connection,
    ):
        with contextlib.suppress(psycopg.errors.DuplicateObject):
            connection.execute(
                sql.SQL("CREATE TABLESPACE {} LOCATION {}").format(
                    sql.Identifier(TABLESPACE), sql.Literal(str(_given_to_server(disk)))
                )
            )
        moved = sql.SQL("ALTER DATABASE {} SET TABLESPACE {}")
        connection.execute(
            moved.format(sql.Identifier(house.folder.name), sql.Identifier(TABLESPACE))
        )
        yield house


def _given_to_server(disk: Path) -> Path:
    folder = disk / "tablespace"
    folder.mkdir(exist_ok=True)
    owner = cluster.unprivileged()
    disk.chmod(0o755)
    os.chown(folder, owner["user"], owner["group"])
    return folder


@contextmanager
def small_disk() -> Iterator[Path]:
    """Yield a mounted file system of a few megabytes, as only root can."""
    if os.geteuid() != 0:
        raise Skipped("a small disk is mounted as root; run make faults as root for this one")
    folder = Path(tempfile.mkdtemp(prefix="mainstay-disk-"))
    folder.chmod(0o755)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=755", "tmpfs", str(folder)],  # noqa: S607
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if mounted.returncode:
        folder.rmdir()
        raise Skipped(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S607
        folder.rmdir()


def _free(disk: Path) -> int:
    return shutil.disk_usage(disk).free


def fill(disk: Path, left: int) -> None:
    """Take all space but some bytes."""
    with ballast(disk).open("wb") as file:
        for _ in range(max(0, _free(disk) - left) // BLOCK):
            file.write(bytes(BLOCK))


def ballast(disk: Path) -> Path:
    """Return the file that takes a disk's space."""
    return disk / "ballast"
