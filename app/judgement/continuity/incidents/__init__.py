"""Incident rooms, which are the disruption log as well: from a first sign to restored supply."""
