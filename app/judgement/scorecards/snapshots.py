"""A stored scorecard in full, as it was published: nothing is worked out again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.errors import NotFound
from app.calc.measure import Measure
from app.calc.scoring import ScoreResult
from app.judgement.scorecards.methods import Method
from app.judgement.scorecards.models import ScorecardSnapshot
from app.judgement.scorecards.packing import unpacked_measures, unpacked_score
from app.judgement.scorecards.queries import SnapshotHead, head_from
from app.judgement.scorecards.stored_methods import method_by_id
from app.judgement.scorecards.sureness import Sureness, unpacked_sureness

# One statement can't carry ten thousand keys on every engine.
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class StoredCard:
    """A published card: its head, the method of its day, measures, score, counts of lines.

    `sure` is None where the score is not rated, or was published before ranges were kept.
    """

    head: SnapshotHead
    method: Method
    measures: dict[str, Measure]
    result: ScoreResult
    population: dict[str, int]
    sure: Sureness | None


def stored_card(session: Session, snapshot_id: int) -> StoredCard:
    """Return a published card; raises NotFound."""
    stored = session.get(ScorecardSnapshot, snapshot_id)
    if stored is None:
        raise NotFound("E-SCO-01", "There is no such published scorecard.")
    return _card(stored, method_by_id(session, stored.method_id))


def stored_cards(session: Session, snapshot_ids: Collection[int]) -> dict[int, StoredCard]:
    """Return published cards by their key; unknown keys are absent."""
    wanted, methods = sorted(snapshot_ids), dict[int, Method]()
    found = {}
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        for stored in session.scalars(
            select(ScorecardSnapshot).where(ScorecardSnapshot.id.in_(some))
        ):
            if stored.method_id not in methods:
                methods[stored.method_id] = method_by_id(session, stored.method_id)
            found[stored.id] = _card(stored, methods[stored.method_id])
    return found


def _card(stored: ScorecardSnapshot, method: Method) -> StoredCard:
    measures = unpacked_measures(stored.parts["measures"])
    result = unpacked_score(
        stored.parts["score"],
        measures,
        method,
        score=stored.score,
        lower=stored.lower or 0.0,
        upper=stored.upper or 0.0,
        coverage=stored.coverage,
        grade=stored.grade,
        state=stored.state,
    )
    sure = unpacked_sureness(stored.parts.get("range"))
    return StoredCard(head_from(stored), method, measures, result, stored.parts["population"], sure)
