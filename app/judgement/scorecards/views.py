"""The pages of scoring methods, gathered: importing this hangs them all on the blueprint."""

from app.judgement.scorecards import method_views, simulation_views
from app.judgement.scorecards.blueprint import blueprint

__all__ = ["blueprint", "method_views", "simulation_views"]
