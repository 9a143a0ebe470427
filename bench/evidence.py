"""What the risk index reads beside deliveries, for the house to measure on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app.base.db import Database, analyze
from app.facts.evidence.indicators import Indicator
from app.facts.evidence.models import CountryIndicator, FinancialStatement
from app.facts.suppliers.models import ApprovedSource, FinancialKind, Supplier
from app.platform.audit import marking
from app.platform.audit import services as audit
from bench.house import PARTS_PER_SUPPLIER, Size, lift_limits

COUNTRIES = ("DEU", "CHN", "MEX", "IND", "ROU")
YEARS = (2024, 2025)


def add_evidence(database: Database, size: Size) -> None:
    """Add two statements, ten sources and a country per supplier, unless they are there."""
    with database.transaction() as session:
        lift_limits(session)
        if session.scalar(select(func.count()).select_from(FinancialStatement)):
            return
        session.execute(update(Supplier).values(financial_kind=FinancialKind.OTHER))
        for place, country in enumerate(COUNTRIES):
            of = Supplier.id % len(COUNTRIES) == place
            session.execute(update(Supplier).where(of).values(country=country))
        _countries(session)
        session.execute(insert(FinancialStatement), list(_statements(size)))
        session.execute(insert(ApprovedSource), list(_sources(size)))
        audit.record(
            session, action="bench.evidence", entity="supplier", entity_id=0,
            covers=marking.marked_tables().keys(),
        )  # fmt: skip
        analyze(session)


def _countries(session: Session) -> None:
    session.add_all(
        CountryIndicator(
            source="bench", edition="2026", country=country, indicator=indicator, value=value
        )
        for place, country in enumerate(COUNTRIES)
        for indicator, value in (
            (Indicator.INFORM_NATURAL, 2.0 + place),
            (Indicator.INFORM_HUMAN, 1.0 + place),
            (Indicator.WGI_STABILITY, 1.0 - place / 2),
            (Indicator.LPI, 4.0 - place / 3),
        )
    )


def _statements(size: Size) -> list[dict[str, object]]:
    return [
        {
            "supplier_id": key, "closed_on": date(year, 12, 31), "currency": "EUR",
            "source": "bench", "working_capital": Decimal(10), "total_assets": Decimal(100),
            "retained_earnings": Decimal(20), "ebit": Decimal(key % 30 - 9),
            "book_value_equity": Decimal(60), "total_liabilities": Decimal(40),
            "sales": Decimal(110),
        }
        for key in range(1, size.suppliers + 1)
        for year in YEARS
    ]  # fmt: skip


def _sources(size: Size) -> list[dict[str, object]]:
    """Return a source for every part, and a second one from the neighbour for every third."""
    own = [(key, part) for key in range(1, size.suppliers + 1) for part in _parts(key)]
    second = [(key % size.suppliers + 1, part) for key, part in own if part % 3 == 0]
    return [
        {"supplier_id": key, "part_id": part, "valid_from": date(2024, 1, 1), "role": "primary",
         "is_sole": False, "requalification_weeks": part % 40}
        for key, part in (*own, *second)
    ]  # fmt: skip


def _parts(key: int) -> range:
    return range((key - 1) * PARTS_PER_SUPPLIER + 1, key * PARTS_PER_SUPPLIER + 1)
