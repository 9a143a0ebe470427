"""Backup suppliers of parts: how far each is qualified, what it can take over, whether it is
kept in rotation."""
