"""`flask contracts` and `flask continuity` tell what is agreed and how ready suppliers are."""

from __future__ import annotations

import json
from datetime import date

import pytest
from flask import Flask

from app.base import db
from app.judgement.continuity.exercise_models import PlanQuestion
from app.judgement.continuity.incidents.models import Incident
from tests.builders import facts
from tests.builders.contract_days import contract
from tests.conftest import NOW

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_the_commands_tell_days_readiness_and_incidents(app: Flask) -> None:
    with db.transaction() as session:
        kestrel = facts.supplier(session, "Kestrel", number="S-1")
        contract(session, kestrel.id, date(2027, 3, 15), our_notice_days=90)
        session.add_all(
            [
                PlanQuestion(
                    supplier_id=kestrel.id, topic="exists", asked_on=date(2026, 4, 7),
                    due_on=date(2026, 5, 15), asked_by="W",
                ),
                Incident(
                    supplier_id=kestrel.id, title="Furnace burnt", signalled_at=NOW, opened_at=NOW,
                    opened_by="W",
                ),
            ]
        )  # fmt: skip
    run = app.test_cli_runner().invoke

    def told(*words: str) -> dict[str, list[dict[str, object]]]:
        found: dict[str, list[dict[str, object]]] = json.loads(run(args=[*words, "--json"]).stdout)
        return found

    [row] = told("contracts", "list")["contracts"]
    assert (row["number"], row["notice_by"], row["value"]) == ("C-1", "2026-12-15", None)
    assert "C-1 · Castings" in run(args=["contracts", "list"]).stdout
    [ready] = told("continuity", "list")["suppliers"]
    # Asked in vain is zero; before it was asked nobody knew.
    assert (ready["readiness"], ready["rests_on"]) == (0.0, "no_answer")
    assert told("continuity", "list", "--on", "2026-04-01")["suppliers"] == []
    assert "no plan" in run(args=["continuity", "list"]).stdout
    log = told("continuity", "incidents")
    assert [each["title"] for each in log["incidents"]] == ["Furnace burnt"]
    assert (log["running"], log["mean_time_to_recover_hours"]) == (0, None)
    assert "Furnace burnt" in run(args=["continuity", "incidents"]).stdout
