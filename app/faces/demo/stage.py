"""Who is on stage while orders are made: a supplier, its lines and what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from random import Random

from app.faces.demo.cast import Habit, Member
from app.faces.demo.parts import Offer
from app.faces.demo.rows import Row
from app.faces.demo.scripts import Miss, Script

LONGEST_DELAY = 45


@dataclass(slots=True)
class Fate:
    """What becomes of one line: how it fails if it does, and when it comes."""

    miss: Miss | None = None
    # Late is positive, early negative, against the reference date.
    days: int = 0
    is_dock_late: bool = False
    is_cancelled: bool = False


@dataclass(slots=True)
class Delivery:
    """One schedule line as it was made, with its fate and its receipts."""

    line: Row
    order: Row
    offer: Offer
    reference_on: date
    fate: Fate
    receipts: list[Row] = field(default_factory=list)


@dataclass(slots=True)
class Actor:
    """One supplier on stage: who, with which habit and script, and its own dice."""

    member: Member
    habit: Habit
    script: Script
    rng: Random
    supplier_id: int
    category_id: int
    own_site_ids: tuple[int, ...]
    offers: list[Offer]
    lead_days: float
    deliveries: list[Delivery] = field(default_factory=list)
    late_turn: int = 0
    slip_turn: int = 0
    rejected_lots: int = 0

    @property
    def is_scripted(self) -> bool:
        """Whether a story fixes this supplier's months."""
        return bool(self.script.months)

    def pick_offer(self) -> Offer:
        """Return one of the supplier's parts, those with a larger share more often."""
        weights = [offer.share for offer in self.offers]
        return self.rng.choices(self.offers, weights)[0]

    def next_lateness(self) -> int:
        """Return the days late of the next missed line, at least 1."""
        if self.script.lateness:
            self.late_turn += 1
            return self.script.lateness[(self.late_turn - 1) % len(self.script.lateness)]
        mean = self.habit.late_days - 1
        return 1 + min(LONGEST_DELAY, round(self.rng.expovariate(1 / max(mean, 0.5))))
