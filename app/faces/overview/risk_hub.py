"""The risk hub: one page with a door to every page about risk across all suppliers."""

from __future__ import annotations

from flask import render_template

from app.base.web.access import requires
from app.faces.overview.blueprint import blueprint

# (label, endpoint, one sentence); a feature adds its line. Who may not open a page sees no door.
DOORS: tuple[tuple[str, str, str], ...] = (
    (
        "Suppliers by risk",
        "overview.portfolio",
        "Everybody with the newest index and band, to filter, sort and export.",
    ),
    (
        "Alerts",
        "alerts.index",
        "What rules raised and still stands, and who has it.",
    ),
    ("Events", "events.index", "What happened somewhere, and which suppliers and parts it hits."),
)


@blueprint.get("/risk")
@requires("suppliers.view")
def risk_hub() -> str:
    """List the doors."""
    return render_template("overview/risk_hub.html", doors=DOORS)
