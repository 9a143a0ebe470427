"""Tests of the supply risk index."""
