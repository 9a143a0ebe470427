"""What we think of the facts: scores, the risk index, plans, terms and alerts."""
