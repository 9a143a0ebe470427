"""Custom measures: what a house measures by itself, in versions, without code."""
