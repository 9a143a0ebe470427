"""Writes of delegations: let somebody stand in, and take it back.

What is lent is power of one's own, for some days; nobody lends on what was lent to them.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.acting import Actor
from app.base.errors import Forbidden, InvalidInput, NotFound
from app.platform.accounts.models import AccountKind, User
from app.platform.approvals import kinds, values
from app.platform.approvals.models import Delegation


@dataclass(frozen=True, slots=True)
class StandInChoice:
    """Somebody who may stand in."""

    id: int
    name: str
    email: str


def delegate(
    session: Session,
    *,
    to_id: int,
    object_types: Collection[str],
    from_on: date,
    until_on: date,
) -> uuid.UUID:
    """Let somebody else decide in one's stead from one day to another; return its public id.

    Only power of one's own can be lent, and never what was lent.
    """
    actor = db.actor_of(session)
    values.check_period(from_on, until_on, today=clock.today())
    if not object_types:
        raise InvalidInput("E-SOD-17", "Choose at least one kind of approval.")
    from_id = _with_power_of_their_own(session, actor, object_types)
    if to_id not in {each.id for each in _people_of_the_house(session)}:
        raise InvalidInput("E-SOD-17", "Choose a person with an active account.")
    if to_id == from_id:
        raise InvalidInput("E-SOD-17", "Choose somebody else: you decide for yourself already.")
    row = Delegation(
        from_id=from_id,
        to_id=to_id,
        object_types=sorted(object_types),
        from_on=from_on,
        until_on=until_on,
    )
    session.add(row)
    session.flush()
    return row.public_id


def withdraw_delegation(session: Session, *, public_id: uuid.UUID) -> None:
    """End a delegation of one's own at once."""
    row = session.scalar(
        select(Delegation).where(
            Delegation.public_id == public_id,
            Delegation.from_id == db.actor_of(session).user_id,
        )
    )
    if row is None:
        raise NotFound("E-SOD-20", "You have no such delegation.")
    if row.withdrawn_at is None:
        row.withdrawn_at = clock.now()
    session.flush()


def possible_stand_ins(session: Session, person_id: int) -> list[StandInChoice]:
    """Return who may stand in for somebody: everybody else of the house, by name."""
    return [each for each in _people_of_the_house(session) if each.id != person_id]


def _people_of_the_house(session: Session) -> list[StandInChoice]:
    rows = session.execute(
        select(User.id, User.name, User.email)
        .where(User.is_active, User.kind == AccountKind.INTERNAL)
        .order_by(User.name, User.email)
    )
    return [StandInChoice(*row) for row in rows]


def _with_power_of_their_own(session: Session, actor: Actor, object_types: Collection[str]) -> int:
    for name in object_types:
        kind = kinds.kind_of(name)
        if actor.user_id is None or actor.user_id not in kind.approvers(session):
            raise Forbidden("E-SOD-12", f"You hold no power of your own to lend: {kind.words}.")
    assert actor.user_id is not None  # noqa: S101 — at least one kind was looked at
    return actor.user_id
