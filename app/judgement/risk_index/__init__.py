"""The supply risk index: six dimensions, versioned method, dated snapshots."""
