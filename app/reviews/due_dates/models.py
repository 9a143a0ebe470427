"""The table of calendar feeds: an address with a token, of one person, until a day."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, Moment, UtcDateTime
from app.platform.audit.marking import Audited, Mark

LONGEST_NAME = 80


class CalendarFeed(Audited, Base):
    """An address that a calendar program reads without signing in; known by its hash."""

    audit = Mark(
        "calendar feed",
        label="name",
        secret={"token_hash"},
        left_out={"last_used_at", "last_used_from"},
    )

    __tablename__ = "calendar_feed"
    __scope__ = scope.inside("an own calendar concerns its person alone")
    __table_args__ = (
        CheckConstraint("expires_at > created_at", name="expiry"),
        Index("ix_calendar_feed_user_id", "user_id"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    user_id: Mapped[int] = mapped_column(BigKey, ForeignKey("user.id", ondelete="CASCADE"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    # The first characters, so that people can tell which one stands in a program.
    hint: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    is_mine_only: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_from: Mapped[str | None] = mapped_column(String(50))
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
