"""Continuity plans: what a supplier says it can do when it stops, and what was shown of it."""
