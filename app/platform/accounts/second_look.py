"""How a guarded role is asked for: whoever keeps approvals takes the request.

Accounts know no approvals; `app.factory` says who takes requests. Where nobody does, asking
is refused.
"""

from __future__ import annotations

from datetime import date
from typing import Protocol

from sqlalchemy.orm import Session

from app.base.errors import Unavailable
from app.platform.accounts.grant_models import Role
from app.platform.accounts.grants import WHOLE, Scope


class Taker(Protocol):
    """Takes a request for a guarded role; returns the address where it waits."""

    def __call__(
        self,
        session: Session,
        *,
        user_id: int,
        role: Role,
        reason: str,
        scope: Scope = WHOLE,
        from_on: date | None = None,
        until_on: date | None = None,
    ) -> str:
        """Keep the request until another administrator decides."""


_taker: list[Taker] = []


def take_by(taker: Taker) -> None:
    """Have requests taken by `taker`."""
    _taker[:] = [taker]


def taker() -> Taker:
    """Return who takes requests; Unavailable where nobody does."""
    if not _taker:
        raise Unavailable("E-SOD-22", "Nobody takes requests for this role here.")
    return _taker[0]
