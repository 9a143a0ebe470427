"""From a file to a room: a scheduled evaluation opens what was agreed, once, and tells."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.db import Database
from app.factory import IMPORT_KINDS
from app.facts.suppliers.models import Supplier
from app.facts.suppliers.queries import find_supplier
from app.judgement.alerts import responding
from app.judgement.alerts import services as alerts
from app.judgement.alerts.models import Alert, AlertRule
from app.judgement.continuity import paper
from app.judgement.continuity.incidents import queries, services
from app.judgement.continuity.incidents.models import Incident, IncidentState, IncidentTask
from app.judgement.continuity.incidents.services import Trigger
from app.judgement.continuity.responses import queries as responses
from app.judgement.continuity.responses import services as agreed
from app.judgement.continuity.responses.services import Said
from app.platform.audit import services as audit
from app.platform.imports import kinds
from app.platform.outbox.models import OutboxMessage
from tests.builders import facts
from tests.conftest import NOW
from tests.imports.files import csv_text, line, publish
from tests.incidents.cast import (
    REASON,
    STEPS,
    agree,
    approve,
    at_work,
    night,
    people,
    supplier_with_parts,
)


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
        found = [responses.fitting(session, known, key) for key in (supplier_id, supplier_id + 1)]
    assert [each and each.name for each in found] == ["Its own", "Castings stop"]


def test_what_was_agreed_for_a_supplier_holds_on_when_it_is_merged(
    sqlite_only: Database,
) -> None:
    author, approver = people()
    with db.transaction() as session:
        old, new = supplier_with_parts(session), supplier_with_parts(session, "S-0043")
    agree(author, approver, "otif_below_sla", supplier="S-0042")
    with db.transaction() as session:
        session.get_one(Supplier, old).effective_supplier_id = new
    trigger = Trigger(UUID(int=7), new, "", "OTIF fell", NOW)
    with db.transaction() as session:
        known = responses.by_rule(session)["otif_below_sla"]
        fits = responses.fitting(session, known, new)
        assert fits is not None
        assert services.open_by_trigger(session, trigger, fits) is not None
    # What is written by its old number is agreed for the one that it goes by.
    agree(author, approver, "past_due", supplier="S-0042", name="Another")
    with db.reading() as session:
        assert responses.by_rule(session)["past_due"][0].supplier_id == new


def raised(session: Session, supplier_id: int, thing: str, at: datetime) -> None:
    """Raise an alert of the rule on notice deadlines, or let another rung take its place."""
    for each in session.scalars(select(Alert).where(Alert.state == "open")):
        each.state, each.cleared_at, each.cleared_on = "cleared", at, at.date()
    rule = session.scalars(select(AlertRule).where(AlertRule.subject == "date:notice")).first()
    assert rule is not None
    session.add(
        Alert(
            rule_id=rule.id, rule_key=rule.key, supplier_id=supplier_id, thing=thing,
            severity="watch", state="open", words="Notice", last_words="Notice", evidence={},
            raised_on=at.date(), raised_at=at, last_seen_on=at.date(),
        )
    )  # fmt: skip


def test_the_rungs_of_one_date_open_one_incident(
    sqlite_only: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    author, approver = people()
    with db.transaction() as session:
        supplier_id = supplier_with_parts(session)
        alerts.take_presets(session, valid_from=date(2026, 1, 1))
    agree(author, approver, "notice_deadline")
    opened_by = []
    for days, thing in enumerate(("c:20270902:60", "c:20270902:30", "c:20280902:90")):
        with db.transaction() as session:
            raised(session, supplier_id, thing, NOW + timedelta(days=days))
            opened_by.append(responding.respond(session))
    # The deadline of the next year is another date.
    assert opened_by == [1, 0, 1]
    assert [each.thing for each in opened()] == ["c:20270902", "c:20280902"]


def test_another_version_answers_what_the_one_before_had_no_time_for(
    sqlite_only: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The evaluation that raised it was killed before its incidents; then a version followed."""
    author, approver = people()
    with db.transaction() as session:
        supplier_id = supplier_with_parts(session)
        alerts.take_presets(session, valid_from=date(2026, 1, 1))
    first = agree(author, approver, "notice_deadline")
    with db.transaction() as session:
        raised(session, supplier_id, "c:20270902:60", NOW + timedelta(hours=1))
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=2))
    said = Said("Castings stop", STEPS[:1], "Brandt", "notice_deadline")
    with at_work(author) as session:
        key = agreed.follow(session, first, said, reason=REASON, seen_version=1).id
    approve(approver, "incident_response", key)
    with db.transaction() as session:
        assert responding.respond(session) == 1
        assert responding.respond(session) == 0


def test_a_substitute_that_may_not_deliver_is_told_wherever_it_is_named(
    sqlite_only: Database,
) -> None:
    author, approver = people()
    with db.transaction() as session:
        supplier_with_parts(session)
        facts.supplier(session, "Sonnenberg", number="S-9")
    key = agree(author, approver, None, substitute="S-9")

    def named() -> str:
        with db.reading() as session:
            return dict(paper.agreed(responses.by_public_id(session, key)))["Substitute supplier"]

    assert named() == "Sonnenberg (S-9)"
    with at_work(author) as session:
        find_supplier(session, "S-9").status = "blocked"
        audit.give_reason(session, "It stopped paying its own suppliers.")
    assert named() == "MAY NOT DELIVER: Sonnenberg (S-9)"
