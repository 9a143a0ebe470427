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
        "Hidden common nodes",
        "overview.common_nodes",
        "Plants, companies and materials upstream that seemingly independent suppliers share.",
    ),
    (
        "Parts and their sources",
        "overview.sourcing_parts",
        "Single, sole and single-site parts, computed from the approved sources.",
    ),
    (
        "Backups",
        "overview.cold_backups",
        "How warm second sources are, the cold ones first.",
    ),
    (
        "Concentration",
        "overview.concentration",
        "By category, item, country, port and plant upstream; and what one award changes.",
    ),
    (
        "Our share of their sales",
        "overview.buyer_shares",
        "Who depends on us, and to whom we are nobody.",
    ),
)


@blueprint.get("/risk")
@requires("suppliers.view")
def risk_hub() -> str:
    """List the doors."""
    return render_template("overview/risk_hub.html", doors=DOORS)
