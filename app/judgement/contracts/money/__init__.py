"""Money from measures: what the terms of a contract make of measured lines, and its claims."""
