"""The job ledger, its clock and its worker. Knows no feature."""
