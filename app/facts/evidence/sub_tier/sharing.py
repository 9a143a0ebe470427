"""Hidden common nodes: what suppliers that look like alternatives share upstream.

A supplier hangs on what its own links tell, and on what lies behind suppliers of ours that
supply it. Which parts hang on a node follows from the approved sources of the day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlalchemy.orm import Session

from app.calc.sub_tier import ALL_PARTS, CommonNodes, Integers, common_nodes, upstream_reach
from app.facts.evidence.sub_tier.queries import (
    NO_NODE,
    NOBODY,
    Link,
    LinkColumns,
    Node,
    NodeKind,
    by_supplier,
    link_columns,
    links,
)
from app.facts.suppliers.sourcing import queries as sourcing

DIRECT = 0


@dataclass(frozen=True, slots=True)
class Hang:
    """A supplier that hangs on a node, for all of its parts (0) or for one.

    `through`: the supplier of ours behind which the node lies, 0 where it hangs on it itself.
    """

    supplier_id: int
    node: Node
    part_id: int
    through: int


@dataclass(frozen=True, slots=True)
class SharedRow:
    """A node with what hangs on it, see `app.calc.sub_tier.SharedNode`."""

    node: Node
    supplier_ids: tuple[int, ...]
    parts_hit: int
    parts_shared: int
    parts_blocked: int


@dataclass(frozen=True, slots=True)
class PartBehind:
    """A part of which `hanging` of `sources` sources hang on a node."""

    part_id: int
    hanging: int
    sources: int

    @property
    def is_blocked(self) -> bool:
        """Whether it has several sources and no way leads around the node."""
        return self.sources > 1 and self.hanging == self.sources

    @property
    def is_shared(self) -> bool:
        """Whether several of its sources hang on the node."""
        return self.hanging > 1


@dataclass(frozen=True, slots=True)
class NodeSheet:
    """One node: who hangs on it and how, the links that tell it, the parts behind it."""

    node: Node
    hangs: tuple[Hang, ...]
    links: tuple[Link, ...]
    parts: tuple[PartBehind, ...]


@dataclass(frozen=True, slots=True)
class Sharing:
    """Every shared node of one kind on a day, with the columns of the parts behind them."""

    rows: tuple[SharedRow, ...]
    common: CommonNodes
    numbers: Mapping[Node, int]


def sharing(session: Session, *, as_of: date, kind: NodeKind) -> Sharing:
    """Return the nodes of a kind that two or more suppliers hang on, by kind and name."""
    told = link_columns(session, kind)
    parts, suppliers = sourcing.source_keys(session, as_of=as_of)
    return _shared(_hang_table(told), told.nodes, parts, suppliers)


def shared_by_part(
    session: Session, part_id: int, supplier_ids: Collection[int]
) -> list[SharedRow]:
    """Return the nodes that two or more of a part's sources share, plants first."""
    told = _links_behind(session, supplier_ids)
    own = set(supplier_ids)
    parts, suppliers = [part_id] * len(own), sorted(own)
    rows: list[SharedRow] = []
    for kind in NodeKind:
        hanging = [each for each in hangs(told, kind) if each.supplier_id in own]
        nodes = {node: at for at, node in enumerate(dict.fromkeys(e.node for e in hanging), 1)}
        table = _table(hanging, nodes)
        rows += _shared(table, (None, *nodes), parts, suppliers).rows
    return [row for row in rows if row.parts_shared]


def node_sheet(session: Session, node: Node, *, as_of: date) -> NodeSheet | None:
    """Return a node with what hangs on it; None where nothing told does."""
    told = links(session)
    hanging = [each for each in hangs(told, node.kind) if each.node == node]
    if not hanging:
        return None
    parts, suppliers = sourcing.source_keys(session, as_of=as_of)
    # A node of one supplier is looked at too: nobody stands beside it, for no part.
    table = np.vstack((_table(hanging, {node: 1}), [(NOBODY, 1, ALL_PARTS)]))
    found = _common(table, parts, suppliers)
    return NodeSheet(
        node=node,
        hangs=tuple(hanging),
        links=tuple(link for link in told if link.node(node.kind) == node),
        parts=tuple(
            PartBehind(each.part, each.hanging, each.sources) for each in found.parts_of(1)
        ),
    )


