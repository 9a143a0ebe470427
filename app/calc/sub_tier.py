"""The graph upstream of our suppliers: how deep it goes, what runs in a circle, what is shared.

A node is a company, a plant, a material or a country upstream. A supplier hangs on a node for
all of its parts, or for those that were told. Two sources of one part that hang on the same
node are no alternatives for each other: that is what a hidden common node is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Integers = NDArray[np.int64]
Node = TypeVar("Node", bound=Hashable)
ALL_PARTS = 0
SHARED_BY = 2
# Deeper than this nobody knows anything; a longer chain is cut and said to be.
DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Tiers:
    """How far upstream each node is, and what does not hang on the supplier at all.

    `depth`: 1 for whoever delivers to the supplier itself (our tier 2), rising. `detached`:
    nodes whose customer was never told. `circular`: nodes that lead back to themselves.
    """

    depth: Mapping[str, int]
    detached: tuple[str, ...]
    circular: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SharedNode:
    """A node that several suppliers hang on.

    `suppliers` counts them; `parts_hit`: parts of which at least one source hangs on it;
    `parts_shared`: parts of which two or more do; `parts_blocked`: parts with two or more
    sources that all do, so that no way leads around it.
    """

    node: int
    suppliers: int
    parts_hit: int
    parts_shared: int
    parts_blocked: int


@dataclass(frozen=True, slots=True)
class NodePart:
    """A part behind a node: how many of its sources hang on the node, of how many."""

    node: int
    part: int
    hanging: int
    sources: int


@dataclass(frozen=True, slots=True)
class CommonNodes:
    """The shared nodes, and every part behind each."""

    nodes: tuple[SharedNode, ...]
    pair_node: Integers
    pair_part: Integers
    pair_hanging: Integers
    pair_sources: Integers

    def parts_of(self, node: int) -> tuple[NodePart, ...]:
        """Return the parts behind a node, by their key."""
        rows = np.flatnonzero(self.pair_node == node)
        return tuple(
            NodePart(
                node,
                int(self.pair_part[row]),
                int(self.pair_hanging[row]),
                int(self.pair_sources[row]),
            )
            for row in rows
        )


def upstream_reach(
    edges: Mapping[Node, Iterable[Node]], *, deepest: int = DEEPEST
) -> dict[Node, dict[Node, int]]:
    """Return from each node what lies upstream of it, and how many steps away.

    Formula: breadth first; the distance is the number of steps of the shortest way.

    Args:
        edges: node → the nodes right upstream of it; circles are allowed.
        deepest: steps after which the walk ends [count], ≥ 1.
    Returns:
        Distances by node, for every node that has an edge; a node stands in its own reach
        only where a circle leads back to it.
    Raises:
        ValueError: deepest is below 1.
    Source: house rule, ADR 0040.
    Edge cases: an edge to itself is a circle of one step.

    >>> upstream_reach({"A": ["B"], "B": ["C", "A"]})["A"]
    {'B': 1, 'C': 2, 'A': 2}
    """
    if deepest < 1:
        raise ValueError(f"deepest is {deepest}, it must be at least 1")
    known = {node: tuple(dict.fromkeys(to)) for node, to in edges.items()}
    return {start: _from(start, known, deepest) for start in known}


def tiers(links: Sequence[tuple[str, str | None]]) -> Tiers:
    """Return the tier of every node upstream of one supplier.

    Formula: a node that delivers to the supplier itself stands at 1; any other one step
    behind the nearest node that it delivers to.

    Args:
        links: shape (n,), (node, the node that it delivers to; None for the supplier).
    Returns:
        The depths, with detached and circular nodes in the order of their first mention.
    Raises:
        Nothing.
    Source: house rule, ADR 0040.
    Edge cases: a node told twice stands at its nearest place; a circle that hangs on the
    supplier has depths and is told as circular too.

    >>> tiers([("plant", None), ("mine", "plant"), ("lost", "nobody")]).depth
    {'plant': 1, 'mine': 2}
    """
    suppliers_of: dict[str | None, list[str]] = {}
    order: dict[str, None] = {}
    for node, customer in links:
        suppliers_of.setdefault(customer, []).append(node)
        order.setdefault(node)
    depth: dict[str, int] = {}
    waiting = deque((node, 1) for node in suppliers_of.get(None, ()))
    while waiting:
        node, at = waiting.popleft()
        if node in depth:
            continue
        depth[node] = at
        waiting.extend((behind, at + 1) for behind in suppliers_of.get(node, ()))
    inner = {node: tuple(suppliers_of[node]) for node in order if node in suppliers_of}
    reach = upstream_reach(inner, deepest=max(1, len(order)))
    return Tiers(
        depth,
        tuple(node for node in order if node not in depth),
        tuple(node for node in order if node in reach.get(node, ())),
    )


def common_nodes(
    *,
    source_part: ArrayLike,
    source_supplier: ArrayLike,
    hang_supplier: ArrayLike,
    hang_node: ArrayLike,
    hang_part: ArrayLike,
) -> CommonNodes:
    """Return the nodes that two or more suppliers hang on, with the parts behind them.

    Formula: of part p, the sources on node v are the suppliers that deliver p and hang on v
    for p or for all their parts; shared where there are two or more, blocked where these are
    all sources of p.

    Args:
        source_part, source_supplier: shape (n,), keys of each approved source.
        hang_supplier, hang_node, hang_part: shape (m,), which supplier hangs on which node;
            part 0 means for all of its parts. Keys are ≥ 1.
    Returns:
        The nodes in the order of their keys; pairs of node and part beside them.
    Raises:
        ValueError: arrays that belong together differ in length.
    Source: house rule, ADR 0040; features F9 and F10 of the domain rules.
    Edge cases: repeated rows count once; a supplier without an approved part counts among the
    suppliers and stands behind no part; a node of one supplier is not shared and left out.

    >>> found = common_nodes(
    ...     source_part=[7, 7, 8], source_supplier=[1, 2, 1],
    ...     hang_supplier=[1, 2], hang_node=[5, 5], hang_part=[0, 0],
    ... )
    >>> found.nodes[0].suppliers, found.nodes[0].parts_hit, found.nodes[0].parts_blocked
    (2, 2, 1)
    """
    sources = _unique_rows("source", source_part, source_supplier)
    hangs = _unique_rows("hang", hang_node, hang_supplier, hang_part)
    pairs = _distinct(hangs[:, :2])
    nodes, suppliers = np.unique(pairs[:, 0], return_counts=True)
    shared = nodes[suppliers >= SHARED_BY]
    hangs = hangs[np.isin(hangs[:, 0], shared)]
    behind = _sources_behind(sources, hangs)
    node_part, hanging = _counted(behind[:, :2])
    of_part, sources_of = np.unique(sources[:, 0], return_counts=True)
    total = sources_of[np.searchsorted(of_part, node_part[:, 1])] if len(node_part) else hanging
    several = hanging >= SHARED_BY
    counts = (
        shared,
        suppliers[suppliers >= SHARED_BY],
        _per_node(shared, node_part[:, 0]),
        _per_node(shared, node_part[several, 0]),
        _per_node(shared, node_part[several & (hanging == total), 0]),
    )
    found = tuple(SharedNode(*row) for row in zip(*(each.tolist() for each in counts), strict=True))
    return CommonNodes(found, node_part[:, 0], node_part[:, 1], hanging, total)


def _from(start: Node, edges: Mapping[Node, tuple[Node, ...]], deepest: int) -> dict[Node, int]:
    found: dict[Node, int] = {}
    waiting = deque((node, 1) for node in edges[start])
    while waiting:
        node, at = waiting.popleft()
        if node in found:
            continue
        found[node] = at
        if at < deepest and node != start:
            waiting.extend((behind, at + 1) for behind in edges.get(node, ()))
    return found


def _unique_rows(name: str, *columns: ArrayLike) -> Integers:
    arrays = [np.asarray(column, dtype=np.int64) for column in columns]
    if len({len(array) for array in arrays}) > 1:
        raise ValueError(f"{name}: arrays of {[len(array) for array in arrays]} rows differ")
    return _distinct(np.stack(arrays, axis=1))


def _distinct(rows: Integers) -> Integers:
    """Return the different rows, sorted; ten times as fast as numpy's own by rows."""
    if not len(rows):
        return rows
    ordered = rows[np.lexsort(rows.T[::-1])]
    is_new = np.ones(len(ordered), dtype=bool)
    is_new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    return ordered[is_new]


