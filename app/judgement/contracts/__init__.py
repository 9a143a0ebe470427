"""Contracts: terms as approved versions, their dates, clauses and obligations as numbers."""
