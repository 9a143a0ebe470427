"""How parts are sourced: the list with its flags, one part, and backups that went cold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, make_response, render_template
from sqlalchemy.orm import Session

from app.base import db
from app.base.web.access import requires
from app.base.web.exports import Sheet, exported
from app.base.web.lists import Filter, ListShape, Pages, read_list
from app.calc.concentration import concentration
from app.calc.dependency import switching_score
from app.calc.dependency_flags import SourcingFlag
from app.calc.dependency_warmth import ColdReason, Warmth
from app.faces.overview.blueprint import blueprint
from app.faces.overview.periods import latest_day
from app.facts.evidence.concentration import backups, spending
from app.facts.evidence.concentration.backups import BackupQuery, BackupRow
from app.facts.evidence.sub_tier.sharing import shared_by_part
from app.facts.suppliers.sourcing import queries as sourcing
from app.facts.suppliers.sourcing import reach
from app.facts.suppliers.sourcing.queries import (
    CONTRADICTED,
    MULTIPLE,
    SITE_UNKNOWN,
    PartQuery,
    PartRow,
)

VIEW = "suppliers.view"
MILLION = 1_000_000
YEAR = 12
FLAG_WORDS = {
    SourcingFlag.NONE_APPROVED: "no approved source", SourcingFlag.SINGLE: "single source",
    SourcingFlag.SOLE: "sole source", SourcingFlag.SINGLE_SITE: "single site",
    SITE_UNKNOWN: "site not known", CONTRADICTED: "called sole, yet several",
    MULTIPLE: "several sources",
}  # fmt: skip
FLAG_KINDS = {
    SourcingFlag.NONE_APPROVED: "act", SourcingFlag.SINGLE: "watch", SourcingFlag.SOLE: "act",
    SourcingFlag.SINGLE_SITE: "watch", SITE_UNKNOWN: "none", CONTRADICTED: "none",
}  # fmt: skip
FLAG_WHY = {
    SourcingFlag.NONE_APPROVED: "No supplier is approved and qualified for it today.",
    SourcingFlag.SINGLE: "One supplier alone is approved and qualified.",
    SourcingFlag.SOLE: "The only source, and nobody else on the market makes it.",
    SourcingFlag.SINGLE_SITE: "Its only source makes it at one place.",
    SITE_UNKNOWN: "At which place its only source makes it was not told.",
    CONTRADICTED: "One is recorded as the only maker, yet several are approved.",
}
WARMTH_WORDS = {
    Warmth.COLD: ("act", "cold"), Warmth.COOLING: ("watch", "cooling"),
    Warmth.WARM: ("good", "warm"), Warmth.UNKNOWN: ("none", "no data"),
}  # fmt: skip
REASON_WORDS = {
    ColdReason.NEVER_ORDERED: "never ordered from",
    ColdReason.LONG_WITHOUT_ORDER: "no order for more than 180 days",
    ColdReason.WITHOUT_ORDER: "no order for more than 90 days",
    ColdReason.NO_SHARE: "no share, in spite of its target",
    ColdReason.BELOW_TARGET: "less than half of its target",
    ColdReason.REQUALIFICATION_DUE: "qualification has run out",
}
ROLE_WORDS = {
    "primary": "primary", "secondary": "secondary", "alternate": "alternate",
    "emergency": "emergency",
}  # fmt: skip
BACKUP_SHAPE = ListShape(
    sorts={"part": False, "supplier": False, "warmth": False, "days": True, "share": False,
           "due": False, "weeks": True},
    default="warmth",
    filters=(
        Filter("warmth", "Warmth", {str(key): words for key, (_, words) in WARMTH_WORDS.items()}),
        Filter("role", "Role", ROLE_WORDS),
    ),
)  # fmt: skip


@blueprint.get("/risk/parts")
@requires(VIEW)
def sourcing_parts() -> Response:
    """List the parts with what follows from their approved sources."""
    with db.reading() as session:
        as_of = latest_day(session)
        state = read_list(_shape(session))
        query = PartQuery(
            search=state.search,
            flags=state.values("flag"),
            criticalities=state.values("criticality"),
            categories=[int(key) for key in state.values("category")],
            sort=state.sort,
            is_falling=state.is_falling,
            offset=0 if state.export else state.offset,
            limit=None if state.export else state.size,
        )
        rows, total = sourcing.parts_page(session, query, as_of=as_of)
        partial = reach.partial_words(session)
    if state.export:
        return exported(_parts_sheet(rows, reach.about(f"As of {as_of}", partial)), state.export)
    return make_response(
        render_template(
            "dependency/parts.html",
            state=state,
            pages=Pages(state, total),
            rows=rows,
            as_of=as_of,
            partial=partial,
            **_words(),
        )
    )


@blueprint.get("/risk/parts/<int:part_id>")
@requires(VIEW)
def sourcing_part(part_id: int) -> str:
    """Show one part: its sources, how warm they are, what they share upstream."""
    with db.reading() as session:
        as_of = latest_day(session)
        sheet = sourcing.part_sheet(session, part_id, as_of=as_of)
        own = [each.supplier_id for each in sheet.sources]
        rows = backups.backups_of_part(session, part_id, as_of=as_of)
        common = shared_by_part(session, part_id, own) if len(own) > 1 else []
        bought = spending.bought_of_part(session, part_id, spending.window_of(as_of, YEAR))
        known = spending.vendors(session)
        partial = reach.partial_words(session)
    quantities = {key: amounts[1] for key, amounts in bought.items() if key in known}
    weeks = sheet.row.weeks
    return render_template(
        "dependency/part.html",
        part=sheet.row,
        sources=sheet.sources,
        found=sheet.flags,
        warm=rows,
        common=common,
        item=concentration(list(quantities.values())),
        unapproved=[known[key] for key, amount in quantities.items() if amount and key not in own],
        known=known,
        switching=None if weeks is None else switching_score(weeks),
        as_of=as_of,
        partial=partial,
        **_words(),
    )


@blueprint.get("/risk/backups")
@requires(VIEW)
def cold_backups() -> Response:
    """List the backups of parts, the coldest first."""
    state = read_list(BACKUP_SHAPE)
    query = BackupQuery(
        search=state.search,
        warmths=state.values("warmth"),
        roles=state.values("role"),
        sort=state.sort,
        is_falling=state.is_falling,
        offset=0 if state.export else state.offset,
        limit=None if state.export else state.size,
    )
    with db.reading() as session:
        as_of = latest_day(session)
        found = backups.backups_page(session, query, as_of=as_of)
        partial = reach.partial_words(session)
    if state.export:
        return exported(
            _backups_sheet(found.rows, reach.about(f"As of {as_of}", partial)), state.export
        )
    return make_response(
        render_template(
            "dependency/backups.html",
            state=state,
            pages=Pages(state, found.total),
            rows=found.rows,
            cold=found.cold,
            as_of=as_of,
            partial=partial,
            **_words(),
        )
    )


def _words() -> dict[str, Any]:  # Any: tables of words
    return {
        "flag_words": FLAG_WORDS,
        "flag_kinds": FLAG_KINDS,
        "flag_why": FLAG_WHY,
        "warmth_words": WARMTH_WORDS,
        "reason_words": REASON_WORDS,
    }


def _shape(session: Session) -> ListShape:
    categories = {str(key): name for key, name in sourcing.part_categories(session).items()}
    return ListShape(
        sorts={"part": False, "sources": False, "criticality": False, "revenue": True,
               "weeks": True},
        default="sources",
        filters=(
            Filter("flag", "Flag", {str(key): words for key, words in FLAG_WORDS.items()}),
            Filter("criticality", "Criticality",
                   {each: each for each in sourcing.criticalities(session)}),
            Filter("category", "Category", categories),
        ),
    )  # fmt: skip


def _parts_sheet(rows: list[PartRow], about: str) -> Sheet:
    heads = (
        ("part_no", "Part"), ("name", "Name"), ("category", "Category"),
        ("criticality", "Criticality"), ("sources", "Approved sources"), ("flags", "Flags"),
        ("requalification_weeks", "Weeks to requalify"), ("largest_target", "Largest target share"),
        ("revenue_exposed", "Revenue exposed"), ("currency", "Currency"),
        ("survive_days", "Days our stock lasts"),
    )  # fmt: skip
    cells = (
        (
            row.number, row.name, row.category, row.criticality, row.sources,
            " ".join(row.flags), row.weeks,
            None if row.largest_share is None else row.largest_share / MILLION,
            row.revenue_exposed, row.currency, row.survive_days,
        )
        for row in rows
    )  # fmt: skip
    return Sheet("parts-and-sources", heads, cells, about)


def _backups_sheet(rows: Sequence[BackupRow], about: str) -> Sheet:
    heads = (
        ("part_no", "Part"), ("name", "Name"), ("supplier_no", "Supplier"), ("supplier", "Name"),
        ("role", "Role"), ("warmth", "Warmth"), ("reasons", "Why"),
        ("target_share", "Target share"), ("actual_share", "Share, 12 months"),
        ("last_order_on", "Last order"), ("days_since_order", "Days since"),
        ("qualified_on", "Qualified"), ("requalification_due_on", "Requalification due"),
        ("requalification_weeks", "Weeks to requalify"),
    )  # fmt: skip
    cells = (
        (
            row.part_number, row.part_name, row.supplier.number, row.supplier.name, row.role,
            str(row.warmth.warmth), "; ".join(REASON_WORDS[each] for each in row.warmth.reasons),
            row.target_share, row.actual_share, row.last_order_on, row.warmth.days_since_order,
            row.qualified_on, row.warmth.requalification_due_on, row.weeks,
        )
        for row in rows
    )  # fmt: skip
    return Sheet("backups", heads, cells, about)
