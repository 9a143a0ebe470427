"""The list of all suppliers with what is published of them: filtered, sorted and paged in SQL.

A page costs a handful of queries, whether the house has sixty suppliers or ten thousand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from app.base import clock
from app.calc.grading import Grade
from app.calc.measure import Measure
from app.calc.periods import Period, parse_period
from app.calc.ranking import Rank
from app.calc.rate_trend import TrendWord
from app.calc.risk_bands import RiskBand
from app.calc.shrinkage import Prior
from app.facts.deliveries.levels import suppliers_at
from app.facts.suppliers import queries as suppliers
from app.judgement.risk_index.queries import newest_indexes
from app.judgement.scorecards import queries as scorecards
from app.judgement.scorecards.evaluation import PeriodKind
from app.judgement.scorecards.places import otif_prior, places_in, shrunk, shrunk_column
from app.judgement.scorecards.sureness import Sureness
from app.judgement.scorecards.trends import TrendPoint, rate_trends

KIND = PeriodKind.ROLLING_YEAR
TREND_MONTHS = 12
NOT_RATED = "NR"
NO_BAND = "none"
SINGLE = "single"
# Worst last, so that rising order reads from good to bad.
BAND_ORDER = {str(band): place for place, band in enumerate(RiskBand)}
GRADES = (*(str(grade) for grade in Grade), NOT_RATED)
BANDS = (*BAND_ORDER, NO_BAND)
SORTS = (
    "name", "number", "country", "category", "status", "grade", "score", "otif", "lines",
    "ppm", "risk", SINGLE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PortfolioQuery:
    """What to list. Several values of one filter mean “any of”; none means all.

    `search` is looked for in name and number. `grades` may hold NR for not rated, `bands` none for
    suppliers without a band. `plants` are those of ours that they deliver to, `members` those of
    the chosen groups. Exports and short lists go `with_trends` False. Places are told
    `with_places`, and wherever the list holds one category only.
    """

    search: str = ""
    categories: Sequence[int] = ()
    countries: Sequence[str] = ()
    statuses: Sequence[str] = ()
    grades: Sequence[str] = ()
    bands: Sequence[str] = ()
    plants: Sequence[int] = ()
    members: Sequence[int] | None = None
    sort: str = "name"
    is_falling: bool = False
    offset: int = 0
    limit: int | None = 50
    with_trends: bool = True
    with_places: bool = False

    @property
    def has_places(self) -> bool:
        """Whether suppliers get their place: a list of one category compares like with like."""
        return self.with_places or len(self.categories) == 1

    @property
    def is_by_otif(self) -> bool:
        """Whether OTIF is needed as it is ranked: to sort by it, and in an export."""
        return self.sort == "otif" or self.limit is None


@dataclass(frozen=True, slots=True)
class PortfolioRow:
    """One supplier in the list; what is not published is None.

    `score_state` is rated, provisional or not_rated; `risk_state` rated or insufficient.
    `sure` is the published range of the score, `place` that among its category's suppliers,
    `otif_shrunk` what OTIF is sorted by, where it is, `on_time` the published on-time rate.
    """

    supplier_id: int
    public_id: UUID
    number: str
    name: str
    country: str | None
    status: str
    owner: str | None
    segment: str | None
    category_id: int | None
    category: str | None
    snapshot_id: int | None
    grade: str | None
    score: float | None
    score_state: str | None
    coverage: float | None
    otif: float | None
    otif_n: int | None
    ppm: float | None
    restated_because: str | None
    risk: float | None
    band: str | None
    risk_state: str | None
    parts: int
    single_parts: int
    trend: tuple[TrendPoint, ...] = ()
    trend_word: TrendWord | None = None
    sure: Sureness | None = None
    place: Rank | None = None
    otif_shrunk: float | None = None
    on_time: Measure | None = None

    @property
    def is_by_date(self) -> bool:
        """Whether only dates are known: the on-time rate is told in the place of OTIF."""
        return self.otif is None and self.on_time is not None and self.on_time.value is not None


@dataclass(frozen=True, slots=True)
class PortfolioPage:
    """A page of the list; `total` counts all rows that pass the filters.

    `period` is the published window, None before the first recompute; `method` names how
    it was scored.
    """

    rows: tuple[PortfolioRow, ...]
    total: int
    period: Period | None
    method: str | None


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts over all suppliers: by grade and by band, and their parts."""

    total: int
    by_grade: dict[str, int] = field(default_factory=dict)
    by_band: dict[str, int] = field(default_factory=dict)
    parts: int = 0
    single_parts: int = 0