def _counted(rows: Integers) -> tuple[Integers, Integers]:
    """Return the different rows, which come sorted, and how often each stands there."""
    if not len(rows):
        return rows, np.zeros(0, dtype=np.int64)
    is_new = np.ones(len(rows), dtype=bool)
    is_new[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    starts = np.flatnonzero(is_new)
    return rows[starts], np.diff(np.append(starts, len(rows)))


def _sources_behind(sources: Integers, hangs: Integers) -> Integers:
    """Return the different (node, part, supplier) of sources that hang on a node."""
    by_supplier = sources[np.argsort(sources[:, 1], kind="stable")]
    first = np.searchsorted(by_supplier[:, 1], hangs[:, 1], side="left")
    count = np.searchsorted(by_supplier[:, 1], hangs[:, 1], side="right") - first
    which = np.repeat(np.arange(len(hangs)), count)
    offset = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    part = by_supplier[np.repeat(first, count) + offset, 0]
    told = hangs[which, 2]
    kept = (told == ALL_PARTS) | (told == part)
    rows = np.stack((hangs[which, 0], part, hangs[which, 1]), axis=1)[kept]
    return _distinct(rows)


def _per_node(nodes: Integers, of_pair: Integers) -> Integers:
    """Return how many of some pairs, which come sorted, stand behind each node."""
    first = np.searchsorted(of_pair, nodes, side="left")
    return np.searchsorted(of_pair, nodes, side="right") - first
