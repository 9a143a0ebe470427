"""Writes of the risk index: the default method. Indexes are written by the publisher."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from app.judgement.risk_index.methods import DEFAULT_NAME, IndexMethodVersion, default_content
from app.judgement.risk_index.models import IndexMethod
from app.judgement.risk_index.queries import active_method, method_from
from app.judgement.snapshots import methods


def ensure_default_method(session: Session, *, on: date) -> IndexMethodVersion:
    """Return the method in force, storing the shipped one where none is."""
    method = active_method(session, on=on)
    if method is not None:
        return method
    content = default_content()
    return method_from(methods.stored(session, IndexMethod, name=DEFAULT_NAME, content=content))
