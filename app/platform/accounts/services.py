"""Writes to accounts: people, one-time secrets, tries to sign in, passwords, sessions.

Knows no web framework and hashes no password; `identity` does.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.base import clock
from app.base.errors import AppError, Conflict, InvalidInput, NotFound
from app.platform.accounts import queries, values
from app.platform.accounts.models import (
    OneTimeSecret,
    SecretPurpose,
    SignInAttempt,
    TryKind,
    User,
    WebSession,
)
from app.platform.accounts.queries import Person

LOCAL_ADMIN_EMAIL = "admin@localhost"
LOCAL_ADMIN_NAME = "Administrator"
VALID_FOR = {
    SecretPurpose.INVITATION: timedelta(hours=72),
    SecretPurpose.SIGN_IN: timedelta(hours=24),
}
LINK_DEAD = "This link is no longer valid. Ask for a new one."

WRONG_TRIES = 10
# From one network on any accounts: guessing one password on many.
WRONG_TRIES_PER_NETWORK = 100
TRIES_WINDOW = timedelta(minutes=15)

IDLE_LIMIT = timedelta(minutes=30)
SESSION_LIMIT = timedelta(hours=12)
# Writing every request's time would make every page a write.
SEEN_STEP = timedelta(minutes=1)


class TooManyTries(AppError):
    """Wrong passwords came too often; `retry_after` says when to try again [seconds]."""

    kind = "too_many"

    def __init__(self, code: str, message: str, retry_after: int = 900) -> None:
        super().__init__(code, message)
        self.retry_after = retry_after


def create_admin(session: Session, *, email: str, name: str | None, is_local: bool = False) -> int:
    """Create an administrator without password and return the key."""
    clean = email if is_local else values.clean_email(email)
    if queries.person_by_email(session, clean) is not None:
        raise Conflict("E-AUT-11", f"{clean} has an account already.")
    user = User(
        email=clean,
        name=(name or values.name_from_email(clean)).strip()[:200],
        is_local_admin=is_local,
        uniquifier=secrets.token_hex(32),
    )
    session.add(user)
    session.flush()
    return user.id


def issue_secret(session: Session, *, user_id: int, purpose: SecretPurpose, by: str) -> str:
    """Return a new one-time secret; older unused ones of the same purpose die."""
    now = clock.now()
    session.execute(
        update(OneTimeSecret)
        .where(
            OneTimeSecret.user_id == user_id,
            OneTimeSecret.purpose == purpose,
            OneTimeSecret.used_at.is_(None),
        )
        .values(used_at=now)
    )
    secret = values.new_secret()
    session.add(
        OneTimeSecret(
            secret_hash=values.hashed(secret),
            purpose=purpose,
            user_id=user_id,
            made_by=by,
            created_at=now,
            expires_at=now + VALID_FOR[purpose],
        )
    )
    session.flush()
    return secret


def one_time_sign_in(session: Session, *, by: str, base_url: str) -> str:
    """Return an address that signs in once as the local administrator, made on first need.

    The secret stands behind `#`, where no server and no log sees it.
    """
    user_id = session.scalar(select(User.id).where(User.is_local_admin, User.is_active))
    if user_id is None:
        user_id = create_admin(
            session, email=LOCAL_ADMIN_EMAIL, name=LOCAL_ADMIN_NAME, is_local=True
        )
    secret = issue_secret(session, user_id=user_id, purpose=SecretPurpose.SIGN_IN, by=by)
    return sign_in_address(base_url, secret)


def sign_in_address(base_url: str, secret: str) -> str:
    """Return the address that takes a one-time secret."""
    return f"{base_url.rstrip('/')}/sign-in/once#{secret}"


def redeem_secret(session: Session, secret: str) -> Person:
    """Use a one-time secret up and return whose it is.

    Raises InvalidInput when it is unknown, used or over, in one and the same sentence.
    """
    now = clock.now()
    found = session.scalar(
        select(OneTimeSecret).where(OneTimeSecret.secret_hash == values.hashed(secret.strip()))
    )
    if found is None or found.used_at is not None or found.expires_at <= now:
        raise InvalidInput("E-AUT-12", LINK_DEAD)
    used = session.execute(
        update(OneTimeSecret)
        .where(OneTimeSecret.id == found.id, OneTimeSecret.used_at.is_(None))
        .values(used_at=now)
        .returning(OneTimeSecret.id)
    ).first()
    person = queries.person_by_id(session, found.user_id)
    if used is None or person is None or not person.is_active:
        raise InvalidInput("E-AUT-12", LINK_DEAD)
    return person


def note_try(session: Session, *, email: str, network: str) -> None:
    """Count a try to sign in before its password is looked at.

    Raises TooManyTries when this account from this network, or the network itself, has
    too many wrong tries in the window. Unknown accounts count the same.
    """
    now = clock.now()
    since = now - TRIES_WINDOW
    account = values.hashed(email)
    same_account = _tries(session, since, network, account)
    if same_account >= WRONG_TRIES or _tries(session, since, network) >= WRONG_TRIES_PER_NETWORK:
        raise TooManyTries(
            "E-AUT-13",
            "Too many wrong tries. Wait 15 minutes, then try again.",
            int(TRIES_WINDOW.total_seconds()),
        )
    session.add(
        SignInAttempt(kind=TryKind.PASSWORD, account_hash=account, ip_prefix=network, at=now)
    )
    session.flush()


def note_sign_in(session: Session, *, person: Person, network: str) -> None:
    """Forget this account's wrong tries from here and note when it signed in."""
    session.execute(
        delete(SignInAttempt).where(
            SignInAttempt.account_hash == values.hashed(person.email),
            SignInAttempt.ip_prefix == network,
        )
    )
    session.execute(update(User).where(User.id == person.id).values(last_sign_in_at=clock.now()))


