"""What the ratings 1 to 10 mean: the supply chain scales and those of process FMEA, as data.

A scale is a text per rating, in the project's own words. Which scale a register rates by is
stored with it; ratings keep the version they were given by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.calc.fmea_matrix import SCALE

LONGEST_MEANING = 300
DIMENSIONS = ("severity", "occurrence", "detection")


@dataclass(frozen=True, slots=True)
class Scales:
    """The meaning of each rating, by dimension: 10 texts each for S, O and D."""

    severity: Mapping[int, str]
    occurrence: Mapping[int, str]
    detection: Mapping[int, str]

    def __post_init__(self) -> None:
        for dimension in DIMENSIONS:
            texts: Mapping[int, str] = getattr(self, dimension)
            if set(texts) != set(SCALE):
                raise ValueError(f"{dimension}: each rating from 1 to 10 needs its meaning")
            for rating, text in texts.items():
                if not 0 < len(text.strip()) <= LONGEST_MEANING:
                    raise ValueError(
                        f"{dimension} {rating}: a meaning has 1 to {LONGEST_MEANING} characters"
                    )

    def of(self, dimension: str) -> Mapping[int, str]:
        """Return the meanings of one dimension, by rating."""
        if dimension not in DIMENSIONS:
            raise ValueError(f"dimension is {dimension!r}, it must be one of {DIMENSIONS}")
        texts: Mapping[int, str] = getattr(self, dimension)
        return texts


def _falling(*texts: str) -> Mapping[int, str]:
    """Return texts by rating; the first is that of 10."""
    return MappingProxyType(dict(zip(reversed(SCALE), texts, strict=True)))


SUPPLY_CHAIN = Scales(
    severity=_falling(
        "Safety or a regulation is breached, or a plant stops for more than 4 weeks",
        "A plant stops for 2 to 4 weeks",
        "A line stops for 3 to 14 days, or more than 10 % of a quarter's revenue is hit",
        "A line stops for 1 to 3 days",
        "A line stops for less than a day, or customers are served late or short",
        "Expediting costs more than 5 % of the order's value; a customer is told",
        "Expediting that we absorb; no customer notices",
        "Replanning only",
        "A nuisance without cost",
        "No effect",
    ),
    occurrence=_falling(
        "12 times or more in a supplier's year",
        "4 times or more a year",
        "Twice or more a year",
        "Once or more a year",
        "Once in 2 years or more often",
        "Once in 5 years or more often",
        "Once in 10 years or more often",
        "Once in 20 years or more often",
        "Once in 100 years or more often",
        "Less than once in 100 years, or prevented",
    ),
    detection=_falling(
        "No signal before we stop",
        "The only signal is the receipt that does not come",
        "The supplier tells us when it thinks of it",
        "We know less than a quarter of the time to survive ahead",
        "We know less than half of the time to survive ahead",
        "We know less than the time to survive ahead, by looking through it now and then",
        "We know at least the time to survive ahead, by a monthly look",
        "We know at least the time to survive ahead, by an automatic alert",
        "An automatic alert, and the response to it was exercised",
        "Prevented, or stock covers the longest outage that we can bear",
    ),
)

AIAG_PROCESS = Scales(
    severity=_falling(
        "Safety or a regulation is touched, without warning",
        "Safety or a regulation is touched, with warning",
        "The main function is lost",
        "The main function works worse",
        "A secondary function is lost",
        "A secondary function works worse",
        "Annoyance that most customers notice (more than 75 %)",
        "Annoyance that many customers notice (50 %)",
        "Annoyance that discriminating customers notice (fewer than 25 %)",
        "No effect that could be noticed",
    ),
    occurrence=_falling(
        "1 in 10 or more often",
        "1 in 20",
        "1 in 50",
        "1 in 100",
        "1 in 500",
        "1 in 2,000",
        "1 in 10,000",
        "1 in 100,000",
        "1 in 1,000,000 or more seldom",
        "Eliminated by a preventive control",
    ),
    detection=_falling(
        "No control, or none that could detect it",
        "Unlikely to be detected at any stage",
        "Looked for after processing, by eye",
        "Looked for at the source, by eye",
        "Measured after processing",
        "Measured at the source",
        "Checked automatically after processing",
        "Checked automatically at the source",
        "The error itself is detected, so that no defect is made",
        "The error can't happen: the design or the process prevents it",
    ),
)
