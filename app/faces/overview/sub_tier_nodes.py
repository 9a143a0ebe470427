"""Hidden common nodes: what suppliers share upstream, and one such node with all behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from flask import Response, make_response, render_template, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from app.base import db, formatting
from app.base.db import MONEY_SCALE
from app.base.web.access import requires
from app.base.web.exports import Sheet, exported
from app.base.web.lists import BadQuery, Filter, ListShape, ListState, Pages, read_list
from app.faces.overview.blueprint import blueprint
from app.faces.overview.periods import latest_day
from app.facts.evidence.concentration import spending
from app.facts.evidence.concentration.spending import Spend, Vendor
from app.facts.evidence.sub_tier.queries import Node, NodeKind
from app.facts.evidence.sub_tier.sharing import (
    Hang,
    NodeSheet,
    PartBehind,
    SharedRow,
    Sharing,
    node_sheet,
    sharing,
)
from app.facts.suppliers.sourcing import queries as sourcing
from app.facts.suppliers.sourcing import reach
from app.facts.suppliers.sourcing.queries import PartRow

VIEW = "suppliers.view"
YEAR = 12
KINDS = {
    NodeKind.PLANT: "Plant", NodeKind.COMPANY: "Company", NodeKind.MATERIAL: "Material",
    NodeKind.COUNTRY: "Country",
}  # fmt: skip
SHAPE = ListShape(
    sorts={
        "name": False, "suppliers": True, "blocked": True, "shared": True, "hit": True,
        "revenue": True, "spend": True,
    },
    default="-blocked",
    filters=(
        Filter("only", "Show only", {
            "blocked": "parts without a way around", "shared": "seeming alternatives",
        }),
    ),
)  # fmt: skip
Money = tuple[tuple[str, Decimal], ...]
LONGEST = 200
# Parts that are told in a sentence above the list.
NAMED_ABOVE = 5


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A shared node as the list shows it; money by currency, never added up over them."""

    shared: SharedRow
    revenue: Money
    spend: Money


@dataclass(frozen=True, slots=True)
class Hanging:
    """A supplier that hangs on a node: with what, and through whom where not itself."""

    vendor: Vendor
    materials: tuple[str, ...]
    sources: tuple[str, ...]
    through: tuple[str, ...]
    spend: Decimal | None


@blueprint.get("/risk/upstream")
@requires(VIEW)
def common_nodes() -> Response:
    """List what two or more suppliers share upstream, the worst first."""
    state, kind = read_list(SHAPE), _kind()
    with db.reading() as session:
        as_of = latest_day(session)
        found = sharing(session, as_of=as_of, kind=kind)
        known = spending.vendors(session)
        spent = spending.spend_by_supplier(session, spending.window_of(as_of, YEAR))
        listed = _listed(found.rows, state)
        ranked = _ranked(session, found, listed, known, spent, state)
        shown = ranked if state.export else ranked[state.offset : state.offset + state.size]
        rows = _with_money(session, found, shown, known, spent)
        partial = reach.partial_words(session)
    if state.export:
        return exported(_sheet(rows, known, kind, partial), state.export)
    return make_response(
        render_template(
            "dependency/nodes.html",
            state=state,
            pages=Pages(state, len(listed)),
            rows=rows,
            named=_few_names,
            known=known,
            kind=kind,
            kinds=KINDS,
            as_of=as_of,
            partial=partial,
        )
    )


@blueprint.get("/risk/upstream/node")
@requires(VIEW)
def common_node() -> str:
    """Show one node upstream: who hangs on it, and which parts have no way around it."""
    node = _node_asked()
    with db.reading() as session:
        as_of = latest_day(session)
        sheet = node_sheet(session, node, as_of=as_of)
        if sheet is None:
            raise NotFound
        known = spending.vendors(session)
        window = spending.window_of(as_of, YEAR)
        spent = spending.spend_by_supplier(session, window)
        named = sourcing.parts_by_id(session, [each.part_id for each in sheet.parts], as_of=as_of)
        partial = reach.partial_words(session)
    parts = [(each, named[each.part_id]) for each in sheet.parts if each.part_id in named]
    ranked = sorted(parts, key=_by_weight)
    return render_template(
        "dependency/node.html",
        node=node,
        kinds=KINDS,
        hanging=_hanging(sheet, known, spent),
        behind_parts=ranked,
        worst=[each for each in ranked if each[0].is_blocked][:NAMED_ABOVE],
        blocked=sum(1 for each, _ in parts if each.is_blocked),
        seeming=sum(1 for each, _ in parts if each.is_shared),
        revenue=_revenue(parts),
        as_of=as_of,
        partial=partial,
    )


