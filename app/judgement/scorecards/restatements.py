"""A published card beside the one that it restates, and what closed ones left to the next.

Reads what was stored; nothing is worked out again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.errors import NotFound
from app.calc.measure import Measure
from app.calc.periods import Period, month_end, month_index
from app.judgement.scorecards.models import PriorPeriodLine, ScorecardSnapshot
from app.judgement.scorecards.queries import SnapshotHead, head_from, kind_of
from app.judgement.scorecards.snapshots import StoredCard, stored_card
from app.judgement.snapshots.queries import is_open


@dataclass(frozen=True, slots=True)
class Restated:
    """A measure in both cards; a card of another method may lack it."""

    id: str
    before: Measure | None
    now: Measure

    @property
    def is_changed(self) -> bool:
        """Whether value or sample differ."""
        if self.before is None:
            return True
        return (self.before.value, self.before.n) != (self.now.value, self.now.n)

    @property
    def difference(self) -> float | None:
        """What the value moved by, None where one of the two is unknown."""
        if self.before is None or self.before.value is None or self.now.value is None:
            return None
        return self.now.value - self.before.value


@dataclass(frozen=True, slots=True)
class PublishedCard:
    """A card as it was published, the one before it and the one after, where there are such."""

    card: StoredCard
    before: StoredCard | None
    after: SnapshotHead | None

    @property
    def measures(self) -> list[Restated]:
        """The scored measures in the method's order, then the others that changed."""
        scored = [row.measure_id for row in self.card.method.scoring.measures]
        others = [name for name in self.card.measures if name not in scored]
        rows = [self._restated(name) for name in dict.fromkeys((*scored, *others))]
        return [row for row in rows if row.id in scored or (self.before and row.is_changed)]

    def _restated(self, measure_id: str) -> Restated:
        before = None if self.before is None else self.before.measures.get(measure_id)
        return Restated(measure_id, before, self.card.measures[measure_id])


@dataclass(frozen=True, slots=True)
class PriorLine:
    """A correction of a closed card that was too small to restate it."""

    period_kind: str
    period_end: date
    score_before: float | None
    score_after: float | None
    otif_before: float | None
    otif_after: float | None
    because: str


def prior_lines(
    session: Session, supplier_ids: Collection[int], period: Period
) -> dict[int, tuple[PriorLine, ...]]:
    """Return by supplier the corrections of closed periods that this period's card tells."""
    kind = kind_of(period)
    if kind is None:
        return {}
    p = PriorPeriodLine
    rows = session.scalars(
        select(p)
        .where(
            p.supplier_id.in_(supplier_ids),
            p.period_kind == kind,
            p.carried_to == month_end(month_index(period.last_day)),
        )
        .order_by(p.period_end, p.id)
    )
    found: dict[int, list[PriorLine]] = defaultdict(list)
    for row in rows:
        values = (getattr(row, each.name) for each in fields(PriorLine))
        found[row.supplier_id].append(PriorLine(*values))
    return {owner: tuple(lines) for owner, lines in found.items()}


def published_card(session: Session, supplier_id: int, public_id: UUID) -> PublishedCard:
    """Return a published card of a supplier with its neighbours; raises NotFound."""
    s = ScorecardSnapshot
    row = session.scalars(
        select(s).where(s.public_id == public_id, s.supplier_id == supplier_id, ~is_open(s))
    ).one_or_none()
    if row is None:
        raise NotFound("E-SCO-01", "There is no such published scorecard.")
    later = session.scalars(select(s).where(s.supersedes_id == row.id, ~is_open(s))).first()
    before = None if row.supersedes_id is None else stored_card(session, row.supersedes_id)
    after = None if later is None else head_from(later)
    return PublishedCard(stored_card(session, row.id), before, after)
