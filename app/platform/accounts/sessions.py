"""Writes of server-side sessions and known browsers. Ids are kept as hashes only."""

from __future__ import annotations

import uuid
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.base import clock
from app.base.errors import NotFound
from app.platform.accounts import queries, values
from app.platform.accounts.factor_models import KnownDevice, UsedChallenge
from app.platform.accounts.models import WebSession
from app.platform.accounts.queries import Person

IDLE_LIMIT = timedelta(minutes=30)
SUPPLIER_IDLE_LIMIT = timedelta(minutes=15)
SESSION_LIMIT = timedelta(hours=12)
# Writing every request's time would make every page a write.
SEEN_STEP = timedelta(minutes=1)
DEVICE_KNOWN_FOR = timedelta(days=180)


def open_session(
    session: Session,
    *,
    token: str,
    content: str,
    uniquifier: str,
    network: str,
    agent: str,
    how: str = "",
) -> None:
    """Keep a new session of the account that `uniquifier` names."""
    now = clock.now()
    person = queries.person_by_uniquifier(session, uniquifier)
    if person is None:
        return
    session.add(
        WebSession(
            id_hash=values.hashed(token),
            user_id=person.id,
            content=content,
            how=how[:60],
            idle_seconds=int(idle_limit(person).total_seconds()),
            created_at=now,
            last_seen_at=now,
            expires_at=now + SESSION_LIMIT,
            ip_prefix=network,
            user_agent=agent[:300],
        )
    )


def idle_limit(person: Person) -> timedelta:
    """Return how long somebody's session may rest."""
    return SUPPLIER_IDLE_LIMIT if person.is_of_supplier else IDLE_LIMIT


def change_session(session: Session, *, token: str, content: str | None = None) -> None:
    """Keep a session's new content and that it was seen now."""
    changes: dict[str, object] = {"last_seen_at": clock.now()}
    if content is not None:
        changes["content"] = content
    session.execute(
        update(WebSession).where(WebSession.id_hash == values.hashed(token)).values(**changes)
    )


def close_session(session: Session, *, token: str) -> None:
    """End one session."""
    session.execute(delete(WebSession).where(WebSession.id_hash == values.hashed(token)))


def end_session(session: Session, *, user_id: int, public_id: uuid.UUID) -> None:
    """End one of somebody's sessions, as their list names it."""
    ended = session.execute(
        delete(WebSession)
        .where(WebSession.user_id == user_id, WebSession.public_id == public_id)
        .returning(WebSession.id_hash)
    ).first()
    if ended is None:
        raise NotFound("E-AUT-15", "This session has ended already.")


def end_sessions(session: Session, *, user_id: int, but: str | None = None) -> int:
    """End every session of an account, but the one of the token `but`; return how many."""
    ended = delete(WebSession).where(WebSession.user_id == user_id)
    if but is not None:
        ended = ended.where(WebSession.id_hash != values.hashed(but))
    return len(session.execute(ended.returning(WebSession.id_hash)).all())


def forget_old(session: Session) -> None:
    """Remove sessions that are over, and browsers and challenges that no longer count."""
    now = clock.now()
    session.execute(delete(WebSession).where(WebSession.expires_at < now))
    session.execute(delete(WebSession).where(WebSession.last_seen_at < now - IDLE_LIMIT))
    session.execute(delete(KnownDevice).where(KnownDevice.expires_at < now))
    session.execute(delete(UsedChallenge).where(UsedChallenge.expires_at < now))


def know_device(session: Session, *, user_id: int, device: str) -> None:
    """Note that an account has signed in with this browser."""
    now, device_hash = clock.now(), values.hashed(device)
    known = session.scalar(
        select(KnownDevice).where(
            KnownDevice.device_hash == device_hash, KnownDevice.user_id == user_id
        )
    )
    if known is None:
        known = KnownDevice(user_id=user_id, device_hash=device_hash)
        session.add(known)
    known.last_used_at = now
    known.expires_at = now + DEVICE_KNOWN_FOR
    session.flush()


def forget_devices(session: Session, *, user_id: int) -> None:
    """Treat every browser of an account as a stranger's from now on."""
    session.execute(delete(KnownDevice).where(KnownDevice.user_id == user_id))
