"""Writes of the scorecards: the default method. Cards are written by the publisher."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from app.judgement.scorecards.methods import DEFAULT_NAME, Method, default_content
from app.judgement.scorecards.models import ScoringMethod
from app.judgement.scorecards.queries import active_method, method_from
from app.judgement.snapshots import methods


def ensure_default_method(session: Session, *, on: date) -> Method:
    """Return the method in force, storing the shipped one where none is."""
    method = active_method(session, on=on)
    if method is not None:
        return method
    content = default_content()
    return method_from(methods.stored(session, ScoringMethod, name=DEFAULT_NAME, content=content))
