"""Tables of second factors: authenticator codes, passkeys, recovery codes, known devices.

No secret stands here in the clear: an authenticator's secret is sealed with a key from the
settings, everything else that opens something is a hash.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, Moment, ShortText, UtcDateTime


class TotpFactor(Base):
    """An authenticator app. It counts once `confirmed_at` is set.

    `last_counter` is the time step of the last code taken, so that no code works twice.
    """

    __tablename__ = "totp_factor"
    __scope__ = scope.open_to_all("signing in runs before anybody acts")
    user_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("user.id", ondelete="CASCADE"), primary_key=True
    )
    sealed_secret: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Moment]
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_counter: Mapped[int | None] = mapped_column(BigKey)


class Passkey(Base):
    """A key that a device or a security token keeps for somebody; we hold its public half."""

    __tablename__ = "passkey"
    __scope__ = scope.open_to_all("signing in runs before anybody acts")
    __table_args__ = (Index("ix_passkey_user_id", "user_id"),)
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    user_id: Mapped[int] = mapped_column(BigKey, ForeignKey("user.id", ondelete="CASCADE"))
    name: Mapped[ShortText]
    # Base64url without padding; the standard allows 1,023 bytes.
    credential_id: Mapped[str] = mapped_column(String(1_400), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigKey)
    transports: Mapped[str] = mapped_column(String(100), default="")
    created_at: Mapped[Moment]
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class UsedChallenge(Base):
    """A challenge that a passkey has answered: it is answered once."""

    __tablename__ = "used_challenge"
    __scope__ = scope.open_to_all("signing in runs before anybody acts")
    __table_args__ = (Index("ix_used_challenge_expires_at", "expires_at"),)
    challenge_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[Moment]


class RecoveryCode(Base):
    """A code of 120 bits that stands in for a second factor, once."""

    __tablename__ = "recovery_code"
    __scope__ = scope.open_to_all("signing in runs before anybody acts")
    __table_args__ = (Index("ix_recovery_code_user_id", "user_id", "code_hash", unique=True),)
    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(BigKey, ForeignKey("user.id", ondelete="CASCADE"))
    code_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[Moment]
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class KnownDevice(Base):
    """A browser that somebody has signed in with: strangers' wrong tries don't lock it out."""

    __tablename__ = "known_device"
    __scope__ = scope.open_to_all("signing in runs before anybody acts")
    __table_args__ = (
        Index("ix_known_device_user_id", "user_id"),
        Index("ix_known_device_device_hash", "device_hash", "user_id", unique=True),
    )
    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(BigKey, ForeignKey("user.id", ondelete="CASCADE"))
    device_hash: Mapped[str] = mapped_column(String(64))
    last_used_at: Mapped[Moment]
    expires_at: Mapped[Moment]


class SsoIdentity(Base):
    """Who somebody is at the identity provider; bound at the first sign-in through it."""

    __tablename__ = "sso_identity"
    __scope__ = scope.open_to_all("signing in runs before anybody acts")
    __table_args__ = (
        Index("ix_sso_identity_issuer", "issuer", "subject", unique=True),
        Index("ix_sso_identity_user_id", "user_id"),
    )
    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(BigKey, ForeignKey("user.id", ondelete="CASCADE"))
    issuer: Mapped[str] = mapped_column(String(300))
    subject: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[Moment]
