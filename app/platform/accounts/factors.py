"""Writes of second factors: authenticator codes, passkeys, recovery codes.

Secrets come sealed and codes hashed; what opens or matches them is `identity`'s.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.base import clock
from app.base.errors import Conflict, InvalidInput, NotFound
from app.platform.accounts import values
from app.platform.accounts.factor_models import Passkey, RecoveryCode, TotpFactor, UsedChallenge

RECOVERY_CODES = 10
MOST_PASSKEYS = 20
CODE_WRONG = "The code is wrong or was used already."


@dataclass(frozen=True, slots=True)
class Authenticator:
    """An authenticator app. last_counter: the time step of the last code taken."""

    sealed_secret: str
    is_confirmed: bool
    last_counter: int | None


@dataclass(frozen=True, slots=True)
class Key:
    """A passkey: what its page shows, and what checking an answer needs."""

    id: int
    public_id: str
    user_id: int
    name: str
    credential_id: str
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewKey:
    """What a device told us of a passkey it made."""

    credential_id: str
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]


def authenticator(session: Session, user_id: int) -> Authenticator | None:
    """Return somebody's authenticator app, confirmed or not."""
    row = session.get(TotpFactor, user_id)
    if row is None:
        return None
    return Authenticator(row.sealed_secret, row.confirmed_at is not None, row.last_counter)


def begin_authenticator(session: Session, *, user_id: int, sealed_secret: str) -> None:
    """Keep a secret that is to be confirmed; a confirmed one stays as it is."""
    row = session.get(TotpFactor, user_id)
    if row is not None and row.confirmed_at is not None:
        raise Conflict("E-AUT-20", "An authenticator app is set up already; remove it first.")
    if row is None:
        row = TotpFactor(user_id=user_id)
        session.add(row)
    row.sealed_secret = sealed_secret
    row.created_at = clock.now()
    row.last_counter = None
    session.flush()


def confirm_authenticator(session: Session, *, user_id: int, counter: int) -> None:
    """Let the authenticator app count from now on; its first code is used up."""
    confirmed = session.execute(
        update(TotpFactor)
        .where(TotpFactor.user_id == user_id, TotpFactor.confirmed_at.is_(None))
        .values(confirmed_at=clock.now(), last_counter=counter)
        .returning(TotpFactor.user_id)
    ).first()
    if confirmed is None:
        raise Conflict("E-AUT-20", "An authenticator app is set up already; remove it first.")


def use_counter(session: Session, *, user_id: int, counter: int) -> bool:
    """Use a code's time step up; False when it, or a later one, was used before."""
    used = session.execute(
        update(TotpFactor)
        .where(
            TotpFactor.user_id == user_id,
            TotpFactor.last_counter.is_(None) | (TotpFactor.last_counter < counter),
        )
        .values(last_counter=counter)
        .returning(TotpFactor.user_id)
    ).first()
    return used is not None


def remove_authenticator(session: Session, *, user_id: int) -> None:
    """Forget the authenticator app."""
    session.execute(delete(TotpFactor).where(TotpFactor.user_id == user_id))


def passkeys(session: Session, user_id: int) -> list[Key]:
    """Return somebody's passkeys, the oldest first."""
    rows = session.scalars(
        select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.created_at, Passkey.id)
    )
    return [_key(row) for row in rows]


def passkey_by_credential(session: Session, credential_id: str) -> Key | None:
    """Return the passkey that a device answers with."""
    row = session.scalar(select(Passkey).where(Passkey.credential_id == credential_id))
    return None if row is None else _key(row)


def add_passkey(session: Session, *, user_id: int, name: str, key: NewKey) -> None:
    """Keep a passkey under a name of its owner's choice."""
    plain = " ".join(name.split())[:60]
    if not plain:
        raise InvalidInput("E-AUT-21", "Give the passkey a name, such as “office laptop”.")
    count = session.scalar(select(func.count(Passkey.id)).where(Passkey.user_id == user_id)) or 0
    if count >= MOST_PASSKEYS:
        raise Conflict("E-AUT-22", f"{MOST_PASSKEYS} passkeys are the limit; remove one first.")
    row = Passkey(
        user_id=user_id,
        name=plain,
        credential_id=key.credential_id,
        public_key=key.public_key,
        sign_count=key.sign_count,
        transports=" ".join(key.transports)[:100],
        created_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Conflict("E-AUT-23", "This passkey is registered already.") from error


def note_passkey_use(session: Session, *, passkey_id: int, sign_count: int) -> None:
    """Keep how often the passkey has signed, and when."""
    session.execute(
        update(Passkey)
        .where(Passkey.id == passkey_id)
        .values(sign_count=sign_count, last_used_at=clock.now())
    )


def remove_passkey(session: Session, *, user_id: int, public_id: uuid.UUID) -> str:
    """Forget one of somebody's passkeys; return its name."""
    removed = session.execute(
        delete(Passkey)
        .where(Passkey.user_id == user_id, Passkey.public_id == public_id)
        .returning(Passkey.name)
    ).first()
    if removed is None:
        raise NotFound("E-AUT-24", "There is no such passkey.")
    return str(removed.name)


def use_challenge(session: Session, challenge: str, *, expires_at: datetime) -> bool:
    """Use a challenge up; False when it was answered before."""
    try:
        with session.begin_nested():
            session.add(
                UsedChallenge(challenge_hash=values.hashed(challenge), expires_at=expires_at)
            )
    except IntegrityError:
        return False
    return True


def renew_recovery_codes(session: Session, *, user_id: int) -> list[str]:
    """Return ten new recovery codes, to be shown once; the older ones die."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    codes = [values.new_recovery_code() for _ in range(RECOVERY_CODES)]
    session.add_all(
        RecoveryCode(
            user_id=user_id, code_hash=_hash_of_code(user_id, code), created_at=clock.now()
        )
        for code in codes
    )
    session.flush()
    return codes


def recovery_codes_left(session: Session, user_id: int) -> int:
    """Return how many recovery codes are unused."""
    return (
        session.scalar(
            select(func.count(RecoveryCode.id)).where(
                RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None)
            )
        )
        or 0
    )


def use_recovery_code(session: Session, *, user_id: int, code: str) -> bool:
    """Use a recovery code up; False when it is unknown or was used before."""
    used = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user_id,
            RecoveryCode.code_hash == _hash_of_code(user_id, code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.now())
        .returning(RecoveryCode.id)
    ).first()
    return used is not None


def remove_all(session: Session, *, user_id: int) -> None:
    """Forget every second factor of an account, because its owner has lost them."""
    for table in (TotpFactor, Passkey, RecoveryCode):
        session.execute(delete(table).where(table.user_id == user_id))


def remove_recovery_codes(session: Session, *, user_id: int) -> None:
    """Forget the recovery codes, because there is nothing left to recover."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


def _hash_of_code(user_id: int, code: str) -> str:
    return values.hashed(f"{user_id} {values.plain_code(code)}")


def _key(row: Passkey) -> Key:
    return Key(
        id=row.id,
        public_id=str(row.public_id),
        user_id=row.user_id,
        name=row.name,
        credential_id=row.credential_id,
        public_key=row.public_key,
        sign_count=row.sign_count,
        transports=tuple(row.transports.split()),
        created_at=row.created_at,
        last_used_at=row.last_used_at,
    )
