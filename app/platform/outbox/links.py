"""Links that open something: made at the moment of sending, so that none is ever kept.

Who owns a kind of link (a password reset, an invitation) registers how it is made; the
outbox knows only its name. A retried mail carries a new link and ends the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy.orm import Session

# Returns the link for the object of this key, None when the mail is no longer needed.
MakeLink = Callable[[Session, str, str], str | None]

_makers: dict[str, MakeLink] = {}


def register(makers: Mapping[str, MakeLink]) -> None:
    """Take in how links of these kinds are made: `maker(session, about_id, base_url)`."""
    _makers.update(makers)


def is_known(kind: str) -> bool:
    """Tell whether somebody makes links of this kind."""
    return kind in _makers


def make(session: Session, kind: str, about_id: str, *, base_url: str) -> str | None:
    """Return a fresh link, None when the mail is no longer needed."""
    return _makers[kind](session, about_id, base_url)
