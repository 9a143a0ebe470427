"""Places among like-for-like peers, with what chance allows; OTIF shrunk for ranking.

Everything here rests on published cards and is for comparing only: no score, grade or
contractual rate changes by it. Peers are the rated suppliers of one category.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.calc.ranking import MIN_PEERS, Rank, rank_peers
from app.calc.sampling import DrawScale, Sampling, draw
from app.calc.shrinkage import Prior, fit_prior
from app.facts.suppliers import queries as suppliers
from app.judgement.scorecards import queries
from app.judgement.scorecards.evaluation import PeriodKind
from app.judgement.scorecards.sureness import Sureness

Floats = NDArray[np.float64]

DRAWS = 256


def places_in(
    session: Session, categories: Collection[int], *, kind: PeriodKind, period_end: date
) -> dict[int, Rank]:
    """Return by supplier the place of its score in its category; with few peers there is none."""
    heads = suppliers.portfolio_heads().subquery()
    cards = queries.newest_cards(kind, period_end).subquery()
    rows = session.execute(
        select(heads.c.category_id, heads.c.supplier_id, cards.c.snapshot_id, cards.c.score)
        .select_from(heads)
        .join(cards, cards.c.supplier_id == heads.c.supplier_id)
        .where(heads.c.category_id.in_(categories), cards.c.score.is_not(None))
        .order_by(heads.c.category_id, heads.c.supplier_id)
    ).all()
    sure = queries.sureness_of_many(session, [row.snapshot_id for row in rows])
    peers: dict[int, list[tuple[int, float, Sureness | None]]] = {}
    for category, owner, snapshot, score in rows:
        peers.setdefault(category, []).append((owner, score, sure[snapshot].score))
    found: dict[int, Rank] = {}
    for group in peers.values():
        found |= _places(group)
    return found


def place_of(
    session: Session, supplier_id: int, *, kind: PeriodKind, period_end: date
) -> Rank | None:
    """Return the place of one supplier's score in its category, None where it has none."""
    heads = suppliers.portfolio_heads().subquery().c
    category = session.scalar(select(heads.category_id).where(heads.supplier_id == supplier_id))
    if category is None:
        return None
    return places_in(session, [category], kind=kind, period_end=period_end).get(supplier_id)


def otif_prior(session: Session, *, kind: PeriodKind, period_end: date) -> Prior | None:
    """Return what is believed of OTIF before a supplier's own lines, from everybody's."""
    cards = queries.newest_cards(kind, period_end).subquery().c
    rows = session.execute(
        select(cards.otif, cards.otif_n).where(cards.otif.is_not(None), cards.otif_n > 0)
    ).all()
    rates = np.array([row.otif for row in rows], np.float64)
    n = np.array([row.otif_n for row in rows], np.float64)
    return fit_prior(np.minimum(n, np.round(rates * n)), n)


def shrunk(rate: Any, n: Any, prior: Prior) -> Any:  # Any: numbers or columns alike
    """Return a rate pulled towards the prior, of numbers or of a statement's columns."""
    return (rate * n + prior.alpha) / (n + prior.alpha + prior.beta)


def shrunk_column(
    rate: ColumnElement[Any], n: ColumnElement[Any], prior: Prior | None
) -> ColumnElement[Any]:  # Any: of the two engines
    """Return what a list sorts a rate by; without a prior the rate itself."""
    if prior is None:
        return rate
    column: ColumnElement[Any] = shrunk(rate, n, prior)
    return column


def _places(group: list[tuple[int, float, Sureness | None]]) -> dict[int, Rank]:
    if len(group) < MIN_PEERS:
        return {}
    scores = np.array([score for _, score, _ in group])
    ends = [(np.nan, np.nan) if sure is None else (sure.lo, sure.hi) for _, _, sure in group]
    lo, hi = np.array(ends, np.float64).T
    own = Sampling(DrawScale.LINEAR, scores, lo, hi, np.full(len(group), np.nan))
    chance = np.random.Generator(np.random.PCG64(0)).standard_normal((len(group), DRAWS))
    ranks = rank_peers(scores, draw(own, chance))
    return {owner: rank for (owner, *_), rank in zip(group, ranks, strict=True) if rank}
