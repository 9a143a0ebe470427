"""Stored versions of scoring methods as values, and which of them hold on a day."""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.judgement.scorecards.methods import (
    Method,
    caps_of,
    limits_of,
    minimums_of,
    scoring_of,
    standings_of,
)
from app.judgement.scorecards.models import ScoringMethod

PERCENT = 100


def active_method(session: Session, *, on: date) -> Method | None:
    """Return the common method that is in force on a day, None where none is stored."""
    return stored_methods(session, on=on).get(None)


def stored_methods(session: Session, *, on: date) -> dict[str | None, Method]:
    """Return by segment the method stored for a day, the newest where several hold."""
    stored = session.scalars(
        select(ScoringMethod)
        .where(
            ScoringMethod.state == "active",
            ScoringMethod.valid_from <= on,
            or_(ScoringMethod.valid_to.is_(None), ScoringMethod.valid_to > on),
        )
        .order_by(ScoringMethod.valid_from, ScoringMethod.version, ScoringMethod.id)
    )
    return {each.segment: method_from(each) for each in stored}


def method_by_id(session: Session, method_id: int) -> Method:
    """Return a stored method, whatever its state."""
    return method_from(session.get_one(ScoringMethod, method_id))


def method_from(stored: ScoringMethod) -> Method:
    """Return a stored method as a value."""
    return Method(
        id=stored.id or 0,
        name=stored.name,
        version=stored.version,
        content_hash=stored.content_hash,
        scoring=scoring_of(stored.content),
        limits=limits_of(stored.content),
        otif_floor=stored.content["otif_floor_percent"] / PERCENT,
        caps=caps_of(stored.content),
        minimums=minimums_of(stored.content),
        segment=stored.segment,
        standings=standings_of(stored.content),
    )
