"""The risk hub: one page with a door to every page about risk across all suppliers."""

from __future__ import annotations

from flask import render_template

from app.base.web.access import requires
from app.faces.overview.blueprint import blueprint

# Doors by what they are about; a door is (label, endpoint, one sentence). A feature adds its
# line. Who may not open a page sees no door.
DOORS: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "What needs somebody",
        (
            ("Alerts", "alerts.index", "What rules raised and still stands, and who has it."),
            (
                "Incidents",
                "incidents.index",
                "Rooms of what stops supply, and the log of what did; how fast we recover.",
            ),
            (
                "Responses",
                "responses.index",
                "What is done when a trigger fires: steps, money, who steps in.",
            ),
            (
                "Events",
                "events.index",
                "What happened somewhere, and which suppliers and parts it hits.",
            ),
            (
                "Risk meetings",
                "meetings.index",
                "The monthly meeting: agenda, minutes, decisions, what is owed.",
            ),
            (
                "Calendar",
                "due_dates.index",
                "What ends, is due or takes place, by day; as a feed for your own calendar.",
            ),
        ),
    ),
    (
        "Supply risk index",
        (
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
                "Mean, highest and spend-weighted index of each group; what comes from upstream.",
            ),
            (
                "Index methods",
                "index_methods.index",
                "Weights, bands and floors as versions: draft, simulate, approve.",
            ),
        ),
    ),
    (
        "What may go wrong",
        (
            (
                "FMEA registers",
                "fmea.index",
                "Failure modes, rated by severity, occurrence and detection.",
            ),
            (
                "Actions against risks",
                "actions.index",
                "What is done, by whom, until when, what it changed; what is overdue.",
            ),
            (
                "Accepted risks",
                "actions.acceptances",
                "What somebody takes as it is, until when; what ran out.",
            ),
            (
                "Reviews of risks",
                "actions.reviews",
                "When each row is looked at again, and where the facts contradict a rating.",
            ),
        ),
    ),
    (
        "On whom we depend",
        (
            (
                "Continuity plans",
                "continuity.index",
                "How ready each supplier is when it stops; reviews and exercises that are due.",
            ),
            (
                "Contracts",
                "contracts.index",
                "What was agreed, the next notice date first, what renews itself unseen.",
            ),
            (
                "Concentration",
                "overview.concentration",
                "By category, item, country, port and plant upstream; what one award changes.",
            ),
            (
                "Parts and their sources",
                "overview.sourcing_parts",
                "Single, sole and single-site parts, computed from the approved sources.",
            ),
            (
                "Hidden common nodes",
                "overview.common_nodes",
                "Plants, companies and materials that seemingly independent suppliers share.",
            ),
            (
                "Warmth of backups",
                "overview.cold_backups",
                "How warm second sources are, the cold ones first.",
            ),
            (
                "Backup suppliers",
                "backup_suppliers.index",
                "Who is being qualified, who needs an order, what they could take over.",
            ),
            (
                "Our share of their sales",
                "overview.buyer_shares",
                "Who depends on us, and to whom we are nobody.",
            ),
        ),
    ),
    (
        "Where, and with whom",
        (
            (
                "World",
                "overview.world",
                "Where what we buy comes from, against each country’s risk.",
            ),
            (
                "Country tables",
                "overview.country_tables",
                "INFORM, governance and logistics figures, by edition.",
            ),
            (
                "Sanctions screening",
                "screening.index",
                "Whose names are like listed ones, what was decided, how old the lists are.",
            ),
        ),
    ),
)


@blueprint.get("/risk")
@requires("suppliers.view")
def risk_hub() -> str:
    """List the doors."""
    return render_template("overview/risk_hub.html", groups=DOORS)
