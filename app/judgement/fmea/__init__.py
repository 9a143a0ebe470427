"""FMEA registers: failure modes with effects, causes and controls, rated, approved, kept."""
