"""Every number is a door: where a measure's value leads to what stands behind it."""

from __future__ import annotations

from app.base.web.rendering import address
from app.facts.deliveries.lines import line_lists

# Measures that other records than order lines stand behind.
RECORD_KINDS = {
    "ppm": "receipts",
    "lot_accept": "lots",
    "lot_reject": "lots",
    "first_pass": "lots",
    "ack_hours": "acknowledgements",
    "price_variance": "invoices",
    "invoice_accuracy": "invoices",
    "disruptions": "disruptions",
    "line_stops": "disruptions",
    "premium_freight": "disruptions",
    "special_status": "disruptions",
}


def door_to(measure_id: str, supplier_id: str, query: dict[str, str]) -> str | None:
    """Return the address of what stands behind a measure, None where nothing is kept yet."""
    if measure_id in line_lists.MEASURES:
        return address("overview.lines", {"public_id": supplier_id, "measure": measure_id, **query})
    kind = RECORD_KINDS.get(measure_id)
    if kind is None:
        return None
    return address("overview.records", {"public_id": supplier_id, "kind": kind, **query})
