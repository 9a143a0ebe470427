"""Reads of single lines and of what stands behind a figure: lists, facts, misses, breakdowns.

Nothing here writes, and no figure of a scorecard comes from here: those come from the roll-up.
"""
