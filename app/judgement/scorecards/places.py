"""Places among like-for-like peers, with what chance allows; OTIF shrunk for ranking.

Everything here rests on published cards and is for comparing only: no score, grade or
contractual rate changes by it. Peers are suppliers of one category that are rated for the same
window by the same method, OTIF known of all or of none, on ten lines or more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from app.calc.measure import LINES_PROVISIONAL
from app.calc.measure_columns import INSUFFICIENT
from app.calc.ranking import MIN_PEERS, Rank, percentiles, rank_peers
from app.calc.sampling import DrawScale, Sampling, draw
from app.calc.shrinkage import Prior, fit_prior
from app.facts.suppliers import queries as suppliers
from app.judgement.scorecards import queries
from app.judgement.scorecards.evaluation import PeriodKind
from app.judgement.scorecards.models import ScorecardSnapshot
from app.judgement.scorecards.packing import PLACE_OF_STATE
from app.judgement.scorecards.sureness import Sureness

Floats = NDArray[np.float64]

DRAWS = 256
# What is compared beside the score, and whether more of it is better.
PPM = "ppm"
COMPARED = {"score": True, "otif": True, PPM: False}
# Category, method, and whether OTIF is known: who is compared is like for like.
PeerGroup = tuple[int, int, bool]


@dataclass(frozen=True, slots=True)
class PeerCard:
    """A published card as its peers see it; unknown figures are None."""

    group: PeerGroup
    supplier_id: int
    snapshot_id: int
    score: float
    otif: float | None
    ppm: float | None


@dataclass(frozen=True, slots=True)
class PeerFigure:
    """One figure among its peers: the share of them that it is ahead of, and how many know it.

    `percentile` is None where the figure is unknown, its sample too small, or fewer than five
    have one to compare.
    """

    name: str
    value: float | None
    percentile: float | None
    of: int


@dataclass(frozen=True, slots=True)
class Peers:
    """How a supplier stands among `of` like-for-like suppliers, itself among them."""

    of: int
    figures: tuple[PeerFigure, ...]

    @property
    def is_told(self) -> bool:
        """Whether there are enough of them to compare with."""
        return self.of >= MIN_PEERS


def places_in(
    session: Session, categories: Collection[int], *, kind: PeriodKind, period_end: date
) -> dict[int, Rank]:
    """Return by supplier the place of its score among its peers; with few peers there is none."""
    groups: dict[PeerGroup, list[PeerCard]] = defaultdict(list)
    for card in _cards(session, categories, kind=kind, period_end=period_end):
        groups[card.group].append(card)
    sure = queries.sureness_of_many(
        session, [card.snapshot_id for group in groups.values() for card in group]
    )
    found: dict[int, Rank] = {}
    for group in groups.values():
        found |= _places(
            [(card.supplier_id, card.score, sure[card.snapshot_id].score) for card in group]
        )
    return found


def peers_of(
    session: Session, supplier_id: int, *, kind: PeriodKind, period_end: date
) -> Peers | None:
    """Return how a supplier stands among its peers, None where it has no published score.

    With fewer than five in all nobody is told a percentile.
    """
    category = _category_of(session, supplier_id)
    if category is None:
        return None
    cards = _cards(session, [category], kind=kind, period_end=period_end)
    own = next((card for card in cards if card.supplier_id == supplier_id), None)
    if own is None:
        return None
    group = [card for card in cards if card.group == own.group]
    place = [card.supplier_id for card in group].index(supplier_id)
    too_few = _with_too_few_units(session, group)
    figures = []
    for name, is_higher in COMPARED.items():
        values = np.array(
            [
                None if name == PPM and card.snapshot_id in too_few else getattr(card, name)
                for card in group
            ],
            np.float64,
        )
        known = int((~np.isnan(values)).sum())
        ahead = float(percentiles(values, higher_is_better=is_higher)[place])
        percentile = None if np.isnan(ahead) else ahead
        figures.append(PeerFigure(name, getattr(own, name), percentile, known))
    return Peers(len(group), tuple(figures))


def place_of(
    session: Session, supplier_id: int, *, kind: PeriodKind, period_end: date
) -> Rank | None:
    """Return the place of one supplier's score in its category, None where it has none."""
    category = _category_of(session, supplier_id)
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


def _category_of(session: Session, supplier_id: int) -> int | None:
    heads = suppliers.portfolio_heads().subquery().c
    return session.scalar(select(heads.category_id).where(heads.supplier_id == supplier_id))


def _cards(
    session: Session, categories: Collection[int], *, kind: PeriodKind, period_end: date
) -> list[PeerCard]:
    """Return the cards of a window that may be compared: rated, on enough of a sample."""
    heads = suppliers.portfolio_heads().subquery()
    cards = queries.newest_cards(kind, period_end).subquery()
    lines = func.coalesce(cards.c.otif_n, 0)
    rows = session.execute(
        select(
            heads.c.category_id, cards.c.method_id, lines > 0, heads.c.supplier_id,
            cards.c.snapshot_id, cards.c.score, cards.c.otif, cards.c.ppm,
        )
        .select_from(heads)
        .join(cards, cards.c.supplier_id == heads.c.supplier_id)
        .where(
            heads.c.category_id.in_(categories),
            cards.c.score.is_not(None),
            or_(lines == 0, lines >= LINES_PROVISIONAL),
        )
        .order_by(heads.c.category_id, heads.c.supplier_id)
    )  # fmt: skip
    return [
        PeerCard((category, method, bool(has_otif)), *rest)
        for category, method, has_otif, *rest in rows
    ]


def _with_too_few_units(session: Session, group: Collection[PeerCard]) -> set[int]:
    """Return the cards whose PPM rests on too few units to compare it (domain rules §0.8)."""
    s = ScorecardSnapshot
    state = s.parts["measures"][PPM][PLACE_OF_STATE].as_integer()
    rows = select(s.id).where(s.id.in_([card.snapshot_id for card in group]), state == INSUFFICIENT)
    return set(session.scalars(rows))


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
