"""Reads of the risk index: the evidence behind it, stored snapshots, an index worked out live."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.calc.periods import parse_period
from app.facts.deliveries.period_reads import once
from app.facts.evidence import queries as evidence
from app.facts.evidence.finance import queries as finance
from app.facts.evidence.places import queries as places_read
from app.facts.evidence.screening import queries as screening
from app.facts.suppliers import queries as suppliers
from app.facts.suppliers.queries import SitePlace, SourceRow
from app.judgement.risk_index.dimensions import country_profiles
from app.judgement.risk_index.evaluation import PERIOD_KIND, Evidence, RiskCard, cards
from app.judgement.risk_index.methods import (
    DEFAULT_NAME,
    IndexMethodVersion,
    default_content,
    rules_of,
)
from app.judgement.risk_index.models import IndexMethod, RiskSnapshot
from app.judgement.risk_index.overrides.queries import Override, override_on
from app.judgement.scorecards import queries as scorecards
from app.judgement.scorecards.evaluation import Standings
from app.judgement.scorecards.plan_readings import readings_of
from app.judgement.snapshots import methods
from app.judgement.snapshots import queries as snapshots

HISTORY = 24


@dataclass(frozen=True, slots=True)
class RiskSnapshotHead:
    """A stored index, without its parts."""

    id: int
    public_id: UUID | None
    period_end: date
    as_of: date
    sequence: int
    value: float | None
    lower: float | None
    upper: float | None
    band: str | None
    state: str
    coverage: float
    input_digest: str
    published_at: datetime
    restated_because: str | None


@dataclass(frozen=True, slots=True)
class RiskView:
    """A supplier's index with its method and the newest stored one of the same day.

    override: what people set against it and holds on the day; it changes nothing here.
    """

    as_of: date
    method: IndexMethodVersion
    card: RiskCard
    snapshot: RiskSnapshotHead | None
    override: Override | None = None


def risk_card(
    session: Session, supplier_id: int, as_of: date, *, standings: Standings | None = None
) -> RiskView:
    """Return a supplier's index, worked out now over the 12 months to `as_of`.

    `standings` are those of the supplier's 12-month card, if it is at hand already.
    """
    if standings is None:
        period = parse_period(PERIOD_KIND, as_of=as_of)
        standings = scorecards.scored(session, supplier_id, period).standings
    method = method_in_force(session, on=as_of)
    found = gather(session, as_of, supplier_ids=[supplier_id])
    own = next(cards(found, {supplier_id: standings}, method))
    return RiskView(
        as_of,
        method,
        own,
        snapshot_of(session, supplier_id, as_of),
        override_on(session, supplier_id, as_of),
    )


def gather(
    session: Session, as_of: date, *, supplier_ids: Collection[int] | None = None
) -> Evidence:
    """Return the evidence for the index of every rated supplier, or of some.

    What does not depend on the day is read once for several days.
    """
    whose = "all" if supplier_ids is None else sorted(supplier_ids)
    places: dict[int, list[SitePlace]] = defaultdict(list)
    sites = once(
        session,
        f"index: sites of {whose}",
        lambda: list(suppliers.sites(session, supplier_ids=supplier_ids)),
    )
    for owner, place in sites:
        places[owner].append(place)
    sources: dict[int, list[SourceRow]] = defaultdict(list)
    for row in suppliers.source_rows(session, as_of=as_of, supplier_ids=supplier_ids):
        sources[row.supplier_id].append(row)
    return Evidence(
        as_of=as_of,
        suppliers=once(
            session,
            f"index: suppliers {whose}",
            lambda: suppliers.countries_and_kinds(session, supplier_ids=supplier_ids),
        ),
        sites=places,
        sources=sources,
        statements=evidence.statements(session, as_of=as_of, supplier_ids=supplier_ids),
        profiles=once(
            session,
            "index: countries",
            lambda: country_profiles(evidence.country_figures(session)),
        ),
        beside=finance.beside_statements(session, as_of=as_of, supplier_ids=supplier_ids),
        lanes=places_read.single_lanes(session, as_of=as_of, supplier_ids=supplier_ids),
        sanctioned=screening.sanctioned(session, as_of=as_of, supplier_ids=supplier_ids),
        readiness=readings_of(session, as_of, supplier_ids=supplier_ids),
    )


def active_method(session: Session, *, on: date) -> IndexMethodVersion | None:
    """Return the index method in force on a day, None where none is stored."""
    stored = methods.in_force(session, IndexMethod, on=on)
    return None if stored is None else method_from(stored)


def method_in_force(session: Session, *, on: date) -> IndexMethodVersion:
    """Return the index method in force on a day; the shipped one where none is stored yet."""
    return active_method(session, on=on) or method_from(
        methods.shipped(IndexMethod, name=DEFAULT_NAME, content=default_content())
    )


def method_from(stored: IndexMethod) -> IndexMethodVersion:
    """Return a stored index method as a value."""
    return IndexMethodVersion(
        id=stored.id or 0,
        name=stored.name,
        version=stored.version,
        content_hash=stored.content_hash,
        weights=dict(stored.content["weights"]),
        rules=rules_of(stored.content),
    )


def snapshot_of(session: Session, supplier_id: int, as_of: date) -> RiskSnapshotHead | None:
    """Return the newest stored index of a day, None where none was published."""
    return snapshots.newest_of(
        session,
        RiskSnapshot,
        RiskSnapshotHead,
        supplier_id=supplier_id,
        kind=PERIOD_KIND,
        period_end=as_of,
    )


def newest_snapshots(
    session: Session, supplier_ids: Collection[int], as_of: date
) -> dict[int, RiskSnapshotHead]:
    """Return by supplier the newest stored index of a day; who has none is absent."""
    return snapshots.newest_of_many(
        session,
        RiskSnapshot,
        RiskSnapshotHead,
        supplier_ids=supplier_ids,
        kind=PERIOD_KIND,
        period_end=as_of,
    )


def snapshots_of(
    session: Session, supplier_id: int, *, limit: int = HISTORY
) -> Sequence[RiskSnapshotHead]:
    """Return a supplier's stored indexes, the newest first."""
    return snapshots.history_of(
        session,
        RiskSnapshot,
        RiskSnapshotHead,
        supplier_id=supplier_id,
        kind=PERIOD_KIND,
        limit=limit,
    )


def newest_indexes(period_end: date) -> Select[*tuple[Any, ...]]:  # Any: columns of many types
    """Select every supplier's newest stored index of a day, for lists to join."""
    r = RiskSnapshot
    return select(r.supplier_id, r.value, r.band, r.state, r.coverage).where(
        r.period_kind == PERIOD_KIND, r.period_end == period_end, snapshots.is_newest(r)
    )


def parts_of(session: Session, snapshot_id: int) -> Mapping[str, Any]:  # Any: JSON
    """Return everything that explains a stored index."""
    parts: Mapping[str, Any] = session.get_one(RiskSnapshot, snapshot_id).parts
    return parts
