"""More measures of a supplier, beside the scorecard: leading and lagging, each explained."""
