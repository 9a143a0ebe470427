"""Writes of who is told: ladders, subscriptions, and the link that ends one."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.errors import Conflict, InvalidInput, NotFound
from app.judgement.alerts.models import Severity
from app.judgement.alerts.telling import LINK_OFF, PERMISSION
from app.judgement.alerts.telling_models import NO_CATEGORY, Cadence, Rung, Subscription
from app.platform.accounts import grant_queries, roles
from app.platform.accounts.models import User
from app.platform.audit import keys
from app.platform.outbox.links import MakeLink


@dataclass(frozen=True, slots=True)
class Step:
    """A rung as it was filled in; None hours: that severity never gets so far."""

    category_key: int
    place: int
    title: str
    user_id: int
    alarm_hours: int | None
    warning_hours: int | None
    watch_hours: int | None


def set_rung(session: Session, step: Step) -> Rung:
    """Set a rung of a ladder; the one that stood there gives way."""
    if step.user_id not in dict(able(session)):
        raise InvalidInput("E-ALR-13", "Choose somebody of the house who may see suppliers.")
    found = session.scalars(
        select(Rung)
        .where(Rung.category_key == step.category_key, Rung.place == step.place)
        .with_for_update()
    ).first()
    rung = found or Rung(category_key=step.category_key, place=step.place, version=0)
    rung.title, rung.user_id = step.title, step.user_id
    rung.alarm_hours, rung.warning_hours = step.alarm_hours, step.warning_hours
    rung.watch_hours, rung.version = step.watch_hours, rung.version + 1
    session.add(rung)
    session.flush()
    return rung


def drop_rung(session: Session, public_id: UUID) -> None:
    """Take a rung away; alerts that reached it keep the note of it."""
    found = session.scalars(select(Rung).where(Rung.public_id == public_id)).first()
    if found is None:
        raise NotFound("E-ALR-14", "There is no such rung.")
    session.delete(found)
    session.flush()


def rungs(session: Session) -> list[tuple[Rung, str]]:
    """Return every rung with the name of who stands there, by ladder and place."""
    rows = session.execute(
        select(Rung, User.name)
        .join(User, User.id == Rung.user_id)
        .order_by(Rung.category_key != NO_CATEGORY, Rung.category_key, Rung.place)
    )
    return [(rung, name) for rung, name in rows]


def able(session: Session) -> list[tuple[int, str]]:
    """Return who may be told of alerts, by name."""
    held = grant_queries.held_by_all(session)
    rows = session.execute(select(User.id, User.name).where(User.is_active).order_by(User.name))
    return [
        (key, name)
        for key, name in rows
        if roles.may(roles.roles_of(held.get(key, ())), PERMISSION)
    ]


def own(session: Session, user_id: int) -> Subscription | None:
    """Return somebody's subscription, None for who never had one."""
    return session.scalars(select(Subscription).where(Subscription.user_id == user_id)).first()


def every(session: Session) -> list[tuple[Subscription, str, str]]:
    """Return all subscriptions with name and address."""
    rows = session.execute(
        select(Subscription, User.name, User.email)
        .join(User, User.id == Subscription.user_id)
        .order_by(User.name)
    )
    return [(each, name, email) for each, name, email in rows]


def subscribe(
    session: Session,
    user_id: int,
    wanted: tuple[Cadence, Severity, bool],
    *,
    seen: int,
) -> Subscription:
    """Say what somebody wants; `seen` is the version that they saw, 0 for none."""
    # Of two clicks at once the second one sees the first one.
    session.execute(select(User.id).where(User.id == user_id).with_for_update())
    found = own(session, user_id)
    if (0 if found is None else found.version) != seen:
        raise Conflict("E-ALR-15", "This was changed meanwhile, perhaps by a link; see it again.")
    kept = found or Subscription(user_id=user_id, version=0)
    kept.cadence, kept.least_severity, kept.at_once = wanted
    kept.version += 1
    session.add(kept)
    session.flush()
    return kept


def end(session: Session, public_id: UUID, *, user_id: int | None = None) -> Subscription:
    """Stop all alert mail of a subscription; with `user_id` only of that person's own."""
    found = session.scalars(select(Subscription).where(Subscription.public_id == public_id)).first()
    if found is None or (user_id is not None and found.user_id != user_id):
        raise NotFound("E-ALR-16", "There is no such subscription.")
    if found.cadence != Cadence.NEVER or found.at_once:
        found.cadence, found.at_once = Cadence.NEVER, False
        found.version += 1
    session.flush()
    return found


def sign(public_id: UUID | str) -> str:
    """Return what a link that ends a subscription carries beside its key."""
    return keys.commitment(f"alerts off {public_id}")


def is_signed(public_id: UUID, mark: str) -> bool:
    """Tell whether a link is one of ours."""
    return hmac.compare_digest(sign(public_id).encode(), mark.encode())


def _link(session: Session, about_id: str, base_url: str) -> str | None:
    """Return the link that ends a subscription; none where it is gone."""
    found = session.scalar(
        select(Subscription.public_id).where(Subscription.public_id == UUID(about_id))
    )
    return None if found is None else f"{base_url}/alerts/off/{found}/{sign(found)}"


LINKS: Mapping[str, MakeLink] = {LINK_OFF: _link}
