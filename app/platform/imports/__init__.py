"""The import engine: file, staging, checked preview, one publish, undo. Knows no feature."""
