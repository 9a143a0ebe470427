"""Webhooks: an event is put in with the change it tells of, signed and sent by a job.

Signed is `<timestamp>.<body>` by HMAC-SHA256. While a secret is being exchanged both
signatures go along. Calls go through `base.outbound`: only to places that are named, with
redirects refused; an answer other than 2xx is a failed try.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.base import clock, db, formatting
from app.base.errors import AppError, Conflict, InvalidInput, NotFound
from app.base.outbound import Limits, NotAllowed, Origin, allowed_place, fetch
from app.platform.audit import keys
from app.platform.outbox.models import MessageState
from app.platform.outbox.services import KEPT_FOR, LONGEST_HOLD, WAITS
from app.platform.outbox.values import one_line
from app.platform.outbox.webhook_models import LONGEST_URL, Webhook, WebhookDelivery

OVERLAP = timedelta(days=7)
MOST_AT_ONCE = 200
LONGEST_ERROR = 500
LIMITS = Limits(seconds=10.0, size=64 * 1024)
SUCCESS = range(200, 300)
TIMESTAMP, SIGNATURE = "X-Mainstay-Timestamp", "X-Mainstay-Signature"
EVENT, DELIVERY = "X-Mainstay-Event", "X-Mainstay-Delivery"
PING = "ping"


@dataclass(frozen=True, slots=True)
class Sent:
    """How a round of deliveries went."""

    sent: int = 0
    put_off: int = 0
    dead: int = 0

    @property
    def summary(self) -> str:
        """Return it in one sentence."""
        calls = formatting.count(self.sent, "call")
        return f"{calls} made, {self.put_off} put off, {self.dead} given up."


@dataclass(frozen=True, slots=True)
class _Held:
    """A delivery in a sender's hands."""

    id: int
    hold: int
    attempts: int
    public_id: UUID
    event: str
    body: str
    url: str
    secrets: tuple[str, ...]


def webhooks(session: Session) -> list[Webhook]:
    """Return all webhooks by name."""
    return list(session.scalars(select(Webhook).order_by(Webhook.name, Webhook.id)))


def has_active(session: Session) -> bool:
    """Tell whether anybody is told."""
    return session.scalar(select(Webhook.id).where(Webhook.is_active).limit(1)) is not None


def by_public_id(session: Session, public_id: UUID) -> Webhook:
    """Return a webhook; raises NotFound."""
    found = session.scalars(select(Webhook).where(Webhook.public_id == public_id)).first()
    if found is None:
        raise NotFound("E-HOK-01", "There is no such webhook.")
    return found


def deliveries_of(session: Session, webhook_id: int, *, limit: int = 100) -> list[WebhookDelivery]:
    """Return the latest deliveries of a webhook."""
    rows = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id)
    return list(session.scalars(rows.order_by(WebhookDelivery.id.desc()).limit(limit)))


def add(session: Session, *, name: str, url: str, allowed: Iterable[Origin]) -> Webhook:
    """Add a webhook; raises InvalidInput for a place that nothing may call."""
    _check_url(url, allowed)
    if session.scalar(select(Webhook.id).where(Webhook.url == url)) is not None:
        raise InvalidInput("E-HOK-06", "This address is a webhook already; see its page.")
    made = Webhook(name=name, url=url, made_by=db.actor_of(session).name)
    session.add(made)
    session.flush()
    return made


def rotate(session: Session, hook: Webhook, *, seen: int) -> None:
    """Begin another secret; the one before signs along for seven days."""
    _hold_version(hook, seen)
    hook.generation += 1
    hook.old_until = clock.now() + OVERLAP
    session.flush()


def switch(session: Session, hook: Webhook, *, is_active: bool, seen: int) -> None:
    """Switch a webhook on or off; off, what waits is dropped."""
    _hold_version(hook, seen)
    hook.is_active = is_active
    if not is_active:
        session.execute(
            update(WebhookDelivery)
            .where(
                WebhookDelivery.webhook_id == hook.id,
                WebhookDelivery.state == MessageState.WAITING,
            )
            .values(state=MessageState.DROPPED, last_error="The webhook was switched off.")
        )
    session.flush()


def secret_of(hook: Webhook, generation: int | None = None) -> str:
    """Return a webhook's secret. It is kept nowhere: it follows from the installation's key."""
    which = hook.generation if generation is None else generation
    return "whs_" + keys.commitment(f"webhook {hook.public_id} {which}")


def secrets_at(hook: Webhook, moment: datetime) -> tuple[str, ...]:
    """Return the secrets that sign at a moment: the newest, and the one before while it holds."""
    found = [secret_of(hook)]
    if hook.old_until is not None and moment < hook.old_until:
        found.append(secret_of(hook, hook.generation - 1))
    return tuple(found)


def signature(secret: str, timestamp: str, body: str) -> str:
    """Return the signature of a body as the header carries it.

    >>> signature("whs_test", "1763715600", '{"event":"ping"}')[:11]
    'v1=0bbc7dcb'
    """
    signed = hmac.digest(secret.encode(), f"{timestamp}.{body}".encode(), hashlib.sha256)
    return f"v1={signed.hex()}"


def enqueue(
    session: Session,
    event: str,
    payload: Mapping[str, object],
    *,
    dedupe_key: str | None = None,
    only: Webhook | None = None,
) -> int:
    """Put an event in for every active webhook, in the caller's transaction; return how many."""
    hooks = [only] if only else [each for each in webhooks(session) if each.is_active]
    count = 0
    for hook in hooks:
        public_id, now = uuid4(), clock.now()
        content = {
            "id": str(public_id), "event": event, "at": now.isoformat(), "data": dict(payload),
        }  # fmt: skip
        made = WebhookDelivery(
            public_id=public_id,
            webhook_id=hook.id,
            event=event,
            body=json.dumps(content, ensure_ascii=False, separators=(",", ":")),
            dedupe_key=None if dedupe_key is None else f"{hook.id} {dedupe_key}"[:200],
            next_at=now,
            created_at=now,
        )
        try:
            with session.begin_nested():
                session.add(made)
        except IntegrityError:
            continue
        count += 1
    return count


