"""Service tokens: made once, shown once, known by their hash, for named permissions.

Opaque on purpose: nothing can be read from a token, and taking it back works at once.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import acting, clock, db
from app.base.acting import Actor, Source
from app.base.errors import Conflict, InvalidInput, NotFound
from app.platform.accounts import grant_queries, values
from app.platform.accounts.grant_models import ApiToken, Role
from app.platform.accounts.grant_queries import TokenRow
from app.platform.accounts.grants import clean_reason
from app.platform.accounts.matrix import matrix
from app.platform.accounts.models import User

# Known by it in logs and in files that should not hold one.
PREFIX = "mst_"
HINT_LENGTH = 8
# What every token holds: to be told what it is.
SELF = "tokens.self"
LONGEST_LIFE = timedelta(days=366)
USED_STEP = timedelta(minutes=1)


def scopes_offered() -> list[str]:
    """Return the permissions that a token may hold."""
    return sorted(matrix().roles[Role.SERVICE].permissions - {SELF})


def make(session: Session, *, name: str, scopes: Collection[str], expires_at: datetime) -> str:
    """Make a token and return it, the only time that it can be seen.

    Raises InvalidInput for an unknown scope, none at all, or an expiry past or beyond a year.
    """
    actor, now = db.actor_of(session), clock.now()
    strange = sorted(set(scopes) - set(scopes_offered()))
    if strange or not scopes:
        offered = ", ".join(scopes_offered())
        raise InvalidInput("E-TOK-01", f"Choose one or more of these scopes: {offered}.")
    if not now < expires_at <= now + LONGEST_LIFE:
        raise InvalidInput("E-TOK-02", "Let the token end after today, within a year.")
    if not name.strip() or len(name) > 200:
        raise InvalidInput("E-TOK-03", "Name the program that uses the token, in 200 characters.")
    token = PREFIX + values.new_secret()
    session.add(
        ApiToken(
            token_hash=values.hashed(token),
            hint=token[:HINT_LENGTH],
            name=name.strip(),
            scopes=sorted(set(scopes)),
            made_by=actor.name,
            made_by_id=actor.user_id,
            created_at=now,
            expires_at=expires_at,
        )
    )
    session.flush()
    return token


def revoke(session: Session, *, public_id: uuid.UUID, reason: str) -> None:
    """Take a token back: the next request with it is refused."""
    because = clean_reason(reason)
    row = session.scalar(select(ApiToken).where(ApiToken.public_id == public_id))
    if row is None:
        raise NotFound("E-TOK-04", "There is no such token.")
    if row.revoked_at is not None:
        raise Conflict("E-TOK-05", "This token was taken back already.")
    row.revoked_at = clock.now()
    row.revoked_by = db.actor_of(session).name
    row.revoked_because = because
    session.flush()


def redeem(session: Session, token: str) -> TokenRow | None:
    """Return the good token that a caller shows, None for one that opens nothing."""
    if not token.startswith(PREFIX):
        return None
    row = session.scalar(select(ApiToken).where(ApiToken.token_hash == values.hashed(token)))
    if row is None or not grant_queries.token_row(row).is_good(clock.now()):
        return None
    # Whoever made it answers for it: a token of somebody switched off is dead.
    maker = None if row.made_by_id is None else session.get(User, row.made_by_id)
    return grant_queries.token_row(row) if maker is None or maker.is_active else None


def needs_note(token: TokenRow) -> bool:
    """Tell whether its use is to be noted: at most once a minute."""
    return token.last_used_at is None or clock.now() - token.last_used_at > USED_STEP


def note_use(session: Session, *, public_id: uuid.UUID, network: str) -> None:
    """Note when and from where a token was used."""
    row = session.scalars(select(ApiToken).where(ApiToken.public_id == public_id)).one()
    row.last_used_at = clock.now()
    row.last_used_from = network


def actor_of_token(
    token: TokenRow, *, request_id: str | None = None, network: str | None = None
) -> Actor:
    """Return as whom a program's request is worked on."""
    return Actor(
        name=f"token:{token.name}",
        source=Source.API,
        roles=frozenset({str(Role.SERVICE)}),
        reads=acting.EVERYTHING,
        writes=acting.EVERYTHING,
        request_id=request_id,
        network=network,
    )


def may(token: TokenRow, permission: str) -> bool:
    """Tell whether a token holds a permission: the role does, and its scopes name it."""
    is_named = permission == SELF or permission in token.scopes
    return is_named and matrix().holds([Role.SERVICE], permission)
