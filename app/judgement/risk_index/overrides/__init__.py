"""Bands that people set against the computed one: proposed, agreed to by another, never blended."""
