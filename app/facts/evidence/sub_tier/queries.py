"""Reads of the graph upstream: links with their names resolved, nodes, who supplies whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.errors import NotFound
from app.facts.deliveries.period_reads import merged_suppliers
from app.facts.evidence.models import SubTierLink
from app.facts.evidence.sub_tier.spellings import Spellings, spellings
from app.facts.suppliers.models import Supplier, SupplierKind
from app.facts.suppliers.queries import effective_id


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

    `supplier_id` is the effective one. `via`: the plant it delivers to, None for the supplier.
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
    resolving = _Resolving(told)
    return [resolving.link(*row) for row in session.execute(asked)]


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
    """Return by supplier which suppliers of ours supply it, as links say by number."""
    merged = merged_suppliers(session)
    found: dict[int, set[int]] = defaultdict(set)
    k = SubTierLink
    asked = select(k.supplier_id, k.upstream_supplier_id).where(k.upstream_supplier_id.is_not(None))
    for supplier_id, upstream_id in session.execute(asked):
        assert upstream_id is not None  # noqa: S101 — the statement asked for known ones
        found[merged.get(supplier_id, supplier_id)].add(merged.get(upstream_id, upstream_id))
    return {key: frozenset(own) for key, own in found.items()}


def by_supplier(found: Iterable[Link]) -> dict[int, list[Link]]:
    """Return links by the supplier that they hang on."""
    grouped: dict[int, list[Link]] = defaultdict(list)
    for link in found:
        grouped[link.supplier_id].append(link)
    return dict(grouped)


class _Resolving:
    """Makes links of rows, each name resolved once."""

    def __init__(self, known: Spellings) -> None:
        self._known = known
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
            upstream_supplier_id=upstream_supplier_id,
            told=(name, site, material),
        )

    def _plant(self, name: str, site: str) -> Node:
        found = self._plants.get((name, site))
        if found is None:
            company = self._companies.setdefault(name, self._known.company(name))
            found = Node(NodeKind.PLANT, self._known.plant(company, site), company)
            self._plants[name, site] = found
        return found

    def _material(self, name: str) -> str:
        return self._materials.setdefault(name, self._known.material(name))
