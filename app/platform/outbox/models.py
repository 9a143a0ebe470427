"""The table of messages to be sent."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, Moment, ShortText, UtcDateTime, one_of


class MessageState(StrEnum):
    """Where a message stands. Dead: given up, somebody must look. Dropped: no longer needed."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"
    DROPPED = "dropped"


class OutboxMessage(Base):
    """One mail to one recipient.

    A link that opens something is never kept: `link_kind` and `about_id` say which one the
    sender makes at the moment of sending; `text` shows where it will stand. A sender holds a
    message until `held_until`; whoever finds it later takes it over.
    """

    __tablename__ = "outbox_message"
    __scope__ = scope.open_to_all("written in everybody's transaction, read by the sender")
    __table_args__ = (
        CheckConstraint(one_of("state", MessageState), name="state"),
        Index("ix_outbox_message_state", "state", "next_at"),
        Index("ix_outbox_message_created_at", "created_at"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[ShortText]
    template: Mapped[str] = mapped_column(String(60))
    # What the template prints, as JSON (Any: of several kinds).
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    text: Mapped[str] = mapped_column(Text)
    link_kind: Mapped[str | None] = mapped_column(String(30))
    about_kind: Mapped[str | None] = mapped_column(String(30))
    about_id: Mapped[str | None] = mapped_column(String(60))
    dedupe_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    state: Mapped[MessageState] = mapped_column(String(10), default=MessageState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[Moment]
    held_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    hold: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[Moment]
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OutboxAttachment(Base):
    """A file that goes with a message; gone with it."""

    __tablename__ = "outbox_attachment"
    __scope__ = scope.inside("what the house sends with its letters")
    id: Mapped[Key]
    message_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("outbox_message.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[ShortText]
    media_type: Mapped[str] = mapped_column(String(100))
    content: Mapped[bytes] = mapped_column(LargeBinary)
