"""Concentration of spend: by category, item, country, port and plant upstream."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Response, make_response, render_template, request
from sqlalchemy.orm import Session

from app.base import db, formatting
from app.base.db import MONEY_SCALE, QUANTITY_SCALE
from app.base.web.access import requires
from app.base.web.exports import Sheet, exported
from app.base.web.lists import BadQuery, ListShape, ListState, Pages, read_list
from app.base.web.rendering import address, url_with
from app.calc.concentration import concentration_band
from app.calc.concentration_moves import UNKNOWN
from app.faces.overview.blueprint import blueprint
from app.faces.overview.periods import latest_day
from app.faces.overview.states import Badge
from app.facts.evidence.concentration import queries, spending
from app.facts.evidence.concentration.queries import BY_QUANTITY, Group, Spread
from app.facts.evidence.concentration.spending import MONTHS_OFFERED, Vendor, Window
from app.facts.evidence.concentration.spreads import By
from app.facts.suppliers import places
from app.facts.suppliers.sourcing import queries as sourcing
from app.facts.suppliers.sourcing import reach

VIEW = "suppliers.view"
GROUPS = {"category": "Category", "item": "Item"}
BUCKETS = {By.COUNTRY: "Country", By.PORT: "Port", By.NODE: "Plant upstream"}
# More plants than these nobody reads on a page: the export has them all.
MOST_BUCKETS = 100
BAND_WORDS = {
    "low": Badge("good", "low"), "moderate": Badge("watch", "moderate"),
    "high": Badge("act", "high"),
}  # fmt: skip
GROUP_SHAPE = ListShape(
    sorts={"name": False, "spend": True, "hhi": True, "effective": False, "share": True,
           "suppliers": False},
    default="-spend",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A category or item as the list shows it."""

    own: Group
    name: str
    href: str
    amount: str
    biggest: Vendor | None
    band: Badge | None


@blueprint.get("/risk/concentration")
@requires(VIEW)
def concentration() -> Response:
    """Show how much hangs on how few, over the dimension and months that the address names."""
    by = request.args.get("by") or "category"
    if by in GROUPS:
        return _groups_page(by)
    if by in {str(each) for each in By}:
        return _spreads_page(By(by))
    raise BadQuery("E-API-03", f"by has no value “{by[:60]}”.")


def window_asked(session: Session) -> Window:
    """Return the months that the address asks for, which end with the latest fact's."""
    asked = request.args.get("months") or str(MONTHS_OFFERED[0])
    if asked not in {str(each) for each in MONTHS_OFFERED}:
        raise BadQuery("E-API-03", f"months has no value “{asked[:60]}”.")
    return spending.window_of(latest_day(session), int(asked))


def window_choices(window: Window) -> list[tuple[str, str, bool]]:
    """Return the windows that can be chosen: words, address, whether it is shown."""
    return [
        (
            f"{months} months",
            url_with(months=None if months == MONTHS_OFFERED[0] else months, page=None),
            months == window.months,
        )
        for months in sorted(MONTHS_OFFERED)
    ]


def window_words(window: Window) -> str:
    """Return a window as people say it."""
    return f"{formatting.month(window.first)} to {formatting.month(window.last)}"


def _tabs(by: str) -> list[tuple[str, str, bool]]:
    return [
        (words, address("overview.concentration", {"by": str(key)}), str(key) == by)
        for key, words in (GROUPS | {str(key): words for key, words in BUCKETS.items()}).items()
    ]


def _groups_page(by: str) -> Response:
    state = read_list(GROUP_SHAPE)
    with db.reading() as session:
        window = window_asked(session)
        known = spending.vendors(session)
        read: Callable[[Session, Window], list[Group]] = (
            queries.by_category if by == "category" else queries.by_item
        )
        found = _groups_sorted(read(session, window), state)
        kept = found if state.export else found[state.offset : state.offset + state.size]
        rows = _named(session, by, kept, known)
        partial = reach.partial_words(session)
    if state.export:
        return exported(_groups_sheet(rows, by, window, partial), state.export)
    return make_response(
        render_template(
            "dependency/concentration_groups.html",
            by=by,
            heading=GROUPS[by],
            tabs=_tabs(by),
            state=state,
            pages=Pages(state, len(found)),
            rows=rows,
            windows=window_choices(window),
            window=window_words(window),
            currencies=sorted({each.unit for each in found} - {BY_QUANTITY}),
            floored=sum(each.floored for each in found),
            partial=partial,
        )
    )


def _groups_sorted(found: list[Group], state: ListState) -> list[Group]:
    by: Mapping[str, Callable[[Group], Any]] = {
        "name": lambda group: group.key,
        "spend": lambda group: (group.unit != BY_QUANTITY, group.total),
        "hhi": lambda group: group.hhi,
        "effective": lambda group: group.effective_number,
        "share": lambda group: group.max_share,
        "suppliers": lambda group: group.n,
    }
    key = by[state.sort]
    told = sorted((g for g in found if key(g) is not None), key=key, reverse=state.is_falling)
    return told + [group for group in found if key(group) is None]


