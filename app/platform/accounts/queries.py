"""Reads of people and their sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.accounts.models import User, WebSession


@dataclass(frozen=True, slots=True)
class Person:
    """An account as the rest of the product sees it."""

    id: int
    email: str
    name: str
    password_hash: str | None
    uniquifier: str
    is_active: bool

    @property
    def must_set_password(self) -> bool:
        """Whether the account has no password of its own yet."""
        return self.password_hash is None


def person_by_email(session: Session, email: str) -> Person | None:
    """Return the account with this address."""
    return _person(session.scalar(select(User).where(User.email == email)))


def person_by_uniquifier(session: Session, uniquifier: str) -> Person | None:
    """Return the account a session names."""
    return _person(session.scalar(select(User).where(User.uniquifier == uniquifier)))


def person_by_id(session: Session, user_id: int) -> Person | None:
    """Return the account with this key."""
    return _person(session.get(User, user_id))


def people(session: Session) -> list[Person]:
    """Return all accounts by address."""
    found = [_person(user) for user in session.scalars(select(User).order_by(User.email))]
    return [person for person in found if person is not None]


def _person(user: User | None) -> Person | None:
    if user is None:
        return None
    return Person(
        id=user.id,
        email=user.email,
        name=user.name,
        password_hash=user.password_hash,
        uniquifier=user.uniquifier,
        is_active=user.is_active,
    )


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session that may still be used."""

    content: str
    last_seen_at: datetime


def live_session(
    session: Session, *, token_hash: str, seen_after: datetime, at: datetime
) -> LiveSession | None:
    """Return the session unless it is over, was idle since before `seen_after`, or its
    account is switched off."""
    row = session.execute(
        select(WebSession.content, WebSession.last_seen_at)
        .join(User, User.id == WebSession.user_id)
        .where(
            WebSession.id_hash == token_hash,
            WebSession.expires_at > at,
            WebSession.last_seen_at > seen_after,
            User.is_active,
        )
    ).first()
    return None if row is None else LiveSession(row.content, row.last_seen_at)
