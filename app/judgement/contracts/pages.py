"""All pages of contracts: importing it fills the blueprint."""

from app.judgement.contracts import document_views, draft_views, views
from app.judgement.contracts.blueprint import blueprint

__all__ = ["blueprint", "document_views", "draft_views", "views"]
