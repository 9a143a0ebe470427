"""A house with three suppliers: a healthy one, a fragile one, one of whom nothing is known.

It is made once for each engine, and every test gets a copy.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app import timetable
from app.base import clock, db
from app.base.db import Database
from app.calc.periods import month_index
from app.facts.deliveries import rollup
from app.facts.deliveries.lines import line_lists
from app.facts.deliveries.lines.line_lists import LineQuery
from app.facts.deliveries.models import Acknowledgement, InspectionLot, LotVerdict
from app.facts.suppliers import queries as suppliers
from app.facts.suppliers.models import Category, Supplier
from tests import postgres
from tests.builders import facts
from tests.conftest import NOW, copied

FIRST_DUE = date(2026, 1, 12)
LINES = 40
LATE_EVERY = 4
UNTIL = date(2026, 11, 20)


@dataclass(frozen=True, slots=True)
class House:
    """Addresses of the suppliers, and a line of the fragile one that was missed."""

    healthy: str
    fragile: str
    unknown: str
    missed_line: int


@pytest.fixture(scope="session")
def sqlite_house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the house in it, that each test copies."""
    path = tmp_path_factory.mktemp("house") / "house.sqlite3"
    shutil.copy(sqlite_template, path)
    _furnish(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_house(postgres_template: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """The server and the name of a database with the house in it, that each test copies."""
    server, template = postgres_template
    name = f"house_{uuid.uuid4().hex}"
    _furnish(postgres.create_database(server, name, template=template))
    yield server, name
    postgres.drop_database(server, name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A copy of the house, bound to this process; the test runs once on each engine."""
    yield from copied(request, sqlite="sqlite_house", postgres="postgres_house")


@pytest.fixture
def house(database: Database) -> House:
    """Forty lines each: the healthy one is always on time, every fourth of the fragile one late."""
    with database.reading() as session:
        found = {
            number: suppliers.find_supplier(session, number).public_id
            for number in ("S-1", "S-2", "S-3")
        }
        fragile = suppliers.find_supplier(session, "S-2").id
        query = LineQuery(supplier_ids=[fragile], outcomes=["missed"])
        missed = line_lists.lines_page(session, query, sort="due", is_falling=False).lines[0]
    return House(*(f"/suppliers/{key}" for key in found.values()), missed.line_id)


def _bound(url: str) -> Iterator[Database]:
    bound = Database(url, pool_size=2)
    db.bind(bound)
    yield bound
    db.bind(None)
    bound.dispose()


def _furnish(url: str) -> None:
    """Fill a database with the house and publish its scores, as of NOW."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(clock, "now", lambda: NOW)
        for bound in _bound(url):
            with bound.transaction() as session:
                _move_in(session)
            timetable.recompute()


def _move_in(session: Session) -> None:
    castings = Category(name="Castings")
    session.add(castings)
    session.flush()
    healthy = facts.supplier(
        session, "Healthy Forge AS", number="S-1", country="NOR", category_id=castings.id
    )
    fragile = facts.supplier(session, "Fragile & Söhne", number="S-2", country="DEU")
    facts.supplier(session, "Lapsed Ltd", number="S-3", country="GBR")
    for of in (healthy, fragile):
        for place in range(LINES):
            is_late = of is fragile and place % LATE_EVERY == 0
            _line(session, of, place, late=5 if is_late else 0)
        _lots(session, of.id, count=12)
    rollup.rebuild(session, until=UNTIL)
    rollup.refresh_events(session, None)


def _line(session: Session, of: Supplier, place: int, *, late: int) -> None:
    due = FIRST_DUE + timedelta(days=7 * place)
    order = facts.order(
        session, of, number=f"{of.number}-{1000 + place}", ordered_on=due - timedelta(30)
    )
    sent = datetime(due.year, due.month, due.day, 8, tzinfo=UTC) - timedelta(days=30)
    session.add(
        Acknowledgement(
            supplier_id=of.id, order_id=order.id, sent_at=sent,
            acknowledged_at=sent + timedelta(hours=20), month=month_index(sent.date()),
        )
    )  # fmt: skip
    line = facts.line(session, order, promised_original_on=due, requested_on=due)
    facts.receipt(
        session,
        line,
        due + timedelta(days=late),
        quantity_rejected=Decimal(0),
        source_key=f"GR{line.id}",
    )


def _lots(session: Session, supplier_id: int, *, count: int) -> None:
    for place in range(count):
        day = FIRST_DUE + timedelta(days=20 * place)
        session.add(
            InspectionLot(
                supplier_id=supplier_id, lot=f"L{supplier_id}-{place}", inspected_on=day,
                month=month_index(day), size=Decimal(100), sample=Decimal(20),
                rejected=Decimal(0), verdict=LotVerdict.ACCEPTED, is_first_pass=True,
            )
        )  # fmt: skip
