"""The pages of incidents: each group of them has a module of its own."""

from __future__ import annotations

from app.judgement.continuity.incidents import log_views, room_views
from app.judgement.continuity.incidents.blueprint import blueprint

__all__ = ["blueprint", "log_views", "room_views"]
