"""Writes of the outbox: put a mail in with the change it tells of, hold it, say how it went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.base import clock
from app.base.errors import Conflict, NotFound
from app.platform.outbox import letters, values
from app.platform.outbox.models import MessageState, OutboxAttachment, OutboxMessage

# How long after a failed try the next one follows; after the last the message is dead.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720))
# A sender that holds a message longer than this has died.
LONGEST_HOLD = timedelta(minutes=5)
KEPT_FOR = timedelta(days=90)
LONGEST_ERROR = 500


@dataclass(frozen=True, slots=True)
class About:
    """What a mail is about: the kind of object and its key, as text."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes with a mail."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Held:
    """A message in a sender's hands. hold: which grip this is; a later one outdates it."""

    id: int
    hold: int
    attempts: int
    public_id: str
    recipient: str
    subject: str
    template: str
    facts: Mapping[str, object]
    text: str
    link_kind: str | None
    about_id: str | None
    files: tuple[File, ...] = ()


def enqueue_mail(
    session: Session,
    *,
    to: str,
    subject: str,
    template: str,
    facts: Mapping[str, object],
    dedupe_key: str | None = None,
    link_kind: str | None = None,
    about: About | None = None,
    files: Sequence[File] = (),
) -> int | None:
    """Put a mail in, in the caller's transaction; return its key, None when it is in already.

    facts: what the template prints, of JSON's kinds; never a secret. A link that opens
    something is named by `link_kind`, made for `about` at the moment of sending.
    """
    if link_kind is not None and about is None:
        raise ValueError(f"a link of kind {link_kind!r} needs what it is about")
    message = OutboxMessage(
        recipient=values.clean_recipient(to),
        subject=values.clean_subject(subject),
        template=template,
        facts=dict(facts),
        text=letters.written(template, facts),
        link_kind=link_kind,
        about_kind=None if about is None else about.kind,
        about_id=None if about is None else about.id,
        dedupe_key=dedupe_key,
        next_at=clock.now(),
        created_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(message)
    except IntegrityError:
        return None
    session.add_all(
        OutboxAttachment(
            message_id=message.id, name=each.name, media_type=each.media_type, content=each.content
        )
        for each in files
    )
    return message.id


def hold_next(session: Session) -> Held | None:
    """Take the message that is due longest into hand, also one whose sender has died."""
    now = clock.now()
    is_due = and_(OutboxMessage.state == MessageState.WAITING, OutboxMessage.next_at <= now)
    is_orphan = and_(OutboxMessage.state == MessageState.SENDING, OutboxMessage.held_until < now)
    message = session.scalar(
        select(OutboxMessage)
        .where(or_(is_due, is_orphan))
        .order_by(OutboxMessage.next_at, OutboxMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if message is None:
        return None
    message.state = MessageState.SENDING
    message.held_until = now + LONGEST_HOLD
    message.hold += 1
    message.attempts += 1
    session.flush()
    return Held(
        id=message.id,
        hold=message.hold,
        attempts=message.attempts,
        public_id=str(message.public_id),
        recipient=message.recipient,
        subject=message.subject,
        template=message.template,
        facts=message.facts,
        text=message.text,
        link_kind=message.link_kind,
        about_id=message.about_id,
        files=_files_of(session, message.id),
    )


def _files_of(session: Session, message_id: int) -> tuple[File, ...]:
    rows = session.execute(
        select(OutboxAttachment.name, OutboxAttachment.media_type, OutboxAttachment.content)
        .where(OutboxAttachment.message_id == message_id)
        .order_by(OutboxAttachment.id)
    )
    return tuple(File(*row) for row in rows)


def mark_sent(session: Session, held: Held) -> None:
    """Note that the mail server took the message."""
    _let_go(session, held, state=MessageState.SENT, sent_at=clock.now(), last_error=None)


def mark_dropped(session: Session, held: Held, why: str) -> None:
    """Note that the message is no longer needed."""
    _let_go(session, held, state=MessageState.DROPPED, last_error=why)


def mark_failed(session: Session, held: Held, error: str, *, is_final: bool) -> MessageState:
    """Note a failed try: wait for the next one, or give up; return what follows."""
    is_dead = is_final or held.attempts > len(WAITS)
    if is_dead:
        _let_go(session, held, state=MessageState.DEAD, last_error=_error(error))
        return MessageState.DEAD
    wait = WAITS[held.attempts - 1]
    next_at: datetime = clock.now() + wait
    _let_go(session, held, state=MessageState.WAITING, next_at=next_at, last_error=_error(error))
    return MessageState.WAITING


def retry(session: Session, public_id: object) -> None:
    """Let a message that was given up be sent again, from the first try on."""
    message = session.scalar(select(OutboxMessage).where(OutboxMessage.public_id == public_id))
    if message is None:
        raise NotFound("E-MAI-03", "There is no such message.")
    if message.state not in (MessageState.DEAD, MessageState.WAITING):
        raise Conflict("E-MAI-04", f"The message is {message.state}; only an unsent one waits.")
    message.state = MessageState.WAITING
    message.attempts = 0
    message.next_at = clock.now()


def forget_old(session: Session) -> int:
    """Remove what was sent or dropped 90 days ago; return how many."""
    removed = session.execute(
        delete(OutboxMessage)
        .where(
            OutboxMessage.state.in_((MessageState.SENT, MessageState.DROPPED)),
            OutboxMessage.created_at < clock.now() - KEPT_FOR,
        )
        .returning(OutboxMessage.id)
    )
    return len(removed.all())


def _let_go(session: Session, held: Held, **changes: object) -> None:
    """Change a held message, unless another sender has it by now."""
    session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.id == held.id,
            OutboxMessage.hold == held.hold,
            OutboxMessage.state == MessageState.SENDING,
        )
        .values(held_until=None, **changes)
    )


def _error(text: str) -> str:
    return values.one_line(text)[:LONGEST_ERROR]
