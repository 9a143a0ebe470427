"""Sanctions screening: lists by edition, suppliers' names against them, what people decided."""
