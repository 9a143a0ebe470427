"""`flask continuity`: how ready suppliers are, and what stops supply."""

from __future__ import annotations

from datetime import datetime

import click
from rich.console import Console
from rich.table import Table

from app.base import clock
from app.cli.output import DAY, json_option, print_json, reading
from app.facts.suppliers.queries import suppliers_by_id
from app.judgement.continuity import readiness, wording
from app.judgement.continuity.incidents import queries as incidents


@click.group("continuity")
def group() -> None:
    """How ready suppliers are, and what stops supply."""


@group.command("list")
@click.option("--on", type=DAY, help="On this day; default: today.")
@json_option
def list_all(on: datetime | None, as_json: bool) -> None:
    """List how ready suppliers are that were asked or have a plan, the least ready first."""
    day = clock.today() if on is None else on.date()
    with reading() as session:
        found = readiness.readings(session, day)
        known = suppliers_by_id(session, list(found))
    ordered = sorted(found.items(), key=lambda item: _place(item[1].readiness.points))
    told = [
        {
            "supplier": {"number": known[key].number, "name": known[key].name,
                         "id": str(known[key].public_id)},
            "readiness": each.readiness.points, "at_most": each.readiness.upper,
            "band": each.readiness.band, "rests_on": each.readiness.basis,
            "plan": None if each.plan is None else each.plan.number,
            "parts": {str(part.part): part.points for part in each.readiness.parts},
        }
        for key, each in ordered
    ]  # fmt: skip
    if as_json:
        print_json({"on": day.isoformat(), "suppliers": told})
        return
    table = Table("supplier", "readiness", "band", "plan", box=None)
    for key, each in ordered:
        plan = "" if each.plan is None else each.plan.number
        points = wording.readiness_words(each.readiness)
        table.add_row(known[key].name, points, wording.band_badge(each.readiness)[1], plan)
    Console().print(table)


@group.command("incidents")
@json_option
def list_incidents(as_json: bool) -> None:
    """List the incidents, the newest first, with their delays in hours."""
    now = clock.now()
    with reading() as session:
        rows = incidents.incident_rows(session, now=now)
        mean = incidents.mean_time_to_recover(rows, now=now)
    if as_json:
        print_json(
            {
                "incidents": [_incident(row) for row in rows],
                "mean_time_to_recover_hours": mean.mean, "at_least_hours": mean.at_least,
                "restored": mean.closed, "running": mean.running,
            }
        )  # fmt: skip
        return
    table = Table("incident", "supplier", "what", "state", "since", "open tasks", box=None)
    for row in rows:
        own = row.incident
        table.add_row(
            own.number, row.supplier.name, own.title, own.state,
            own.signalled_at.date().isoformat(), str(row.open_tasks),
        )  # fmt: skip
    Console().print(table)


def _place(points: float | None) -> tuple[bool, float]:
    """Return where a readiness stands in the list: what nobody knows comes last."""
    return points is None, points or 0.0


def _incident(row: incidents.IncidentRow) -> dict[str, object]:
    own = row.incident
    return {
        "number": own.number, "title": own.title, "id": str(own.public_id), "state": own.state,
        "supplier": {"number": row.supplier.number, "name": row.supplier.name,
                     "id": str(row.supplier.public_id)},
        "cause": own.cause, "opened_by_trigger": own.trigger_key is not None,
        "started_at": _moment(own.started_at), "signalled_at": _moment(own.signalled_at),
        "restored_at": _moment(own.restored_at), "open_tasks": row.open_tasks,
        "detection_hours": row.delays.detection, "decision_hours": row.delays.decision,
        "recovery_hours": row.delays.recovery,
    }  # fmt: skip


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
