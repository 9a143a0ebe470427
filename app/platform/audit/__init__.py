"""The audit log: what changed, by whom, why; append-only and chained by hash."""

# The mark and its listener need each other; whichever module is asked for, the mark comes first.
import app.platform.audit.marking  # noqa: F401
