"""Reads of private events: all of them, one, how they stand on a day."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.errors import NotFound
from app.facts.evidence.events.models import DisruptionEvent


class Standing(StrEnum):
    """How an event stands on a day."""

    COMING = "coming"
    UNDER_WAY = "under_way"
    OVER = "over"
    WITHDRAWN = "withdrawn"


def events(session: Session) -> list[DisruptionEvent]:
    """Return every event within reach, the newest first."""
    rows = select(DisruptionEvent).order_by(
        DisruptionEvent.from_on.desc(), DisruptionEvent.id.desc()
    )
    return list(session.scalars(rows))


def event_by_public_id(session: Session, public_id: UUID) -> DisruptionEvent:
    """Return one event; raises NotFound."""
    found = session.scalars(
        select(DisruptionEvent).where(DisruptionEvent.public_id == public_id)
    ).first()
    if found is None:
        raise NotFound("E-EVT-01", "There is no such event.")
    return found


def standing_on(event: DisruptionEvent, day: date) -> Standing:
    """Return how an event stands on a day."""
    if event.withdrawn_at is not None:
        return Standing.WITHDRAWN
    if event.from_on > day:
        return Standing.COMING
    is_over = event.until_on is not None and event.until_on < day
    return Standing.OVER if is_over else Standing.UNDER_WAY
