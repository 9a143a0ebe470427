"""What these tests share: a house on one engine, where no engine decides."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.db import Database
from app.facts.evidence.indicators import Indicator
from app.facts.evidence.models import CountryIndicator, FinancialStatement
from app.facts.suppliers import queries as suppliers
from app.facts.suppliers.models import FinancialKind, Supplier
from app.recompute import recompute
from tests.builders import facts, houses
from tests.builders.events import disruption
from tests.conftest import NOW, _bound

JUNE, SEPTEMBER = date(2026, 6, 30), date(2026, 9, 30)


def country(session: Session, code: str, wgi: float, edition: str = "2025") -> None:
    """Add a country's political stability; −2.5 to 2.5, higher is better."""
    session.add(
        CountryIndicator(
            source="WGI",
            edition=edition,
            country=code,
            indicator=Indicator.WGI_STABILITY,
            value=wgi,
        )
    )
    session.flush()


def statement(session: Session, of: Supplier, ebit: int, closed_on: date) -> None:
    """An annual statement; EBIT −27 of 100 lies in the distress zone, 20 in the safe one."""
    session.add(
        FinancialStatement(
            supplier_id=of.id,
            closed_on=closed_on,
            currency="EUR",
            source="Annual report",
            working_capital=Decimal(10),
            total_assets=Decimal(100),
            retained_earnings=Decimal(20),
            ebit=Decimal(ebit),
            book_value_equity=Decimal(60),
            total_liabilities=Decimal(40),
            sales=Decimal(110),
        )
    )
    session.flush()


@pytest.fixture(scope="session")
def moved_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the house of `moved_house`, that each test copies."""
    path = tmp_path_factory.mktemp("moved") / "moved.sqlite3"
    shutil.copy(sqlite_template, path)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(clock, "now", lambda: NOW)
        for _ in _bound(Database(f"sqlite:///{path}", pool_size=2)):
            _move()
    return path


@pytest.fixture
def moved_house(moved_file: Path, tmp_path: Path) -> Iterator[int]:
    """A supplier whose June and September are published; its key.

    By September 60 of 160 lines came late, a worse statement and a first approved source came.
    """
    path = tmp_path / "moved.sqlite3"
    shutil.copy(moved_file, path)
    for _ in _bound(Database(f"sqlite:///{path}", pool_size=2)):
        with db.reading() as session:
            key = suppliers.find_supplier(session, "S-1").id
        yield key


def _move() -> None:
    with db.transaction() as session:
        own = facts.supplier(
            session, "Sonnenberg", number="S-1", country="DEU", financial_kind=FinancialKind.OTHER
        )
        disruption(session, facts.supplier(session, "Elsewhere"), occurred_on=date(2026, 2, 4))
        country(session, "DEU", 1.0)
        statement(session, own, 20, date(2025, 12, 31))
        houses.deliveries(session, own, lines=100, due_on=date(2026, 5, 4))
    recompute(JUNE)
    with db.transaction() as session:
        own = suppliers.find_supplier(session, "S-1")
        statement(session, own, 0, date(2026, 7, 31))
        houses.deliveries(session, own, lines=60, late=60, due_on=date(2026, 8, 3))
        part = facts.part(session)
        houses.source(session, part, own, valid_from=date(2026, 8, 1))
    recompute(SEPTEMBER)
