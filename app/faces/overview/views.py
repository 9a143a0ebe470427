"""The overview's pages; each group of them has a module of its own."""

from __future__ import annotations

from app.faces.overview import (
    concentration_buyers,
    concentration_move,
    concentration_views,
    file_views,
    home_views,
    level_views,
    line_views,
    master_views,
    measure_views,
    miss_views,
    ordering_views,
    portfolio_views,
    published_views,
    risk_hub,
    sourcing_views,
    standing_views,
    sub_tier_links,
    sub_tier_names,
    sub_tier_nodes,
    supplier_views,
)
from app.faces.overview.blueprint import blueprint

__all__ = [
    "blueprint",
    "concentration_buyers",
    "concentration_move",
    "concentration_views",
    "file_views",
    "home_views",
    "level_views",
    "line_views",
    "master_views",
    "measure_views",
    "miss_views",
    "ordering_views",
    "portfolio_views",
    "published_views",
    "risk_hub",
    "sourcing_views",
    "standing_views",
    "sub_tier_links",
    "sub_tier_names",
    "sub_tier_nodes",
    "supplier_views",
]
