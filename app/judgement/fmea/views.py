"""The pages of FMEA registers, gathered on one blueprint."""

from app.judgement.fmea import mode_views, rating_views, register_views, standard_views
from app.judgement.fmea.blueprint import blueprint

__all__ = ["blueprint", "mode_views", "rating_views", "register_views", "standard_views"]
