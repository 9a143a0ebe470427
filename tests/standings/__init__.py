"""Standings and their consequences."""
