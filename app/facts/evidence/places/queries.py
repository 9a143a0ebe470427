"""Reads of places: sites with coordinates, lanes from receipts, editions of country tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Date, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from app.calc.geography import Lane, single_lane
from app.calc.periods import month_start, parse_period
from app.facts.deliveries.models import Receipt, ScheduleLine
from app.facts.deliveries.period_reads import once
from app.facts.deliveries.rollup_models import MonthlyRollup
from app.facts.evidence.models import CountryIndicator
from app.facts.evidence.queries import newest_editions
from app.facts.suppliers.models import Site, Supplier
from app.facts.suppliers.queries import effective_id, is_rated
from app.platform.sources.models import SourceBatch

LANE_PERIOD = "12m"


@dataclass(frozen=True, slots=True)
class SupplyingSite:
    """A supplier's plant; coordinates in degrees, its share in millionths, None where unknown."""

    supplier_id: int
    name: str
    country: str | None
    region: str | None
    latitude: float | None
    longitude: float | None
    role: str | None
    volume_share: int | None


@dataclass(frozen=True, slots=True)
class BoughtFrom:
    """A supplier with the country of its head office and the currency of its orders."""

    id: int
    public_id: UUID
    name: str
    country: str | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class LaneRow:
    """A way that goods took to one of our sites: how often in 12 months, and when last."""

    own_site: str | None
    mode: str | None
    port: str | None
    receipts: int
    last_on: date | None


@dataclass(frozen=True, slots=True)
class TableEdition:
    """One edition of a published table, as it was imported.

    `is_newest`: no later edition of the same source has the indicator, so this one is read.
    """

    source: str
    edition: str
    indicator: str
    countries: int
    batch_id: int | None
    file_name: str | None
    imported_at: datetime | None
    imported_by: str | None
    is_newest: bool


@dataclass(frozen=True, slots=True)
class CountryFigure:
    """One figure of a country in one edition."""

    indicator: str
    value: float
    source: str
    edition: str
    is_newest: bool


def supplying_sites(
    session: Session, *, supplier_ids: Collection[int] | None = None
) -> list[SupplyingSite]:
    """Return the plants of rated suppliers, or of some, by supplier and name."""
    query = (
        select(
            effective_id(), Site.name, Site.country, Site.region, Site.latitude, Site.longitude,
            Site.role, Site.volume_share,
        )
        .join(Supplier, Supplier.id == Site.supplier_id)
        .order_by(effective_id(), Site.name)
    )  # fmt: skip
    if supplier_ids is not None:
        query = query.where(effective_id().in_(supplier_ids))
    return [SupplyingSite(*row) for row in session.execute(query)]


def buying(session: Session) -> list[BoughtFrom]:
    """Return every rated supplier as the world page needs it, by its key."""
    rows = session.execute(
        select(Supplier.id, Supplier.public_id, Supplier.name, Supplier.country, Supplier.currency)
        .where(is_rated())
        .order_by(Supplier.id)
    )
    return [BoughtFrom(*row) for row in rows]


def single_lanes(
    session: Session, *, as_of: date, supplier_ids: Collection[int] | None = None
) -> dict[int, Lane]:
    """Return by supplier the one lane or port that all its goods of 12 months passed.

    Who has several, or of whom too little is told, is absent.
    """
    # Most feeds name no way: one look spares the rest.
    named = select(Receipt.id).where(_names_way()).limit(1)
    if once(session, "ways named", lambda: session.scalar(named)) is None:
        return {}
    period = parse_period(LANE_PERIOD, as_of=as_of)
    ways = (
        select(effective_id(), Receipt.mode, Receipt.port, func.count())
        .select_from(Receipt)
        .join(ScheduleLine, ScheduleLine.id == Receipt.line_id)
        .join(Supplier, Supplier.id == ScheduleLine.supplier_id)
        .where(_names_way(), *_received(as_of))
        .group_by(effective_id(), Receipt.mode, Receipt.port)
    )
    counted = (
        select(effective_id(), func.sum(MonthlyRollup.receipts))
        .join(Supplier, Supplier.id == MonthlyRollup.supplier_id)
        .where(MonthlyRollup.month.between(period.first_month, period.last_month))
        .group_by(effective_id())
    )
    if supplier_ids is not None:
        ways = ways.where(effective_id().in_(supplier_ids))
        counted = counted.where(effective_id().in_(supplier_ids))
    lanes: dict[int, list[Lane]] = defaultdict(list)
    for owner, mode, port, receipts in session.execute(ways):
        lanes[owner].append(Lane(mode, port, receipts))
    totals = {owner: int(receipts or 0) for owner, receipts in session.execute(counted)}
    found = {owner: single_lane(own, receipts=totals.get(owner, 0)) for owner, own in lanes.items()}
    return {owner: lane for owner, lane in found.items() if lane is not None}


