"""What another method would make of a published day: both indexes of everybody side by side.

Worked out from the inputs that were published, and stored nowhere. Indexes are absolute: what
one supplier gets never depends on who else is compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.calc.composite import RiskResult
from app.calc.risk_bands import FloorReason, RiskBand
from app.judgement.risk_index.evaluation import RiskCard, card_of
from app.judgement.risk_index.methods import IndexMethodVersion
from app.judgement.risk_index.stored import StoredRisk, everybody_on

NO_BAND = "none"
BAND_WORDS = (*map(str, RiskBand), NO_BAND)


@dataclass(frozen=True, slots=True)
class Change:
    """A supplier's published index, and what the other method makes of the same inputs."""

    supplier_id: int
    before: RiskResult
    after: RiskResult

    @property
    def difference(self) -> float | None:
        """By how many points the index moves, None where either is not rated."""
        if self.before.value is None or self.after.value is None:
            return None
        return self.after.value - self.before.value

    @property
    def bands(self) -> tuple[str, str]:
        """The band before and after; `none` where there is none."""
        return _word(self.before), _word(self.after)

    @property
    def moves_band(self) -> bool:
        """Whether the band changes."""
        before, after = self.bands
        return before != after

    @property
    def rank(self) -> tuple[bool, float, int]:
        """Its place among others: who changes band first, then by how much, largest first."""
        size = self.difference
        return (not self.moves_band, 0.0 if size is None else -abs(size), self.supplier_id)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everybody of a published day, as published and under another method.

    `matrix` counts suppliers by (band before, band after), mildest first, “none” last.
    """

    day: date
    before: tuple[str, ...]
    after: IndexMethodVersion
    matrix: tuple[tuple[int, ...], ...]
    changes: tuple[Change, ...]

    @property
    def movers(self) -> tuple[Change, ...]:
        """Those whose band changes."""
        return tuple(change for change in self.changes if change.moves_band)


def compare(session: Session, day: date, method: IndexMethodVersion) -> Comparison:
    """Return what a method, draft or not, would have made of a published day."""
    stored = everybody_on(session, day)
    changes = [
        Change(each.card.supplier_id, each.card.result, judged_by(each, method).result)
        for each in stored
    ]
    return Comparison(
        day=day,
        before=tuple(dict.fromkeys(each.method.label for each in stored)),
        after=method,
        matrix=_matrix(changes),
        changes=tuple(sorted(changes, key=lambda change: change.rank)),
    )


def judged_by(stored: StoredRisk, method: IndexMethodVersion) -> RiskCard:
    """Return the index that another method makes of what was published."""
    reasons = {floor.reason for floor in stored.card.result.floors}
    return card_of(
        stored.card.supplier_id,
        stored.card.dimensions,
        method,
        is_sanctioned=FloorReason.SANCTIONED in reasons or None,
    )


def _word(result: RiskResult) -> str:
    return NO_BAND if result.band is None else str(result.band)


def _matrix(changes: Sequence[Change]) -> tuple[tuple[int, ...], ...]:
    counts = {word: dict.fromkeys(BAND_WORDS, 0) for word in BAND_WORDS}
    for change in changes:
        before, after = change.bands
        counts[before][after] += 1
    return tuple(tuple(row.values()) for row in counts.values())
