"""What goes with an account when its person is erased: sign-in, factors, links, letters."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.base.db import Base
from app.platform.accounts import values
from app.platform.accounts.models import SignInAttempt, User
from app.platform.audit import erasure

ENTITY = "user"
NOBODY = "erased@erased.invalid"
# Rows that are nothing but the person's own.
OF_THE_ACCOUNT = (
    "web_session", "one_time_secret", "totp_factor", "passkey", "recovery_code", "known_device",
    "sso_identity", "calendar_feed",
)  # fmt: skip


def forget_account(session: Session, user_id: int, held: Mapping[str, Any]) -> None:
    """Switch the account off for good; remove what let the person in, and letters to them."""
    user = session.get_one(User, user_id)
    user.is_active = False
    user.password_hash = None
    user.uniquifier = secrets.token_hex(32)
    address = str(held["email"])
    connection = session.connection()
    for name in OF_THE_ACCOUNT:
        table = Base.metadata.tables[name]
        connection.execute(delete(table).where(table.c.user_id == user_id))
    connection.execute(
        delete(SignInAttempt).where(SignInAttempt.account_hash == values.hashed(address))
    )
    _forget_letters(session, address)


def _forget_letters(session: Session, address: str) -> None:
    """Blank the letters to an address, wherever a house keeps an outbox."""
    table = Base.metadata.tables.get("outbox_message")
    if table is not None:
        blank: dict[str, Any] = {
            "recipient": NOBODY,
            "subject": "",
            "text": "",
            "facts": {},
            "last_error": None,
        }
        session.connection().execute(
            update(table).where(table.c.recipient == address).values(blank)
        )


erasure.also(ENTITY, forget_account)
