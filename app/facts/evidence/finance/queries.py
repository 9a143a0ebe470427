"""Reads of financial health: statements in full, proxies, what the index reads beside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calc.financial import (
    AltmanModel,
    AltmanZone,
    FinancialKind,
    FinancialRisk,
    Statement,
    financial_risk,
)
from app.calc.financial_proxy import Observation, ProxyKind
from app.facts.deliveries.period_reads import once
from app.facts.evidence.finance.models import FinancialProxy
from app.facts.evidence.models import FinancialStatement
from app.facts.suppliers.models import Supplier
from app.facts.suppliers.queries import effective_id, is_rated

FIGURES = (
    "working_capital", "total_assets", "retained_earnings", "ebit", "market_value_equity",
    "book_value_equity", "total_liabilities", "sales",
)  # fmt: skip
# From bad to good; a drop goes to the left.
ZONES = (AltmanZone.DISTRESS, AltmanZone.GREY, AltmanZone.SAFE)


@dataclass(frozen=True, slots=True)
class FullStatement:
    """An annual statement with everything that is known of it; figures as far as given."""

    owner_id: int
    closed_on: date
    currency: str
    source: str
    figures: Mapping[str, Decimal | None]
    evidence_file: UUID | None
    version: int
    batch_id: int | None
    changed_at: datetime

    @property
    def statement(self) -> Statement:
        """The figures as the calculation takes them."""
        return Statement(statement_on=self.closed_on, **self.figures)


@dataclass(frozen=True, slots=True)
class DeclaredProxy:
    """A proxy as pages show it."""

    public_id: UUID
    kind: ProxyKind
    observed: str
    observed_on: date
    source: str
    note: str | None
    entered_by: str
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    withdrawn_because: str | None

    @property
    def observation(self) -> Observation:
        """What was observed, as the calculation takes it."""
        return Observation(self.kind, self.observed, self.observed_on)


@dataclass(frozen=True, slots=True)
class BesideStatements:
    """What the financial dimension needs beside statements: the market, and proxies."""

    is_emerging: bool = False
    proxies: tuple[DeclaredProxy, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class ZoneDrop:
    """A supplier whose newest statement lies in a worse zone than the one before it.

    `known_at` is when the newest statement was entered or last corrected.
    """

    supplier_id: int
    model: AltmanModel
    zone: AltmanZone
    zone_before: AltmanZone
    score: float
    score_before: float
    closed_on: date
    closed_before: date
    known_at: datetime


def statements_of(session: Session, supplier_id: int) -> list[FullStatement]:
    """Return every statement of a supplier and of those merged into it, the newest first."""
    rows = session.scalars(
        select(FinancialStatement)
        .join(Supplier, Supplier.id == FinancialStatement.supplier_id)
        .where(effective_id() == supplier_id)
        .order_by(FinancialStatement.closed_on.desc(), FinancialStatement.id.desc())
    )
    return [_full(row) for row in rows]


def proxies_of(session: Session, supplier_id: int) -> list[DeclaredProxy]:
    """Return every proxy of a supplier, withdrawn ones too, the newest first."""
    rows = session.scalars(
        select(FinancialProxy)
        .join(Supplier, Supplier.id == FinancialProxy.supplier_id)
        .where(effective_id() == supplier_id)
        .order_by(FinancialProxy.observed_on.desc(), FinancialProxy.id.desc())
    )
    return [_declared(row) for row in rows]


def beside_statements(
    session: Session, *, as_of: date, supplier_ids: Collection[int] | None = None
) -> dict[int, BesideStatements]:
    """Return by supplier the proxies up to a day and whether its market is an emerging one.

    Who has neither is absent.
    """
    proxies: dict[int, list[DeclaredProxy]] = defaultdict(list)
    declared = (
        select(effective_id(), FinancialProxy)
        .join(Supplier, Supplier.id == FinancialProxy.supplier_id)
        .where(FinancialProxy.withdrawn_at.is_(None))
        .order_by(FinancialProxy.observed_on, FinancialProxy.id)
    )
    emerging = select(Supplier.id).where(is_rated(), Supplier.is_emerging_market)
    if supplier_ids is not None:
        declared = declared.where(effective_id().in_(supplier_ids))
        emerging = emerging.where(Supplier.id.in_(supplier_ids))
    whose = "all" if supplier_ids is None else sorted(supplier_ids)
    found = once(
        session,
        f"proxies of {whose}",
        lambda: [(owner, row) for owner, row in session.execute(declared)],
    )
    for owner, row in found:
        if row.observed_on <= as_of:
            proxies[owner].append(_declared(row))
    flagged = once(session, f"emerging of {whose}", lambda: set(session.scalars(emerging)))
    return {
        key: BesideStatements(key in flagged, tuple(proxies.get(key, ())))
        for key in flagged | proxies.keys()
    }


def is_emerging(session: Session, supplier_id: int) -> bool:
    """Return whether a supplier is flagged as one of an emerging market."""
    asked = select(Supplier.is_emerging_market).where(Supplier.id == supplier_id)
    return bool(session.scalar(asked))


def financial_zone_drops(
    session: Session, *, since: date, as_of: date | None = None
) -> list[ZoneDrop]:
    """Return whose newest statement fell into a worse zone, as far as it came in since a day.

    Compared are the two newest statements up to `as_of` that both have a score; a newest one
    that is stale or has no score is no drop. Every supplier stands at most once.
    """
    rows = session.execute(
        select(Supplier.id, Supplier.financial_kind, Supplier.is_emerging_market).where(
            is_rated(), Supplier.financial_kind.is_not(None)
        )
    )
    kinds = {key: (FinancialKind(kind), bool(flag)) for key, kind, flag in rows if kind}
    found: dict[int, list[FullStatement]] = defaultdict(list)
    asked = (
        select(effective_id(), FinancialStatement)
        .join(Supplier, Supplier.id == FinancialStatement.supplier_id)
        .order_by(FinancialStatement.closed_on.desc(), FinancialStatement.id.desc())
    )
    if as_of is not None:
        asked = asked.where(FinancialStatement.closed_on <= as_of)
    for key, row in session.execute(asked):
        if key in kinds:
            found[key].append(_full(row))
    drops = (
        _drop(key, own[:2], *kinds[key], as_of=as_of)
        for key, own in sorted(found.items())
        if len(own) > 1 and own[0].changed_at.date() >= since
    )
    return [drop for drop in drops if drop is not None]


def _drop(
    supplier_id: int,
    two: Sequence[FullStatement],
    kind: FinancialKind,
    emerging: bool,
    *,
    as_of: date | None,
) -> ZoneDrop | None:
    newest, before = two
    now = _risk(newest, kind, emerging, as_of or newest.closed_on)
    then = _risk(before, kind, emerging, before.closed_on)
    if now.zone is None or then.zone is None or now.is_stale:
        return None
    if now.model is None or now.score is None or then.score is None:
        return None
    if ZONES.index(now.zone) >= ZONES.index(then.zone):
        return None
    return ZoneDrop(
        supplier_id, now.model, now.zone, then.zone, now.score, then.score,
        newest.closed_on, before.closed_on, newest.changed_at,
    )  # fmt: skip


def _risk(row: FullStatement, kind: FinancialKind, emerging: bool, as_of: date) -> FinancialRisk:
    return financial_risk(row.statement, kind=kind, as_of=as_of, emerging=emerging)


def _full(row: FinancialStatement) -> FullStatement:
    return FullStatement(
        owner_id=row.supplier_id,
        closed_on=row.closed_on,
        currency=row.currency,
        source=row.source,
        figures={name: getattr(row, name) for name in FIGURES},
        evidence_file=row.evidence_file,
        version=row.version,
        batch_id=row.batch_id,
        changed_at=row.updated_at,
    )


def _declared(row: FinancialProxy) -> DeclaredProxy:
    return DeclaredProxy(
        row.public_id, ProxyKind(row.kind), row.observed, row.observed_on, row.source, row.note,
        row.entered_by, row.withdrawn_at, row.withdrawn_by, row.withdrawn_because,
    )  # fmt: skip