@dataclass(frozen=True, slots=True)
class Movement:
    """How far a score moved since an earlier published period [points, falling is worse]."""

    supplier_id: int
    public_id: UUID
    name: str
    before: float
    after: float
    since: date


def portfolio(session: Session, query: PortfolioQuery) -> PortfolioPage:
    """Return a page of suppliers with their newest published figures."""
    end = scorecards.newest_period_end(session, KIND)
    base = _base(end).subquery()
    where = _filters(base, query)
    total = session.scalar(select(func.count()).select_from(base).where(*where)) or 0
    if end is None:
        return PortfolioPage(_page(session, end, query), total, None, None)
    prior = otif_prior(session, kind=KIND, period_end=end) if query.is_by_otif else None
    rows = _page(session, end, query, prior=prior)
    period = parse_period(KIND, as_of=end)
    method = scorecards.methods_in_force(session, on=end)
    return PortfolioPage(
        _detailed(session, rows, query, period=period, prior=prior), total, period, method.label
    )


def _detailed(
    session: Session,
    rows: tuple[PortfolioRow, ...],
    query: PortfolioQuery,
    *,
    period: Period,
    prior: Prior | None,
) -> tuple[PortfolioRow, ...]:
    """Return the rows with what is not sorted by: how sure they are, trends, places."""
    published = scorecards.sureness_of_many(
        session, [row.snapshot_id for row in rows if row.snapshot_id is not None]
    )
    sure = {row.supplier_id: published[row.snapshot_id] for row in rows if row.snapshot_id}
    places: dict[int, Rank] = {}
    if query.has_places:
        categories = {row.category_id for row in rows if row.category_id is not None}
        places = places_in(session, categories, kind=KIND, period_end=period.last_day)
    found = []
    for row in rows:
        own = sure.get(row.supplier_id)
        found.append(
            replace(
                row,
                sure=None if own is None else own.score,
                place=places.get(row.supplier_id),
                otif_shrunk=_shrunk(row, prior),
                on_time=None if own is None else own.on_time,
            )
        )
    if not query.with_trends:
        return tuple(found)
    by_date = {row.supplier_id for row in found if row.is_by_date}
    trends = rate_trends(
        session,
        [row.supplier_id for row in rows],
        period,
        count=TREND_MONTHS,
        deffs={
            owner: own.on_time.deff if owner in by_date else own.otif_deff
            for owner, own in sure.items()
        },
        by_date=by_date,
    )
    return tuple(
        replace(row, trend=trend.points, trend_word=trend.word)
        for row, trend in zip(found, trends, strict=True)
    )


def _shrunk(row: PortfolioRow, prior: Prior | None) -> float | None:
    if prior is None or row.otif is None or not row.otif_n:
        return None
    return float(shrunk(row.otif, row.otif_n, prior))


def summary(session: Session) -> Summary:
    """Return how many suppliers have which grade and band, and how many parts one source."""
    end = scorecards.newest_period_end(session, KIND)
    base = _base(end).subquery()
    found = session.execute(
        select(base.c.grade, base.c.band, func.count()).group_by(base.c.grade, base.c.band)
    ).all()
    grades = dict.fromkeys(GRADES, 0)
    bands = dict.fromkeys(BANDS, 0)
    for grade, band, count in found:
        grades[grade or NOT_RATED] += count
        bands[band or NO_BAND] += count
    counts = suppliers.part_source_counts(end or clock.today()).subquery()
    parts, single = session.execute(
        select(func.count(), func.coalesce(func.sum(case((counts.c.sources == 1, 1), else_=0)), 0))
    ).one()
    return Summary(sum(grades.values()), grades, bands, int(parts), int(single))


def movements(session: Session, *, since: date, limit: int = 3) -> list[Movement]:
    """Return whose score moved most since the newest published period up to a day."""
    end = scorecards.newest_period_end(session, KIND)
    earlier = scorecards.newest_period_end(session, KIND, until=since)
    if end is None or earlier is None or earlier >= end:
        return []
    now = scorecards.newest_cards(KIND, end).subquery()
    then = scorecards.newest_cards(KIND, earlier).subquery()
    heads = suppliers.portfolio_heads().subquery()
    rows = session.execute(
        select(heads.c.supplier_id, heads.c.public_id, heads.c.name, then.c.score, now.c.score)
        .join(now, now.c.supplier_id == heads.c.supplier_id)
        .join(then, then.c.supplier_id == heads.c.supplier_id)
        .where(now.c.score != then.c.score)
        .order_by(func.abs(now.c.score - then.c.score).desc(), heads.c.name)
        .limit(limit)
    )
    return [Movement(*row, since=earlier) for row in rows]


