"""What happens at the door, in the security log, with the full address it came from."""

from __future__ import annotations

from flask import request

from app.platform.accounts.models import TryKind
from app.platform.accounts.queries import Person
from app.platform.audit import security
from app.platform.audit.security import Kind

THROTTLED = {
    TryKind.PASSWORD: Kind.SIGN_IN_THROTTLED,
    TryKind.ONE_TIME: Kind.SIGN_IN_THROTTLED,
    TryKind.SECOND_FACTOR: Kind.FACTOR_THROTTLED,
    TryKind.RESET: Kind.RESET_THROTTLED,
}


def note(kind: Kind, who: Person | str | None = None, **facts: object) -> None:
    """Note something about an account, or about what was typed in place of one."""
    security.note(
        kind,
        user_id=who.id if isinstance(who, Person) else None,
        who=who.email if isinstance(who, Person) else who,
        ip=request.remote_addr,
        **facts,
    )
