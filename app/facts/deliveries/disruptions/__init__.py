"""Disruptions as people record them, what they cost, and the debit notes that charge it back."""
