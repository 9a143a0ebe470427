"""Who is asked for the agenda. Another feature joins by one line here."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from app.base import formatting
from app.reviews.meetings import queries
from app.reviews.meetings.agenda import Link, Point, Section, Source, Span


def owed(session: Session, span: Span) -> Iterable[Point]:
    """Yield what earlier meetings left open."""
    for each in queries.open_commitments(session):
        if each.meeting_on >= span.until:
            continue
        late = ", overdue" if each.is_overdue(span.until) else ""
        yield Point(
            Section.COMMITMENTS,
            each.what,
            f"{each.owner}, due {formatting.day(each.due_on)}{late}; "
            f"meeting of {formatting.day(each.meeting_on)}",
            each.supplier_id,
            each.supplier_name,
            Link("meetings.show", {"public_id": str(each.meeting_public_id)}),
        )


SOURCES: tuple[Source, ...] = (owed,)
