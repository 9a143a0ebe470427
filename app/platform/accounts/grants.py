"""Writes of roles: give one, take one back. Nobody gives a role to themselves.

Whoever gets the role of an administrator or an approver needs two: the one who gives it and
another administrator who agrees. Where there is no other, the grant stands and says that it
was not independent.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.acting import Source
from app.base.errors import Conflict, Forbidden, InvalidInput, NotFound
from app.platform.accounts import grant_queries, sessions
from app.platform.accounts.grant_models import Role, RoleGrant
from app.platform.accounts.matrix import matrix
from app.platform.accounts.models import AccountKind, User
from app.platform.accounts.roles import roles_of

SHORTEST_REASON, LONGEST_REASON = 10, 500
# What only two people together give.
GUARDED = frozenset({Role.ADMINISTRATOR, Role.APPROVER})
# The one person of a new house does the daily work too; both are granted in plain sight.
LOCAL_ROLES = (Role.ADMINISTRATOR, Role.RISK_MANAGER)
LOCAL_REASON = "The first account of this installation does the daily work as well."
FIRST_REASON = "Made an administrator by the command line of this installation."


@dataclass(frozen=True, slots=True)
class Scope:
    """What a role is to be limited to; what a role doesn't take is refused.

    category_id, site_id: of a buyer. supplier_id: of a supplier contact. object_types,
    value_limit, limit_currency: of an approver.
    """

    category_id: int | None = None
    site_id: int | None = None
    supplier_id: int | None = None
    object_types: tuple[str, ...] | None = None
    value_limit: Decimal | None = None
    limit_currency: str | None = None


WHOLE = Scope()


def grant(
    session: Session,
    *,
    user_id: int,
    role: Role,
    reason: str,
    scope: Scope = WHOLE,
    from_on: date | None = None,
    until_on: date | None = None,
    agreed_by: int | None = None,
) -> RoleGrant:
    """Give a role to an account, in the name of the session's actor; its sessions end.

    `agreed_by` is the other administrator who agreed to a guarded role. Raises Forbidden
    (E-SOD-02) for one's own account, Forbidden (E-SOD-03) where another administrator must
    agree, InvalidInput where scope, days or reason can't be, Conflict where the account is of
    the other kind or holds the role already.
    """
    actor = db.actor_of(session)
    because = clean_reason(reason)
    first = clock.today() if from_on is None else from_on
    user = require_possible(session, user_id=user_id, role=role, scope=scope)
    _require_days(first, until_on)
    row = RoleGrant(
        user_id=user_id,
        user_kind=user.kind,
        role=role,
        category_id=scope.category_id,
        site_id=scope.site_id,
        supplier_id=scope.supplier_id,
        object_types=None if scope.object_types is None else list(scope.object_types),
        value_limit=scope.value_limit,
        limit_currency=scope.limit_currency,
        from_on=first,
        until_on=until_on,
        reason=because,
        granted_by=actor.name,
        granted_by_id=actor.user_id,
        granted_at=clock.now(),
        is_independent=_independence(session, role, user_id, agreed_by),
    )
    session.add(row)
    sessions.end_sessions(session, user_id=user_id)
    session.flush()
    return row


def require_possible(session: Session, *, user_id: int, role: Role, scope: Scope = WHOLE) -> User:
    """Return the account that is to get a role; raises as `grant` does where it can't."""
    user = _user(session, user_id)
    if db.actor_of(session).user_id == user_id:
        raise Forbidden("E-SOD-02", "Nobody gives a role to themselves; ask another administrator.")
    _require_fitting(user, role, scope)
    _require_new(session, user_id, role, scope)
    return user


def revoke(session: Session, *, public_id: uuid.UUID, reason: str) -> RoleGrant:
    """Take a role back from now on; the grant stays as a record.

    Raises Conflict (E-ACC-06) where it would leave the house without an administrator.
    """
    actor = db.actor_of(session)
    because = clean_reason(reason)
    row = session.scalar(select(RoleGrant).where(RoleGrant.public_id == public_id))
    if row is None:
        raise NotFound("E-ACC-03", "There is no such role.")
    if row.revoked_at is not None:
        raise Conflict("E-ACC-07", "This role was taken back already.")
    if row.role == Role.ADMINISTRATOR:
        require_another_administrator(session, row.user_id)
    row.revoked_at = clock.now()
    row.revoked_by = actor.name
    row.revoked_because = because
    sessions.end_sessions(session, user_id=row.user_id)
    session.flush()
    return row


def roles_held(session: Session, user_id: int) -> frozenset[str]:
    """Return the names of the roles that an account holds today."""
    return roles_of(grant_queries.held_by(session, user_id))


