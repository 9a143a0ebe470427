"""All pages of money under a contract: importing it fills the blueprint."""

from app.judgement.contracts.money import claim_views, entry_views, views
from app.judgement.contracts.money.blueprint import blueprint

__all__ = ["blueprint", "claim_views", "entry_views", "views"]
