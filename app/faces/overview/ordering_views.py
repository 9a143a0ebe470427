"""What an ERP asks before it sends an order: may we order from this supplier today?"""

from __future__ import annotations

from datetime import date

from flask import Response, jsonify, request

from app.base import clock, db
from app.base.errors import NotFound
from app.base.web.access import requires
from app.base.web.lists import BadQuery
from app.faces.overview.blueprint import blueprint
from app.facts.suppliers import lookups
from app.facts.suppliers import queries as suppliers
from app.facts.suppliers.queries import SupplierHead
from app.facts.suppliers.standings import queries
from app.facts.suppliers.standings.queries import OrderTerms


@blueprint.get("/api/may-order")
@requires("standings.ask")
def may_order() -> Response:
    """Answer whether one may order from a supplier on a day, and why.

    Query: `supplier`, its number or, with `source`, its key in that source; `on`, a day (today).
    """
    key, source = request.args.get("supplier", ""), request.args.get("source", "")
    if not key:
        raise BadQuery("E-API-09", "Name the supplier: /api/may-order?supplier=V-10429.")
    day = _day(request.args.get("on"))
    with db.reading() as session:
        found = lookups.ids_by_key(session, "supplier", [key], source=source).get(key)
        if found is None:
            raise NotFound("E-SUP-01", f"No supplier has the number {key[:40]!r}.")
        head = suppliers.heads_of(session, [found])[found]
        terms = queries.terms_on(session, found, day)
    return jsonify(_told(head, terms, day))


def _told(head: SupplierHead, terms: OrderTerms, day: date) -> dict[str, object]:
    named = {"number": head.number, "name": head.name, "id": str(head.public_id)}
    return {"supplier": named, "on": day.isoformat(), **terms.told}


def _day(text: str | None) -> date:
    if not text:
        return clock.today()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadQuery("E-API-06", f"on {text[:20]!r} is not a day such as 2026-10-31.") from error
