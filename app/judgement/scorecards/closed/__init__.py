"""Closed cards: a correction that would restate one waits until a person approves it."""
