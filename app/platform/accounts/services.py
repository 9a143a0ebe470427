"""Writes to accounts: people, one-time secrets, passwords.

Knows no web framework and hashes no password; `identity` does. Sessions, tries and second
factors have modules of their own.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.base import clock
from app.base.errors import Conflict, InvalidInput, NotFound
from app.platform.accounts import grants, queries, sessions, tries, values
from app.platform.accounts.factor_models import SsoIdentity
from app.platform.accounts.models import OneTimeSecret, SecretPurpose, User
from app.platform.accounts.queries import Person

LOCAL_ADMIN_EMAIL = "admin@localhost"
LOCAL_ADMIN_NAME = "Administrator"
VALID_FOR = {
    SecretPurpose.INVITATION: timedelta(hours=72),
    SecretPurpose.SIGN_IN: timedelta(hours=24),
    SecretPurpose.RESET: timedelta(hours=1),
    SecretPurpose.NEW_EMAIL: timedelta(hours=24),
}
# The pages that take a secret: it stands behind `#`, where no server and no log sees it.
PAGES = {
    SecretPurpose.INVITATION: "/sign-in/once",
    SecretPurpose.SIGN_IN: "/sign-in/once",
    SecretPurpose.RESET: "/password/reset",
    SecretPurpose.NEW_EMAIL: "/account/email/confirm",
}
LINK_DEAD = "This link is no longer valid. Ask for a new one."
KEPT_FOR = timedelta(hours=12)


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
    grants.grant_first_roles(session, user.id, is_local=is_local)
    return user.id


def issue_secret(
    session: Session,
    *,
    user_id: int,
    purpose: SecretPurpose,
    by: str,
    detail: str | None = None,
) -> str:
    """Return a new one-time secret; older unused ones of the same purpose die."""
    now = clock.now()
    void_secrets(session, user_id=user_id, purpose=purpose)
    secret = values.new_secret()
    session.add(
        OneTimeSecret(
            secret_hash=values.hashed(secret),
            purpose=purpose,
            user_id=user_id,
            made_by=by,
            created_at=now,
            expires_at=now + VALID_FOR[purpose],
            detail=detail,
        )
    )
    session.flush()
    return secret


def void_secrets(session: Session, *, user_id: int, purpose: SecretPurpose | None = None) -> None:
    """Let somebody's unused secrets die, of one purpose or of all."""
    voided = update(OneTimeSecret).where(
        OneTimeSecret.user_id == user_id, OneTimeSecret.used_at.is_(None)
    )
    if purpose is not None:
        voided = voided.where(OneTimeSecret.purpose == purpose)
    session.execute(voided.values(used_at=clock.now()))


def link_address(base_url: str, purpose: SecretPurpose, secret: str) -> str:
    """Return the address that takes a one-time secret of a purpose."""
    return f"{base_url.rstrip('/')}{PAGES[purpose]}#{secret}"


def looked_up(session: Session, secret: str, *purposes: SecretPurpose) -> Person:
    """Return whose a good secret is, without using it up.

    Raises InvalidInput when it is unknown, used, over, of another purpose, or its account off.
    """
    return _good(session, secret, purposes)[1]


def redeem(session: Session, secret: str, *purposes: SecretPurpose) -> tuple[Person, str | None]:
    """Use a one-time secret up; return whose it is and what it is about.

    Raises InvalidInput as `looked_up` does, also where somebody else used it just now.
    """
    found, person = _good(session, secret, purposes)
    used = session.execute(
        update(OneTimeSecret)
        .where(OneTimeSecret.id == found.id, OneTimeSecret.used_at.is_(None))
        .values(used_at=clock.now())
        .returning(OneTimeSecret.id)
    ).first()
    if used is None:
        raise _dead()
    return person, found.detail


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
    return link_address(base_url, SecretPurpose.SIGN_IN, secret)


def note_sign_in(session: Session, *, person: Person) -> None:
    """Note when an account signed in."""
    session.execute(update(User).where(User.id == person.id).values(last_sign_in_at=clock.now()))


def set_password_hash(session: Session, *, user_id: int, password_hash: str) -> str:
    """Keep a new password, end every session of the account, return the new uniquifier."""
    user = session.get(User, user_id)
    if user is None:
        raise NotFound("E-AUT-14", "There is no such account.")
    user.password_hash = password_hash
    user.password_set_at = clock.now()
    user.uniquifier = secrets.token_hex(32)
    sessions.end_sessions(session, user_id=user_id)
    void_secrets(session, user_id=user_id)
    session.flush()
    return user.uniquifier


def change_email(session: Session, *, user_id: int, email: str) -> None:
    """Give an account another address; every session of it ends."""
    clean = values.clean_email(email)
    other = queries.person_by_email(session, clean)
    if other is not None and other.id != user_id:
        raise Conflict("E-AUT-11", f"{clean} has an account already.")
    session.get_one(User, user_id).email = clean
    void_secrets(session, user_id=user_id)
    sessions.end_sessions(session, user_id=user_id)


def bind_to_provider(session: Session, *, user_id: int, issuer: str, subject: str) -> None:
    """Bind an account to somebody at the identity provider; an open invitation is used up."""
    session.add(
        SsoIdentity(user_id=user_id, issuer=issuer, subject=subject[:255], created_at=clock.now())
    )
    void_secrets(session, user_id=user_id, purpose=SecretPurpose.INVITATION)
    session.flush()


def disable(session: Session, *, user_id: int) -> None:
    """Switch an account off; its sessions and its unused links end."""
    session.get_one(User, user_id).is_active = False
    void_secrets(session, user_id=user_id)
    sessions.end_sessions(session, user_id=user_id)


def forget_old(session: Session) -> None:
    """Remove sessions, tries and secrets that are over."""
    sessions.forget_old(session)
    tries.forget_old(session)
    session.execute(delete(OneTimeSecret).where(OneTimeSecret.expires_at < clock.now() - KEPT_FOR))


def _good(
    session: Session, secret: str, purposes: tuple[SecretPurpose, ...]
) -> tuple[OneTimeSecret, Person]:
    found = session.scalar(
        select(OneTimeSecret).where(OneTimeSecret.secret_hash == values.hashed(secret.strip()))
    )
    if found is None or found.used_at is not None or found.expires_at <= clock.now():
        raise _dead()
    person = queries.person_by_id(session, found.user_id)
    if found.purpose not in purposes or person is None or not person.is_active:
        raise _dead()
    return found, person


def _dead() -> InvalidInput:
    return InvalidInput("E-AUT-12", LINK_DEAD)
