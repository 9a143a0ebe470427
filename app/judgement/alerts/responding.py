"""Opens the incidents that were agreed beforehand for what rules raised.

Looks at alerts that stand, not at what an evaluation has just done: one that was ended midway
is made up for by the next, and a repeated one opens nothing again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.facts.evidence.events.models import DisruptionEvent
from app.judgement.alerts import queries, wording
from app.judgement.alerts.ladders import without_rung
from app.judgement.alerts.models import Alert
from app.judgement.continuity.incidents import queries as incident_queries
from app.judgement.continuity.incidents import services as incidents
from app.judgement.continuity.responses import queries as responses
from app.judgement.continuity.responses.triggers import Trigger as Known


def respond(session: Session) -> int:
    """Open the incidents of alerts that began since their response is in force; return how
    many."""
    by_rule = responses.by_rule(session)
    if not by_rule:
        return 0
    standing = session.scalars(
        select(Alert)
        .where(Alert.rule_key.in_(by_rule), Alert.state.in_(queries.STANDING))
        .order_by(Alert.raised_at, Alert.id)
    ).all()
    done, opened = incident_queries.opened_by_alerts(session), 0
    for alert in standing:
        if alert.public_id in done:
            continue
        response = responses.fitting(session, by_rule[alert.rule_key], alert.supplier_id)
        since = None if response is None else responses.answers_since(session, response)
        if response is not None and since is not None and alert.raised_at >= since:
            trigger = _trigger(session, alert)
            opened += incidents.open_by_trigger(session, trigger, response) is not None
    return opened


def triggers(session: Session) -> Sequence[Known]:
    """Return the rules in force, as what can open an incident."""
    return [
        Known(rule.key, rule.name, f"{wording.subject_label(rule)} {wording.condition(rule)}")
        for rule in queries.rules_in_force(session)
    ]


def _trigger(session: Session, alert: Alert) -> incidents.Trigger:
    event = _event_of(session, alert)
    began = None if event is None else datetime.combine(event.from_on, time(), UTC)
    return incidents.Trigger(
        alert_id=alert.public_id,
        supplier_id=alert.supplier_id,
        # Each rung of a date raises anew: it is the same date, and the same incident.
        thing=without_rung(alert.thing),
        says=alert.last_words,
        signalled_at=alert.raised_at,
        started_at=None if began is None or began > alert.raised_at else began,
        event_id=None if event is None else event.public_id,
    )


def _event_of(session: Session, alert: Alert) -> DisruptionEvent | None:
    """Return the world event that an alert is about, if it is about one."""
    try:
        key = UUID(alert.thing)
    except ValueError:
        return None
    return session.scalar(select(DisruptionEvent).where(DisruptionEvent.public_id == key))
