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
        "Who moved",
        "overview.risk_moves",
        "Whose index moved most between two published days; each opens why.",
    ),
    (
        "How sure the indexes are",
        "overview.risk_ranges",
        "Ranges of every index, of its rank and of its band, from seeded draws.",
    ),
    (
        "Categories and segments",
        "overview.risk_roll_up",
        "Mean, highest and spend-weighted index of each group, and what reaches us from upstream.",
    ),
    (
        "Index methods",
        "index_methods.index",
        "Weights, bands and floors as versions: draft, simulate, approve.",
    ),
    (
        "Sanctions screening",
        "screening.index",
        "Whose names are like listed ones, what was decided, and how old the lists are.",
    ),
)


@blueprint.get("/risk")
@requires("suppliers.view")
def risk_hub() -> str:
    """List the doors."""
    return render_template("overview/risk_hub.html", doors=DOORS)
