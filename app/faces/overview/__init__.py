"""Home, the supplier portfolio and one supplier at a glance. Owns no tables."""
