"""Tests of home, lists and one supplier."""