def _with_money(
    session: Session,
    found: Sharing,
    listed: Sequence[SharedRow],
    known: Mapping[int, Vendor],
    spent: Mapping[int, Spend],
) -> list[NodeRow]:
    revenue = _revenues(session, found, [found.numbers[row.node] for row in listed])
    return [
        NodeRow(
            row,
            revenue.get(found.numbers[row.node], ()),
            _spend(row.supplier_ids, spent, known),
        )
        for row in listed
    ]


def _revenues(session: Session, found: Sharing, numbers: Sequence[int]) -> dict[int, Money]:
    """Return by node the revenue of all parts of which a source hangs on it."""
    shown = np.isin(found.common.pair_node, numbers)
    node, part = found.common.pair_node[shown], found.common.pair_part[shown]
    keys, amounts, currencies, paid_in = sourcing.exposures(session, np.unique(part))
    if not len(keys) or not len(part):
        return {}
    place = np.minimum(np.searchsorted(keys, part), len(keys) - 1)
    is_known = keys[place] == part
    node, place = node[is_known], place[is_known]
    cell = node * len(currencies) + paid_in[place]
    cells, where = np.unique(cell, return_inverse=True)
    sums = np.bincount(where, amounts[place], len(cells))
    told: dict[int, list[tuple[str, Decimal]]] = defaultdict(list)
    for at, amount in zip(cells.tolist(), sums.tolist(), strict=True):
        number, currency = divmod(at, len(currencies))
        told[number].append((currencies[currency], Decimal(int(amount)) / MONEY_SCALE))
    return {number: tuple(own) for number, own in told.items()}


def _spend(
    supplier_ids: Iterable[int], spent: Mapping[int, Spend], known: Mapping[int, Vendor]
) -> Money:
    sums: dict[str, int] = defaultdict(int)
    for key in supplier_ids:
        if key in spent and key in known and spent[key].amount > 0:
            sums[known[key].currency or "?"] += spent[key].amount
    return tuple(sorted((unit, Decimal(amount) / MONEY_SCALE) for unit, amount in sums.items()))


def _listed(rows: Sequence[SharedRow], state: ListState) -> list[SharedRow]:
    only, words = state.values("only"), state.search.casefold()
    return [
        row
        for row in rows
        if (not only or ("blocked" in only and row.parts_blocked)
            or ("shared" in only and row.parts_shared))
        and words in row.node.label.casefold()
    ]  # fmt: skip


def _ranked(
    session: Session,
    found: Sharing,
    listed: Sequence[SharedRow],
    known: Mapping[int, Vendor],
    spent: Mapping[int, Spend],
    state: ListState,
) -> list[SharedRow]:
    """Return the nodes in the order asked for, of equals by name, as they come.

    By money: by the largest amount in one currency.
    """
    revenue: Mapping[int, Money] = {}
    if state.sort == "revenue":
        revenue = _revenues(session, found, [found.numbers[row.node] for row in listed])
    by: Mapping[str, Callable[[SharedRow], Any]] = {
        "name": lambda row: row.node.label.casefold(),
        "suppliers": lambda row: len(row.supplier_ids),
        "blocked": lambda row: (row.parts_blocked, row.parts_shared, row.parts_hit),
        "shared": lambda row: row.parts_shared,
        "hit": lambda row: row.parts_hit,
        "revenue": lambda row: _largest(revenue.get(found.numbers[row.node], ())),
        "spend": lambda row: _largest(_spend(row.supplier_ids, spent, known)),
    }
    return sorted(listed, key=by[state.sort], reverse=state.is_falling)


