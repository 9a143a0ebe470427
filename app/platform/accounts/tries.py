"""Counts tries and says when there were too many: in the database, so that all workers count.

A try is counted before it is looked at, and forgotten when it succeeds. What strangers try
on an account never locks out a browser that its owner has signed in with before: that one
is counted for itself. Addresses without an account count the same.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.errors import AppError
from app.platform.accounts import values
from app.platform.accounts.models import SignInAttempt, TryKind


class TooManyTries(AppError):
    """Tries came too often; `retry_after` says when to try again [seconds]."""

    kind = "too_many"

    def __init__(self, code: str, message: str, retry_after: int = 900) -> None:
        super().__init__(code, message)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Rule:
    """How many tries of a kind there may be within a window; None: no such limit.

    here: on one account from one network, or from one known browser. account: on one account
    from anywhere, known browsers left out (one account, many networks). network: from one
    network on any account (one password, many accounts).
    """

    minutes: int
    here: int | None
    account: int | None
    network: int | None

    @property
    def window(self) -> timedelta:
        """The window as a duration."""
        return timedelta(minutes=self.minutes)


RULES = {
    TryKind.PASSWORD: Rule(minutes=15, here=10, account=50, network=100),
    TryKind.ONE_TIME: Rule(minutes=15, here=10, account=None, network=10),
    TryKind.SECOND_FACTOR: Rule(minutes=10, here=None, account=5, network=100),
    TryKind.RESET: Rule(minutes=60, here=3, account=5, network=20),
    TryKind.CALENDAR: Rule(minutes=15, here=30, account=120, network=600),
}
LONGEST_WINDOW = max(rule.window for rule in RULES.values())
WORDS = {
    TryKind.PASSWORD: "Too many wrong tries.",
    TryKind.ONE_TIME: "Too many wrong tries.",
    TryKind.SECOND_FACTOR: "Too many wrong codes.",
    TryKind.RESET: "Too many requests for a new password.",
    TryKind.CALENDAR: "A calendar was read too often.",
}


def note_try(
    session: Session,
    kind: TryKind,
    *,
    account: str,
    network: str,
    known_device: str | None = None,
) -> None:
    """Count a try; raise TooManyTries where there were too many before it.

    account: what is tried on, as text. known_device: the hash of a browser that this account
    has signed in with.
    """
    now, account_hash = clock.now(), values.hashed(account)
    _one_at_a_time(session, f"{kind} {account_hash}")
    blocked_until = _blocked_until(session, kind, account_hash, network, known_device, now)
    if blocked_until is not None:
        seconds = math.ceil((blocked_until - now).total_seconds())
        raise TooManyTries(
            "E-AUT-13",
            f"{WORDS[kind]} Wait {RULES[kind].minutes} minutes, then try again.",
            max(1, seconds),
        )
    session.add(
        SignInAttempt(
            kind=kind,
            account_hash=account_hash,
            ip_prefix=network,
            device_hash=known_device,
            at=now,
        )
    )
    session.flush()


def note_calendar_read(session: Session, *, token: str, network: str) -> None:
    """Count a read of a calendar feed, with a token that opens something or not."""
    note_try(session, TryKind.CALENDAR, account=token, network=network)


def forget_tries(
    session: Session, kind: TryKind, *, account: str, network: str | None = None
) -> None:
    """Forget the tries on an account (from one network), because one succeeded."""
    forgotten = delete(SignInAttempt).where(
        SignInAttempt.kind == kind, SignInAttempt.account_hash == values.hashed(account)
    )
    if network is not None:
        forgotten = forgotten.where(SignInAttempt.ip_prefix == network)
    session.execute(forgotten)


def forget_old(session: Session) -> None:
    """Remove tries that no longer count."""
    session.execute(delete(SignInAttempt).where(SignInAttempt.at < clock.now() - LONGEST_WINDOW))


def _blocked_until(
    session: Session,
    kind: TryKind,
    account: str,
    network: str,
    device: str | None,
    now: datetime,
) -> datetime | None:
    """Return when the first limit that is reached lets the next try through."""
    rule = RULES[kind]
    is_account = SignInAttempt.account_hash == account
    is_stranger = SignInAttempt.device_hash.is_(None)
    if device is not None:
        limits: Sequence[tuple[int | None, tuple[ColumnElement[bool], ...]]] = [
            (rule.here, (is_account, SignInAttempt.device_hash == device))
        ]
    else:
        is_network = SignInAttempt.ip_prefix == network
        limits = [
            (rule.here, (is_account, is_network, is_stranger)),
            (rule.account, (is_account, is_stranger)),
            (rule.network, (is_network, is_stranger)),
        ]
    for most, conditions in limits:
        if most is None:
            continue
        times = session.scalars(
            select(SignInAttempt.at)
            .where(SignInAttempt.kind == kind, SignInAttempt.at > now - rule.window, *conditions)
            .order_by(SignInAttempt.at.desc())
            .limit(most)
        ).all()
        if len(times) == most:
            return times[-1] + rule.window
    return None


def _one_at_a_time(session: Session, what: str) -> None:
    """Let no two workers count the same account at once; SQLite's writers queue anyway."""
    if db.is_sqlite(session):
        return
    key = int.from_bytes(hashlib.sha256(what.encode()).digest()[:8], signed=True)
    session.execute(select(func.pg_advisory_xact_lock(key)))
