"""The audit log: what changed, by whom, why; append-only and chained by hash."""