def lanes_of(session: Session, supplier_id: int, *, as_of: date) -> list[LaneRow]:
    """Return the ways that a supplier's goods took in 12 months, the most used first.

    Receipts that name neither port nor mode are among them, as a way that is not told.
    """
    day = _received_on()
    rows = session.execute(
        select(Site.name, Receipt.mode, Receipt.port, func.count(), func.max(day))
        .select_from(Receipt)
        .join(ScheduleLine, ScheduleLine.id == Receipt.line_id)
        .join(Supplier, Supplier.id == ScheduleLine.supplier_id)
        .outerjoin(Site, Site.id == ScheduleLine.site_id)
        .where(
            effective_id() == supplier_id,
            *_received(as_of),
        )
        .group_by(Site.name, Receipt.mode, Receipt.port)
        .order_by(func.count().desc(), Site.name, Receipt.mode, Receipt.port)
    )
    return [LaneRow(*row) for row in rows]


def country_tables(session: Session) -> list[TableEdition]:
    """Return every edition of every table by source, the newest first, with its indicators."""
    newest = newest_editions().subquery()
    rows = session.execute(
        select(
            CountryIndicator.source,
            CountryIndicator.edition,
            CountryIndicator.indicator,
            func.count(),
            func.max(CountryIndicator.batch_id),
            newest.c.edition,
        )
        .join(
            newest,
            (newest.c.source == CountryIndicator.source)
            & (newest.c.indicator == CountryIndicator.indicator),
        )
        .group_by(
            CountryIndicator.source,
            CountryIndicator.edition,
            CountryIndicator.indicator,
            newest.c.edition,
        )
        .order_by(
            CountryIndicator.source, CountryIndicator.edition.desc(), CountryIndicator.indicator
        )
    ).all()
    batches = {
        batch.id: batch
        for batch in session.scalars(
            select(SourceBatch).where(SourceBatch.id.in_({row[4] for row in rows if row[4]}))
        )
    }
    return [
        _edition(
            source, edition, indicator, countries, batch_id, edition == newest_one,
            batches.get(batch_id or 0),
        )
        for source, edition, indicator, countries, batch_id, newest_one in rows
    ]  # fmt: skip


def figures_of(session: Session, country: str) -> Sequence[CountryFigure]:
    """Return everything that the tables say of a country, older editions too."""
    newest = newest_editions().subquery()
    rows = session.execute(
        select(
            CountryIndicator.indicator,
            CountryIndicator.value,
            CountryIndicator.source,
            CountryIndicator.edition,
            newest.c.edition,
        )
        .join(
            newest,
            (newest.c.source == CountryIndicator.source)
            & (newest.c.indicator == CountryIndicator.indicator),
        )
        .where(CountryIndicator.country == country)
        .order_by(
            CountryIndicator.indicator, CountryIndicator.source, CountryIndicator.edition.desc()
        )
    )
    return [
        CountryFigure(indicator, value, source, edition, edition == newest_one)
        for indicator, value, source, edition, newest_one in rows
    ]


def _edition(
    source: str,
    edition: str,
    indicator: str,
    countries: int,
    batch_id: int | None,
    is_newest: bool,
    batch: SourceBatch | None,
) -> TableEdition:
    return TableEdition(
        source, edition, indicator, countries, batch_id,
        None if batch is None else batch.file_name,
        None if batch is None else batch.published_at,
        None if batch is None else batch.published_by,
        is_newest,
    )  # fmt: skip


def _names_way() -> ColumnElement[bool]:
    return or_(Receipt.port.is_not(None), Receipt.mode.is_not(None))


def _received_on() -> ColumnElement[date]:
    days = (Receipt.arrived_on, Receipt.posted_on, Receipt.dispatched_on, Receipt.ready_on)
    return type_coerce(func.coalesce(*days), Date)


def _received(as_of: date) -> tuple[ColumnElement[bool], ...]:
    period, day = parse_period(LANE_PERIOD, as_of=as_of), _received_on()
    return (
        day >= month_start(period.first_month),
        day <= as_of,
        Receipt.reverses_receipt_id.is_(None),
    )
