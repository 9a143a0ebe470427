"""The overview's pages; each group of them has a module of its own."""

from __future__ import annotations

from app.faces.overview import (
    contact_views,
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
    standing_views,
    supplier_views,
)
from app.faces.overview.blueprint import blueprint

__all__ = [
    "blueprint",
    "contact_views",
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
    "standing_views",
    "supplier_views",
]
