"""The role of an administrator or an approver, given by two administrators.

One asks, another approves; only then is the role granted. Whoever is to get it decides
nothing about it.
"""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock
from app.base.errors import NotFound
from app.platform.accounts import grant_queries, grants
from app.platform.accounts.grant_models import Role
from app.platform.accounts.grants import WHOLE, Scope
from app.platform.accounts.models import User
from app.platform.approvals import services
from app.platform.approvals.kinds import Content, ObjectKind, ObjectRef, Settled
from app.platform.approvals.models import Approval

TYPE = "role_grant"
BETWEEN = "/"
# What stands in the content where nothing limits the grant: “not set” would say less.
EVERY_KIND, NO_LIMIT = "every kind", "no limit"


def propose(
    session: Session,
    *,
    user_id: int,
    role: Role,
    reason: str,
    scope: Scope = WHOLE,
    from_on: date | None = None,
    until_on: date | None = None,
) -> str:
    """Ask that somebody be given a guarded role; return the path where the request waits."""
    user = session.get(User, user_id)
    if user is None:
        raise NotFound("E-AUT-14", "There is no such account.")
    held = grants.titles({one.role for one in grant_queries.held_by(session, user_id)})
    submitted = services.submit(
        session,
        about=ObjectRef(TYPE, f"{user.public_id}{BETWEEN}{role}"),
        version=1,
        title=f"{grants.titles({role})[0]}: {user.name}",
        before={"name": user.name, "account": user.email, "roles": held},
        content=_content(user, role, held, scope, from_on or clock.today(), until_on),
        because=reason,
        writers=[user_id],
    )
    return f"/approvals/{submitted.public_id}"


def _content(
    user: User, role: Role, held: list[str], scope: Scope, from_on: date, until_on: date | None
) -> Content:
    said: dict[str, Any] = {  # Any: JSON has no narrower type
        "name": user.name,
        "account": user.email,
        "roles": [*held, *grants.titles({role})],
        "from": from_on.isoformat(),
        "until": None if until_on is None else until_on.isoformat(),
    }
    if role is Role.APPROVER:
        types, limit = scope.object_types, scope.value_limit
        said["kinds"] = EVERY_KIND if types is None else list(types)
        said["limit"] = NO_LIMIT if limit is None else str(limit)
        if scope.limit_currency is not None:
            said["currency"] = scope.limit_currency
    return said


def _administrators(session: Session) -> frozenset[int]:
    return frozenset(grant_queries.holders_of(session, Role.ADMINISTRATOR))


def _settle(session: Session, settled: Settled) -> None:
    """Grant the role in the approver's name; whoever asked is the one who agreed."""
    if not settled.is_approved:
        return
    asked = session.get_one(Approval, settled.approval_id)
    person, _, role = settled.about.key.partition(BETWEEN)
    said = asked.content
    grants.grant(
        session,
        user_id=_user_id(session, uuid.UUID(person)),
        role=Role(role),
        reason=asked.because or settled.reason,
        scope=_scope(said),
        from_on=max(date.fromisoformat(said["from"]), clock.today()),
        until_on=None if said["until"] is None else date.fromisoformat(said["until"]),
        agreed_by=asked.submitted_by_id,
    )


def _user_id(session: Session, public_id: uuid.UUID) -> int:
    found = session.scalar(select(User.id).where(User.public_id == public_id))
    if found is None:
        raise NotFound("E-AUT-14", "There is no such account.")
    return found


def _scope(said: dict[str, Any]) -> Scope:
    types, limit = said.get("kinds", EVERY_KIND), said.get("limit", NO_LIMIT)
    return Scope(
        object_types=None if types == EVERY_KIND else tuple(types),
        value_limit=None if limit == NO_LIMIT else Decimal(limit),
        limit_currency=said.get("currency"),
    )


KIND = ObjectKind(type=TYPE, words="Roles of accounts", approvers=_administrators, settle=_settle)
