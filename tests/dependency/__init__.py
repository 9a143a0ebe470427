"""Dependency and concentration."""
