"""The fault harness in short: a few runs of every scenario, by a fixed seed.

`make faults` plays the same scenarios at their full number.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults import engines
from tests.faults.engines import NAMES, Engine
from tests.faults.report import Plan
from tests.faults.scenarios import SCENARIOS, Scenario, played

SEED = 20261121
SHORT = [each for each in SCENARIOS if each.short_runs]


PLAYED = [
    pytest.param(name, each, id=f"{name}-{each.name}")
    for name in NAMES
    for each in SHORT
    if name in each.engines and name in each.short_engines
]


@pytest.fixture(scope="module")
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    try:
        with engines.opened(request.param) as opened:
            yield opened
    except LookupError as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize(("engine", "scenario"), PLAYED, indirect=["engine"])
def test_nothing_is_lost_doubled_or_half_done(engine: Engine, scenario: Scenario) -> None:
    row = played(scenario, engine, Plan(scenario.short_runs, SEED, is_short=True))
    if row.skipped:
        pytest.skip(row.skipped)
    assert row.verdict == "ok", "\n".join([row.as_json(), *row.tally.failures])
