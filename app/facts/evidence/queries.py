"""Reads of evidence: annual statements and country tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.facts.evidence.models import CountryIndicator, FinancialStatement, SubTierLink
from app.facts.suppliers.models import Supplier
from app.facts.suppliers.queries import effective_id


@dataclass(frozen=True, slots=True)
class IndicatorValue:
    """One figure of a country with where it comes from."""

    value: float
    source: str
    edition: str


@dataclass(frozen=True, slots=True)
class StatementRow:
    """The figures of one annual statement, in its currency; None where it is silent."""

    supplier_id: int
    closed_on: date
    currency: str
    source: str
    working_capital: Decimal | None
    total_assets: Decimal | None
    retained_earnings: Decimal | None
    ebit: Decimal | None
    market_value_equity: Decimal | None
    book_value_equity: Decimal | None
    total_liabilities: Decimal | None
    sales: Decimal | None


def statements(
    session: Session, *, as_of: date, supplier_ids: Collection[int] | None = None
) -> dict[int, list[StatementRow]]:
    """Return by supplier the statements closed on or before `as_of`, the newest first."""
    columns = [getattr(FinancialStatement, each.name) for each in fields(StatementRow)[1:]]
    query = (
        select(effective_id(), *columns)
        .join(Supplier, Supplier.id == FinancialStatement.supplier_id)
        .where(FinancialStatement.closed_on <= as_of)
        .order_by(effective_id(), FinancialStatement.closed_on.desc(), FinancialStatement.id.desc())
    )
    if supplier_ids is not None:
        query = query.where(effective_id().in_(supplier_ids))
    found: dict[int, list[StatementRow]] = defaultdict(list)
    for row in session.execute(query):
        statement = StatementRow(*row)
        found[statement.supplier_id].append(statement)
    return dict(found)


def newest_statements(session: Session, *, as_of: date) -> dict[int, date]:
    """Return by supplier the day of its newest statement closed on or before `as_of`."""
    closed_on = func.max(FinancialStatement.closed_on)
    query = (
        select(effective_id(), closed_on)
        .select_from(FinancialStatement)
        .join(Supplier, Supplier.id == FinancialStatement.supplier_id)
        .where(FinancialStatement.closed_on <= as_of)
        .group_by(effective_id())
        .order_by(effective_id())
    )
    return {row[0]: row[1] for row in session.execute(query)}


def newest_editions() -> Select[str, str, str]:
    """Select of every source and indicator the newest edition: the one that is read.

    One edition for all countries: one that a country is missing in leaves it unknown, and no
    older one stands in.
    """
    return select(
        CountryIndicator.source,
        CountryIndicator.indicator,
        func.max(CountryIndicator.edition).label("edition"),
    ).group_by(CountryIndicator.source, CountryIndicator.indicator)


def country_figures(session: Session) -> dict[str, Mapping[str, IndicatorValue]]:
    """Return by country the newest edition's value of every indicator."""
    newest = newest_editions().subquery()
    rows = session.execute(
        select(
            CountryIndicator.country,
            CountryIndicator.indicator,
            CountryIndicator.value,
            CountryIndicator.source,
            CountryIndicator.edition,
        )
        .join(
            newest,
            (newest.c.source == CountryIndicator.source)
            & (newest.c.indicator == CountryIndicator.indicator)
            & (newest.c.edition == CountryIndicator.edition),
        )
        # Two publishers of one indicator: the alphabetically last one stands, always the same.
        .order_by(CountryIndicator.source)
    )
    found: dict[str, dict[str, IndicatorValue]] = defaultdict(dict)
    for country, indicator, value, source, edition in rows:
        found[country][indicator] = IndicatorValue(value, source, edition)
    return dict(found)


def sub_tiers(session: Session, supplier_id: int) -> Sequence[SubTierLink]:
    """Return who supplies a supplier, by name and plant."""
    return session.scalars(
        select(SubTierLink)
        .where(SubTierLink.supplier_id == supplier_id)
        .order_by(SubTierLink.upstream_name, SubTierLink.upstream_site)
    ).all()
