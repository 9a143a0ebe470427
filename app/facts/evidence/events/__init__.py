"""Private events: what happened somewhere, and which suppliers and parts it hits."""
