"""The monthly risk meeting: agenda, minutes, decisions, commitments."""
