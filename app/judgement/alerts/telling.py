"""Tells people and programs of alerts: at once, by the ladder, in digests. Through the outbox.

Nobody is told of a supplier that they may not read. One mail tells of everything that one
person is to hear at that moment, however much it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.base import clock, db, formatting, scope
from app.calc.alerting import steps_due
from app.facts.suppliers.models import Supplier
from app.judgement.alerts import queries
from app.judgement.alerts.models import Alert, AlertState, Severity
from app.judgement.alerts.queries import RANK, STANDING, AlertQuery, AlertRow
from app.judgement.alerts.telling_models import (
    NO_CATEGORY,
    Cadence,
    Escalation,
    Rung,
    Subscription,
)
from app.platform.accounts import grant_queries, roles
from app.platform.accounts.matrix import Extent
from app.platform.accounts.models import User
from app.platform.jobs.handle import Run
from app.platform.outbox import services as outbox
from app.platform.outbox import webhooks
from app.platform.outbox.services import About
from app.platform.outbox.values import one_line
from config import Settings

Arguments = dict[str, Any]  # Any: JSON
PERMISSION = "suppliers.view"
LINK_OFF = "alerts_off"
MOST_LINES = 40
FIRST_DIGEST = {Cadence.DAILY: timedelta(days=1), Cadence.WEEKLY: timedelta(days=7)}
EVENTS = {
    AlertState.OPEN: "alert.raised",
    AlertState.ACKNOWLEDGED: "alert.acknowledged",
    AlertState.CLEARED: "alert.cleared",
}
HOUR = 3600


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who may be told, and which suppliers' rows they read."""

    user: User
    reads: Any  # Any: a Reach, from below

    def may_read(self, session: Session, alert_ids: Collection[int]) -> set[int]:
        """Return which alerts are within reach."""
        return scope.writable_ids(session, "alert", alert_ids, self.reads)


def recipient(session: Session, user_id: int) -> Recipient | None:
    """Return somebody who may be told of alerts; None for an account that is off or may not."""
    user = session.get(User, user_id)
    if user is None or not user.is_active:
        return None
    held = grant_queries.held_by(session, user_id)
    if not roles.may(roles.roles_of(held), PERMISSION):
        return None
    sees = Extent(Settings.from_env().buyers_see)
    return Recipient(user, roles.reads_of(held, buyers_see=sees))


# At once


def tell(session: Session) -> None:
    """Tell subscribers and programs of what changed since they were told last."""
    rows = session.scalars(
        select(Alert)
        .where(
            Alert.state != AlertState.MUTED,
            or_(Alert.told_state.is_(None), Alert.told_state != Alert.state),
        )
        .order_by(Alert.id)
    ).all()
    # What was raised and cleared before anybody heard of it is no news.
    news = [row for row in rows if not (row.told_state is None and row.state == "cleared")]
    alarms = [row.id for row in news if row.state == "open" and row.severity == Severity.ALARM]
    _tell_at_once(session, alarms)
    _tell_programs(session, [row.id for row in news])
    for row in rows:
        row.told_state = row.state


def _tell_at_once(session: Session, alert_ids: list[int]) -> None:
    if not alert_ids:
        return
    wanted = select(Subscription).where(Subscription.at_once.is_(True))
    for each in session.scalars(wanted.order_by(Subscription.id)).all():
        person = recipient(session, each.user_id)
        rows = [] if person is None else _rows(session, person.may_read(session, alert_ids))
        if person is not None and rows:
            count = formatting.count(len(rows), "alarm")
            _mail(session, person.user, f"{count} raised", "alerts_at_once", rows, each)


def _tell_programs(session: Session, alert_ids: list[int]) -> None:
    if not alert_ids or not webhooks.has_active(session):
        return
    for row in _rows(session, set(alert_ids)):
        state = AlertState(row.alert.state)
        webhooks.enqueue(
            session,
            EVENTS[state],
            payload_of(row),
            dedupe_key=f"{EVENTS[state]} {row.alert.public_id} {row.alert.raised_at:%Y%m%d%H%M}",
        )


