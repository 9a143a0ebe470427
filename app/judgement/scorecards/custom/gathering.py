"""Gathers what custom measures work on: per term one statement for all suppliers asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from app.calc.custom_definition import QuantityKind, Term
from app.calc.custom_measure import Amount, Gathered, LastDay, Observations
from app.calc.periods import Period
from app.facts.deliveries import more_reads
from app.facts.deliveries import queries as deliveries
from app.facts.deliveries.period_reads import members, merged_suppliers, once, summed
from app.judgement.scorecards.custom.catalogue import SOURCES, Days, LineSum, Records, Source, YesNo

BySupplier = Mapping[int, Gathered]


def gather_terms(
    session: Session, terms: Iterable[Term], period: Period, *, supplier_ids: Sequence[int]
) -> dict[int, dict[Term, Gathered]]:
    """Return by supplier what was gathered under each term, filters applied."""
    ids = sorted(supplier_ids)
    found: dict[int, dict[Term, Gathered]] = {key: {} for key in ids}
    for term in dict.fromkeys(terms):
        source = SOURCES[term.quantity]
        gathered = _gathered(session, term, source, period, ids)
        nothing = _nothing(session, source)
        for key in ids:
            found[key][term] = gathered.get(key, nothing)
    return found


def _gathered(
    session: Session, term: Term, source: Source, period: Period, ids: Sequence[int]
) -> BySupplier:
    read = source.read
    if isinstance(read, LineSum):
        return _line_sums(session, read, period, ids)
    if isinstance(read, Days):
        days = more_reads.histograms(session, period, read.kind, supplier_ids=ids)
        return {
            key: Observations(list(own), counts=list(own.values())) for key, own in days.items()
        }
    if source.quantity.kind is QuantityKind.DAY:
        return _last_days(session, term, read, period, ids)
    return _amounts(session, term, source, read, period, ids)


def _line_sums(session: Session, read: LineSum, period: Period, ids: Sequence[int]) -> BySupplier:
    sums = deliveries.delivery_sums(session, period, supplier_ids=ids)
    found: dict[int, Gathered] = {}
    for key in ids:
        own = sums.of(key)
        if own is None:
            continue
        known = own[read.known] if read.known else own[read.total]
        unknown = own[read.of] - known if read.of else 0
        is_sum = read.scale != 1
        lacks_all = read.known is not None and not known and unknown > 0
        total = None if lacks_all else own[read.total] / read.scale
        found[key] = Amount(total, known if is_sum else own[read.total], unknown)
    return found


def _amounts(
    session: Session, term: Term, source: Source, read: Records, period: Period, ids: Sequence[int]
) -> BySupplier:
    columns: list[Any] = [func.count()]  # Any: expressions
    if source.value is not None:
        columns += [func.count(source.value), summed(source.value)]
    rows = _rows(session, term, read, period, ids, *columns).group_by(read.supplier)
    merged = merged_suppliers(session)
    sums: dict[int, list[int]] = defaultdict(lambda: [0] * len(columns))
    for key, *figures in session.execute(rows):
        own = sums[merged.get(key, key)]
        for place, figure in enumerate(figures):
            own[place] += int(figure)
    return {key: _amount(source, own) for key, own in sums.items()}


def _amount(source: Source, figures: Sequence[int]) -> Amount:
    if source.value is None:
        return Amount(figures[0], figures[0])
    members_n, known, total = figures
    unknown = members_n - known
    return Amount(None if unknown and not known else total / source.scale, known, unknown)


def _last_days(
    session: Session, term: Term, read: Records, period: Period, ids: Sequence[int]
) -> BySupplier:
    """Return the latest day up to the period's end, however long before its beginning."""
    rows = _rows(session, term, read, period, ids, func.max(read.day), since_ever=True)
    merged = merged_suppliers(session)
    found: dict[int, date] = {}
    for key, latest in session.execute(rows.group_by(read.supplier)):
        day = latest.date() if isinstance(latest, datetime) else latest
        by = merged.get(key, key)
        found[by] = max(day, found.get(by, day))
    return {key: LastDay(day) for key, day in found.items()}


def _rows(
    session: Session,
    term: Term,
    read: Records,
    period: Period,
    ids: Sequence[int],
    *columns: Any,  # Any: expressions of many types
    since_ever: bool = False,
) -> Select[Any]:
    rows = select(read.supplier, *columns).select_from(read.model)
    if read.joined is not None:
        rows = rows.join(*read.joined)
    end = period.last_day + timedelta(days=1)
    rows = rows.where(*read.counts, read.day < (_moment(end) if read.has_moments else end))
    if period.first_day is not None and not since_ever:
        first = period.first_day
        rows = rows.where(read.day >= (_moment(first) if read.has_moments else first))
    for each in term.filters:
        column, values = read.filters[each.field]
        rows = rows.where(_is_one_of(column, each.values, is_flag=values is YesNo))
    return rows.where(read.supplier.in_(members(session, ids)))


def _is_one_of(column: Any, values: Collection[str], *, is_flag: bool) -> Any:
    # Any: a mapped column or a condition
    if not is_flag:
        return column.in_(sorted(values))
    return or_(*(column if value == YesNo.YES else ~column for value in sorted(values)))


def _nothing(session: Session, source: Source) -> Gathered:
    """Return what stands for a supplier of whom nothing is recorded: a real 0, or unknown."""
    kind, read = source.quantity.kind, source.read
    if kind is QuantityKind.DAY:
        return LastDay(None)
    if kind is QuantityKind.VALUES:
        return Observations([])
    if isinstance(read, Records):
        rows = select(read.model.id).limit(1)
        name = f"any of {read.model.__tablename__}"
        if not once(session, name, lambda: session.scalar(rows) is not None):
            return Amount(None, 0)
    return Amount(0, 0)


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
