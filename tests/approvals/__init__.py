"""Four eyes: who decides, on what exactly, and what can never happen."""
