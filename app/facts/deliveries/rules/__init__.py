"""Delivery rules: which are in force, what they do to a line, and how they are kept."""
