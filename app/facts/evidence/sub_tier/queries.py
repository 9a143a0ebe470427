"""Reads of the graph upstream: links with their names resolved, nodes, who supplies whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base.errors import NotFound
from app.facts.deliveries.period_reads import merged_suppliers
from app.facts.evidence.models import SubTierLink
from app.facts.evidence.sub_tier.spellings import Spellings, spellings
from app.facts.suppliers.models import Supplier, SupplierKind
from app.facts.suppliers.queries import effective_id
from app.facts.suppliers.sourcing.queries import as_read

Integers = NDArray[np.int64]
NOBODY = NO_NODE = 0


class NodeKind(StrEnum):
    """What suppliers may share upstream."""

    PLANT = "plant"
    COMPANY = "company"
    MATERIAL = "material"
    COUNTRY = "country"


@dataclass(frozen=True, slots=True, order=True)
class Node:
    """A node upstream: a plant with its company, or a company, material or country."""

    kind: NodeKind
    name: str
    company: str = ""

    @property
    def label(self) -> str:
        """How people call it."""
        return f"{self.name} ({self.company})" if self.company else self.name


@dataclass(frozen=True, slots=True)
class Link:
    """Who supplies whom with what, its names resolved; `told` are the names as written.

    `supplier_id` and `upstream_supplier_id` are effective ones. `via`: the plant it delivers to,
    None for the supplier.
    """

    id: int
    supplier_id: int
    plant: Node
    country: str | None
    material: str
    part_id: int | None
    source: str | None
    via: Node | None
    upstream_supplier_id: int | None
    told: tuple[str, str, str]

    @property
    def company(self) -> str:
        """The company that the plant belongs to."""
        return self.plant.company

    def node(self, kind: NodeKind) -> Node | None:
        """Return the node of a kind that the supplier hangs on by this link, None if untold."""
        if kind is NodeKind.PLANT:
            return self.plant
        if kind is NodeKind.COMPANY:
            return Node(kind, self.company)
        if kind is NodeKind.MATERIAL:
            return Node(kind, self.material)
        return Node(kind, self.country) if self.country else None


@dataclass(frozen=True, slots=True)
class LinkColumns:
    """All links as columns, for what looks at everybody's at once.

    `node` is a place in `nodes`, 0 where none was told; `part` 0: for all of its parts;
    `upstream_supplier` 0: not one of ours. Suppliers are effective ones.
    """

    supplier: Integers
    node: Integers
    part: Integers
    upstream_supplier: Integers
    nodes: tuple[Node | None, ...]


def links(
    session: Session,
    *,
    supplier_ids: Collection[int] | None = None,
    known: Spellings | None = None,
) -> list[Link]:
    """Return the links of all suppliers, or of some, by plant; own warehouses are left out."""
    told = spellings(session) if known is None else known
    k = SubTierLink
    asked = (
        select(
            k.id, effective_id(), k.upstream_name, k.upstream_site, k.upstream_country,
            k.material, k.part_id, k.source, k.via_name, k.via_site, k.upstream_supplier_id,
        )
        .join(Supplier, Supplier.id == k.supplier_id)
        .where(Supplier.kind == SupplierKind.SUPPLIER)
        .order_by(k.upstream_name, k.upstream_site, k.material, k.id)
    )  # fmt: skip
    if supplier_ids is not None:
        asked = asked.where(effective_id().in_(supplier_ids))
    resolving = _Resolving(told, merged_suppliers(session))
    return [resolving.link(*row) for row in session.execute(asked)]


def link_columns(session: Session, kind: NodeKind) -> LinkColumns:
    """Return every link with its node of a kind; own warehouses are left out."""
    k = SubTierLink
    names = {
        NodeKind.PLANT: (k.upstream_name, k.upstream_site),
        NodeKind.COMPANY: (k.upstream_name,),
        NodeKind.MATERIAL: (k.material,),
        NodeKind.COUNTRY: (k.upstream_country,),
    }
    asked = (
        select(
            effective_id(), func.coalesce(k.part_id, 0),
            func.coalesce(k.upstream_supplier_id, NOBODY), *names[kind],
        )
        .join(Supplier, Supplier.id == k.supplier_id)
        .where(Supplier.kind == SupplierKind.SUPPLIER)
    )  # fmt: skip
    rows = as_read(session, asked)
    merged = merged_suppliers(session)
    resolving = _Resolving(spellings(session), merged)
    told = [row[3:] for row in rows]
    node_of = {each: resolving.node(kind, *each) for each in dict.fromkeys(told)}
    nodes: dict[Node | None, int] = {None: NO_NODE}
    place = {each: nodes.setdefault(node, len(nodes)) for each, node in node_of.items()}
    return LinkColumns(
        supplier=np.array([row[0] for row in rows], dtype=np.int64),
        node=np.array([place[each] for each in told], dtype=np.int64),
        part=np.array([row[1] for row in rows], dtype=np.int64),
        upstream_supplier=np.array([merged.get(row[2], row[2]) for row in rows], dtype=np.int64),
        nodes=tuple(nodes),
    )


def link_of(session: Session, supplier_id: int, link_id: int) -> SubTierLink:
    """Return a link of a supplier; raises NotFound, also for another's."""
    found = session.get(SubTierLink, link_id)
    if found is None:
        raise NotFound("E-UPS-01", "There is no such link.")
    owner = session.scalar(select(effective_id()).where(Supplier.id == found.supplier_id))
    if owner != supplier_id:
        raise NotFound("E-UPS-01", "There is no such link.")
    return found


