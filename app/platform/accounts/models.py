"""Tables of people and their sessions. Secrets and session ids are kept as hashes only."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, Moment, ShortText, Timestamps, UtcDateTime, one_of
from app.platform.audit.marking import Audited, Mark, Whose, holds_names


class SecretPurpose(StrEnum):
    """What a one-time secret opens; it opens nothing else."""

    INVITATION = "invitation"
    SIGN_IN = "sign_in"
    RESET = "reset"
    NEW_EMAIL = "new_email"


class TryKind(StrEnum):
    """What was tried: each kind is counted for itself."""

    PASSWORD = "password"  # noqa: S105 — a word
    ONE_TIME = "one_time"
    SECOND_FACTOR = "second_factor"
    RESET = "reset"
    CALENDAR = "calendar"


class AccountKind(StrEnum):
    """Whose account it is; one account never holds roles of both kinds."""

    INTERNAL = "internal"
    SUPPLIER = "supplier"


class User(Timestamps, Audited, Base):
    """Somebody who may sign in. `uniquifier` is what a session names; changing it ends all."""

    audit = Mark(
        "account",
        label="name",
        secret={"password_hash", "uniquifier"},
        left_out={"last_sign_in_at", "password_set_at"},
        personal={"email": Whose.OWN, "name": Whose.OWN},
        erased={"email": "erased-{id}@erased.invalid", "name": "erased person {id}"},
    )

    # The name of the table is a reserved word; SQLAlchemy quotes it on both engines.
    __tablename__ = "user"
    __scope__ = scope.open_to_all("signing in runs before anybody acts")
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_lower"),
        CheckConstraint(one_of("kind", AccountKind), name="kind"),
        # What a role refers to, so that an account holds roles of its own kind only.
        Index("uq_user_id_kind", "id", "kind", unique=True),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[ShortText]
    password_hash: Mapped[str | None] = mapped_column(String(255))
    password_set_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_active: Mapped[bool] = mapped_column(default=True)
    kind: Mapped[str] = mapped_column(
        String(10), default=AccountKind.INTERNAL, server_default="internal"
    )
    # Made by the command line on this machine; `make run` signs in as this one.
    is_local_admin: Mapped[bool] = mapped_column(default=False)
    uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    last_sign_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)


class WebSession(Base):
    """A signed-in browser, until it signs out, rests too long or is ended.

    `id_hash` names it towards the browser, `public_id` on the page that lists it. `how` says
    what was given at the sign-in (“password, code”).
    """

    __tablename__ = "web_session"
    __scope__ = scope.open_to_all("signing in runs before anybody acts")
    __table_args__ = (
        Index("ix_web_session_user_id", "user_id"),
        Index("ix_web_session_expires_at", "expires_at"),
    )
    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    user_id: Mapped[int] = mapped_column(BigKey, ForeignKey("user.id", ondelete="CASCADE"))
    content: Mapped[str] = mapped_column(Text)
    how: Mapped[str] = mapped_column(String(60), default="")
    idle_seconds: Mapped[int]
    created_at: Mapped[Moment]
    last_seen_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    ip_prefix: Mapped[str | None] = mapped_column(String(50))
    user_agent: Mapped[str | None] = mapped_column(String(300))


class OneTimeSecret(Base):
    """A secret that works once, until it expires, for one purpose.

    `detail` is what the purpose is about: the new address that is to be proven.
    """

    __tablename__ = "one_time_secret"
    __scope__ = scope.open_to_all("signing in runs before anybody acts")
    __table_args__ = (
        CheckConstraint(one_of("purpose", SecretPurpose), name="purpose"),
        Index("ix_one_time_secret_user_id", "user_id", "purpose"),
    )
    id: Mapped[Key]
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[int] = mapped_column(BigKey, ForeignKey("user.id", ondelete="CASCADE"))
    made_by: Mapped[ShortText]
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    detail: Mapped[str | None] = mapped_column(String(254))


class SignInAttempt(Base):
    """A try that has not (yet) succeeded. The account is kept as a hash.

    `device_hash` names a browser that the account has signed in with before; such tries are
    counted for that browser alone.
    """

    __tablename__ = "sign_in_attempt"
    __scope__ = scope.open_to_all("signing in runs before anybody acts")
    __table_args__ = (
        CheckConstraint(one_of("kind", TryKind), name="kind"),
        Index("ix_sign_in_attempt_account", "account_hash", "kind", "at"),
        Index("ix_sign_in_attempt_ip", "ip_prefix", "kind", "at"),
    )
    id: Mapped[Key]
    kind: Mapped[TryKind] = mapped_column(String(20))
    account_hash: Mapped[str] = mapped_column(String(64))
    ip_prefix: Mapped[str] = mapped_column(String(50))
    device_hash: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[Moment]


holds_names("one_time_secret", "made_by")
