"""Writes of rules and alerts: add, follow, mute, retire; acknowledge, judge useful or noise."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock, db, scope
from app.base.errors import Conflict, InvalidInput, NotFound
from app.calc.alerting import Limits, check_limits
from app.judgement.alerts import presets, queries
from app.judgement.alerts.catalogue import Subject
from app.judgement.alerts.models import (
    Alert,
    AlertFeedback,
    AlertRule,
    AlertState,
    AlertWatch,
    Severity,
    Verdict,
)
from app.judgement.alerts.queries import AlertQuery, Scope
from app.judgement.alerts.subjects import subject_of
from app.platform.audit import services as audit

MOST_SHOWN = 50
PRESET_REASON = "Taken in from the early warnings that every house should hear of."


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule as somebody wrote it."""

    name: str
    subject: str
    limits: Limits
    severity: Severity
    scope: Scope = field(default_factory=Scope)


def checked(draft: Draft) -> Subject:
    """Return a draft's subject; raises InvalidInput where it can't be judged by."""
    subject = subject_of(draft.subject)
    if subject is None:
        raise InvalidInput("E-ALR-04", f"Nothing tells “{draft.subject[:60]}”; choose another.")
    try:
        check_limits(draft.limits)
    except ValueError as error:
        raise InvalidInput("E-ALR-05", f"{error}.") from None
    return subject


def add(
    session: Session, draft: Draft, *, reason: str, valid_from: date | None = None
) -> AlertRule:
    """Add a rule; it is judged with the next evaluation, and raises from today on."""
    because = audit.give_reason(session, reason)
    same = select(AlertRule.id).where(AlertRule.name == draft.name, AlertRule.retired_at.is_(None))
    if session.scalar(same) is not None:
        raise Conflict("E-ALR-19", f"A rule “{draft.name}” is in force. Nothing was stored.")
    return _store(session, draft, _free_key(session, draft.name), 1, because, valid_from)


def follow(session: Session, public_id: UUID, draft: Draft, *, reason: str, seen: int) -> AlertRule:
    """Let another version take a rule's place; what it raised goes on under it."""
    before = _in_force(session, public_id)
    if before.version != seen:
        raise Conflict("E-ALR-06", f"Version {before.version} is in force by now; see it again.")
    if draft.subject != before.subject:
        raise InvalidInput(
            "E-ALR-07", "A version keeps its subject; add another rule for another one."
        )
    because = audit.give_reason(session, reason)
    made = _store(session, draft, before.key, before.version + 1, because, None)
    made.judged_on = before.judged_on
    made.muted_until, made.muted_by = before.muted_until, before.muted_by
    made.muted_because = before.muted_because
    _retire(session, before, f"Version {made.version} took its place.")
    session.flush()
    return made


def retire(session: Session, public_id: UUID, *, reason: str) -> None:
    """Take a rule out of force; what it raised and stands is cleared."""
    rule = _in_force(session, public_id)
    _retire(session, rule, audit.give_reason(session, reason))
    for alert in session.scalars(
        select(Alert).where(Alert.rule_key == rule.key, Alert.state != AlertState.CLEARED)
    ).all():
        alert.state, alert.cleared_on = AlertState.CLEARED, clock.today()
        alert.cleared_at = clock.now()
    for watch in session.scalars(select(AlertWatch).where(AlertWatch.rule_key == rule.key)).all():
        session.delete(watch)
    session.flush()


def mute(session: Session, public_id: UUID, *, until: date, reason: str) -> None:
    """Let a rule tell nobody until a day; it goes on being judged."""
    rule = _in_force(session, public_id)
    if until < clock.today():
        raise InvalidInput("E-ALR-08", "The last muted day must not lie in the past.")
    rule.muted_because = audit.give_reason(session, reason)
    rule.muted_until, rule.muted_by = until, db.actor_of(session).name
    session.flush()


def unmute(session: Session, public_id: UUID) -> None:
    """Let a rule tell again; what it found meanwhile opens with the next evaluation."""
    rule = _in_force(session, public_id)
    rule.muted_until = rule.muted_by = rule.muted_because = None
    session.flush()


def take_presets(session: Session, *, valid_from: date | None = None) -> int:
    """Add the presets that are not there yet, by their keys; return how many."""
    taken = set(session.scalars(select(AlertRule.key)))
    new = [each for each in presets.known() if each.key not in taken]
    audit.give_reason(session, PRESET_REASON)
    for each in new:
        draft = Draft(each.name, each.subject, each.limits, each.severity)
        _store(session, draft, each.key, 1, PRESET_REASON, valid_from)
    return len(new)


