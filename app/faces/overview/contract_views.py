"""The contracts of one supplier, and what they cover."""

from __future__ import annotations

from uuid import UUID

from flask import render_template

from app.base import clock, db
from app.base.web.access import requires
from app.faces.overview.blueprint import blueprint
from app.faces.overview.supplier_frame import shared, supplier_frame
from app.judgement.contracts import queries, wording


@blueprint.get("/suppliers/<uuid:public_id>/contracts")
@requires("suppliers.view")
def supplier_contracts(public_id: UUID) -> str:
    """List a supplier's contracts, with what the active ones cover."""
    today = clock.today()
    with db.reading() as session:
        frame = supplier_frame(session, public_id, tab="contracts")
        rows = queries.contract_rows(session, today, [frame.head.id])
        covered = queries.coverage(session, [frame.head.id], as_of=today).get(frame.head.id)
    return render_template(
        "overview/supplier_contracts.html",
        **shared(frame),
        rows=rows,
        coverage=covered,
        words=wording,
        today=today,
    )