def payload_of(row: AlertRow) -> dict[str, object]:
    """Return what programs are told of an alert, as documented in `docs/operations.md`."""
    alert = row.alert
    return {
        "id": str(alert.public_id),
        "state": alert.state,
        "severity": alert.severity,
        "rule": {"key": row.rule.key, "version": row.rule.version, "name": row.rule.name},
        "supplier": {"id": str(row.supplier_public_id), "name": row.supplier_name},
        "says": alert.last_words,
        "value": alert.last_value,
        "unit": alert.evidence.get("unit"),
        "threshold": alert.evidence.get("threshold"),
        "raised_on": alert.raised_on.isoformat(),
        "last_seen_on": alert.last_seen_on.isoformat(),
        "cleared_on": None if alert.cleared_on is None else alert.cleared_on.isoformat(),
    }


# By the ladder


def tell_job(_arguments: Arguments, run: Run) -> Arguments:
    """Tell of what changed, and take the rungs of ladders whose time has come."""
    with db.transaction() as session:
        run.guard(session)
        tell(session)
        taken = escalate(session)
    told = formatting.count(taken, "rung") + " taken." if taken else "No rung is due."
    return {"summary": told, "rows_out": taken}


def escalate(session: Session) -> int:
    """Take every rung that is due for an alert that nobody acknowledged; return how many."""
    ladders = ladders_by_category(session)
    waiting = queries.alert_rows(session, AlertQuery(states=[AlertState.OPEN]))
    if not ladders or not waiting:
        return 0
    done, now = _taken(session, [row.alert.id for row in waiting]), clock.now()
    paths, of = queries.category_paths(session), _categories(session)
    told: dict[int, list[AlertRow]] = defaultdict(list)
    taken = 0
    for row in waiting:
        rungs = ladder_for(ladders, paths, of.get(row.alert.supplier_id))
        hours = (now - row.alert.raised_at).total_seconds() / HOUR
        waits = [wait_of(rung, Severity(row.alert.severity)) for rung in rungs]
        places = {place for place, rung in enumerate(rungs) if rung.place in done[row.alert.id]}
        for place in steps_due(hours, waits, places):
            taken += 1
            if _take(session, row, rungs[place], now):
                told[rungs[place].user_id].append(row)
    for user_id, rows in told.items():
        person = session.get_one(User, user_id)
        noun = formatting.count(len(rows), "alert")
        subject = f"{noun} {'waits' if len(rows) == 1 else 'wait'} for you"
        _mail(session, person, subject, "alerts_escalated", rows, None)
    return taken


def _take(session: Session, row: AlertRow, rung: Rung, now: datetime) -> bool:
    """Note that an alert reached a rung; return whether whoever stands there may be told."""
    person = recipient(session, rung.user_id)
    why = None
    if person is None:
        why = "the account is off, or may see no supplier"
    elif not person.may_read(session, [row.alert.id]):
        why = "this supplier is out of their reach"
    session.add(
        Escalation(
            alert_id=row.alert.id, place=rung.place, title=rung.title, user_id=rung.user_id,
            at=now, is_told=why is None, why=why,
        )
    )  # fmt: skip
    return why is None


def ladders_by_category(session: Session) -> dict[int, list[Rung]]:
    """Return the rungs of each ladder, lowest first; key 0 is the default one."""
    found: dict[int, list[Rung]] = defaultdict(list)
    for rung in session.scalars(select(Rung).order_by(Rung.category_key, Rung.place)):
        found[rung.category_key].append(rung)
    return dict(found)


def ladder_for(
    ladders: dict[int, list[Rung]], paths: dict[int, list[int]], category_id: int | None
) -> Sequence[Rung]:
    """Return the ladder of a category: its own, that of one above, else the default one."""
    own = [] if category_id is None else paths.get(category_id, [category_id])
    return next((ladders[key] for key in (*own, NO_CATEGORY) if key in ladders), ())


def wait_of(rung: Rung, severity: Severity) -> int | None:
    """Return how long an alert of a severity waits before a rung [hours]."""
    if severity is Severity.ALARM:
        return rung.alarm_hours
    return rung.warning_hours if severity is Severity.WARNING else rung.watch_hours


