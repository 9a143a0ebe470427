"""The demo company's triggers fire from its imported data; its log says how fast it recovers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from app.base.db import Database
from app.faces.demo import services
from app.faces.demo.cast import LAST_DAY
from app.faces.demo.scripts import DRIFT, SHARED_PLANT
from app.facts.evidence.backup_suppliers import queries as backups
from app.facts.evidence.backup_suppliers.models import BackupSupplier
from app.judgement.alerts import evaluation
from app.judgement.continuity.incidents import queries
from app.judgement.continuity.incidents.models import Incident
from app.judgement.continuity.incidents.room import room
from app.judgement.continuity.responses.models import IncidentResponse
from tests.demo.conftest import supplier_id


@pytest.mark.parametrize("company", ["sqlite"], indirect=True)
def test_the_drifts_alarm_opens_the_room_that_was_agreed(own_company: Database) -> None:
    for _ in range(2):
        evaluation.evaluate(LAST_DAY)
    now = datetime(2026, 11, 1, 9, tzinfo=UTC)
    with own_company.reading() as session:
        opened = session.scalars(select(Incident).where(Incident.trigger_key.is_not(None))).all()
        suppliers = {row.supplier_id: row for row in opened}
        assert suppliers.keys() == {
            supplier_id(session, DRIFT), supplier_id(session, SHARED_PLANT[0]),
        }  # fmt: skip
        assert len(opened) == 2
        found = room(session, suppliers[supplier_id(session, DRIFT)].public_id, now=now)
        fire = room(session, suppliers[supplier_id(session, SHARED_PLANT[0])].public_id, now=now)
        mean = queries.mean_time_to_recover(queries.incident_rows(session, now=now), now=now)
        covered = backups.coverages(backups.backup_rows(session), now.date())
    assert [each.owner for each in found.tasks] == [
        "A. Lindqvist", "J. Novák", "A. Lindqvist", "K. Brandt", "S. Oyelaran",
    ]  # fmt: skip
    assert found.authority is not None
    assert found.authority[::2] == (40_000, "EUR")
    assert sum(1 for each in found.parts if each.is_flown) == 2
    # The fire began on 12 October; the event is linked.
    assert fire.incident.started_at == datetime(2026, 10, 12, tzinfo=UTC)
    assert [each.kind for each in fire.links] == ["event"]
    # 54.5, 48 and 56.5 hours of the three that are over.
    assert (mean.mean, mean.closed) == (53.0, 3)
    assert {each.part_name and each.part_name[:6]: each.released for each in covered} == {
        "Volute": 0, "Sensor": 1,
    }  # fmt: skip
    with own_company.transaction() as session:
        services.remove(session)
        left = [
            session.scalar(select(func.count()).select_from(model))
            for model in (Incident, IncidentResponse, BackupSupplier)
        ]
    assert left == [0, 0, 0]
