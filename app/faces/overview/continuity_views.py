"""A supplier's continuity: how ready it is, by which plan, what was exercised and asked."""

from __future__ import annotations

from uuid import UUID

from flask import render_template

from app.base import clock, db
from app.base.web.access import requires
from app.faces.overview.blueprint import blueprint
from app.faces.overview.supplier_frame import shared, supplier_frame
from app.judgement.continuity import queries, wording
from app.judgement.continuity.readiness import reading_of


@blueprint.get("/suppliers/<uuid:public_id>/continuity")
@requires("suppliers.view")
def supplier_continuity(public_id: UUID) -> str:
    """Show the readiness of a supplier today, part by part, and what index and scorecard read."""
    today = clock.today()
    with db.reading() as session:
        frame = supplier_frame(session, public_id, tab="continuity")
        own = queries.supplier_sheet(session, frame.head.id, today)
        then = reading_of(session, frame.head.id, frame.shown.as_of).readiness
    return render_template(
        "overview/continuity.html", **shared(frame), own=own, then=then, words=wording, today=today
    )
