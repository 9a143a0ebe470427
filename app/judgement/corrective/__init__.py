"""Corrective action requests (SCAR) by 8D: opened, answered step by step, accepted, closed."""
