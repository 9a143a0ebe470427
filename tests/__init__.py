"""The tests: a folder per feature, with the same names as the code they test."""
