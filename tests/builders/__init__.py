"""Typed builders of what tests need: plain defaults, one function per thing."""
