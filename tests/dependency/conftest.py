"""A house with four suppliers, of whom three tell the same plant upstream and one buys of another.

Lines are due on 5 October 2026, at 2 a piece: of P-1 600 from Alpha, 300 from Beta, 100 from
Gamma; of P-5 100 each from Alpha and from Delta, who is paid in dollars. It is made once; tests
that change something get a copy.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app.base import db
from app.base.db import Database
from app.facts.deliveries import rollup
from app.facts.evidence.models import FinancialStatement, SubTierLink
from app.facts.suppliers.models import Category, Part, Site, Supplier, SupplierKind
from tests.builders import facts, houses

AS_OF = date(2026, 10, 31)
DUE = date(2026, 10, 5)
FIRST = date(2025, 11, 5)


@pytest.fixture(scope="session")
def house_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The SQLite file with the house in it."""
    path = tmp_path_factory.mktemp("dependency") / "house.sqlite3"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    with database.transaction() as session:
        furnish(session)
    database.dispose()
    return path


@pytest.fixture
def database(house_file: Path, tmp_path: Path) -> Iterator[Database]:
    """A copy of the house, bound to this process."""
    path = tmp_path / "own.sqlite3"
    shutil.copy(house_file, path)
    bound = Database(f"sqlite:///{path}", pool_size=2)
    db.bind(bound)
    yield bound
    db.bind(None)
    bound.dispose()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A session that reads the house."""
    with database.reading() as reading:
        yield reading


def furnish(session: Session) -> None:
    """Fill an empty database with the house."""
    castings = Category(name="Castings")
    session.add(castings)
    session.flush()
    alpha, beta, gamma, delta = (
        facts.supplier(session, name, number=f"S-{place}", country=country, currency=currency)
        for place, (name, country, currency) in enumerate(
            (("Alpha", "DEU", "EUR"), ("Beta", "FRA", "EUR"), ("Gamma", "ITA", "EUR"),
             ("Delta", None, "USD")), start=1,
        )
    )  # fmt: skip
    warehouse = facts.supplier(session, "Ours", number="W-1", kind=SupplierKind.OWN_WAREHOUSE)
    kiel = _site(session, alpha, "Kiel", "DEU", None)
    _site(session, beta, "Lyon", "FRA", 750_000)
    _site(session, beta, "Torino", "ITA", 250_000)
    parts = {number: _part(session, number, castings) for number in range(1, 7)}
    _sources(session, parts, (alpha, beta, gamma, delta), kiel)
    _links(session, alpha, beta, gamma, delta)
    for of, number, pieces, ordered in (
        (alpha, 1, 600, "2026-09-20"), (beta, 1, 300, "2026-09-01"), (gamma, 1, 100, "2026-09-10"),
        (alpha, 5, 100, "2026-09-20"), (delta, 5, 100, "2026-02-01"),
    ):  # fmt: skip
        _line(session, of, parts[number], castings, pieces, DUE, ordered)
    _line(session, warehouse, parts[1], castings, 5000, FIRST, "2025-10-01")
    for of, closed, currency, sales in (
        (alpha, AS_OF, "EUR", 4000), (beta, AS_OF, "EUR", 100_000), (gamma, AS_OF, "USD", 100_000),
    ):  # fmt: skip
        session.add(
            FinancialStatement(
                supplier_id=of.id, closed_on=closed, currency=currency, source="Gazette",
                sales=Decimal(sales),
            )
        )  # fmt: skip
    session.flush()
    rollup.rebuild(session, until=houses.UNTIL)


def _site(session: Session, of: Supplier, name: str, country: str, share: int | None) -> Site:
    site = Site(supplier_id=of.id, owner_key=of.id, name=name, country=country, volume_share=share)
    session.add(site)
    session.flush()
    return site


def _part(session: Session, number: int, castings: Category) -> Part:
    return facts.part(
        session, number=f"P-{number}", name=f"Housing {number}", category_id=castings.id,
        criticality="high" if number == 1 else "low", revenue_exposed=Decimal(number * 1000),
        currency="EUR",
    )  # fmt: skip


def _sources(
    session: Session, parts: dict[int, Part], suppliers: tuple[Supplier, ...], kiel: Site
) -> None:
    alpha, beta, gamma, delta = suppliers
    qualified = date(2025, 1, 1)
    houses.source(session, parts[1], alpha, target_share=300_000, requalification_weeks=12)
    houses.source(
        session, parts[1], beta, role="secondary", target_share=300_000, qualified_on=qualified,
        requalification_weeks=30,
    )  # fmt: skip
    houses.source(session, parts[1], gamma, role="alternate", target_share=400_000,
                  qualified_on=qualified)  # fmt: skip
    houses.source(session, parts[2], alpha)
    houses.source(session, parts[3], beta, is_sole=True)
    houses.source(session, parts[5], alpha, site_id=kiel.id)
    houses.source(session, parts[5], delta, role="secondary", qualified_on=qualified)
    houses.source(session, parts[6], alpha, is_sole=True)
    houses.source(session, parts[6], beta, role="secondary")


def _links(session: Session, *suppliers: Supplier) -> None:
    alpha, beta, gamma, delta = suppliers
    for of, name, site, material in (
        (alpha, "Shared Co", "One", "Powder"), (beta, "Shared Co", "One", "Powder"),
        (gamma, "Shared Co", "One", "Powder"), (beta, "Beta Wire", "Two", "Wire"),
    ):  # fmt: skip
        session.add(
            SubTierLink(
                supplier_id=of.id, upstream_name=name, upstream_site=site, material=material,
                upstream_country="CHN",
            )
        )  # fmt: skip
    session.add(
        SubTierLink(
            supplier_id=delta.id, upstream_name="Alpha GmbH", upstream_site="Kiel",
            material="Blanks", upstream_supplier_id=alpha.id,
        )
    )  # fmt: skip
    session.flush()


def _line(
    session: Session, of: Supplier, part: Part, castings: Category, pieces: int, due: date,
    ordered: str,
) -> None:  # fmt: skip
    day = date.fromisoformat(ordered)
    line = facts.line(
        session, facts.order(session, of, ordered_on=day), part_id=part.id,
        category_id=castings.id, quantity_ordered=Decimal(pieces), promised_original_on=due,
        ordered_on=day, currency=of.currency,
    )  # fmt: skip
    facts.receipt(session, line, due, pieces)
