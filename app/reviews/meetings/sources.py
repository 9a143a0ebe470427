"""Who is asked for the agenda. Another feature joins by one line in `SOURCES`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy.orm import Session

from app.base import formatting
from app.judgement.alerts import queries as alerts
from app.judgement.fmea.living import acceptances, action_queries, changes, reviews
from app.judgement.fmea.living.rows import RowHead
from app.reviews.meetings import queries
from app.reviews.meetings.agenda import Link, Point, Section, Source, Span

# An acceptance that ends before the next meeting has had its turn is spoken of now.
AHEAD = timedelta(days=31)


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


def high_risks(session: Session, span: Span) -> Iterable[Point]:
    """Yield rows that became high, or were rated anew and are high, since the last meeting."""
    for each in changes.high_since(session, span.since, span.until):
        yield _about(Section.HIGH, each.row, each.words)


def overdue(session: Session, span: Span) -> Iterable[Point]:
    """Yield actions whose day is over."""
    for each in action_queries.actions(session, overdue_on=span.until):
        days = formatting.count((span.until - each.due_on).days, "day")
        yield Point(
            Section.OVERDUE,
            f"{each.title} ({each.row.mode})",
            f"{each.owner}, due {formatting.day(each.due_on)}, {days} over; "
            f"priority {each.row.priority or 'not rated'}",
            each.row.supplier_id,
            each.row.about,
            Link("actions.show", {"action_id": str(each.public_id)}),
        )


def ending_acceptances(session: Session, span: Span) -> Iterable[Point]:
    """Yield acceptances that ran out, or end before a month is over."""
    for each in acceptances.current(session, span.until):
        if each.until_on > span.until + AHEAD:
            continue
        verb = "ran out on" if each.has_expired(span.until) else "ends on"
        risen = "; the risk has risen since" if each.is_worse_now else ""
        told = f"{each.accepted_by}’s acceptance {verb} {formatting.day(each.until_on)}{risen}"
        yield _about(Section.ACCEPTANCES, each.row, told)


def drifted(session: Session, span: Span) -> Iterable[Point]:
    """Yield ratings that the facts have contradicted for two quarters."""
    for each in reviews.review_dates(session):
        for one in each.raised:
            if one.kind == "drift":
                yield _about(Section.DRIFTED, each.row, one.because)


def reviews_due(session: Session, span: Span) -> Iterable[Point]:
    """Yield rows that are due by their cadence."""
    for each in reviews.due_reviews(session, span.until):
        if each.due_on <= span.until:
            yield _about(
                Section.REVIEWS,
                each.row,
                f"last look {formatting.day(each.last_on)}, due {formatting.day(each.due_on)}; "
                f"priority {each.row.priority or 'not rated'}",
            )


def open_alerts(session: Session, span: Span) -> Iterable[Point]:
    """Yield the alerts that stand and were raised up to the meeting, the gravest first."""
    for each in alerts.open_alerts(session):
        if each.alert.raised_on <= span.until:
            yield Point(
                Section.ALERTS,
                each.alert.words,
                f"{each.alert.severity}, since {formatting.day(each.alert.raised_on)}",
                each.alert.supplier_id,
                each.supplier_name,
                Link("alerts.show", {"public_id": str(each.alert.public_id)}),
            )


SOURCES: tuple[Source, ...] = (
    owed,
    high_risks,
    overdue,
    ending_acceptances,
    drifted,
    reviews_due,
    open_alerts,
)


def _about(section: Section, row: RowHead, detail: str) -> Point:
    return Point(
        section,
        f"{row.mode}: {row.cause}",
        detail,
        row.supplier_id,
        row.about,
        Link("actions.row", {"cause_id": str(row.public_id)}),
    )
