"""How parts are sourced: single, sole and single-site, computed from the approved sources."""
