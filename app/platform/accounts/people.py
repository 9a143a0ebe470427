"""Writes to other people's accounts: invite, switch off and on again. Every act has a reason."""

from __future__ import annotations

import secrets

from sqlalchemy.orm import Session

from app.base import db
from app.base.errors import Conflict, Forbidden, NotFound
from app.platform.accounts import grants, queries, services, values
from app.platform.accounts.grant_models import Role
from app.platform.accounts.grants import WHOLE, Scope
from app.platform.accounts.models import AccountKind, User
from app.platform.audit.services import give_reason


def add(
    session: Session, *, email: str, name: str, role: Role, reason: str, scope: Scope = WHOLE
) -> User:
    """Add an account without password that holds one role; a guarded role is asked for later.

    Raises Conflict where the address has an account already.
    """
    clean = values.clean_email(email)
    if queries.person_by_email(session, clean) is not None:
        raise Conflict("E-AUT-11", f"{clean} has an account already.")
    because = grants.clean_reason(reason)
    give_reason(session, because)
    is_contact = role is Role.SUPPLIER_CONTACT
    user = User(
        email=clean,
        name=(name or values.name_from_email(clean)).strip()[:200],
        kind=AccountKind.SUPPLIER if is_contact else AccountKind.INTERNAL,
        uniquifier=secrets.token_hex(32),
    )
    session.add(user)
    session.flush()
    if not grants.needs_agreement(session, role, user.id):
        grants.grant(session, user_id=user.id, role=role, reason=because, scope=scope)
    return user


def switch_off(session: Session, *, user_id: int, reason: str) -> None:
    """Switch an account off: its sessions, links and tokens are dead with the next request."""
    if db.actor_of(session).user_id == user_id:
        raise Forbidden("E-SOD-04", "Nobody switches their own account off; ask another one.")
    if Role.ADMINISTRATOR in grants.roles_held(session, user_id):
        grants.require_another_administrator(session, user_id)
    give_reason(session, grants.clean_reason(reason))
    services.disable(session, user_id=user_id)


def switch_on(session: Session, *, user_id: int, reason: str) -> None:
    """Let an account in again, with the roles that it holds."""
    user = session.get(User, user_id)
    if user is None:
        raise NotFound("E-AUT-14", "There is no such account.")
    if db.actor_of(session).user_id == user_id:
        raise Forbidden("E-SOD-04", "Nobody switches their own account on; ask another one.")
    give_reason(session, grants.clean_reason(reason))
    user.is_active = True
    session.flush()