def acknowledge(session: Session, public_id: UUID, *, note: str, seen: int | None = None) -> Alert:
    """Take an alert on: its ladder stops. The note says what is done about it."""
    alert = _held(session, public_id)
    if seen is not None and alert.version != seen:
        raise Conflict("E-ALR-09", f"The alert is {alert.state} by now; see it again.")
    if alert.state != AlertState.OPEN:
        raise Conflict("E-ALR-09", f"The alert is {alert.state}; only an open one is acknowledged.")
    _acknowledge(session, [alert.id], note)
    return alert


def acknowledge_all(session: Session, query: AlertQuery, *, note: str, expected: int) -> int:
    """Acknowledge every open alert of a list that one may change; return how many.

    Raises Conflict where their number is no longer the one that was shown.
    """
    ids = acknowledgeable(session, query)
    if len(ids) != expected:
        raise Conflict(
            "E-ALR-10", f"{expected} were shown, by now it is {len(ids)}. Nothing was changed."
        )
    _acknowledge(session, ids, note)
    return len(ids)


def acknowledgeable(session: Session, query: AlertQuery) -> list[int]:
    """Return the open alerts of a list that whoever asks may change."""
    if query.states and AlertState.OPEN not in query.states:
        return []
    wanted = AlertQuery(
        [AlertState.OPEN], query.severities, query.rules, query.search, query.supplier_ids
    )
    ids = [row.alert.id for row in queries.alert_rows(session, wanted)]
    return sorted(scope.writable_ids(session, "alert", ids))


def judge(session: Session, public_id: UUID, verdict: Verdict) -> None:
    """Say whether an alert was of use; the newest word of each person holds."""
    alert, actor = _held(session, public_id), db.actor_of(session)
    if actor.user_id is None:
        raise InvalidInput("E-ALR-11", "Only somebody signed in says whether an alert was of use.")
    own = session.scalars(
        select(AlertFeedback).where(
            AlertFeedback.alert_id == alert.id, AlertFeedback.user_id == actor.user_id
        )
    ).first()
    if own is None:
        own = AlertFeedback(alert_id=alert.id, user_id=actor.user_id)
        session.add(own)
    own.verdict, own.at = verdict, clock.now()
    session.flush()


def _acknowledge(session: Session, ids: Collection[int], note: str) -> None:
    actor = db.actor_of(session)
    for alert in session.scalars(select(Alert).where(Alert.id.in_(ids)).order_by(Alert.id)).all():
        alert.state, alert.note = AlertState.ACKNOWLEDGED, note or None
        alert.acknowledged_at = clock.now()
        alert.acknowledged_by, alert.acknowledged_by_id = actor.name, actor.user_id
        alert.version += 1
    session.flush()


def _held(session: Session, public_id: UUID) -> Alert:
    """Return an alert that one may change, held until the transaction ends."""
    found = queries.alert_row(session, public_id).alert
    scope.require_writable(session, "alert", found.id)
    return session.scalars(
        select(Alert)
        .where(Alert.id == found.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _store(
    session: Session, draft: Draft, key: str, version: int, because: str, valid_from: date | None
) -> AlertRule:
    checked(draft)
    if draft.scope.supplier_id is not None:
        scope.require_writable(session, "supplier", draft.scope.supplier_id)
    limits = draft.limits
    made = AlertRule(
        key=key, version=version, name=draft.name, subject=draft.subject,
        operator=limits.operator, threshold=limits.threshold, clear=limits.clear,
        least_n=limits.least_n, duration=limits.duration, good_to_clear=limits.good_to_clear,
        severity=draft.severity, category_id=draft.scope.category_id,
        segment=draft.scope.segment, supplier_id=draft.scope.supplier_id,
        valid_from=valid_from or clock.today(), author=db.actor_of(session).name,
        made_at=clock.now(), reason=because,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def _retire(session: Session, rule: AlertRule, because: str) -> None:
    rule.retired_at, rule.retired_by = clock.now(), db.actor_of(session).name
    rule.retired_because = because


def _in_force(session: Session, public_id: UUID) -> AlertRule:
    found = session.scalars(
        select(AlertRule).where(AlertRule.public_id == public_id).with_for_update()
    ).first()
    if found is None:
        raise NotFound("E-ALR-01", "There is no such rule.")
    if found.retired_at is not None:
        raise Conflict("E-ALR-12", f"Version {found.version} is retired; see the one in force.")
    return found


def _free_key(session: Session, name: str) -> str:
    """Return a key after a rule's name that no rule has."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:32] or "rule"
    taken = set(session.scalars(select(AlertRule.key).where(AlertRule.key.startswith(plain))))
    tries = (plain, *(f"{plain}_{number}" for number in range(2, len(taken) + 3)))
    return next(each for each in tries if each not in taken)
