"""Expediting: open lines, asked for before they stop us, and what suppliers answer."""