def set_password_hash(session: Session, *, user_id: int, password_hash: str) -> str:
    """Keep a new password, end every session of the account, return the new uniquifier."""
    user = session.get(User, user_id)
    if user is None:
        raise NotFound("E-AUT-14", "There is no such account.")
    user.password_hash = password_hash
    user.password_set_at = clock.now()
    user.uniquifier = secrets.token_hex(32)
    end_sessions(session, user_id=user_id)
    session.flush()
    return user.uniquifier


def disable(session: Session, *, user_id: int) -> None:
    """Switch an account off and end its sessions."""
    session.execute(update(User).where(User.id == user_id).values(is_active=False))
    end_sessions(session, user_id=user_id)


def end_sessions(session: Session, *, user_id: int) -> None:
    """End every session of an account."""
    session.execute(delete(WebSession).where(WebSession.user_id == user_id))


def open_session(
    session: Session, *, token: str, content: str, uniquifier: str, network: str, agent: str
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
            created_at=now,
            last_seen_at=now,
            expires_at=now + SESSION_LIMIT,
            ip_prefix=network,
            user_agent=agent[:300],
            idle_seconds=int(IDLE_LIMIT.total_seconds()),
        )
    )


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


def forget_old(session: Session) -> None:
    """Remove sessions that are over and tries that no longer count."""
    now = clock.now()
    session.execute(delete(WebSession).where(WebSession.expires_at < now))
    session.execute(delete(WebSession).where(WebSession.last_seen_at < now - IDLE_LIMIT))
    session.execute(delete(SignInAttempt).where(SignInAttempt.at < now - TRIES_WINDOW))
    session.execute(delete(OneTimeSecret).where(OneTimeSecret.expires_at < now - SESSION_LIMIT))


def _tries(session: Session, since: datetime, network: str, account: str | None = None) -> int:
    statement = select(func.count(SignInAttempt.id)).where(
        SignInAttempt.at > since, SignInAttempt.ip_prefix == network
    )
    if account is not None:
        statement = statement.where(SignInAttempt.account_hash == account)
    return session.scalar(statement) or 0
