"""Tests of the scorecards."""
