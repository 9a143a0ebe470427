"""One row of the table per scenario and engine, and the same as a line of JSON."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

BUILD = Path(__file__).resolve().parents[2] / "build" / "faults"
MOST_FAILURES = 20
MEASURED_RUNS = 3
HEAD = ("scenario", "engine", "runs", "lost", "doubled", "partial", "verdict", "seconds")
LAYOUT = "{:<16} {:<11} {:>5} {:>5} {:>8} {:>8}  {:<8} {:>8}"


class Skipped(Exception):
    """A scenario can't run here; the message names what is missing and the remedy."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How often a scenario runs and by which seed; short: in the suite, seconds not minutes."""

    runs: int
    seed: int
    is_short: bool = False

    @property
    def measured_runs(self) -> int:
        """How many undisturbed runs tell how long one takes."""
        return 1 if self.is_short else MEASURED_RUNS

    def chance(self) -> Random:
        """Return the source of this plan's random points, the same for the same seed."""
        return Random(self.seed)  # noqa: S311 — reproducible points, no secrets


@dataclass(slots=True)
class Tally:
    """What a scenario came to.

    lost: what was acknowledged, or due, and is not there. doubled: what is there more than
    once. partial: what is there by half, differs from the undisturbed, or stays behind.
    """

    runs: int = 0
    lost: int = 0
    doubled: int = 0
    partial: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def fail(self, kind: str, words: str) -> None:
        """Count a failure of a kind (`lost`, `doubled`, `partial`) and keep its words."""
        setattr(self, kind, getattr(self, kind) + 1)
        if len(self.failures) < MOST_FAILURES:
            self.failures.append(f"run {self.runs}: {kind}: {words}")

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost, doubled or partial."""
        return not (self.lost or self.doubled or self.partial or self.failures)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table."""

    scenario: str
    engine: str
    seed: int
    tally: Tally
    seconds: float
    skipped: str = ""

    @property
    def verdict(self) -> str:
        """`ok`, `failed` or `skipped`."""
        if self.skipped:
            return "skipped"
        return "ok" if self.tally.is_clean and self.tally.runs else "failed"

    def as_line(self) -> str:
        """Return the row as the table prints it."""
        tally = self.tally
        cells = (tally.runs, tally.lost, tally.doubled, tally.partial)
        return LAYOUT.format(
            self.scenario, self.engine, *cells, self.verdict, f"{self.seconds:.1f}"
        ).rstrip()

    def as_json(self) -> str:
        """Return the row as one line of JSON."""
        tally = self.tally
        return json.dumps(
            {
                "scenario": self.scenario,
                "engine": self.engine,
                "seed": self.seed,
                "runs": tally.runs,
                "lost": tally.lost,
                "doubled": tally.doubled,
                "partial": tally.partial,
                "verdict": self.verdict,
                "seconds": round(self.seconds, 1),
                "counts": dict(sorted(tally.counts.items())),
                "failures": tally.failures,
                "skipped": self.skipped,
            },
            ensure_ascii=False,
        )


def head() -> str:
    """Return the table's first line."""
    return LAYOUT.format(*HEAD)


def keep(row: Row) -> None:
    """Append the row's JSON to the scenario's file under build/faults/."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / f"{row.scenario}.jsonl").open("a", encoding="utf-8") as file:
        file.write(row.as_json() + "\n")
