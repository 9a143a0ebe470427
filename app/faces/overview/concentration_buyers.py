"""Our share of suppliers' sales, for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, make_response, render_template

from app.base import db
from app.base.web.access import requires
from app.base.web.exports import Sheet, exported
from app.base.web.lists import Filter, ListShape, ListState, Pages, read_list
from app.calc.dependency import BuyerShareFlag
from app.faces.overview.blueprint import blueprint
from app.faces.overview.periods import latest_day
from app.faces.overview.states import Badge
from app.facts.evidence.concentration import buyer_shares as shares
from app.facts.evidence.concentration.buyer_shares import BuyerShare, Unknown
from app.facts.suppliers.sourcing import reach

VIEW = "suppliers.view"
FLAG_WORDS = {
    BuyerShareFlag.DEPENDS_ON_US: Badge("watch", "depends on us"),
    BuyerShareFlag.WE_ARE_UNIMPORTANT: Badge("watch", "we are unimportant"),
}
UNKNOWN_WORDS = {
    Unknown.NO_STATEMENT: "no statement is known",
    Unknown.NO_SALES: "the newest statement tells no sales",
    Unknown.OTHER_CURRENCY: "the statement is in another currency than our orders",
    Unknown.BEFORE_OUR_RECORDS: "our records begin after the statement’s year did",
    Unknown.NOTHING_VALUED: "no line of that year has a known value",
    Unknown.ABOVE_SALES: "we bought more than it says it sold; look at the statement",
}
SHARE_SHAPE = ListShape(
    sorts={"name": False, "share": True, "spend": True, "sales": True, "closed": True},
    default="-share",
    filters=(
        Filter("flag", "Flag", {
            "depends_on_us": "depends on us (> 30 %)",
            "we_are_unimportant": "we are unimportant (< 1 %)", "unknown": "not known",
        }),
    ),
)  # fmt: skip


@blueprint.get("/risk/buyer-shares")
@requires(VIEW)
def buyer_shares() -> Response:
    """List our share of every supplier's sales."""
    state = read_list(SHARE_SHAPE)
    with db.reading() as session:
        as_of = latest_day(session)
        rows = _shares_listed(shares.buyer_shares(session, as_of=as_of), state)
        partial = reach.partial_words(session)
    if state.export:
        return exported(_shares_sheet(rows, reach.about(f"As of {as_of}", partial)), state.export)
    return make_response(
        render_template(
            "dependency/buyer_shares.html",
            state=state,
            pages=Pages(state, len(rows)),
            rows=rows[state.offset : state.offset + state.size],
            flag_words=FLAG_WORDS,
            unknown_words=UNKNOWN_WORDS,
            as_of=as_of,
            partial=partial,
        )
    )


def _shares_listed(rows: list[BuyerShare], state: ListState) -> list[BuyerShare]:
    flags, words = state.values("flag"), state.search.casefold()
    kept = [
        row
        for row in rows
        if (not flags or row.flag in flags or (row.unknown and "unknown" in flags))
        and (words in row.supplier.name.casefold() or words in row.supplier.number.casefold())
    ]
    by: Mapping[str, Callable[[BuyerShare], Any]] = {
        "name": lambda row: row.supplier.name.casefold(),
        "share": lambda row: row.share,
        "spend": lambda row: row.spend,
        "sales": lambda row: row.sales,
        "closed": lambda row: row.closed_on,
    }
    key = by[state.sort]
    told = sorted((r for r in kept if key(r) is not None), key=key, reverse=state.is_falling)
    return told + [row for row in kept if key(row) is None]


def _shares_sheet(rows: list[BuyerShare], about: str) -> Sheet:
    heads = (
        ("supplier_no", "Supplier"), ("name", "Name"), ("closed_on", "Year ended"),
        ("currency", "Currency"), ("sales", "Sales"), ("spend", "Our spend"),
        ("share", "Our share"), ("flag", "Flag"), ("unknown", "Not known because"),
        ("unvalued", "Lines without value"),
    )  # fmt: skip
    cells = (
        (
            row.supplier.number, row.supplier.name, row.closed_on, row.currency, row.sales,
            row.spend, row.share, None if row.flag is None else str(row.flag),
            None if row.unknown is None else UNKNOWN_WORDS[row.unknown], row.unvalued,
        )
        for row in rows
    )  # fmt: skip
    return Sheet("buyer-shares", heads, cells, about)
