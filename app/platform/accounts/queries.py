"""Reads of people and their sessions."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Row, Select, exists, func, select
from sqlalchemy.orm import Session

from app.platform.accounts.devices import device_words
from app.platform.accounts.factor_models import KnownDevice, Passkey, SsoIdentity, TotpFactor
from app.platform.accounts.models import AccountKind, User, WebSession


@dataclass(frozen=True, slots=True)
class Person:
    """An account as the rest of the product sees it.

    must_enrol: a second factor is required and none is set up; the gate says so, because it
    knows the settings.
    """

    id: int
    public_id: uuid.UUID
    email: str
    name: str
    password_hash: str | None = field(repr=False)
    uniquifier: str = field(repr=False)
    is_active: bool
    is_local_admin: bool
    is_of_supplier: bool
    has_totp: bool
    has_passkey: bool
    has_sso: bool
    must_enrol: bool = False

    @property
    def must_set_password(self) -> bool:
        """Whether the account has nothing yet to sign in with again."""
        return self.password_hash is None and not self.has_sso

    @property
    def has_second_factor(self) -> bool:
        """Whether a password alone does not let the person in."""
        return self.has_totp or self.has_passkey


def person_by_email(session: Session, email: str) -> Person | None:
    """Return the account with this address."""
    return _person(session.execute(_people().where(User.email == email)).first())


def person_by_uniquifier(session: Session, uniquifier: str) -> Person | None:
    """Return the account a session names."""
    return _person(session.execute(_people().where(User.uniquifier == uniquifier)).first())


def person_by_id(session: Session, user_id: int) -> Person | None:
    """Return the account with this key."""
    return _person(session.execute(_people().where(User.id == user_id)).first())


def person_by_public_id(session: Session, public_id: uuid.UUID) -> Person | None:
    """Return the account that a page names."""
    return _person(session.execute(_people().where(User.public_id == public_id)).first())


def person_at_provider(session: Session, *, issuer: str, subject: str) -> Person | None:
    """Return the account bound to somebody at the identity provider."""
    bound = select(SsoIdentity.user_id).where(
        SsoIdentity.issuer == issuer, SsoIdentity.subject == subject
    )
    return _person(session.execute(_people().where(User.id.in_(bound))).first())


def people(session: Session) -> list[Person]:
    """Return all accounts by address."""
    found = [_person(row) for row in session.execute(_people().order_by(User.email))]
    return [person for person in found if person is not None]


def _people() -> Select[User, bool, bool, bool]:
    return select(
        User,
        exists().where(TotpFactor.user_id == User.id, TotpFactor.confirmed_at.is_not(None)),
        exists().where(Passkey.user_id == User.id),
        exists().where(SsoIdentity.user_id == User.id),
    )


def _person(row: Row[User, bool, bool, bool] | None) -> Person | None:
    if row is None:
        return None
    user, has_totp, has_passkey, has_sso = row
    return Person(
        id=user.id,
        public_id=user.public_id,
        email=user.email,
        name=user.name,
        password_hash=user.password_hash,
        uniquifier=user.uniquifier,
        is_active=user.is_active,
        is_local_admin=user.is_local_admin,
        is_of_supplier=user.kind == AccountKind.SUPPLIER,
        has_totp=has_totp,
        has_passkey=has_passkey,
        has_sso=has_sso,
    )


def is_known_device(session: Session, *, email: str, device_hash: str, at: datetime) -> bool:
    """Tell whether the account of an address has signed in with this browser before."""
    found = session.scalar(
        select(KnownDevice.id)
        .join(User, User.id == KnownDevice.user_id)
        .where(
            User.email == email,
            KnownDevice.device_hash == device_hash,
            KnownDevice.expires_at > at,
        )
    )
    return found is not None


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session that may still be used."""

    content: str
    last_seen_at: datetime


def live_session(session: Session, *, token_hash: str, at: datetime) -> LiveSession | None:
    """Return the session unless it is over, was idle too long, or its account is off."""
    row = session.execute(
        select(WebSession.content, WebSession.last_seen_at, WebSession.idle_seconds)
        .join(User, User.id == WebSession.user_id)
        .where(WebSession.id_hash == token_hash, WebSession.expires_at > at, User.is_active)
    ).first()
    if row is None or at - row.last_seen_at >= timedelta(seconds=row.idle_seconds):
        return None
    return LiveSession(row.content, row.last_seen_at)


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session as the list of somebody's sessions shows it."""

    public_id: str
    device: str
    network: str
    how: str
    created_at: datetime
    last_seen_at: datetime
    is_this_one: bool


def open_sessions(
    session: Session, user_id: int, *, this_hash: str | None, at: datetime
) -> list[OpenSession]:
    """Return somebody's live sessions, the last seen first; `this_hash` names the asking one."""
    rows = session.scalars(
        select(WebSession)
        .where(WebSession.user_id == user_id, WebSession.expires_at > at)
        .order_by(WebSession.last_seen_at.desc(), WebSession.created_at.desc())
    )
    return [
        OpenSession(
            public_id=str(row.public_id),
            device=device_words(row.user_agent or ""),
            network=row.ip_prefix or "",
            how=row.how,
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
            is_this_one=row.id_hash == this_hash,
        )
        for row in rows
        if at - row.last_seen_at < timedelta(seconds=row.idle_seconds)
    ]


def people_named(session: Session, names: Collection[str]) -> list[User]:
    """Return the active people of the house whose name or address is among some texts."""
    wanted = {name.strip().lower() for name in names} - {""}
    rows = select(User).where(
        func.lower(User.name).in_(wanted) | User.email.in_(wanted),
        User.is_active,
        User.kind == AccountKind.INTERNAL,
    )
    return list(session.scalars(rows.order_by(User.id)))
