"""Why a supplier's index moved between two published days, and each day as it was published."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import render_template

from app.base import db, formatting
from app.base.charts import Step, Svg, Waterfall
from app.base.web.access import requires
from app.base.web.rendering import address
from app.faces.overview import risk_pages
from app.faces.overview.blueprint import blueprint
from app.faces.overview.doors import door_to
from app.faces.overview.supplier_frame import SupplierFrame, shared, supplier_frame
from app.judgement.risk_index import moving, stored
from app.judgement.risk_index import queries as risk_queries
from app.judgement.risk_index.evaluation import digest_of
from app.judgement.risk_index.moving import MoveBar, Movement
from app.judgement.scorecards.register import BY_ID

LABEL_LENGTH = 34
# Drawn small, so that it can still be read on a telephone.
WIDTH, LABEL_WIDTH = 460.0, 120.0


@dataclass(frozen=True, slots=True)
class EventRow:
    """Something that happened behind a bar: words, points, and the page behind it."""

    words: str
    points: str
    href: str


@dataclass(frozen=True, slots=True)
class BarRow:
    """A bar as a row, with what happened behind it."""

    label: str
    points: str
    href: str
    events: tuple[EventRow, ...]


@blueprint.get("/suppliers/<uuid:public_id>/risk/moved")
@requires("suppliers.view")
def supplier_risk_moved(public_id: UUID) -> str:
    """Show why the index moved: a waterfall, and every event behind it."""
    with db.reading() as session:
        frame = supplier_frame(session, public_id, tab="risk")
        days = stored.days_of(session, frame.head.id)
        until = risk_pages.asked_day("until", days, days[0] if days else None)
        earlier = [day for day in days if until is not None and day < until]
        since = risk_pages.asked_day("since", days, earlier[0] if earlier else None)
        found = None
        if since is not None and until is not None and since < until:
            found = moving.why_moved(session, frame.head.id, since, until)
    rows = [] if found is None else [_row(bar, frame, found) for bar in found.bars]
    return render_template(
        "overview/risk_moved.html",
        **shared(frame),
        pages=risk_pages.links(frame.public_id, frame.shown.query),
        days=days,
        since=since,
        until=until,
        found=found,
        chart="" if found is None or found.move is None else _chart(found),
        rows=rows,
    )


@blueprint.get("/suppliers/<uuid:public_id>/risk/published")
@requires("suppliers.view")
def supplier_risk_published(public_id: UUID) -> str:
    """Show a day's index as it was published, and what the same day makes today."""
    with db.reading() as session:
        frame = supplier_frame(session, public_id, tab="risk")
        days = stored.days_of(session, frame.head.id)
        day = risk_pages.asked_day("day", days, days[0] if days else None)
        published = [] if day is None else stored.published_of(session, frame.head.id, day)
        now = None if day is None else risk_queries.risk_card(session, frame.head.id, day)
    return render_template(
        "overview/risk_published.html",
        **shared(frame),
        pages=risk_pages.links(frame.public_id, frame.shown.query),
        days=days,
        day=day,
        published=published[::-1],
        now=now,
        digest=None if now is None else digest_of(now.card, now.method),
    )


def _chart(found: Movement) -> Svg:
    assert found.move is not None, "a chart is drawn of a move"  # noqa: S101 — narrows
    before, after = found.before.head.period_end, found.after.head.period_end
    steps = tuple(
        Step(_short(bar.label), bar.points, formatting.signed(bar.points, 1)) for bar in found.bars
    )
    told = ", ".join(f"{step.label} {step.text}" for step in steps) or "nothing"
    first, last = (formatting.number(each, 1) for each in (found.move.before, found.move.after))
    return Waterfall(
        title=f"Why the index moved from {first} to {last}",
        description=f"{told}; index points, positive is worse.",
        first=(formatting.day(before), found.move.before, first),
        last=(formatting.day(after), found.move.after, last),
        steps=steps,
    ).svg(width=WIDTH, label_width=LABEL_WIDTH)


def _row(bar: MoveBar, frame: SupplierFrame, found: Movement) -> BarRow:
    query = {"as_of": found.after.head.period_end.isoformat()}
    href = ""
    if bar.dimension is not None:
        href = address(
            "overview.supplier_risk_evidence",
            {"public_id": frame.public_id, "dimension": bar.dimension, **query},
        )
    events = tuple(
        EventRow(
            event.words, formatting.signed(event.points, 2), _door(event.measure_id, frame, query)
        )
        for event in bar.events
    )
    return BarRow(bar.label, formatting.signed(bar.points, 2), href, events)


def _door(measure_id: str | None, frame: SupplierFrame, query: dict[str, str]) -> str:
    if measure_id is None or measure_id not in BY_ID:
        return ""
    return door_to(measure_id, frame.public_id, query) or ""


def _short(label: str) -> str:
    return label if len(label) <= LABEL_LENGTH else label[: LABEL_LENGTH - 1].rstrip() + "…"
