"""Manual scores: what somebody judged where there are no figures, marked as such."""
