"""How fast the processor was while a row was measured: what a plain loop took around each run.

Two virtual processors that share a core, with each other or with another machine's, give each
of them two thirds of it; where the targets are checked, one and the same loop takes 2.8 ms at
one moment and 4.5 at the next. A row at pace 1.6 took so much longer for that alone.
"""

from __future__ import annotations

import statistics
import time

STEPS = 60_000
PROBES = 5
# Long enough to meet a moment in which nobody else wants the core.
SECONDS_FOR_THE_BEST = 2.0

_seen: list[float] = []  # of this process, which measures one row
_best: list[float] = []


def probe() -> None:
    """Keep what the loop takes now, the median of five; it takes 20 ms."""
    _seen.append(statistics.median(_loop() for _ in range(PROBES)))


def seen() -> float:
    """Return the mean of what was kept [s]."""
    return statistics.fmean(_seen)


def best() -> float:
    """Return the least that the loop ever took in this process [s], looking again for a while."""
    until = time.monotonic() + SECONDS_FOR_THE_BEST
    while time.monotonic() < until:
        _best.append(statistics.median(_loop() for _ in range(PROBES)))
    return min(_best)


def _loop() -> float:
    start, total = time.perf_counter(), 0
    for number in range(STEPS):
        total += number * number % 7
    return time.perf_counter() - start
