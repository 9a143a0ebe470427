"""Alerts: rules over what is known, what they raise, who is told, and whether it was of use."""
