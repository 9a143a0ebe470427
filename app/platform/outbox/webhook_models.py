"""Tables of webhooks: where they lead, and each delivery with how it went."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, Moment, ShortText, Timestamps, UtcDateTime, one_of
from app.platform.audit.marking import Audited, Mark, Whose
from app.platform.outbox.models import MessageState

LONGEST_URL = 500


class Webhook(Timestamps, Audited, Base):
    """An address that is told of events. Its secret is kept nowhere: it follows from the
    installation's key, the webhook and its `generation`; the one before holds until
    `old_until`."""

    audit = Mark("webhook", label="name", personal={"made_by": Whose.NAMED})

    __tablename__ = "webhook"
    __scope__ = scope.inside("where the house tells programs of what it sees")
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    name: Mapped[ShortText]
    url: Mapped[str] = mapped_column(String(LONGEST_URL))
    is_active: Mapped[bool] = mapped_column(default=True)
    generation: Mapped[int] = mapped_column(default=1)
    old_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    made_by: Mapped[ShortText]
    version: Mapped[int] = mapped_column(default=1)


class WebhookDelivery(Base):
    """One event on its way to one webhook; `body` is what is signed and sent, byte for byte."""

    __tablename__ = "webhook_delivery"
    __scope__ = scope.inside("where the house tells programs of what it sees")
    __table_args__ = (
        CheckConstraint(one_of("state", MessageState), name="state"),
        Index("ix_webhook_delivery_state", "state", "next_at"),
        Index("ix_webhook_delivery_webhook_id", "webhook_id", "created_at"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    webhook_id: Mapped[int] = mapped_column(BigKey, ForeignKey("webhook.id", ondelete="CASCADE"))
    event: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(Text)
    dedupe_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    state: Mapped[str] = mapped_column(String(10), default=MessageState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[Moment]
    held_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    hold: Mapped[int] = mapped_column(default=0)
    last_status: Mapped[int | None]
    last_error: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[Moment]
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
