"""The fault harness: what is killed, paused, starved or locked out loses and doubles nothing.

`make faults` runs every scenario at its full number, `test_short.py` a few runs of each in
the suite. docs/faults.md says what each one proves and how to read the table.
"""
