"""`python -m bench`: build a house of the asked size on both engines and print the table.

Every figure is the median of three repetitions in a fresh process, with that process's
peak memory beside it. Compare figures of one run only: machines differ, and drift. How much
slower than at its best this one was stands beside each as its pace, see `bench.pace`.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.base import acting, migrating
from app.base.db import Database
from bench import agreements, house, pace, packs, tasks
from bench.house import Size

BUILD = Path(__file__).resolve().parents[1] / "build" / "bench"
KIB_IN_MB = 1024
ENGINES = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: what, its target where one is set, in the unit of `unit`."""

    name: str
    title: str
    unit: str
    targets: dict[str, float]


JUDGING = "judge"
ROWS = (
    Row(JUDGING, "judge all lines from facts, build the roll-up", "s", {}),
    Row("rebuild", "rebuild the whole roll-up from judged lines", "s", {"sqlite": 30}),
    Row("aggregate", "aggregate all suppliers, 12 months", "s", {"sqlite": 0.3, "postgresql": 0.3}),
    Row("aggregate_p90", "the same with percentiles", "s", {"sqlite": 2.5, "postgresql": 2.5}),
    Row("straight", "the same sums straight from the lines, one statement", "s", {}),
    Row("loop", "a query per supplier and measure, extrapolated", "s", {}),
    Row("snapshots", "complete written snapshots of all suppliers", "s", {"sqlite": 6}),
    Row("index", "risk index of all suppliers: evidence, six dimensions, written", "s",
        {"sqlite": 30}),
    Row("index_ranges", "ranges of all risk indexes, 2,000 draws, kept", "s", {}),
    Row("ranges", "sampling ranges of all scores, sums read", "s", {}),
    Row("history", "12 past months again by another method", "s", {"sqlite": 20}),
    Row("day", "one day's lines, judged and rolled up", "s", {"sqlite": 0.6, "postgresql": 0.4}),
    Row("screening", "screen all names against 14,965 entries", "s",
        {"sqlite": 60, "postgresql": 60}),
    Row("import_csv", "CSV import end to end", "lines/s", {"sqlite": 25_000}),
)  # fmt: skip


def main() -> None:
    """Measure what was asked for and print the table."""
    given = _arguments()
    acting.act_for_process(acting.system("bench"))
    if given.task:
        _measure_here(given.task, given.url, Size.of(given.size))
        return
    BUILD.mkdir(parents=True, exist_ok=True)
    for engine in given.engines.split(","):
        with _house(engine, given.size, is_ruled=given.ruled) as url:
            _print_engine(engine, url, given.size, given.only)
    if not given.only:
        _print_packs(given.size)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--size", type=float, default=1.0, help="1 is 10,000 suppliers, 5 M lines")
    parser.add_argument("--engines", default=",".join(ENGINES), help="sqlite,postgresql")
    parser.add_argument("--only", default="", help="rows to measure, comma-separated")
    parser.add_argument(
        "--ruled", action="store_true", help="with delivery rules, calendars and coded misses"
    )
    parser.add_argument("--task", help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    return parser.parse_args()


def _print_engine(engine: str, url: str, size: float, only: str) -> None:
    wanted = only.split(",") if only else [row.name for row in ROWS]
    measured: dict[str, float] = {}
    print(f"\n{engine}, {Size.of(size).suppliers:,} suppliers, {Size.of(size).lines:,} lines")
    if JUDGING not in wanted:
        # Every other row reads verdicts and roll-up; of an empty house they would tell nothing.
        _in_a_process(JUDGING, url, size)
    for row in ROWS:
        if row.name not in wanted:
            continue
        seconds, peak, slower = _in_a_process(row.name, url, size)
        measured[row.name] = value = 1 / seconds if row.unit == "lines/s" else seconds
        print(f"{_line(row, engine, value, peak)}   pace {slower:.1f}", flush=True)
    for slow in ("straight", "loop"):
        if {slow, "aggregate"} <= measured.keys():
            ratio = measured[slow] / measured["aggregate"]
            print(f"  the roll-up is {ratio:,.0f} × as fast as “{slow}”")


def _line(row: Row, engine: str, value: float, peak_mb: float) -> str:
    figure = f"{value:,.0f}" if row.unit == "lines/s" else f"{value:,.2f}"
    target = row.targets.get(engine)
    sign = "≥" if row.unit == "lines/s" else "≤"
    goal = "" if target is None else f"{sign} {target:,g}"
    return f"  {row.title:54} {figure:>10} {row.unit:8} {goal:>9}   peak {peak_mb:,.0f} MB"


def _print_packs(size: float) -> None:
    print("\nprinting, one process")
    for row in packs.run(min(size, 1.0)):
        print(
            f"  {row.name:54} {row.rate:>10,.1f} {row.unit:12} ≥ {row.target:g}"
            f"   peak {row.peak_mb:,.0f} MB"
        )


def _in_a_process(task: str, url: str, size: float) -> tuple[float, float, float]:
    """Measure one row in a process of its own: its peak memory is its own too."""
    best = pace.best()
    done = subprocess.run(  # noqa: S603 # our own module
        [sys.executable, "-m", "bench", "--task", task, "--url", url, "--size", str(size)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "DATABASE_URL": url, "MAINSTAY_INSTANCE": str(BUILD / "instance")},
    )
    found = json.loads(done.stdout.splitlines()[-1])
    return statistics.median(found["seconds"]), found["peak_mb"], found["probe"] / best


def _measure_here(task: str, url: str, size: Size) -> None:
    if task == "import_csv":
        from app.factory import create_app
        from config import Settings

        create_app(Settings.from_env())
    with tasks.bound(url) as database:
        work = getattr(tasks, task)
        seconds = work(database, size, BUILD) if task == "import_csv" else work(database, size)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_IN_MB
    print(json.dumps({"seconds": seconds, "peak_mb": peak, "probe": pace.seen()}))


@contextmanager
def _house(engine: str, size: float, *, is_ruled: bool) -> Iterator[str]:
    """Yield the URL of a migrated house, built for this run and removed after it."""
    print(f"building the house on {engine} …", file=sys.stderr, flush=True)
    if engine == "sqlite":
        file = BUILD / "house.sqlite3"
        _remove(file)
        yield _built(f"sqlite:///{file}", size, is_ruled=is_ruled)
        _remove(file)
        return
    from tests import postgres

    if postgres.newest_binaries() and not os.environ.get(postgres.GIVEN):
        postgres.start_cluster(is_like_production=True)
    server = postgres.cluster_url()
    if server is None:
        raise SystemExit(f"bench: {postgres.missing_reason()}")
    try:
        yield _built(postgres.create_database(server, "bench"), size, is_ruled=is_ruled)
        postgres.drop_database(server, "bench")
    finally:
        postgres.stop_cluster()


def _built(url: str, size: float, *, is_ruled: bool) -> str:
    database = Database(url)
    migrating.upgrade(database)
    house.build(database, Size.of(size))
    if is_ruled:
        agreements.agree(database, Size.of(size))
    database.dispose()
    return url


def _remove(file: Path) -> None:
    for each in file.parent.glob(file.name + "*"):
        each.unlink()
    shutil.rmtree(BUILD / "instance", ignore_errors=True)


if __name__ == "__main__":
    main()
