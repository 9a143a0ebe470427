"""Reads of evidence: annual statements and country tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.facts.evidence.models import CountryIndicator, FinancialStatement, SubTierLink


@dataclass(frozen=True, slots=True)
class IndicatorValue:
    """One figure of a country with where it comes from."""

    value: float
    source: str
    edition: str


def statements(
    session: Session, *, as_of: date, supplier_id: int | None = None
) -> dict[int, list[FinancialStatement]]:
    """Return by supplier the statements closed on or before `as_of`, the newest first."""
    query = (
        select(FinancialStatement)
        .where(FinancialStatement.closed_on <= as_of)
        .order_by(FinancialStatement.supplier_id, FinancialStatement.closed_on.desc())
    )
    if supplier_id is not None:
        query = query.where(FinancialStatement.supplier_id == supplier_id)
    found: dict[int, list[FinancialStatement]] = defaultdict(list)
    for statement in session.scalars(query):
        found[statement.supplier_id].append(statement)
    return dict(found)


def country_figures(session: Session) -> dict[str, Mapping[str, IndicatorValue]]:
    """Return by country the newest edition's value of every indicator."""
    newest = (
        select(
            CountryIndicator.source,
            CountryIndicator.indicator,
            func.max(CountryIndicator.edition).label("edition"),
        )
        .group_by(CountryIndicator.source, CountryIndicator.indicator)
        .subquery()
    )
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
