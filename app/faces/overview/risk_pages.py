"""The pages about one supplier's risk index, as links that stand on each of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import request

from app.base import formatting
from app.base.web.lists import BadQuery
from app.base.web.rendering import address

# (endpoint, label); a feature adds its line. They hang on the tab “Risk”.
PAGES: tuple[tuple[str, str], ...] = (
    ("overview.supplier_risk", "What it rests on"),
    ("overview.supplier_risk_moved", "Why did it move?"),
    ("overview.supplier_risk_sure", "How sure, what if"),
    ("overview.supplier_risk_published", "As published"),
    ("overview.supplier_risk_override", "Override"),
    ("overview.supplier_financial", "Financial health"),
    ("overview.supplier_geography", "Geography"),
    ("overview.supplier_upstream", "Upstream"),
    ("overview.supplier_screening", "Sanctions screening"),
    ("overview.supplier_incidents", "Incidents"),
)
SMALLEST = 0.005


def links(public_id: str, query: Mapping[str, str]) -> list[tuple[str, str, bool]]:
    """Return the links as (label, address, is this page)."""
    return [
        (label, address(endpoint, {"public_id": public_id, **query}), endpoint == request.endpoint)
        for endpoint, label in PAGES
    ]


def asked_day(name: str, days: list[date], default: date | None) -> date | None:
    """Return the published day that the address names; raises BadQuery where it is none."""
    asked = request.args.get(name)
    if not asked:
        return default
    found = next((day for day in days if day.isoformat() == asked), None)
    if found is None:
        raise BadQuery("E-API-06", f"“{asked[:20]}” is no day of which an index is published.")
    return found


def share_text(share: float) -> str:
    """Return a probability in percent, one that is hardly any or hardly less than all as such."""
    if 0 < share < SMALLEST:
        return f"below 1{formatting.NARROW_SPACE}%"
    if 1 - SMALLEST < share < 1:
        return f"over 99{formatting.NARROW_SPACE}%"
    return formatting.percent(share, 0)
