"""How sure published indexes are: seeded draws for everybody, kept with their seed.

1. Read the published indexes of a day and the scorecards that they rest on.
2. Draw, by method: everybody who is rated is ranked among those of the same method.
3. Replace what was kept for the day, in one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import Select, delete, insert, select
from sqlalchemy.orm import Session

from app.base import clock, db
from app.calc.index_rules import IndexRules
from app.calc.risk_draws import DRAWS, GENERATOR, RiskDraws, risk_draws
from app.judgement.risk_index.intervals import Band, bands_of
from app.judgement.risk_index.models import RiskRange
from app.judgement.risk_index.stored import StoredRisk, everybody_on, published_days
from app.judgement.scorecards import queries as scorecards
from app.judgement.scorecards.evaluation import PeriodKind
from app.judgement.scorecards.snapshots import stored_cards

# Drawn once for the product: whoever draws again gets the same.
SEED = 20_260_601
Row = dict[str, Any]  # Any: columns are of many types


@dataclass(frozen=True, slots=True)
class Range:
    """What draws said of one index; `bands` are probabilities, mildest first."""

    supplier_id: int
    period_end: date
    input_digest: str
    low: float
    high: float
    rank_low: int
    rank_high: int
    ranked: int
    bands: Sequence[float]
    draws: int
    seed: int
    generator: str


def draw_ranges(day: date | None = None) -> int:
    """Draw the ranges of everybody's index of a published day, the newest by default.

    Returns how many were drawn; nothing is stored where nothing is published.
    """
    with db.reading() as session:
        days = published_days(session, limit=1)
        when = day or (days[0] if days else None)
        rows = [] if when is None else _drawn(session, when)
    if when is None:
        return 0
    with db.transaction() as session:
        session.execute(delete(RiskRange).where(RiskRange.period_end == when))
        if rows:
            session.execute(insert(RiskRange), rows)
    return len(rows)


def range_of(session: Session, supplier_id: int, day: date) -> Range | None:
    """Return the range of a supplier's index of a day, None where none was drawn."""
    row = session.execute(
        select_ranges().where(RiskRange.supplier_id == supplier_id, RiskRange.period_end == day)
    ).first()
    return None if row is None else Range(*row)


def ranges_on(session: Session, day: date) -> dict[int, Range]:
    """Return everybody's range of a day, by supplier."""
    rows = session.execute(select_ranges().where(RiskRange.period_end == day))
    return {row[0]: Range(*row) for row in rows}


def select_ranges() -> Select[*tuple[Any, ...]]:  # Any: columns of many types
    """Select what is kept of draws."""
    return select(*(getattr(RiskRange, each.name) for each in fields(Range)))


def draws_of_one(
    supplier_id: int,
    risks: Mapping[str, float | None],
    bands: Mapping[str, Band],
    weights: Mapping[str, int],
    rules: IndexRules,
) -> RiskDraws:
    """Return the draws of one supplier that is rated; its rank among itself says nothing."""
    risk, low, high = (row[None, :] for row in _matrix_row(risks, bands, weights))
    return risk_draws(
        [supplier_id],
        risk,
        low,
        high,
        list(weights.values()),
        rules,
        rated=np.array([True]),
        seed=SEED,
    )


def _drawn(session: Session, day: date) -> list[Row]:
    stored = everybody_on(session, day)
    kind = PeriodKind.ROLLING_YEAR
    cards = session.execute(scorecards.newest_cards(kind, day)).all()
    keys = {row.supplier_id: row.snapshot_id for row in cards}
    known = stored_cards(session, keys.values())
    by_method: dict[int, list[StoredRisk]] = {}
    for each in stored:
        by_method.setdefault(each.method.id, []).append(each)
    found = []
    for own in by_method.values():
        bands = []
        for each in own:
            card = known.get(keys.get(each.card.supplier_id, 0))
            scored = None if card is None else (card.result, card.measures, card.method)
            bands.append(bands_of(each.card.dimensions, scored))
        found += _rows(own, bands, day)
    return found


def _rows(stored: Sequence[StoredRisk], bands: Sequence[dict[str, Band]], day: date) -> list[Row]:
    method, now = stored[0].method, clock.now()
    rated = np.array([each.head.value is not None for each in stored])
    matrix = [
        _matrix_row(each.card.result.dimensions, own, method.weights)
        for each, own in zip(stored, bands, strict=True)
    ]
    risks, low, high = (np.stack(each) for each in zip(*matrix, strict=True))
    drawn = risk_draws(
        [each.card.supplier_id for each in stored],
        risks,
        low,
        high,
        list(method.weights.values()),
        method.rules,
        rated=rated,
        seed=SEED,
    )
    return [
        {
            "supplier_id": each.card.supplier_id,
            "period_end": day,
            "method_id": method.id,
            "input_digest": each.head.input_digest,
            "low": float(drawn.low[place]),
            "high": float(drawn.high[place]),
            "rank_low": int(drawn.rank_low[place]),
            "rank_high": int(drawn.rank_high[place]),
            "ranked": int(rated.sum()),
            "bands": drawn.bands[place].tolist(),
            "draws": DRAWS,
            "seed": SEED,
            "generator": GENERATOR,
            "drawn_at": now,
        }
        for place, each in enumerate(stored)
        if rated[place]
    ]


def _matrix_row(
    risks: Mapping[str, float | None], bands: Mapping[str, Band], weights: Mapping[str, int]
) -> tuple[np.ndarray[Any, np.dtype[np.float64]], ...]:
    ordered = [risks.get(name) for name in weights]
    values = [np.nan if risk is None else risk for risk in ordered]
    held = [(value, value) for value in values]
    ends = [bands.get(name, own) for name, own in zip(weights, held, strict=True)]
    low, high = zip(*ends, strict=True)
    return np.array(values, np.float64), np.array(low, np.float64), np.array(high, np.float64)
