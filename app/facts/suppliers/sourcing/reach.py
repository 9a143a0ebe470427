"""Whether whoever looks sees all suppliers; where not, every count says that it is of some."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.base import db

PARTIAL = "Counted over what you may see: suppliers out of your reach are in none of these figures."


def reaches_all(session: Session) -> bool:
    """Return whether whoever looks sees every source, so that what is counted is the whole."""
    return db.actor_of(session).reads.is_everything


def partial_words(session: Session) -> str:
    """Return what a page or export says whose figures are of some suppliers only, else nothing."""
    return "" if reaches_all(session) else PARTIAL


def about(words: str, partial: str) -> str:
    """Return what an export is about, with what limits it."""
    return f"{words}. {partial}" if partial else words
