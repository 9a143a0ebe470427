"""The incidents of one supplier: those that run, and how fast it recovered from the others."""

from __future__ import annotations

from uuid import UUID

from flask import render_template

from app.base import clock, db
from app.base.web.access import requires
from app.faces.overview import risk_pages
from app.faces.overview.blueprint import blueprint
from app.faces.overview.supplier_frame import shared, supplier_frame
from app.facts.deliveries.period_reads import members
from app.judgement.continuity.incidents import queries, wording


@blueprint.get("/suppliers/<uuid:public_id>/risk/incidents")
@requires("suppliers.view")
def supplier_incidents(public_id: UUID) -> str:
    """List the incidents that a supplier is in, with its mean time to recover."""
    now = clock.now()
    with db.reading() as session:
        frame = supplier_frame(session, public_id, tab="risk")
        own = members(session, [frame.head.id])
        rows = queries.incident_rows(session, now=now, supplier_ids=own)
    return render_template(
        "overview/supplier_incidents.html",
        rows=rows,
        mean=queries.mean_time_to_recover(rows, now=now),
        words=wording,
        pages=risk_pages.links(frame.public_id, frame.shown.query),
        **shared(frame),
    )
