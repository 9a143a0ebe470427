"""One supplier's screening: its names, what was found, every screening of it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import Response, make_response, render_template

from app.base import clock, db
from app.base.web.access import requires
from app.base.web.exports import Sheet, exported
from app.base.web.lists import ListShape, Pages, read_list
from app.faces.overview import risk_pages
from app.faces.overview.blueprint import blueprint
from app.faces.overview.supplier_frame import shared, supplier_frame
from app.facts.evidence.screening import queries, wording
from app.facts.evidence.screening.queries import ScreeningRow
from app.facts.evidence.screening.supplier_state import SupplierState, supplier_state

SHAPE = ListShape(sorts={"at": True}, default="-at", page_size=25)
HEADS = (
    ("at", "Screened"), ("because", "Why"), ("by", "By"), ("lists", "Lists"),
    ("threshold", "Alike from"), ("names", "Names"), ("matches", "Alike"),
)  # fmt: skip


@blueprint.get("/suppliers/<uuid:public_id>/screening")
@requires("suppliers.view")
def supplier_screening(public_id: UUID) -> Response:
    """Show what screening says of a supplier; never screened is not clean."""
    today, state = clock.today(), read_list(SHAPE)
    with db.reading() as session:
        frame = supplier_frame(session, public_id, tab="risk")
        found = supplier_state(session, frame.head.id, today)
        sanction = queries.sanctioned(session, as_of=today, supplier_ids=[frame.head.id]).get(
            frame.head.id
        )
    rows = sorted(found.screenings, key=lambda row: row.at, reverse=state.is_falling)
    if state.export:
        return exported(_sheet(rows, frame.head.name), state.export)
    page = render_template(
        "screening/supplier.html",
        **shared(frame),
        screening=found,
        verdict=_verdict(found),
        sanction=sanction,
        rows=rows[state.offset : state.offset + state.size],
        state=state,
        pages=risk_pages.links(frame.public_id, frame.shown.query),
        list_pages=Pages(state, len(rows)),
        words=wording,
        today=today,
    )
    return make_response(page)


def _verdict(found: SupplierState) -> tuple[str, str]:
    """Return the badge of all that is known: nothing is no clean bill."""
    if found.in_state("confirmed"):
        return "act", "confirmed on a list"
    if found.newest is None:
        return "none", "not screened"
    if found.in_state("candidate"):
        return "watch", "matches to decide"
    if not found.is_current:
        return "watch", "to be screened again"
    return "good", "nothing open"


def _sheet(rows: list[ScreeningRow], name: str) -> Sheet:
    cells = [
        (
            row.at, wording.BECAUSE_WORDS[row.because], row.by, _lists(row.editions),
            row.threshold, "; ".join(text for _, text in row.names), row.matches,
        )
        for row in rows
    ]  # fmt: skip
    return Sheet("screenings", HEADS, cells, f"screenings of {name}")


def _lists(editions: list[tuple[str, date]]) -> str:
    return ", ".join(f"{source} of {edition.isoformat()}" for source, edition in editions)
