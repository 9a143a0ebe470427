"""The house rules as tests: floors, doors, cold starts, file sizes and names."""
