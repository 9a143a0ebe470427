"""The pages of index methods, gathered: importing this hangs them all on the blueprint."""

from app.judgement.risk_index import method_views, simulation_views
from app.judgement.risk_index.blueprint import blueprint

__all__ = ["blueprint", "method_views", "simulation_views"]
