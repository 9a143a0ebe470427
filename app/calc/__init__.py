"""Pure calculation: verdicts, rates, intervals, scores and the risk index.

Standard library, numpy and scipy only; no framework, no input or output, no clock.
Every function says its formula, its units, its source and its edge cases, and
carries an example that runs. Unknown is None in and None out; nothing is rounded.
This package imports nothing by itself: take what you need from its modules.
"""
