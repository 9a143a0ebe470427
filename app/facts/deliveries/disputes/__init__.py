"""Disputes on order lines: who says what is wrong, who decided, and what a ruling changed."""