def _taken(session: Session, alert_ids: list[int]) -> dict[int, set[int]]:
    done: dict[int, set[int]] = {each: set() for each in alert_ids}
    of_open = Escalation.alert_id.in_(select(Alert.id).where(Alert.state == AlertState.OPEN))
    rows = select(Escalation.alert_id, Escalation.place).where(of_open)
    for alert_id, place in session.execute(rows):
        done.setdefault(alert_id, set()).add(place)
    return done


def _categories(session: Session) -> dict[int, int | None]:
    return {row[0]: row[1] for row in session.execute(select(Supplier.id, Supplier.category_id))}


# In digests


def digest_job(_arguments: Arguments, run: Run) -> Arguments:
    """Send everybody the digest that they subscribed to; nothing where nothing is new."""
    sent = empty = 0
    with db.transaction() as session:
        run.guard(session)
        wanted = select(Subscription).where(Subscription.cadence != Cadence.NEVER)
        for each in session.scalars(wanted.order_by(Subscription.id)).all():
            outcome = send_digest(session, each)
            sent, empty = sent + (outcome is True), empty + (outcome is False)
    return {"summary": f"{formatting.count(sent, 'digest')} sent, {empty} empty and not sent."}


def send_digest(session: Session, subscription: Subscription) -> bool | None:
    """Send a person's digest of this day or week.

    Returns True where it was sent, False where nothing is new, None where it was made already
    or the person may not be told any more.
    """
    cadence, now = Cadence(subscription.cadence), clock.now()
    period = now.date().isoformat() if cadence is Cadence.DAILY else f"{now:%G-W%V}"
    person = recipient(session, subscription.user_id)
    if subscription.last_period == period or person is None:
        return None
    since = subscription.last_digest_at or now - FIRST_DIGEST[cadence]
    subscription.last_period, subscription.last_digest_at = period, now
    least = RANK[Severity(subscription.least_severity)]
    mine = [
        row
        for row in _rows(session, person.may_read(session, _since(session, since)))
        if RANK[Severity(row.alert.severity)] >= least
    ]
    new = [row for row in mine if row.alert.raised_at > since and row.alert.state in STANDING]
    cleared = [row for row in mine if row.alert.state == AlertState.CLEARED]
    if not new and not cleared:
        return False
    subject = f"{formatting.count(len(new), 'new alert')}, {len(cleared)} cleared"
    _mail(session, person.user, subject, "alerts_digest", new, subscription, cleared=cleared,
          dedupe=f"alert digest {subscription.public_id} {period}")  # fmt: skip
    return True


def _since(session: Session, moment: datetime) -> list[int]:
    """Return the alerts that were raised, or cleared after they stood, since a moment."""
    rows = select(Alert.id).where(
        Alert.state != AlertState.MUTED,
        or_(Alert.raised_at > moment, Alert.cleared_at > moment),
    )
    return list(session.scalars(rows))


# Mail


def send_test(session: Session, user: User) -> None:
    """Send somebody a mail that only shows that mail arrives."""
    outbox.enqueue_mail(
        session,
        to=user.email,
        subject="Mainstay: a test",
        template="alerts_test",
        facts={"name": user.name},
        about=About("user", str(user.id)),
    )


def _rows(session: Session, ids: Collection[int]) -> list[AlertRow]:
    """Return alerts, the gravest first."""
    return queries.alert_rows(session, AlertQuery(ids=ids))


def _mail(
    session: Session,
    user: User,
    subject: str,
    template: str,
    rows: Sequence[AlertRow],
    subscription: Subscription | None,
    *,
    cleared: Sequence[AlertRow] = (),
    dedupe: str | None = None,
) -> None:
    about = None if subscription is None else About("alert_subscription",
                                                    str(subscription.public_id))  # fmt: skip
    outbox.enqueue_mail(
        session,
        to=user.email,
        subject=subject,
        template=template,
        facts={
            "name": user.name,
            "alerts": _lines(rows),
            "more": max(0, len(rows) - MOST_LINES),
            "cleared": _lines(cleared),
        },
        link_kind=None if subscription is None else LINK_OFF,
        about=about,
        dedupe_key=dedupe,
    )


def _lines(rows: Sequence[AlertRow]) -> list[str]:
    return [
        one_line(f"{row.alert.severity}: {row.supplier_name} – {row.alert.last_words}")
        for row in rows[:MOST_LINES]
    ]
