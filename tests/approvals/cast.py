"""A small office: people with accounts, one kind of object that needs approval, and its ledger.

The object is a limit with an amount; changing it is an edit, its content the amount.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from app.base import acting, db
from app.base.acting import Actor, Source
from app.platform.accounts.models import User
from app.platform.approvals import kinds, services
from app.platform.approvals.kinds import ObjectKind, ObjectRef, Settled
from app.platform.approvals.models import Verdict

LIMIT = ObjectRef("limit", "steel")
REASON = "Checked against the contract."


@dataclass(slots=True)
class Office:
    """Who holds the grant for limits, what limits say, and what became of submissions."""

    holders: set[int] = field(default_factory=set)
    settled: list[Settled] = field(default_factory=list)

    def kind(self, name: str = "limit") -> ObjectKind:
        return ObjectKind(
            type=name,
            words="Limits",
            approvers=lambda _session: frozenset(self.holders),
            settle=lambda _session, settled: self.settled.append(settled),
        )


@contextmanager
def registered(*some: ObjectKind) -> Iterator[None]:
    """Know these kinds, and none of them afterwards."""
    before = dict(kinds._kinds)
    kinds.register(some)
    yield
    kinds._kinds.clear()
    kinds._kinds.update(before)


def person(session: Session, name: str, *, is_active: bool = True) -> int:
    """Add an account."""
    user = User(
        email=f"{name.lower()}@example.com",
        name=name,
        uniquifier=secrets.token_hex(32),
        is_active=is_active,
    )
    session.add(user)
    session.flush()
    return user.id


def as_person(user_id: int, name: str) -> Actor:
    """Return a person at work."""
    return Actor(name=name, source=Source.UI, user_id=user_id)


@contextmanager
def work_of(user_id: int, name: str = "Somebody") -> Iterator[Session]:
    """One transaction of a person."""
    with acting.acting_as(as_person(user_id, name)), db.transaction() as session:
        yield session


def submit(author: int, amount: int = 100, **given: Any) -> services.Submitted:
    """Submit the limit as its author."""
    given = {"about": LIMIT, "version": 1, "content": {"amount": amount}, "title": "Limit"} | given
    with work_of(author, "Author") as session:
        return services.submit(session, **given)


def decide(
    by: int,
    submitted: services.Submitted,
    decision: Verdict = Verdict.APPROVE,
    *,
    reason: str = REASON,
    version: int = 1,
    seen_hash: str | None = None,
) -> Settled | None:
    """Decide on what was submitted."""
    with work_of(by, "Approver") as session:
        return services.decide(
            session,
            approval_id=submitted.id,
            decision=decision,
            reason=reason,
            seen_version=version,
            seen_hash=seen_hash or submitted.content_hash,
        )