def _largest(money: Money) -> Decimal:
    return max((amount for _, amount in money), default=Decimal(-1))


def _few_names(supplier_ids: Sequence[int], known: Mapping[int, Vendor]) -> str:
    """Return who hangs on a node, the first few of many by name."""
    names = [known[key].name for key in supplier_ids[:NAMED_ABOVE] if key in known]
    rest = len(supplier_ids) - NAMED_ABOVE
    return ", ".join(names) + (f" and {rest} more" if rest > 0 else "")


def _hanging(
    sheet: NodeSheet, known: Mapping[int, Vendor], spent: Mapping[int, Spend]
) -> list[Hanging]:
    of: dict[int, list[Hang]] = defaultdict(list)
    for each in sheet.hangs:
        of[each.supplier_id].append(each)
    found = []
    for supplier_id, own in of.items():
        if supplier_id not in known:
            continue
        # What it hangs on through others is told by the links of those.
        told_by = {supplier_id, *(each.through for each in own)}
        links = [link for link in sheet.links if link.supplier_id in told_by]
        spend = spent.get(supplier_id)
        found.append(
            Hanging(
                known[supplier_id],
                tuple(dict.fromkeys(link.material for link in links)),
                tuple(dict.fromkeys(link.source for link in links if link.source)),
                tuple(sorted({known[e.through].name for e in own if e.through in known})),
                None if spend is None else Decimal(spend.amount) / MONEY_SCALE,
            )
        )
    return sorted(found, key=lambda each: each.vendor.name.casefold())


def _by_weight(each: tuple[PartBehind, PartRow]) -> tuple[bool, bool, Decimal, str]:
    behind, part = each
    return (
        not behind.is_blocked, not behind.is_shared, -(part.revenue_exposed or Decimal(0)),
        part.number,
    )  # fmt: skip


def _revenue(parts: Sequence[tuple[PartBehind, PartRow]]) -> Money:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for _, part in parts:
        if part.revenue_exposed is not None and part.currency:
            sums[part.currency] += part.revenue_exposed
    return tuple(sorted(sums.items()))


def _kind() -> NodeKind:
    asked = request.args.get("kind") or NodeKind.PLANT
    if asked not in KINDS:
        raise BadQuery("E-API-03", f"kind has no value “{asked[:60]}”.")
    return NodeKind(asked)


def _node_asked() -> Node:
    name, company = request.args.get("name", ""), request.args.get("company", "")
    if not name or len(name) > LONGEST or len(company) > LONGEST:
        raise BadQuery("E-UPS-11", "Name a node: its kind, its name, a plant's company.")
    return Node(_kind(), name, company if _kind() is NodeKind.PLANT else "")


def _sheet(rows: list[NodeRow], known: Mapping[int, Vendor], kind: NodeKind, partial: str) -> Sheet:
    heads = (
        ("kind", "Kind"), ("name", "Name"), ("company", "Company"), ("suppliers", "Suppliers"),
        ("supplier_numbers", "Supplier numbers"), ("parts_blocked", "Parts without a way around"),
        ("parts_shared", "Parts with seeming alternatives"), ("parts_hit", "Parts behind it"),
        ("revenue", "Revenue exposed"), ("spend", "Spend, 12 months"),
    )  # fmt: skip
    cells = [
        (
            str(kind), row.shared.node.name, row.shared.node.company or None,
            len(row.shared.supplier_ids),
            " ".join(known[key].number for key in row.shared.supplier_ids if key in known),
            row.shared.parts_blocked, row.shared.parts_shared, row.shared.parts_hit,
            _money_words(row.revenue), _money_words(row.spend),
        )
        for row in rows
    ]  # fmt: skip
    told = reach.about(f"Shared upstream, by {KINDS[kind].lower()}", partial)
    return Sheet("common-nodes", heads, cells, told)


def _money_words(money: Money) -> str:
    return "; ".join(formatting.money(amount, unit) for unit, amount in money)
