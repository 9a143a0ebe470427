"""What alerts the demo company would have had, and when, as docs/demo.md tells it."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from app.base.db import Database
from app.faces.demo import services
from app.faces.demo.cast import LAST_DAY
from app.faces.demo.scripts import DRIFT, SHARED_PLANT
from app.faces.demo.stories import FIRST_LINE_STOP
from app.facts.evidence.events.models import DisruptionEvent
from app.facts.suppliers.models import Supplier
from app.judgement.alerts import evaluation
from app.judgement.alerts.models import Alert, AlertRule
from tests.demo.conftest import supplier_id


@pytest.mark.parametrize("company", ["sqlite"], indirect=True)
def test_the_drifts_alarm_is_raised_weeks_before_the_first_line_stop(
    own_company: Database,
) -> None:
    evaluation.evaluate(LAST_DAY)
    with own_company.reading() as session:
        drift = supplier_id(session, DRIFT)
        own = {
            row.rule_key: row
            for row in session.scalars(select(Alert).where(Alert.supplier_id == drift))
        }
        numbers = select(Supplier.number).join(Alert, Alert.supplier_id == Supplier.id)
        hit = set(session.scalars(numbers.where(Alert.rule_key == "event_hit")))
    alarm = own["otif_below_sla"]
    assert (alarm.severity, alarm.state, alarm.raised_on) == ("alarm", "open", date(2026, 7, 31))
    assert (date.fromisoformat(FIRST_LINE_STOP) - alarm.raised_on).days == 52
    # The trend told half a year earlier.
    assert own["degradation"].raised_on < date(2026, 1, 31)
    assert hit == set(SHARED_PLANT)
    with own_company.transaction() as session:
        services.remove(session)
        left = [
            session.scalar(select(func.count()).select_from(model))
            for model in (Alert, AlertRule, DisruptionEvent)
        ]
    assert left == [0, 0, 0]
