"""Draws who supplies one supplier, tier by tier."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from app.base import formatting
from app.base.charts import Box, LayerChart, Svg
from app.calc.sub_tier import Tiers, tiers
from app.facts.evidence.sub_tier.queries import Link, Node

SUPPLIER = "supplier"
# More boxes than these in a column nobody reads: the table has them all.
MOST_IN_A_TIER = 14
FIRST_TIER = 2


def told_tiers(found: Sequence[Link]) -> Tiers:
    """Return how far upstream each plant stands, by its key."""
    return tiers([(key(link.plant), None if link.via is None else key(link.via)) for link in found])


def key(node: Node) -> str:
    """Return what stands for a plant in the graph."""
    return f"{node.company}\x1f{node.name}"


def upstream_chart(name: str, found: Sequence[Link], shared: Collection[Node]) -> Svg:
    """Return the picture of a supplier's chain; plants that others hang on too are marked."""
    known = told_tiers(found)
    materials: dict[Node, dict[str, None]] = defaultdict(dict)
    countries: dict[Node, str] = {}
    for link in found:
        materials[link.plant].setdefault(link.material)
        if link.country:
            countries[link.plant] = link.country
    columns: list[tuple[str, tuple[Box, ...]]] = [("Supplier", (Box(SUPPLIER, name),))]
    deepest = max(known.depth.values(), default=0)
    for depth in range(1, deepest + 1):
        plants = [plant for plant in materials if known.depth.get(key(plant)) == depth]
        boxes = [
            _box(plant, tuple(materials[plant]), countries.get(plant), plant in shared)
            for plant in plants[:MOST_IN_A_TIER]
        ]
        if len(plants) > MOST_IN_A_TIER:
            rest = formatting.count(len(plants) - MOST_IN_A_TIER, "plant")
            boxes.append(Box(f"more {depth}", f"{rest} more", ("see the table",)))
        columns.append((f"Tier {depth + FIRST_TIER - 1}", tuple(boxes)))
    joins = {(key(link.via) if link.via else SUPPLIER, key(link.plant)) for link in found}
    return LayerChart(
        f"Who supplies {name}", _said(name, found), tuple(columns), tuple(sorted(joins))
    ).svg()


def _box(plant: Node, materials: tuple[str, ...], country: str | None, is_shared: bool) -> Box:
    place = f"{plant.name}{', ' + country if country else ''}"
    told = ", ".join(materials)
    return Box(
        key(plant), plant.company, (place, f"shared · {told}" if is_shared else told), is_shared
    )


def _said(name: str, found: Sequence[Link]) -> str:
    told = [
        f"{link.plant.name} of {link.company} delivers {link.material} to "
        f"{f'{link.via.name} of {link.via.company}' if link.via else name}"
        for link in found[:MOST_IN_A_TIER]
    ]
    more = len(found) - MOST_IN_A_TIER
    return "; ".join(told) + (f"; and {more} more." if more > 0 else ".")
