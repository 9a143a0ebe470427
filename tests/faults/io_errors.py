"""Writes that fail now and then: each is told, nothing is stored by half, the rest goes on.

`fiu-run` (package fiu-utils) makes a share of the C library's writes and syncs fail in a
process of its own; a fork server can't be given it, so this one starts an interpreter.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

from app.base import acting
from app.base.errors import AppError
from app.base.pdf.files import write_file
from tests.faults import digests, files, processes, tasks
from tests.faults.engines import Engine, House
from tests.faults.processes import MARK
from tests.faults.report import Plan, Skipped, Tally

FAULTS = (
    ("posix/io/rw/pwrite", 0.01),
    ("posix/io/rw/write", 0.01),
    ("posix/io/sync/fsync", 0.02),
    ("posix/io/sync/fdatasync", 0.02),
)
MOST_TRIES = 60
LINES_PER_FILE = 40
WRITTEN = b"%PDF-1.7 " + bytes(100_000)
LONGEST_SECONDS = 900


def failing_writes(engine: Engine, plan: Plan) -> Tally:
    """Import files and store documents while 1 % of writes and 2 % of syncs fail.

    1. A process under `fiu-run` imports small files, each until it is in, and stores a
       document for each; it may also die of it and is started again.
    2. Every refusal has a code; what is stored is whole.
    3. In the end the facts equal those of an undisturbed import of the same files.
    """
    program = shutil.which("fiu-run")
    if program is None:
        raise Skipped("fiu-run is not installed: apt-get install -y fiu-utils")
    tally = Tally()
    sources = [str(_file(engine.folder, number)) for number in range(plan.runs)]
    with engine.house() as calm:
        for each in sources:
            processes.done(tasks.import_by_command, calm.url, each)
        wanted = digests.contents(calm.url, [digests.FACTS])
    with engine.house() as house:
        _disturbed(tally, program, house, sources)
        found = digests.contents(house.url, [digests.FACTS])
        if found.digest != wanted.digest:
            tally.fail("partial", f"in the end: {found.difference(wanted)}")
        if not house.is_intact():
            tally.fail("partial", "the file is damaged")
        _judge_stored(tally, house.folder / "files", len(sources))
    return tally


def _disturbed(tally: Tally, program: str, house: House, sources: list[str]) -> None:
    todo = list(sources)
    for _ in range(MOST_TRIES):
        if not todo:
            break
        report = house.folder / f"{uuid.uuid4().hex}.jsonl"
        subprocess.run(
            [
                *(program, "-x", *_rules(), sys.executable, "-m", "tests.faults.io_errors"),
                *(house.url, str(house.folder / "files"), str(report), *todo),
            ],
            env={**os.environ, MARK: uuid.uuid4().hex}, check=False, timeout=LONGEST_SECONDS,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        todo = _read(tally, report, todo)
    tally.runs += len(sources) - len(todo)
    if todo:
        tally.fail("lost", f"{len(todo)} files never went in")


def _read(tally: Tally, report: Path, todo: list[str]) -> list[str]:
    """Count what a process told; return what is left to do."""
    lines = report.read_text(encoding="utf-8").splitlines() if report.exists() else []
    told = [json.loads(line) for line in lines if line.endswith("}")]
    for each in told:
        tally.counts[each["what"]] += 1
        if each["what"] == "unclear":
            tally.fail("lost", f"an error without a code: {each['words']}")
    left = [
        each for each in todo if each not in {told_["file"] for told_ in told if told_["is_in"]}
    ]
    if left:
        tally.counts["processes that died"] += 1
    return left


def _judge_stored(tally: Tally, folder: Path, wanted: int) -> None:
    stored = list(folder.glob("*.pdf"))
    if len(stored) != wanted:
        tally.fail("lost", f"{len(stored)} of {wanted} documents are stored")
    if any(path.read_bytes() != WRITTEN for path in stored):
        tally.fail("partial", "a document is stored by half")


def _file(folder: Path, number: int) -> Path:
    return files.write_new(folder / f"part-{number}.csv", number, LINES_PER_FILE)


def _rules() -> list[str]:
    rules = []
    for name, probability in FAULTS:
        rules += ["-c", f"enable_random name={name},probability={probability}"]
    return rules


# The other side: it runs under fiu-run


def main(url: str, folder: str, report: str, *sources: str) -> None:
    """Import each file and store a document for it, until both are in."""
    acting.act_for_process(acting.system(tasks.BY))
    tasks.stop_clock()
    log = os.open(report, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for source in sources:
        while (said := _tried(url, source)) is not None:
            _tell(log, source, is_in=False, **said)
        while (said := _stored(Path(folder), source)) is not None:
            _tell(log, source, is_in=False, **said)
        _tell(log, source, is_in=True, what="in", words="")


def _tried(url: str, source: str) -> dict[str, str] | None:
    """Return how an import failed, or None when the file is in."""
    try:
        said = tasks.import_by_command(lambda *_: None, url, source)
    except Exception as error:  # noqa: BLE001 — counted as unclear
        return {"what": "unclear", "words": repr(error)[:300]}
    if isinstance(said, int) or said.startswith("E-IMP-15"):
        return None
    return {"what": f"refused {said.partition(' ')[0]}", "words": said}


def _stored(folder: Path, source: str) -> dict[str, str] | None:
    path = folder / f"{Path(source).stem}.pdf"
    try:
        write_file(WRITTEN, path)
    except AppError as error:
        return {"what": f"document refused {error.code}", "words": str(error)}
    except Exception as error:  # noqa: BLE001 — counted as unclear
        return {"what": "unclear", "words": repr(error)[:300]}
    return None


def _tell(log: int, source: str, **facts: object) -> None:
    line = json.dumps({"file": source, **facts}).encode() + b"\n"
    for _ in range(MOST_TRIES):
        try:
            os.write(log, line)
        except OSError:
            continue
        return


if __name__ == "__main__":
    main(*sys.argv[1:])
