"""From a file to a room: a scheduled evaluation opens what was agreed, once, and tells."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from app.base import clock, db
from app.base.db import Database
from app.factory import IMPORT_KINDS
from app.judgement.alerts import services as alerts
from app.judgement.continuity.incidents import queries, services
from app.judgement.continuity.incidents.models import Incident, IncidentState, IncidentTask
from app.judgement.continuity.incidents.services import Trigger
from app.judgement.continuity.responses import queries as responses
from app.platform.imports import kinds
from app.platform.outbox.models import OutboxMessage
from tests.conftest import NOW
from tests.imports.files import csv_text, line, publish
from tests.incidents.cast import agree, night, people, supplier_with_parts


def late_lines() -> str:
    """Two months of twelve lines each, all ten days late, and one in time afterwards."""
    rows = [line(order_no="4510")]
    for month in (8, 9):
        for place in range(12):
            due = date(2026, month, 2 + place)
            rows.append(
                line(
                    order_no=f"45{month:02}", line_no=str(place + 1), ordered_on="2026-07-01",
                    promised_original_on=due.isoformat(),
                    arrived_on=(due + timedelta(days=10)).isoformat(),
                )
            )  # fmt: skip
    return csv_text(rows)


def opened() -> list[Incident]:
    with db.reading() as session:
        return list(session.scalars(select(Incident).order_by(Incident.id)))


def test_imported_lines_open_an_incident_with_its_steps_in_a_scheduled_run(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds.register(IMPORT_KINDS)
    author, approver = people()
    with db.transaction() as session:
        supplier_with_parts(session)
        alerts.take_presets(session, valid_from=date(2026, 1, 1))
    agree(author, approver, "otif_below_sla")
    publish(late_lines())
    first = datetime(2026, 11, 22, 3, 1, tzinfo=UTC)
    assert night(monkeypatch, first).endswith("1 incident opened.")
    (row,) = opened()
    assert (row.state, row.opened_at, row.signalled_at) == ("potential", first, first)
    # When supply was hit, nobody has told yet.
    assert row.started_at is None
    assert row.title.startswith("Castings stop: OTIF by line, the month: 0.0")
    with db.reading() as session:
        tasks = session.scalars(select(IncidentTask).order_by(IncidentTask.due_at)).all()
        told = session.scalars(select(OutboxMessage.recipient)).all()
        parts = queries.parts_of(session, row.id)
    assert [(each.title, each.owner, each.due_at - first) for each in tasks] == [
        ("Call the plant manager", "Brandt", timedelta(hours=4)),
        ("Book the plane", "Lindqvist", timedelta(hours=24)),
    ]
    assert {each.number for each in parts} == {"P-S-0042-0", "P-S-0042-1"}
    # The approver holds a grant that shows no supplier: told of the approval, not of this.
    mails = [each for each in told if each != "brandt@example.com"]
    assert mails == ["weber@example.com"] * len(mails)
    assert mails
    assert "opened" not in night(monkeypatch, first + timedelta(days=1))
    assert len(opened()) == 1


@pytest.fixture
def trigger(sqlite_only: Database) -> Trigger:
    """What an alert would say, with a response in force."""
    author, approver = people()
    agree(author, approver, "otif_below_sla")
    with db.transaction() as session:
        supplier_id = supplier_with_parts(session)
    return Trigger(
        alert_id=UUID(int=7), supplier_id=supplier_id, thing="", says="OTIF fell",
        signalled_at=NOW,
    )  # fmt: skip


def fire(trigger: Trigger) -> bool:
    with db.transaction() as session:
        response = responses.by_rule(session)["otif_below_sla"][0]
        return services.open_by_trigger(session, trigger, response) is not None


def test_an_alert_opens_one_incident_and_another_alert_none_while_it_runs(
    trigger: Trigger, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = Trigger(
        UUID(int=8), trigger.supplier_id, "", "OTIF fell again", NOW + timedelta(days=2)
    )
    assert [fire(trigger), fire(trigger), fire(again)] == [True, False, False]
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=3))
    with db.transaction() as session:
        services.move(
            session, opened()[0].public_id, IncidentState.DISMISSED, at=None,
            reason="A wrong calendar", seen_version=1,
        )  # fmt: skip
    # What was raised before it ended belongs to it; what is raised afterwards is another one.
    assert fire(again) is False
    later = Trigger(UUID(int=9), trigger.supplier_id, "", "OTIF fell", NOW + timedelta(days=4))
    assert fire(later) is True


def test_a_response_of_the_supplier_comes_before_that_of_all(sqlite_only: Database) -> None:
    author, approver = people()
    agree(author, approver, "otif_below_sla")
    with db.transaction() as session:
        supplier_id = supplier_with_parts(session)
    agree(author, approver, "otif_below_sla", name="Its own", supplier="S-0042")
    with db.reading() as session:
        known = responses.by_rule(session)["otif_below_sla"]
        found = [responses.fitting(known, key) for key in (supplier_id, supplier_id + 1)]
    assert [each and each.name for each in found] == ["Its own", "Castings stop"]
