"""Orders, schedule lines, receipts and inspections; their verdicts and monthly roll-up."""
