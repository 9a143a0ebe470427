"""The benchmark: `make bench` measures this machine and prints a table."""
