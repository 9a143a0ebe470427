"""All scenarios by name: what each proves, how often it runs, on which engines."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.faults import imports
from tests.faults.engines import NAMES, Engine
from tests.faults.report import Plan, Row, Skipped, Tally

KILLS = 200


@dataclass(frozen=True, slots=True)
class Scenario:
    """One line of the table: what happens, how often by default, how often in the suite."""

    name: str
    proves: str
    work: Callable[[Engine, Plan], Tally]
    runs: int = KILLS
    short_runs: int = 3
    engines: tuple[str, ...] = NAMES


SCENARIOS = (
    Scenario(
        "kill-import",
        "an import killed at any point is in whole or not at all; the file again settles it",
        imports.kill_import,
    ),
)


def played(scenario: Scenario, engine: Engine, plan: Plan) -> Row:
    """Play a scenario and return its row."""
    began = time.monotonic()
    try:
        tally, skipped = scenario.work(engine, plan), ""
    except Skipped as reason:
        tally, skipped = Tally(), str(reason)
    return Row(scenario.name, engine.name, plan.seed, tally, time.monotonic() - began, skipped)
