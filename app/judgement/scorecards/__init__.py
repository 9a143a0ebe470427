"""Measures over a period, versioned scoring methods, scores and their snapshots."""