def hangs(told: Iterable[Link], kind: NodeKind) -> Iterator[Hang]:
    """Yield which supplier hangs on which node of a kind, itself or through one of ours."""
    own = by_supplier(told)
    edges = {
        supplier_id: [each.upstream_supplier_id for each in mine if each.upstream_supplier_id]
        for supplier_id, mine in own.items()
    }
    reach = upstream_reach({key: behind for key, behind in edges.items() if behind})
    for supplier_id, mine in own.items():
        for link in mine:
            part = link.part_id or ALL_PARTS
            if (node := link.node(kind)) is not None:
                yield Hang(supplier_id, node, part, DIRECT)
            for behind in _behind(link, supplier_id, reach):
                for further in own.get(behind, ()):
                    if (node := further.node(kind)) is not None:
                        yield Hang(supplier_id, node, part, behind)


def _behind(link: Link, own: int, reach: Mapping[int, Mapping[int, int]]) -> list[int]:
    """Return the suppliers of ours that lie behind a link, without the supplier itself."""
    first = link.upstream_supplier_id
    if first is None:
        return []
    return [each for each in {first: 0, **reach.get(first, {})} if each != own]


def _links_behind(session: Session, supplier_ids: Collection[int]) -> list[Link]:
    """Return the links of some suppliers and of all that lie behind them."""
    found: dict[int, list[Link]] = {}
    waiting = set(supplier_ids)
    while waiting:
        told = by_supplier(links(session, supplier_ids=sorted(waiting)))
        found |= {key: told.get(key, []) for key in waiting}
        waiting = {
            each.upstream_supplier_id
            for own in told.values()
            for each in own
            if each.upstream_supplier_id is not None
        } - found.keys()
    return [link for own in found.values() for link in own]


def _hang_table(told: LinkColumns) -> Integers:
    """Return who hangs on which node for which part, itself or through suppliers of ours."""
    is_told = told.node != NO_NODE
    direct: Integers = np.stack((told.supplier, told.node, told.part), axis=1)[is_told]
    behind = _behind_links(told)
    if not len(behind):
        return direct
    # Which nodes each of those behind hangs on, once each.
    own = np.unique(direct[:, :2], axis=0)
    first = np.searchsorted(own[:, 0], behind[:, 2], side="left")
    count = np.searchsorted(own[:, 0], behind[:, 2], side="right") - first
    which = np.repeat(np.arange(len(behind)), count)
    offset = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    node = own[np.repeat(first, count) + offset, 1]
    through = np.stack((behind[which, 0], node, behind[which, 1]), axis=1)
    table: Integers = np.vstack((direct, through))
    return table


def _behind_links(told: LinkColumns) -> Integers:
    """Return (supplier, part, supplier of ours behind it) of the links that name one of ours."""
    places = np.flatnonzero(told.upstream_supplier != NOBODY)
    rows = {
        (int(told.supplier[at]), int(told.part[at]), int(told.upstream_supplier[at]))
        for at in places
    }
    edges: dict[int, list[int]] = defaultdict(list)
    for of, _, first in sorted(rows):
        edges[of].append(first)
    reach = upstream_reach(edges)
    found = {
        (of, part, each)
        for of, part, first in rows
        for each in (first, *reach.get(first, ()))
        if each != of
    }
    return np.array(sorted(found) or np.empty((0, 3)), dtype=np.int64)


def _shared(
    table: Integers,
    nodes: Sequence[Node | None],
    parts: Sequence[int] | Integers,
    suppliers: Sequence[int] | Integers,
) -> Sharing:
    common = _common(table, parts, suppliers)
    pairs = np.unique(table[:, 1::-1], axis=0)
    places = [each.node for each in common.nodes]
    first = np.searchsorted(pairs[:, 0], places, side="left").tolist()
    last = np.searchsorted(pairs[:, 0], places, side="right").tolist()
    rows = []
    for each, start, end in zip(common.nodes, first, last, strict=True):
        node = nodes[each.node]
        assert node is not None  # noqa: S101 — what was not told is in no table
        own = tuple(pairs[start:end, 1].tolist())
        rows.append(SharedRow(node, own, each.parts_hit, each.parts_shared, each.parts_blocked))
    numbers = {node: at for at, node in enumerate(nodes) if node is not None}
    return Sharing(tuple(sorted(rows, key=lambda row: row.node)), common, numbers)


def _table(hanging: Iterable[Hang], numbers: Mapping[Node, int]) -> Integers:
    """Return who hangs on which node for which part, as columns."""
    told = [(each.supplier_id, numbers[each.node], each.part_id) for each in hanging]
    return np.array(told or np.empty((0, 3)), dtype=np.int64)


def _common(
    table: Integers, parts: Sequence[int] | Integers, suppliers: Sequence[int] | Integers
) -> CommonNodes:
    return common_nodes(
        source_part=parts,
        source_supplier=suppliers,
        hang_supplier=table[:, 0],
        hang_node=table[:, 1],
        hang_part=table[:, 2],
    )
