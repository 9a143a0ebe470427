"""The overview's pages; each group of them has a module of its own."""

from __future__ import annotations

from app.faces.overview import (
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
    risk_evidence_views,
    risk_hub,
    risk_move_views,
    risk_override_views,
    risk_portfolio_views,
    screening_views,
    standing_views,
    supplier_views,
)
from app.faces.overview.blueprint import blueprint

__all__ = [
    "blueprint",
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
    "risk_evidence_views",
    "risk_hub",
    "risk_move_views",
    "risk_override_views",
    "risk_portfolio_views",
    "screening_views",
    "standing_views",
    "supplier_views",
]
