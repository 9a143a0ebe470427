"""All pages of what is done about risks."""

from app.judgement.fmea.living import action_views, list_views, row_views
from app.judgement.fmea.living.blueprint import blueprint

__all__ = ["action_views", "blueprint", "list_views", "row_views"]
