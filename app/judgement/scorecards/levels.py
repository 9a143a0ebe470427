"""Measures at every level: group, plant, category, part, a supplier's site, and what lies below.

The same measures from the same counts. A group is scored as one supplier, from its own sums;
elsewhere there is no score, because the method weighs what is known of suppliers only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from sqlalchemy.orm import Session

from app.calc.measure import Measure, MeasureState
from app.calc.periods import Period
from app.calc.scoring import ScoreResult
from app.facts.deliveries import levels as deliveries
from app.facts.deliveries import queries as delivery_queries
from app.facts.deliveries.levels import By, LevelScope
from app.facts.deliveries.queries import HOUSE, HistogramKind, OrderMeasure, Sums
from app.facts.suppliers import directory
from app.judgement.scorecards.gathering import (
    FEW_SUPPLIERS,
    LATENESS_SHARES,
    LEAD_TIME_SHARES,
    gather_together,
    otif_below_floor_together,
)
from app.judgement.scorecards.measures import measure_table
from app.judgement.scorecards.methods import Method
from app.judgement.scorecards.packing import packed_measures
from app.judgement.scorecards.queries import method_for
from app.judgement.scorecards.register import BY_ID
from app.judgement.scorecards.scores import scores
from app.judgement.scorecards.sums import PeriodSums, empty
from app.judgement.scorecards.sureness import Sureness, ranges_of, surenesses

# What stands in the table of a level's parts.
BRIEF = ("otif_line", "otd", "ppm")
BY_ORDER = "An order is judged whole, and may span plants, categories and parts: see the supplier."
BY_SUPPLIER = "Kept by supplier: see the supplier, or its group."
NOT_BY_PLANT = "Kept by supplier and category, not by plant."
WITHIN_PARTS = "Kept by supplier and part: see the supplier, or the part."
NO_SCORE = (
    "No score here: the method weighs quality, service and commercial figures that are known of "
    "suppliers and their groups only. The measures below are the same counts, added up."
)
EVENTS = frozenset(
    {
        "line_stops", "premium_freight", "disruptions", "special_status", "lot_accept",
        "lot_reject", "first_pass", "price_variance", "invoice_accuracy", "ack_hours",
        "scar_ontime", "readiness",
    }
)  # fmt: skip
PERCENTILES = frozenset({"lt_p50", "lt_p90", "lateness_p90", "lateness_p95"})


class LevelKind(StrEnum):
    """A level that has pages of its own; a supplier has its own pages."""

    GROUP = "group"
    PLANT = "plant"
    CATEGORY = "category"
    PART = "part"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class LevelFigures:
    """The measures of a level in one window; score and sureness are None where it has none.

    `lines` are the line sums behind the measures.
    """

    period: Period
    measures: Mapping[str, Measure]
    lines: Mapping[str, int]
    method: Method
    result: ScoreResult | None = None
    sure: Sureness | None = None

    @property
    def is_known(self) -> bool:
        """Whether anything at all is known here."""
        return any(self.lines.values()) or any(m.n for m in self.measures.values())


@dataclass(frozen=True, slots=True)
class Below:
    """What lies below a level: a key of the next one, and its brief measures."""

    key: int
    measures: Mapping[str, Measure]


def group_figures(
    session: Session, period: Period, supplier_ids: Sequence[int], *, top: int
) -> LevelFigures:
    """Return measures and score of a group of suppliers as one, by the method of its top."""
    method = method_for(session, top, on=period.last_day)
    sums = gather_together(session, period, supplier_ids)
    table = measure_table(sums, limit_ppm=method.limits["ppm"])
    below = otif_below_floor_together(
        session, period, supplier_ids=supplier_ids, floor=method.otif_floor
    )
    packed = packed_measures(table)
    results = list(scores(packed, method, below=below.tolist()))
    sure = surenesses(ranges_of(table, method), results, method)
    return LevelFigures(
        period, table.measures(0), _first(sums), method, result=results[0], sure=sure[0]
    )


def level_figures(
    session: Session, period: Period, kind: LevelKind, where: LevelScope
) -> LevelFigures:
    """Return the measures of a plant, a category, a part or a supplier's site."""
    method = method_for(session, None, on=period.last_day)
    by_supplier = deliveries.level_sums(session, period, where, by=By.SUPPLIER)
    sums = _sums(session, period, kind, where, by_supplier)
    table = measure_table(sums, limit_ppm=method.limits["ppm"])
    measures = {id_: _told(measure, kind) for id_, measure in table.measures(0).items()}
    return LevelFigures(period, measures, _first(sums), method)


