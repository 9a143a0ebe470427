"""Reads of the outbox. What a letter's link opens is nowhere here: it is made when it leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.platform.outbox.models import MessageState, OutboxAttachment, OutboxMessage


@dataclass(frozen=True, slots=True)
class Message:
    """A message as the page shows it."""

    public_id: str
    recipient: str
    subject: str
    text: str
    state: MessageState
    attempts: int
    next_at: datetime
    last_error: str | None
    created_at: datetime
    sent_at: datetime | None
    has_link: bool
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MessagesPage:
    """The messages of one page, and how many there are in all."""

    messages: list[Message]
    total: int


SORTS = {
    "created": OutboxMessage.created_at,
    "recipient": OutboxMessage.recipient,
    "state": OutboxMessage.state,
}


def messages_page(
    session: Session,
    *,
    states: Sequence[str],
    search: str,
    sort: str,
    is_falling: bool,
    limit: int,
    offset: int,
) -> MessagesPage:
    """Return messages in these states (none means all) whose recipient or subject fits."""
    wanted = select(OutboxMessage)
    if states:
        wanted = wanted.where(OutboxMessage.state.in_(states))
    if search:
        wanted = wanted.where(
            OutboxMessage.recipient.icontains(search, autoescape=True)
            | OutboxMessage.subject.icontains(search, autoescape=True)
        )
    total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    column = SORTS[sort]
    order = column.desc() if is_falling else column.asc()
    rows = session.scalars(
        wanted.order_by(order, OutboxMessage.id.desc()).limit(limit).offset(offset)
    )
    return MessagesPage([_message(row) for row in rows], total)


def message(session: Session, public_id: object) -> Message | None:
    """Return one message."""
    row = session.scalar(select(OutboxMessage).where(OutboxMessage.public_id == public_id))
    if row is None:
        return None
    files = select(OutboxAttachment.name).where(OutboxAttachment.message_id == row.id)
    return replace(_message(row), files=tuple(session.scalars(files)))


def waiting_count(session: Session) -> int:
    """Return how many messages wait to be sent."""
    return (
        session.scalar(
            select(func.count(OutboxMessage.id)).where(
                OutboxMessage.state.in_((MessageState.WAITING, MessageState.SENDING))
            )
        )
        or 0
    )


def _message(row: OutboxMessage) -> Message:
    return Message(
        public_id=str(row.public_id),
        recipient=row.recipient,
        subject=row.subject,
        text=row.text,
        state=MessageState(row.state),
        attempts=row.attempts,
        next_at=row.next_at,
        last_error=row.last_error,
        created_at=row.created_at,
        sent_at=row.sent_at,
        has_link=row.link_kind is not None,
    )
