"""Evidence: financial health by hand and by proxy, places, country tables."""