def _page(
    session: Session, end: date | None, query: PortfolioQuery, *, prior: Prior | None = None
) -> tuple[PortfolioRow, ...]:
    """Return the rows of a page. Counting everybody's sources takes longer than all the rest,
    so it is done for the page alone unless the order or the length of the page asks for it."""
    is_whole = query.sort == SINGLE or query.limit is None
    base = _base(end, with_sources=is_whole).subquery()
    rows = session.execute(
        select(base)
        .where(*_filters(base, query))
        .order_by(*_order(base, query, prior))
        .offset(query.offset)
        .limit(query.limit)
    ).all()
    if is_whole:
        return tuple(PortfolioRow(**row._asdict()) for row in rows)
    ids = [row.supplier_id for row in rows]
    counts = suppliers.single_source_counts(end or clock.today(), owners=ids)
    found = {row[0]: (row[1], row[2]) for row in session.execute(counts)}
    nothing = (0, 0)
    return tuple(
        PortfolioRow(
            **row._asdict(),
            parts=found.get(row.supplier_id, nothing)[0],
            single_parts=found.get(row.supplier_id, nothing)[1],
        )
        for row in rows
    )


def _base(
    end: date | None, *, with_sources: bool = False
) -> Select[*tuple[Any, ...]]:  # Any: the columns are of many types
    """Select everybody with what is published, and how many parts they source where asked."""
    heads = suppliers.portfolio_heads().subquery()
    # The first day of all has no cards: one query serves the house before its first recompute.
    day = end or date.min
    cards = scorecards.newest_cards(KIND, day).subquery()
    risks = newest_indexes(day).subquery()
    published = (
        select(
            *heads.c,
            cards.c.snapshot_id,
            cards.c.grade,
            cards.c.score,
            cards.c.state.label("score_state"),
            cards.c.coverage,
            cards.c.otif,
            cards.c.otif_n,
            cards.c.ppm,
            cards.c.restated_because,
            risks.c.value.label("risk"),
            risks.c.band,
            risks.c.state.label("risk_state"),
        )
        .select_from(heads)
        .outerjoin(cards, cards.c.supplier_id == heads.c.supplier_id)
        .outerjoin(risks, risks.c.supplier_id == heads.c.supplier_id)
    )
    if not with_sources:
        return published
    singles = suppliers.single_source_counts(end or clock.today()).subquery()
    return published.add_columns(
        func.coalesce(singles.c.parts, 0).label("parts"),
        func.coalesce(singles.c.single_parts, 0).label("single_parts"),
    ).outerjoin(singles, singles.c.supplier_id == heads.c.supplier_id)


def _filters(base: Any, query: PortfolioQuery) -> list[ColumnElement[bool]]:  # Any: a subquery
    c = base.c
    where: list[ColumnElement[bool]] = []
    if query.search:
        where.append(
            or_(
                c.name.icontains(query.search, autoescape=True),
                c.number.icontains(query.search, autoescape=True),
            )
        )
    for column, values in (
        (c.category_id, query.categories),
        (c.country, query.countries),
        (c.status, query.statuses),
    ):
        if values:
            where.append(column.in_(values))
    if query.plants:
        where.append(c.supplier_id.in_(suppliers_at(query.plants)))
    if query.members is not None:
        where.append(c.supplier_id.in_(query.members))
    if query.grades:
        where.append(_any_of(c.grade, query.grades, none=NOT_RATED))
    if query.bands:
        where.append(_any_of(c.band, query.bands, none=NO_BAND))
    return where


def _any_of(column: Any, values: Sequence[str], *, none: str) -> ColumnElement[bool]:
    known = [value for value in values if value != none]
    named = column.in_(known) if known else literal(False)
    return or_(named, column.is_(None)) if none in values else and_(named, column.is_not(None))


def _order(
    base: Any, query: PortfolioQuery, prior: Prior | None
) -> list[ColumnElement[Any]]:  # Any: a subquery
    c = base.c
    if query.sort == "name":
        column: ColumnElement[Any] = func.lower(c.name)
    elif query.sort == "otif":
        # Three of three do not stand before 57 of 60.
        column = shrunk_column(c.otif, c.otif_n, prior)
    else:
        column = c[{"lines": "otif_n", SINGLE: "single_parts"}.get(query.sort, query.sort)]
    first = column.desc() if query.is_falling else column.asc()
    # Unknown stands last both ways; equal rows keep one order, so that pages don't overlap.
    return [first.nulls_last(), func.lower(c.name), c.supplier_id]
