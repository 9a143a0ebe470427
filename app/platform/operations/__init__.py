"""What keeps the house running: backup and restore, housekeeping, health."""