def send_due(allowed: Iterable[Origin], *, limit: int = MOST_AT_ONCE) -> Sent:
    """Make the calls that are due; each is taken into hand in a transaction of its own."""
    places, counts = tuple(allowed), dict.fromkeys(MessageState, 0)
    for _ in range(limit):
        with db.transaction() as session:
            held = _hold_next(session)
        if held is None:
            break
        status, error = _called(held, places)
        with db.transaction() as session:
            counts[_note(session, held, status, error)] += 1
    if any(counts.values()):
        with db.transaction() as session:
            forget_old(session)
    return Sent(counts[MessageState.SENT], counts[MessageState.WAITING], counts[MessageState.DEAD])


def retry(session: Session, public_id: UUID) -> None:
    """Let a delivery that was given up be tried again, from the first try on."""
    found = session.scalars(
        select(WebhookDelivery).where(WebhookDelivery.public_id == public_id)
    ).first()
    if found is None:
        raise NotFound("E-HOK-02", "There is no such delivery.")
    if found.state != MessageState.DEAD:
        raise Conflict("E-HOK-03", f"The delivery is {found.state}; only one given up is retried.")
    found.state, found.attempts, found.next_at = MessageState.WAITING, 0, clock.now()


def forget_old(session: Session) -> None:
    """Remove what was delivered or dropped 90 days ago."""
    session.execute(
        delete(WebhookDelivery).where(
            WebhookDelivery.state.in_((MessageState.SENT, MessageState.DROPPED)),
            WebhookDelivery.created_at < clock.now() - KEPT_FOR,
        )
    )


def counts_of(session: Session) -> dict[int, dict[str, int]]:
    """Return by webhook how many deliveries stand in each state."""
    rows = select(WebhookDelivery.webhook_id, WebhookDelivery.state, func.count()).group_by(
        WebhookDelivery.webhook_id, WebhookDelivery.state
    )
    found: dict[int, dict[str, int]] = {}
    for key, state, count in session.execute(rows):
        found.setdefault(key, {})[state] = count
    return found


def _check_url(url: str, allowed: Iterable[Origin]) -> None:
    if len(url) > LONGEST_URL:
        raise InvalidInput("E-HOK-04", f"An address has at most {LONGEST_URL} characters.")
    try:
        allowed_place(url, allowed)
    except NotAllowed as error:
        raise InvalidInput(
            "E-HOK-04", f"{error.message} Whoever runs the house names it there first."
        ) from None


def _hold_version(hook: Webhook, seen: int) -> None:
    if hook.version != seen:
        raise Conflict("E-HOK-05", "Somebody changed this webhook meanwhile; see it again.")
    hook.version += 1


def _hold_next(session: Session) -> _Held | None:
    now = clock.now()
    d = WebhookDelivery
    is_due = and_(d.state == MessageState.WAITING, d.next_at <= now)
    is_orphan = and_(d.state == MessageState.SENDING, d.held_until < now)
    found = session.execute(
        select(d, Webhook)
        .join(Webhook, Webhook.id == d.webhook_id)
        .where(or_(is_due, is_orphan), Webhook.is_active)
        .order_by(d.next_at, d.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=d)
    ).first()
    if found is None:
        return None
    delivery, hook = found
    delivery.state, delivery.held_until = MessageState.SENDING, now + LONGEST_HOLD
    delivery.hold += 1
    delivery.attempts += 1
    session.flush()
    return _Held(
        delivery.id, delivery.hold, delivery.attempts, delivery.public_id, delivery.event,
        delivery.body, hook.url, secrets_at(hook, now),
    )  # fmt: skip


def _called(held: _Held, allowed: tuple[Origin, ...]) -> tuple[int | None, str | None]:
    """Make one call; return the status and what went wrong."""
    timestamp = str(int(clock.now().timestamp()))
    signed = ",".join(signature(secret, timestamp, held.body) for secret in held.secrets)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        TIMESTAMP: timestamp,
        SIGNATURE: signed,
        EVENT: held.event,
        DELIVERY: str(held.public_id),
    }
    body = held.body.encode()
    try:
        answer = fetch(
            held.url, allowed=allowed, method="POST", headers=headers, body=body, limits=LIMITS
        )
    except AppError as error:
        return None, error.message
    if answer.status in SUCCESS:
        return answer.status, None
    if answer.status in range(300, 400):
        return answer.status, f"Answered {answer.status}: redirects are not followed."
    return answer.status, f"Answered {answer.status}; 200 to 299 is needed."


def _note(session: Session, held: _Held, status: int | None, error: str | None) -> MessageState:
    """Note how a call went, unless another sender has it by now; return what follows."""
    now, changes = clock.now(), dict[str, object]()
    if error is None:
        state = MessageState.SENT
        changes = {"sent_at": now, "last_error": None}
    elif held.attempts > len(WAITS):
        state = MessageState.DEAD
    else:
        state = MessageState.WAITING
        changes = {"next_at": now + WAITS[held.attempts - 1]}
    if error is not None:
        changes["last_error"] = one_line(error)[:LONGEST_ERROR]
    session.execute(
        update(WebhookDelivery)
        .where(
            WebhookDelivery.id == held.id,
            WebhookDelivery.hold == held.hold,
            WebhookDelivery.state == MessageState.SENDING,
        )
        .values(state=state, held_until=None, last_status=status, **changes)
    )
    return state