def upstream_suppliers(session: Session) -> dict[int, frozenset[int]]:
    """Return by supplier which suppliers of ours supply it, as far as people said so.

    A link says it by its number. One without a number goes where the links of the same company
    go that have one, or to the supplier of ours of that very name; “the same company” is what
    people decided on spellings. Where that leads to two suppliers it leads to none.
    """
    merged = merged_suppliers(session)
    resolving = _Resolving(spellings(session), merged)
    k = SubTierLink
    asked = select(k.supplier_id, k.upstream_name, k.upstream_supplier_id).distinct()
    rows = [
        (merged.get(of, of), resolving.company(name), name, merged.get(up or NOBODY, up))
        for of, name, up in as_read(session, asked)
    ]
    meant: dict[str, set[int]] = defaultdict(set)
    for _, company, _, up in rows:
        if up is not None:
            meant[company].add(up)
    named = _suppliers_by_name(session)
    found: dict[int, set[int]] = defaultdict(set)
    for of, company, name, up in rows:
        told = {up} if up is not None else (
            meant.get(company) or named.get(_plain(company)) or named.get(_plain(name)) or set()
        )  # fmt: skip
        if len(told) == 1 and told != {of}:
            found[of] |= told
    return {key: frozenset(own) for key, own in found.items()}


def _suppliers_by_name(session: Session) -> dict[str, set[int]]:
    """Return the effective suppliers of each name."""
    asked = select(Supplier.name, effective_id()).where(Supplier.kind == SupplierKind.SUPPLIER)
    found: dict[str, set[int]] = defaultdict(set)
    for name, supplier_id in as_read(session, asked):
        found[_plain(name)].add(supplier_id)
    return found


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def by_supplier(found: Iterable[Link]) -> dict[int, list[Link]]:
    """Return links by the supplier that they hang on."""
    grouped: dict[int, list[Link]] = defaultdict(list)
    for link in found:
        grouped[link.supplier_id].append(link)
    return dict(grouped)


class _Resolving:
    """Makes links of rows, each name resolved once."""

    def __init__(self, known: Spellings, merged: Mapping[int, int]) -> None:
        self._known = known
        self._merged = merged
        self._companies: dict[str, str] = {}
        self._plants: dict[tuple[str, str], Node] = {}
        self._materials: dict[str, str] = {}

    def link(
        self,
        row_id: int,
        supplier_id: int,
        name: str,
        site: str,
        country: str | None,
        material: str,
        part_id: int | None,
        source: str | None,
        via_name: str,
        via_site: str,
        upstream_supplier_id: int | None,
    ) -> Link:
        return Link(
            id=row_id,
            supplier_id=supplier_id,
            plant=self._plant(name, site),
            country=country,
            material=self._material(material),
            part_id=part_id,
            source=source,
            via=self._plant(via_name, via_site) if via_name else None,
            upstream_supplier_id=None
            if upstream_supplier_id is None
            else self._merged.get(upstream_supplier_id, upstream_supplier_id),
            told=(name, site, material),
        )

    def node(self, kind: NodeKind, *names: str | None) -> Node | None:
        """Return the node of a kind that a link with these names tells, None if untold."""
        name = names[0]
        if name is None:
            return None
        if kind is NodeKind.PLANT:
            return self._plant(name, names[1] or "")
        if kind is NodeKind.COMPANY:
            return Node(kind, self.company(name))
        return Node(kind, self._material(name) if kind is NodeKind.MATERIAL else name)

    def company(self, name: str) -> str:
        """Return the company that a name means."""
        return self._companies.setdefault(name, self._known.company(name))

    def _plant(self, name: str, site: str) -> Node:
        found = self._plants.get((name, site))
        if found is None:
            company = self.company(name)
            found = Node(NodeKind.PLANT, self._known.plant(company, site), company)
            self._plants[name, site] = found
        return found

    def _material(self, name: str) -> str:
        return self._materials.setdefault(name, self._known.material(name))