def _named(
    session: Session, by: str, found: list[Group], known: Mapping[int, Vendor]
) -> list[GroupRow]:
    if by == "item":
        names = sourcing.part_numbers(session, [each.key for each in found])
        href = {key: address("overview.sourcing_part", {"part_id": key}) for key in names}
    else:
        categories = places.all_categories(session)
        names = {key: each.name for key, each in categories.items()} | {0: "no category"}
        href = {key: address("overview.portfolio", {"category": key}) for key in categories}
    return [
        GroupRow(
            each,
            names.get(each.key, "not known"),
            href.get(each.key, ""),
            amount_words(each.total, each.unit),
            known.get(each.biggest),
            # Bands were made for markets: five sources of one item are not “high”.
            BAND_WORDS[concentration_band(each.hhi)]
            if by == "category" and each.hhi is not None
            else None,
        )
        for each in found
    ]


def amount_words(amount: float | Decimal, unit: str) -> str:
    """Return an amount as it is kept in words: money, or a quantity of the item's own unit."""
    exact = Decimal(int(amount))
    if unit == BY_QUANTITY:
        return f"{formatting.number(exact / QUANTITY_SCALE)} units"
    return formatting.money(exact / MONEY_SCALE, unit or "without currency", 0)


def _groups_sheet(rows: list[GroupRow], by: str, window: Window, partial: str) -> Sheet:
    heads = (
        (by, GROUPS[by]), ("unit", "Currency or unit"), ("total", "Total"), ("hhi", "HHI"),
        ("effective_number", "Effective number"), ("max_share", "Largest share"),
        ("biggest_no", "Largest supplier"), ("suppliers", "Suppliers"),
        ("floored", "Negative, taken as 0"), ("unvalued", "Lines without value"),
    )  # fmt: skip
    cells = (
        (
            row.name, row.own.unit,
            row.own.total / (QUANTITY_SCALE if row.own.unit == BY_QUANTITY else MONEY_SCALE),
            row.own.hhi, row.own.effective_number, row.own.max_share,
            None if row.biggest is None else row.biggest.number, row.own.n, row.own.floored,
            row.own.unvalued,
        )
        for row in rows
    )  # fmt: skip
    told = reach.about(window_words(window), partial)
    return Sheet(f"concentration-by-{by}", heads, cells, told)


def _spreads_page(by: By) -> Response:
    state = read_list(ListShape(sorts={"share": True}, default="-share"))
    with db.reading() as session:
        window = window_asked(session)
        found = queries.by_bucket(session, by, window)
        partial = reach.partial_words(session)
    if state.export:
        return exported(_spreads_sheet(found, by, window, partial), state.export)
    return make_response(
        render_template(
            "dependency/concentration_spreads.html",
            by=str(by),
            heading=BUCKETS[by],
            tabs=_tabs(by),
            pages=Pages(state, sum(len(each.buckets) for each in found)),
            spreads=[(each, _buckets(each, by)) for each in found],
            bands={
                each.currency: BAND_WORDS[concentration_band(each.result.hhi)]
                for each in found
                if each.result is not None and by is By.COUNTRY
            },
            windows=window_choices(window),
            window=window_words(window),
            amount_words=amount_words,
            most=MOST_BUCKETS,
            partial=partial,
        )
    )


def _buckets(found: Spread, by: By) -> list[tuple[str, str, str, float, int]]:
    """Return each of the largest buckets as name, door, amount, share and suppliers."""
    return [
        (
            bucket_words(each.name),
            _door(each.name, by),
            amount_words(Decimal(int(each.amount)), found.currency),
            each.share,
            each.suppliers,
        )
        for each in found.buckets[:MOST_BUCKETS]
    ]


def bucket_words(name: str) -> str:
    """Return what a bucket is called; a plant with its company."""
    company, _, plant = name.partition("\x1f")
    if name == UNKNOWN:
        return "not known"
    return f"{plant} ({company})" if plant else name


def _door(name: str, by: By) -> str:
    company, _, plant = name.partition("\x1f")
    if name == UNKNOWN or by is By.PORT:
        return ""
    if by is By.NODE:
        told = {"kind": "plant", "name": plant, "company": company}
        return address("overview.common_node", told)
    return address("overview.portfolio", {"country": name})


def _spreads_sheet(found: list[Spread], by: By, window: Window, partial: str) -> Sheet:
    heads = (
        ("currency", "Currency"), (str(by), BUCKETS[by]), ("amount", "Spend"), ("share", "Share"),
        ("suppliers", "Suppliers"), ("hhi", "HHI of the currency"),
        ("effective_number", "Effective number"),
    )  # fmt: skip
    cells = (
        (
            told.currency or None, bucket_words(each.name), float(each.amount) / MONEY_SCALE,
            each.share, each.suppliers, None if told.result is None else told.result.hhi,
            None if told.result is None else told.result.effective_number,
        )
        for told in found
        for each in told.buckets
    )  # fmt: skip
    told_of = reach.about(window_words(window), partial)
    return Sheet(f"concentration-by-{by}", heads, cells, told_of)
