"""Reads of scorecards: the method in force, stored snapshots, and a card worked out live.

A card is one frozen read model with everything a page or a pack needs. The portfolio
stands in `portfolio`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.calc.measure import Measure
from app.calc.periods import Period, quarter_named
from app.calc.scoring import ScoreResult
from app.facts.deliveries import queries as deliveries
from app.facts.deliveries.queries import HistogramKind
from app.facts.suppliers import queries as suppliers
from app.judgement.scorecards.evaluation import PeriodKind, Standings, population
from app.judgement.scorecards.gathering import gather, gather_house, otif_below_floor
from app.judgement.scorecards.measures import measure_table
from app.judgement.scorecards.methods import DEFAULT_NAME, Method, Methods, default_content
from app.judgement.scorecards.models import ScorecardSnapshot, ScoringMethod
from app.judgement.scorecards.monthly import monthly_sums, monthly_sums_of
from app.judgement.scorecards.packing import digests, packed_measures, unpacked, unpacked_measures
from app.judgement.scorecards.scores import scores, standings
from app.judgement.scorecards.stored_methods import method_from, stored_methods
from app.judgement.scorecards.sums import PeriodSums
from app.judgement.scorecards.sureness import (
    Sureness,
    ranges_of,
    surenesses,
    unpacked_sureness,
)
from app.judgement.snapshots import methods
from app.judgement.snapshots import queries as snapshots

TREND_MONTHS = 24


@dataclass(frozen=True, slots=True)
class SnapshotHead:
    """A stored scorecard, without its parts."""

    id: int
    public_id: UUID | None
    period_kind: str
    period_end: date
    as_of: date
    sequence: int
    score: float | None
    grade: str | None
    state: str
    coverage: float
    otif: float | None
    otif_n: int | None
    ppm: float | None
    input_digest: str
    published_at: datetime
    restated_because: str | None


@dataclass(frozen=True, slots=True)
class PublishedSureness:
    """How sure a published score was, and the design effect of its OTIF; None where unknown.

    `on_time`: the on-time rate of the card, which lists tell where OTIF is unknown.
    """

    score: Sureness | None
    otif_deff: float | None
    on_time: Measure


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """All measures of one month, without percentiles and clustering; `month` is an index."""

    month: int
    measures: dict[str, Measure]


@dataclass(frozen=True, slots=True)
class Card:
    """A supplier's scorecard of a period, or the house's as one (`supplier_id` 0).

    `population` holds counts of lines and the spend (1/10,000 of the supplier's currency).
    `excluded` says how many lines stand outside, by reason. The histograms count completed
    lines by whole days. `months` are the last 24 up to the period's end, oldest first.
    `digest` identifies inputs and method; `snapshot` is the newest stored card of the same
    period, `is_published` whether it says exactly this. `sure` is None where it is not rated.
    """

    supplier_id: int
    period: Period
    method: Method
    measures: dict[str, Measure]
    result: ScoreResult
    sure: Sureness | None
    standings: Standings
    population: dict[str, int]
    digest: str
    months: tuple[MonthFigures, ...]
    lead_time_days: dict[int, int]
    lateness_days: dict[int, int]
    excluded: dict[str, int]
    snapshot: SnapshotHead | None

    @property
    def as_of(self) -> date:
        """The day whose knowledge this is."""
        return self.period.as_of

    @property
    def is_published(self) -> bool:
        """Whether the newest stored card of the period says exactly this."""
        return self.snapshot is not None and self.snapshot.input_digest == self.digest


@dataclass(frozen=True, slots=True)
class Scored:
    """Measures and score of one supplier, without charts."""

    supplier_id: int
    measures: dict[str, Measure]
    result: ScoreResult
    sure: Sureness | None
    standings: Standings
    population: dict[str, int]
    digest: str


def card(
    session: Session, supplier_id: int | None, period: Period, *, trend_months: int = TREND_MONTHS
) -> Card:
    """Return the scorecard of a supplier (None: of the house as one), worked out now."""
    method = method_for(session, supplier_id, on=period.last_day)
    sums = _sums(session, supplier_id, period)
    one = _scored(session, sums, period, method)[0]
    own = None if supplier_id is None else [supplier_id]
    return Card(
        supplier_id=one.supplier_id,
        period=period,
        method=method,
        measures=one.measures,
        result=one.result,
        sure=one.sure,
        standings=one.standings,
        population=one.population,
        digest=one.digest,
        months=month_figures(session, supplier_id, period, count=trend_months, method=method),
        lead_time_days=_days(session, period, HistogramKind.LEAD_TIME, own),
        lateness_days=_days(session, period, HistogramKind.LATENESS, own),
        excluded=deliveries.excluded_reasons(session, period, supplier_ids=own),
        snapshot=None if supplier_id is None else snapshot_of(session, supplier_id, period),
    )


def scored(session: Session, supplier_id: int | None, period: Period) -> Scored:
    """Return measures and score of a supplier (None: of the house), without charts."""
    method = method_for(session, supplier_id, on=period.last_day)
    return _scored(session, _sums(session, supplier_id, period), period, method)[0]


def everybody(session: Session, period: Period) -> list[Scored]:
    """Return measures and score of every rated supplier, worked out now."""
    in_force = methods_in_force(session, on=period.last_day)
    if not in_force.segments:
        return _scored(session, gather(session, period), period, in_force.common)
    groups = in_force.groups(suppliers.rated_supplier_ids(session), suppliers.segments(session))
    found = [
        one
        for method, ids in groups
        for one in _scored(session, gather(session, period, supplier_ids=ids), period, method)
    ]
    return sorted(found, key=lambda one: one.supplier_id)


def some(
    session: Session, supplier_ids: Collection[int], period: Period, *, method: Method
) -> dict[int, Scored]:
    """Return measures and score of some suppliers by one method, worked out now."""
    sums = gather(session, period, supplier_ids=sorted(supplier_ids))
    return {one.supplier_id: one for one in _scored(session, sums, period, method)}


def month_figures(
    session: Session, supplier_id: int | None, period: Period, *, count: int, method: Method
) -> tuple[MonthFigures, ...]:
    """Return the measures of the last months up to the period's end, oldest first."""
    sums, months = monthly_sums(session, supplier_id, period, count=count)
    table = measure_table(sums, limit_ppm=method.limits["ppm"], manual=method.manual_ids)
    return tuple(MonthFigures(month, table.measures(place)) for place, month in enumerate(months))


def months_of(
    session: Session,
    supplier_ids: Collection[int],
    period: Period,
    *,
    count: int,
    method: Method,
    wanted: Collection[str],
) -> dict[int, tuple[MonthFigures, ...]]:
    """Return the `wanted` measures of the last months of some suppliers, oldest first."""
    ids = sorted(supplier_ids)
    sums, months = monthly_sums_of(session, ids, period, count=count)
    columns = measure_table(sums, limit_ppm=method.limits["ppm"], manual=method.manual_ids).columns

    def figures(place: int, month: int) -> MonthFigures:
        return MonthFigures(month, {id_: columns[id_].measure(place) for id_ in wanted})

    return {
        supplier_id: tuple(
            figures(index * len(months) + place, month) for place, month in enumerate(months)
        )
        for index, supplier_id in enumerate(ids)
    }


def methods_in_force(session: Session, *, on: date) -> Methods:
    """Return the methods in force on a day; the shipped one where no common one is stored."""
    found = stored_methods(session, on=on)
    common = found.pop(None, None) or method_from(
        methods.shipped(ScoringMethod, name=DEFAULT_NAME, content=default_content())
    )
    return Methods(common, {segment: each for segment, each in found.items() if segment})


def method_in_force(session: Session, *, on: date, segment: str | None = None) -> Method:
    """Return the method that judges a segment on a day; without a segment the common one."""
    return methods_in_force(session, on=on).of(segment)


def method_for(session: Session, supplier_id: int | None, *, on: date) -> Method:
    """Return the method that judges a supplier (None: the house as one) on a day."""
    found = methods_in_force(session, on=on)
    if supplier_id is None or not found.segments:
        return found.common
    return found.of(suppliers.segments(session).get(supplier_id))


def method_groups(
    session: Session, supplier_ids: Collection[int], *, on: date
) -> list[tuple[Method, list[int]]]:
    """Return each method of a day with those of the suppliers that it judges."""
    found = methods_in_force(session, on=on)
    segments = suppliers.segments(session) if found.segments else {}
    return found.groups(supplier_ids, segments)


def snapshot_of(session: Session, supplier_id: int, period: Period) -> SnapshotHead | None:
    """Return the newest stored scorecard of a period, None where none was published."""
    kind = kind_of(period)
    if kind is None:
        return None
    return snapshots.newest_of(
        session,
        ScorecardSnapshot,
        SnapshotHead,
        supplier_id=supplier_id,
        kind=kind,
        period_end=period.last_day,
    )


def newest_snapshots(
    session: Session, supplier_ids: Collection[int], period: Period
) -> dict[int, SnapshotHead]:
    """Return by supplier the newest stored scorecard of a period; who has none is absent."""
    kind = kind_of(period)
    if kind is None:
        return {}
    return snapshots.newest_of_many(
        session,
        ScorecardSnapshot,
        SnapshotHead,
        supplier_ids=supplier_ids,
        kind=kind,
        period_end=period.last_day,
    )


def snapshots_of(
    session: Session, supplier_id: int, kind: PeriodKind, *, limit: int = TREND_MONTHS
) -> list[SnapshotHead]:
    """Return a supplier's stored scorecards, the newest first, restated ones among them."""
    return snapshots.history_of(
        session, ScorecardSnapshot, SnapshotHead, supplier_id=supplier_id, kind=kind, limit=limit
    )


def sureness_of_many(
    session: Session, snapshot_ids: Collection[int]
) -> dict[int, PublishedSureness]:
    """Return by snapshot how sure its figures were when it was published."""
    s = ScorecardSnapshot
    rows = session.execute(
        select(
            s.id,
            s.parts["range"],
            s.parts["measures"]["otif_line"],
            s.parts["measures"]["otd"],
        ).where(s.id.in_(snapshot_ids))
    )
    return {
        key: PublishedSureness(
            unpacked_sureness(sure), unpacked("otif_line", otif).deff, unpacked("otd", otd)
        )
        for key, sure, otif, otd in rows
    }


def newest_period_end(
    session: Session, kind: PeriodKind, *, until: date | None = None
) -> date | None:
    """Return the end of the newest published period of a kind up to a day, None without one."""
    return snapshots.newest_period_end(session, ScorecardSnapshot, kind, until=until)


def newest_cards(kind: PeriodKind, period_end: date) -> Select[*tuple[Any, ...]]:  # Any: columns
    """Select every supplier's newest stored card of a period, for lists to join."""
    s = ScorecardSnapshot
    return select(
        s.id.label("snapshot_id"), s.supplier_id, s.as_of, s.method_id, s.score, s.grade,
        s.state, s.coverage, s.otif, s.otif_n, s.ppm, s.restated_because,
    ).where(s.period_kind == kind, s.period_end == period_end, snapshots.is_newest(s))  # fmt: skip


def kind_of(period: Period) -> PeriodKind | None:
    """Return under which kind a period is published, None where it is not."""
    if period.label == PeriodKind.ROLLING_YEAR:
        return PeriodKind.ROLLING_YEAR
    return PeriodKind.QUARTER if quarter_named(period.label) else None


def head_from(stored: ScorecardSnapshot) -> SnapshotHead:
    """Return a stored scorecard without its parts."""
    return SnapshotHead(*(getattr(stored, each.name) for each in fields(SnapshotHead)))


def _sums(session: Session, supplier_id: int | None, period: Period) -> PeriodSums:
    if supplier_id is None:
        return gather_house(session, period)
    return gather(session, period, supplier_ids=[supplier_id])


def _scored(session: Session, sums: PeriodSums, period: Period, method: Method) -> list[Scored]:
    table = measure_table(sums, limit_ppm=method.limits["ppm"], manual=method.manual_ids)
    below = otif_below_floor(
        session, period, supplier_ids=sums.supplier_ids, floor=method.otif_floor
    )
    packed = packed_measures(table)
    found = digests(sums, method, below=below.tolist())
    results = list(
        scores(packed, method, below=below.tolist(), critical=sums.critical_open.tolist())
    )
    sure = surenesses(ranges_of(table, method), results, method)
    return [
        Scored(
            supplier_id=int(sums.supplier_ids[index]),
            measures=unpacked_measures(packed[index]),
            result=result,
            sure=sure[index],
            standings=standings(packed[index], result),
            population=population(sums, index),
            digest=found[index],
        )
        for index, result in enumerate(results)
    ]


def _days(
    session: Session, period: Period, kind: HistogramKind, supplier_ids: list[int] | None
) -> dict[int, int]:
    return deliveries.histogram(session, period, kind, supplier_ids=supplier_ids)
