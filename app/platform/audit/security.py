"""The security log: what is worth knowing although it changed nothing.

Sign-ins, refusals, throttles, downloads. Each note is a short transaction of its own and one
line of the process's log; inside somebody's writing transaction it waits until that is over,
and stands even when that was taken back. Full addresses go after 90 days.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, event, insert, update
from sqlalchemy.orm import Session, SessionTransaction

from app.base import acting, clock, db
from app.base.db import Base
from app.platform.audit.canonical import Plain, plain, written
from app.platform.audit.models import SecurityEvent

log = logging.getLogger("mainstay.security")

LONGEST_FACT, MOST_FACTS = 300, 30
FULL_ADDRESS_FOR = timedelta(days=90)
KEPT_FOR = timedelta(days=365)


class Kind(StrEnum):
    """What may be noted; a kind that is not listed here is refused."""

    SIGN_IN = "sign_in"
    SIGN_IN_FAILED = "sign_in.failed"
    SIGN_IN_THROTTLED = "sign_in.throttled"
    SIGN_OUT = "sign_out"
    SESSION_ENDED = "session.ended"
    REAUTHENTICATED = "reauthenticated"
    PASSWORD_CHANGED = "password.changed"  # noqa: S105 — a word
    EMAIL_CHANGED = "email.changed"
    RESET_ASKED = "reset.asked"
    RESET_DONE = "reset.done"
    RESET_THROTTLED = "reset.throttled"
    SECRET_ISSUED = "secret.issued"  # noqa: S105 — a word
    SECRET_REFUSED = "secret.refused"  # noqa: S105 — a word
    INVITED = "invited"
    FACTOR_ADDED = "factor.added"
    FACTOR_REMOVED = "factor.removed"
    FACTOR_FAILED = "factor.failed"
    FACTOR_THROTTLED = "factor.throttled"
    RECOVERY_USED = "recovery.used"
    RECOVERY_RENEWED = "recovery.renewed"
    ACCOUNT_DISABLED = "account.disabled"
    TOKEN_MADE = "token.made"  # noqa: S105 — a word
    TOKEN_REFUSED = "token.refused"  # noqa: S105 — a word
    PERMISSION_REFUSED = "permission.refused"
    OUT_OF_REACH = "out_of_reach"
    THROTTLED = "throttled"
    FORM_REFUSED = "form.refused"
    INPUT_STORM = "input.storm"
    UNEXPECTED_ERROR = "unexpected_error"
    OUTBOUND_REFUSED = "outbound.refused"
    DOWNLOAD = "download"
    EXPORT = "export"
    AUDIT_VIEWED = "audit.viewed"
    AUDIT_EXPORTED = "audit.exported"
    AUDIT_VERIFIED = "audit.verified"
    AUDIT_BROKEN = "audit.broken"
    PERSON_EXPORTED = "person.exported"
    PERSON_ERASED = "person.erased"


@dataclass(slots=True)
class _Writers(threading.local):
    """How many writing transactions this thread has open, and the notes that wait for them."""

    def __init__(self) -> None:
        self.open = 0
        self.waiting: list[dict[str, Any]] = []  # Any: values of different columns


_writers = _Writers()
_events = Base.metadata.tables[SecurityEvent.__tablename__]


def note(
    kind: Kind | str,
    *,
    user_id: int | None = None,
    who: str | None = None,
    ip: str | None = None,
    **facts: object,
) -> None:
    """Note that something happened, in a transaction of its own.

    user_id, who: about whom, by default who acts now. ip: the full address, where known.
    facts: what else is worth knowing, never a secret. Raises ValueError for an unknown kind.
    """
    actor = acting.present()
    row = {
        "at_utc": clock.now(),
        "kind": str(Kind(kind)),
        "user_id": actor.user_id if user_id is None else user_id,
        "who": (actor.name if who is None else who)[:200],
        "ip": ip,
        "network": actor.network,
        "request_id": actor.request_id,
        "session_hash": actor.session_hash,
        "facts": written(_short(facts)),
    }
    log.info("security", extra={"kind": row["kind"], "who": row["who"], "facts": row["facts"]})
    if _writers.open:
        _writers.waiting.append(row)
    else:
        _keep([row])


def forget_addresses(session: Session, *, before: datetime | None = None) -> int:
    """Drop full addresses older than 90 days (or `before`); the networks stay."""
    limit = before or clock.now() - FULL_ADDRESS_FOR
    done = session.connection().execute(
        update(_events).where(_events.c.at_utc < limit, _events.c.ip.is_not(None)).values(ip=None)
    )
    return done.rowcount


def forget_old(session: Session, *, before: datetime | None = None) -> int:
    """Remove notes older than a year (or `before`)."""
    limit = before or clock.now() - KEPT_FOR
    return session.connection().execute(delete(_events).where(_events.c.at_utc < limit)).rowcount


def forget_person(session: Session, *, user_id: int, name: str) -> None:
    """Take a person out of the notes; that something happened stays."""
    session.connection().execute(
        update(_events).where(_events.c.user_id == user_id).values(who=name, ip=None, facts="{}")
    )


def _short(facts: dict[str, object]) -> dict[str, Plain]:
    kept: dict[str, Plain] = {}
    for name, value in list(facts.items())[:MOST_FACTS]:
        said = plain(value)
        kept[name] = said[:LONGEST_FACT] if isinstance(said, str) else said
    return kept


def _keep(rows: list[dict[str, Any]]) -> None:  # Any: values of different columns
    with db.transaction() as session:
        session.connection().execute(insert(_events), rows)


def _writes(session: Session) -> bool:
    try:
        return session.get_bind() is db.current().write_engine
    except RuntimeError:
        return False


@event.listens_for(Session, "after_transaction_create")
def _begin(session: Session, begun: SessionTransaction) -> None:
    if begun.parent is None and _writes(session):
        _writers.open += 1
        session.info["counted"] = True


@event.listens_for(Session, "after_transaction_end")
def _end(session: Session, ended: SessionTransaction) -> None:
    if ended.parent is not None or not session.info.pop("counted", False):
        return
    _writers.open -= 1
    if _writers.open == 0 and _writers.waiting:
        waiting, _writers.waiting = _writers.waiting, []
        _keep(waiting)
