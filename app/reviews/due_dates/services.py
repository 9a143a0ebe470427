"""Feeds of a calendar: made once, shown once, known by their hash, taken back at once.

What a feed shows is never kept: every read is done as the person, with what that person
holds at the moment. Whoever is switched off has an empty hand the same minute.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base import acting, clock
from app.base.acting import Actor, Source
from app.base.errors import Conflict, InvalidInput, NotFound
from app.platform.accounts import grant_queries, queries, roles, values
from app.platform.accounts.matrix import Extent
from app.reviews.due_dates.models import LONGEST_NAME, CalendarFeed

# Known by it in files that should not hold one.
PREFIX = "msc_"
HINT_LENGTH = 8
LONGEST_DAYS = 366
MOST_FEEDS = 10
USED_STEP = timedelta(minutes=1)
PERMISSION = "suppliers.view"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads through a feed, and whether only what is their own is wanted."""

    actor: Actor
    user_id: int
    name: str
    is_mine_only: bool


def make(
    session: Session, *, user_id: int, name: str, days: int, is_mine_only: bool = False
) -> str:
    """Make a feed and return its token, the only time that it can be seen."""
    now = clock.now()
    if not name.strip() or len(name) > LONGEST_NAME:
        raise InvalidInput(
            "E-FED-01", f"Name the program that reads it, in {LONGEST_NAME} characters."
        )
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInput("E-FED-02", f"{days} days; give 1 to {LONGEST_DAYS}.")
    running = select(func.count(CalendarFeed.id)).where(
        CalendarFeed.user_id == user_id,
        CalendarFeed.revoked_at.is_(None),
        CalendarFeed.expires_at > now,
    )
    if (session.scalar(running) or 0) >= MOST_FEEDS:
        raise Conflict(
            "E-FED-03", f"You have {MOST_FEEDS} addresses that work. Take one back first."
        )
    token = PREFIX + values.new_secret()
    session.add(
        CalendarFeed(
            user_id=user_id,
            token_hash=values.hashed(token),
            hint=token[:HINT_LENGTH],
            name=name.strip(),
            is_mine_only=is_mine_only,
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
    )
    session.flush()
    return token


def revoke(session: Session, *, user_id: int, public_id: UUID) -> None:
    """Take a feed of one's own back: the next read finds nothing."""
    row = session.scalar(
        select(CalendarFeed)
        .where(CalendarFeed.public_id == public_id, CalendarFeed.user_id == user_id)
        .with_for_update()
    )
    if row is None:
        raise NotFound("E-FED-04", "You have no such address.")
    if row.revoked_at is None:
        row.revoked_at = clock.now()
    session.flush()


def redeem(session: Session, token: str, *, network: str, buyers_see: Extent) -> Reader | None:
    """Return who reads by a token; None where it opens nothing, or nothing any more.

    buyers_see: the house's choice. Notes the use, at most once a minute.
    """
    if not token.startswith(PREFIX):
        return None
    now = clock.now()
    row = session.scalar(
        select(CalendarFeed).where(CalendarFeed.token_hash == values.hashed(token))
    )
    if row is None or row.revoked_at is not None or row.expires_at <= now:
        return None
    person = queries.person_by_id(session, row.user_id)
    held = grant_queries.held_by(session, row.user_id)
    names = roles.roles_of(held)
    if person is None or not person.is_active or not roles.may(names, PERMISSION):
        return None
    if row.last_used_at is None or now - row.last_used_at > USED_STEP:
        row.last_used_at, row.last_used_from = now, network
        session.flush()
    actor = Actor(
        name=person.name,
        source=Source.API,
        user_id=person.id,
        roles=names,
        reads=roles.reads_of(held, buyers_see=buyers_see),
        writes=acting.NOTHING,
        network=network,
    )
    return Reader(actor, person.id, person.name, row.is_mine_only)
