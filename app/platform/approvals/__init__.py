"""Four eyes: who submitted what for approval, who decided, and who decides while away."""
