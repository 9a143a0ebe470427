"""Standings: on which terms we buy from a supplier, who said so, and who bought nevertheless."""
