"""What a risk meeting has to look at, asked of whoever knows it.

A source is a function; `app.reviews.meetings.sources` lists them. Nothing is stored here:
the agenda lives until the meeting is held.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from sqlalchemy.orm import Session


class Section(StrEnum):
    """The parts of an agenda, in the order of the meeting."""

    COMMITMENTS = "commitments"
    HIGH = "high"
    OVERDUE = "overdue"
    ACCEPTANCES = "acceptances"
    DRIFTED = "drifted"
    REVIEWS = "reviews"
    ALERTS = "alerts"


@dataclass(frozen=True, slots=True)
class Link:
    """The page behind a point."""

    endpoint: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to look at. supplier_id: whose it is, None for the house's own."""

    section: Section
    title: str
    detail: str = ""
    supplier_id: int | None = None
    supplier_name: str = ""
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """The days that a meeting speaks of: since the last one, up to its own day."""

    since: date
    until: date


Source = Callable[[Session, Span], Iterable[Point]]


def agenda_of(session: Session, span: Span, sources: Sequence[Source]) -> list[Point]:
    """Return every point of the sources, by section; inside one as the source orders them."""
    found = [point for source in sources for point in source(session, span)]
    order = list(Section)
    return sorted(found, key=lambda point: order.index(point.section))


def agenda_hash(points: Sequence[Point]) -> str:
    """Return the SHA-256 of an agenda's words, for whoever must prove what lay on the table."""
    told = [
        [str(point.section), point.supplier_name, point.title, point.detail] for point in points
    ]
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
