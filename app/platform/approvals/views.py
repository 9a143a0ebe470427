"""The approval pages, gathered: importing this hangs them all on the blueprint."""

from app.platform.approvals import approval_views, delegation_views
from app.platform.approvals.blueprint import blueprint

__all__ = ["approval_views", "blueprint", "delegation_views"]