def grant_first_roles(session: Session, user_id: int, *, is_local: bool) -> None:
    """Give an account that the command line just made what it is made for.

    An administrator; the local one of an installation gets what one person needs to do
    everything. Nobody could agree to it yet.
    """
    actor = db.actor_of(session)
    for role in LOCAL_ROLES if is_local else (Role.ADMINISTRATOR,):
        session.add(
            RoleGrant(
                user_id=user_id,
                user_kind=AccountKind.INTERNAL,
                role=role,
                from_on=clock.today(),
                reason=LOCAL_REASON if is_local else FIRST_REASON,
                granted_by=actor.name,
                granted_by_id=actor.user_id,
                granted_at=clock.now(),
                is_independent=False if role in GUARDED else None,
            )
        )
    session.flush()


def require_another_administrator(session: Session, user_id: int) -> None:
    """Raise Conflict unless somebody else is an administrator too."""
    if set(grant_queries.holders_of(session, Role.ADMINISTRATOR)) - {user_id}:
        return
    raise Conflict(
        "E-ACC-06",
        "This is the only administrator. Make somebody else an administrator first.",
    )


def needs_agreement(session: Session, role: Role, user_id: int) -> bool:
    """Tell whether another administrator must agree: for guarded roles, where there is one."""
    return role in GUARDED and bool(_others(session, user_id))


def clean_reason(reason: str) -> str:
    """Return a reason without blanks around it; raises InvalidInput where it says too little."""
    said = " ".join(reason.split())
    if len(said) < SHORTEST_REASON:
        raise InvalidInput("E-ACC-05", f"Give a reason of at least {SHORTEST_REASON} characters.")
    if len(said) > LONGEST_REASON:
        raise InvalidInput("E-ACC-05", f"Give a reason of at most {LONGEST_REASON} characters.")
    return said


def _independence(session: Session, role: Role, user_id: int, agreed_by: int | None) -> bool | None:
    """Return whether two people gave the role; None where one is enough."""
    if role not in GUARDED:
        return None
    actor, others = db.actor_of(session), _others(session, user_id)
    if agreed_by is not None and agreed_by in others and agreed_by != actor.user_id:
        return True
    # Whoever holds the machine's command line could write the table as well.
    if others and actor.source is not Source.CLI:
        raise Forbidden(
            "E-SOD-03",
            f"A second administrator must agree before anybody becomes {_title(role)}.",
        )
    return False


def _others(session: Session, user_id: int) -> set[int]:
    """Return the administrators who could agree: neither the one who gives nor who gets."""
    everybody = set(grant_queries.holders_of(session, Role.ADMINISTRATOR))
    return everybody - {user_id, db.actor_of(session).user_id or 0}


def _require_fitting(user: User, role: Role, scope: Scope) -> None:
    is_contact = role is Role.SUPPLIER_CONTACT
    if role is Role.SERVICE:
        raise InvalidInput("E-ACC-08", "Programs get a service token, not an account.")
    if is_contact != (user.kind == AccountKind.SUPPLIER):
        raise Conflict(
            "E-ACC-09",
            f"{user.email} is an account of {'a supplier' if user.kind == 'supplier' else 'ours'};"
            " suppliers' people and our own never share one. Invite a second account.",
        )
    if is_contact != (scope.supplier_id is not None):
        raise InvalidInput("E-ACC-08", "A supplier contact belongs to exactly one supplier.")
    if role is not Role.BUYER and (scope.category_id or scope.site_id):
        raise InvalidInput("E-ACC-08", "Only buyers are limited to a category or a site.")
    is_limited = scope.object_types is not None or scope.value_limit is not None
    if role is not Role.APPROVER and is_limited:
        raise InvalidInput("E-ACC-08", "Only approvers have kinds of object and a limit.")
    if (scope.value_limit is None) != (scope.limit_currency is None):
        raise InvalidInput("E-ACC-08", "Give the limit with its currency, such as 50000 EUR.")


def _require_days(first: date, until_on: date | None) -> None:
    if until_on is not None and until_on < first:
        raise InvalidInput("E-ACC-10", f"The last day {until_on} is before the first one, {first}.")


def _require_new(session: Session, user_id: int, role: Role, scope: Scope) -> None:
    same = session.scalar(
        select(RoleGrant.id).where(
            *grant_queries.in_force(clock.today()),
            RoleGrant.user_id == user_id,
            RoleGrant.role == role,
            RoleGrant.category_id.is_not_distinct_from(scope.category_id),
            RoleGrant.site_id.is_not_distinct_from(scope.site_id),
        )
    )
    held = roles_of(grant_queries.held_by(session, user_id))
    if role is Role.SUPPLIER_CONTACT and role in held:
        raise Conflict("E-ACC-11", "A supplier contact belongs to exactly one supplier.")
    if same is not None:
        raise Conflict("E-ACC-11", f"The account is {_title(role)} already, with this scope.")


def _user(session: Session, user_id: int) -> User:
    user = session.get(User, user_id)
    if user is None:
        raise NotFound("E-AUT-14", "There is no such account.")
    return user


def _title(role: Role) -> str:
    title = matrix().roles[role].title.lower()
    return f"{'an' if title[0] in 'aeiou' else 'a'} {title}"


def titles(roles: Collection[str]) -> list[str]:
    """Return what roles are called, in the matrix's order."""
    return [rules.title for name, rules in matrix().roles.items() if name in roles]
