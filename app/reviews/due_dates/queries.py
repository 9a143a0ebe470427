"""Reads of dates: those of a span from all sources; feeds of a person's calendar."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.facts.suppliers import directory
from app.reviews.due_dates.days import Entry, Kind, Source, Span
from app.reviews.due_dates.models import CalendarFeed

ORDER = {kind: place for place, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A feed as its page shows it; never the token."""

    public_id: UUID
    name: str
    hint: str
    is_mine_only: bool
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    last_used_from: str | None
    revoked_at: datetime | None

    def is_good(self, at: datetime) -> bool:
        """Tell whether its address still opens anything."""
        return self.revoked_at is None and self.expires_at > at


def entries(
    session: Session, span: Span, sources: Iterable[Source], *, kinds: Collection[str] = ()
) -> list[Entry]:
    """Return the dates of a span (of some kinds, none named: of all), by day."""
    found = [
        due
        for source in sources
        if not kinds or not source.labels.keys().isdisjoint(kinds)
        for due in source.read(session, span)
        if span.holds(due.day) and (not kinds or due.kind in kinds)
    ]
    names = directory.names_of(
        session, {due.supplier_id for due in found if due.supplier_id is not None}
    )
    made = [
        Entry(due, names.get(due.supplier_id or 0))
        for due in found
        # A row of a supplier that can't be seen isn't seen either.
        if due.supplier_id is None or due.supplier_id in names
    ]
    return sorted(
        made,
        key=lambda each: (
            each.due.day, ORDER[each.due.kind], each.about.lower(), each.due.what, each.due.key,
        ),
    )  # fmt: skip


def feeds_of(session: Session, user_id: int) -> Sequence[FeedRow]:
    """Return a person's feeds, the newest first."""
    rows = session.scalars(
        select(CalendarFeed).where(CalendarFeed.user_id == user_id).order_by(CalendarFeed.id.desc())
    )
    return [feed_row(row) for row in rows]


def feed_row(row: CalendarFeed) -> FeedRow:
    """Return a stored feed as pages show it."""
    return FeedRow(
        row.public_id, row.name, row.hint, row.is_mine_only, row.created_at, row.expires_at,
        row.last_used_at, row.last_used_from, row.revoked_at,
    )  # fmt: skip
