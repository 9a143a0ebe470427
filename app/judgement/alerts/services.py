"""Writes of rules and alerts: add, follow, mute, retire; acknowledge, judge useful or noise."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock, db, scope
from app.base.errors import Conflict, InvalidInput, NotFound
from app.calc.alerting import Episode, Found, Limits, check_limits, episodes, found_of
from app.calc.periods import month_end, month_index
from app.judgement.alerts import presets, queries
from app.judgement.alerts.catalogue import Cadence, Reading, Subject
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

PREVIEW_MONTHS = 12
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


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would have raised: (supplier, raised on, cleared on) of a year, newest first.

    `months` counts raises by month index. `why_not` says why nothing can be told.
    """

    raised: tuple[tuple[int, date, date | None], ...] = ()
    months: Mapping[int, int] = field(default_factory=dict)
    suppliers: int = 0
    why_not: str | None = None

    @property
    def shown(self) -> tuple[tuple[int, date, date | None], ...]:
        """The newest ones, as many as a page shows."""
        return self.raised[:MOST_SHOWN]

    @property
    def more(self) -> int:
        """How many a page leaves out."""
        return max(0, len(self.raised) - MOST_SHOWN)


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


def preview(session: Session, draft: Draft, as_of: date) -> Preview:
    """Tell what a draft would have raised over the last 12 months; stores nothing.

    Of subjects that are read by the day it looks at the months' last days.
    """
    from app.judgement.alerts.evaluation import read_period

    subject = checked(draft)
    if not subject.can_look_back:
        return Preview(why_not="This is only known live: of days that are past it can’t be told.")
    only = queries.in_scope(session, draft.scope)
    last = month_index(as_of) if as_of == month_end(month_index(as_of)) else month_index(as_of) - 1
    ends = [
        month_end(month)
        for month in range(last - PREVIEW_MONTHS - draft.limits.duration + 1, last + 1)
    ]
    if subject.cadence is Cadence.DAY and as_of > ends[-1]:
        ends.append(as_of)
    read = [read_period(session, subject, end, only=only).readings for end in ends]
    found = []
    for key in sorted({key for each in read for key in each}):
        course = [_found(each.get(key), draft.limits) for each in read]
        found += [
            (key[0], ends[episode.raised], _end(episode, ends))
            for episode in episodes(course, draft.limits)
            if episode.raised >= draft.limits.duration
        ]
    months: dict[int, int] = {}
    for _, day, _ in found:
        months[month_index(day)] = months.get(month_index(day), 0) + 1
    return Preview(
        tuple(sorted(found, key=lambda each: (each[1], each[0]), reverse=True)),
        months,
        len({each[0] for each in found}),
    )


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


def _found(reading: Reading | None, limits: Limits) -> Found:
    if reading is None:
        return found_of(None, None, limits)
    return found_of(reading.value, reading.n, limits)


def _end(episode: Episode, ends: list[date]) -> date | None:
    return None if episode.cleared is None else ends[episode.cleared]


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
