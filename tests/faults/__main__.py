"""`make faults`: play the scenarios, print the table, keep a line of JSON for each."""

from __future__ import annotations

import argparse
import os
import secrets
import sys

from app.base import acting
from tests import postgres
from tests.faults import engines, report, tasks
from tests.faults.report import Plan, Row
from tests.faults.scenarios import SCENARIOS, Scenario, played


def main() -> int:
    """Play what was asked for; return 0 when nothing failed."""
    given = _arguments()
    # Numeric libraries start threads of their own, and a process with threads forks badly.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    acting.act_for_process(acting.system("fault harness"))
    tasks.CHILDREN_LOG.unlink(missing_ok=True)
    print(report.head(), flush=True)
    rows: list[Row] = []
    try:
        for engine in given.engine.split(","):
            rows += _on(engine, _wanted(given.only), given)
    finally:
        postgres.stop_cluster()
    for row in rows:
        for words in row.tally.failures:
            print(f"{row.scenario} on {row.engine}, seed {row.seed}: {words}")
        if row.skipped:
            print(f"{row.scenario} on {row.engine} SKIPPED: {row.skipped}")
    return int(any(row.verdict == "failed" for row in rows))


def _on(name: str, scenarios: list[Scenario], given: argparse.Namespace) -> list[Row]:
    rows = []
    with engines.opened(name) as engine:
        for scenario in scenarios:
            if name not in scenario.engines:
                continue
            seed = given.seed if given.seed is not None else secrets.randbelow(1_000_000)
            row = played(scenario, engine, Plan(given.runs or scenario.runs, seed))
            report.keep(row)
            print(row.as_line(), flush=True)
            rows.append(row)
    return rows


def _wanted(only: str) -> list[Scenario]:
    names = [name for name in only.split(",") if name]
    unknown = set(names) - {each.name for each in SCENARIOS}
    if unknown:
        known = ", ".join(each.name for each in SCENARIOS)
        raise SystemExit(f"faults: no scenario {', '.join(sorted(unknown))}; known: {known}")
    return [each for each in SCENARIOS if not names or each.name in names]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--only", default="", help="scenarios, comma-separated; default: all")
    parser.add_argument("--runs", type=int, help="runs of each, in place of its own number")
    parser.add_argument("--engine", default=",".join(engines.NAMES), help="sqlite,postgresql")
    parser.add_argument("--seed", type=int, help="the seed of the random points; default: any")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
