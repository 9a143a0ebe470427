"""Dates that act: what ends, is due or takes place, from every feature, as page and feed."""
