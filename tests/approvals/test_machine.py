"""No order of steps reaches what is forbidden.

The suite takes a short walk; the long one of 500 runs with 50 steps is

    APPROVAL_RUNS=500 make test ARGS="tests/approvals/test_machine.py -s"

with `APPROVAL_SEED` for another one than 7. Each walk prints one line of JSON.
"""

from __future__ import annotations

import json
import os

import pytest

from app.base.db import Database
from tests.approvals import machine

RUNS = int(os.environ.get("APPROVAL_RUNS", "12"))
SEED = int(os.environ.get("APPROVAL_SEED", "7"))
STEPS = 50


def test_no_forbidden_transition_in_any_order_of_steps(database: Database) -> None:
    found = machine.run(runs=RUNS, steps=STEPS, seed=SEED)
    line = {
        "scenario": "approvals",
        "engine": "sqlite" if database.is_sqlite else "postgresql",
        "seed": SEED,
        "runs": found["runs"],
        "steps": STEPS,
        "forbidden": 0,
        "ends": {step: n for step, n in sorted(found.items()) if ":" in step},
    }
    print(json.dumps(line))
    assert found["runs"] >= RUNS
    assert found["decide: done"] > 0


def test_the_model_finds_a_broken_rule(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.platform.approvals import eligibility

    real = eligibility.standing_of

    def lenient(person_id: int, **given: object) -> eligibility.Standing:
        return real(person_id, **(given | {"writers": ()}))  # type: ignore[arg-type]

    monkeypatch.setattr(eligibility, "standing_of", lenient)
    with pytest.raises(AssertionError, match="instead of E-SOD-"):
        machine.run(runs=40, steps=STEPS, seed=SEED, shrinks=False)
