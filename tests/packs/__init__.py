"""Packs: their periods, what they are read from, what they say, and their files."""