def group_brief(session: Session, period: Period, supplier_ids: Sequence[int]) -> Below:
    """Return the brief measures of some suppliers as one, under HOUSE."""
    where, keys = LevelScope(supplier_ids=tuple(supplier_ids)), np.array([HOUSE], dtype=np.int64)
    found = deliveries.level_sums(session, period, where)
    orders = delivery_queries.order_sums(session, period, supplier_ids=supplier_ids, together=True)
    sums = replace(
        empty(keys),
        lines=found.aligned(keys),
        orders={str(name): own.aligned(keys) for name, own in orders.items()},
    )
    limit = method_for(session, None, on=period.last_day).limits["ppm"]
    columns = measure_table(sums, limit_ppm=limit).columns
    return Below(HOUSE, {name: columns[name].measure(0) for name in BRIEF})


def below(session: Session, period: Period, where: LevelScope, *, by: By) -> list[Below]:
    """Return what lies below a level with its brief measures, those with most lines first.

    The design effect of orders is known by supplier; elsewhere intervals are the plain ones.
    """
    found = deliveries.level_sums(session, period, where, by=by)
    is_whole = where.part_ids is None and where.site_id is None and where.category_ids is None
    keys = found.supplier_ids
    sums = replace(empty(keys), lines=found.aligned(keys))
    if by is By.SUPPLIER and is_whole:
        ids = where.supplier_ids
        orders = delivery_queries.order_sums(session, period, supplier_ids=ids)
        sums = replace(sums, orders={str(name): own.aligned(keys) for name, own in orders.items()})
    method = method_for(session, None, on=period.last_day)
    columns = measure_table(sums, limit_ppm=method.limits["ppm"]).columns
    rows = [
        Below(int(key), {name: columns[name].measure(place) for name in BRIEF})
        for place, key in enumerate(keys)
    ]
    return sorted(rows, key=lambda row: (-(row.measures["otd"].n or 0), row.key))


def _sums(
    session: Session, period: Period, kind: LevelKind, where: LevelScope, by_supplier: Sums
) -> PeriodSums:
    """Return the sums of a level; what is not kept there is left empty."""
    keys = np.array([HOUSE], dtype=np.int64)
    lines = {name: np.array([column.sum()]) for name, column in by_supplier.columns.items()}
    sums = replace(empty(keys), lines=lines, orders=_clustering(session, period, by_supplier))
    if kind is not LevelKind.PLANT:
        sums = replace(sums, percentiles=_percentiles(session, period, where))
    if period.last_day == period.as_of:
        count = deliveries.open_lines(session, period.as_of, where)
        sums = replace(sums, open_past_due=np.array([count]))
    if len(directory.currencies_of(session, by_supplier.supplier_ids.tolist())) > 1:
        sums = sums.without_values()
    return sums


def _clustering(
    session: Session, period: Period, by_supplier: Sums
) -> dict[str, dict[str, np.ndarray]]:
    """Return the order sums of the suppliers that deliver here, as one.

    Lines come in orders here as they do elsewhere from the same suppliers: these sums give the
    design effect that widens the intervals, and nothing else.
    """
    ids = by_supplier.supplier_ids.tolist()
    if not ids:
        return {str(name): dict(own) for name, own in empty(np.array([HOUSE])).orders.items()}
    few = ids if len(ids) <= FEW_SUPPLIERS else None
    found = delivery_queries.order_sums(session, period, supplier_ids=few, together=True)
    keys = np.array([HOUSE], dtype=np.int64)
    return {str(OrderMeasure(name)): own.aligned(keys) for name, own in found.items()}


def _percentiles(session: Session, period: Period, where: LevelScope) -> dict[str, np.ndarray]:
    made: dict[str, np.ndarray] = {}
    for kind, shares in (
        (HistogramKind.LEAD_TIME, LEAD_TIME_SHARES), (HistogramKind.LATENESS, LATENESS_SHARES),
    ):  # fmt: skip
        found = deliveries.level_percentiles(
            session, period, where, kind, wanted=tuple(shares.values())
        )
        made |= {name: np.array([found.get(p, np.nan)]) for name, p in shares.items()}
    return made


def _told(measure: Measure, kind: LevelKind) -> Measure:
    """Return a measure, unknown with its reason where it is not kept at a level."""
    reason = None
    if measure.id == "otif_order":
        reason = BY_ORDER
    elif measure.id in EVENTS:
        reason = BY_SUPPLIER
    elif measure.id == "ltv_B":
        reason = WITHIN_PARTS
    elif measure.id in PERCENTILES and kind is LevelKind.PLANT:
        reason = NOT_BY_PLANT
    if reason is None:
        return measure
    assert measure.id in BY_ID  # noqa: S101 — the names above are the register's
    return Measure(measure.id, None, 0, None, None, None, None, MeasureState.NO_DATA, reason)


def _first(sums: PeriodSums) -> dict[str, int]:
    return {name: int(column[0]) for name, column in sums.lines.items()}
