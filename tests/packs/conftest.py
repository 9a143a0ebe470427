"""A small house for packs, and a printer that needs no paper.

Kestrel: 38 of 40 lines on time in the 3rd quarter 2026, 32 of 40 in the 2nd; 30 of 80,000
units rejected. Nordlys delivers in October, so that the quarter is over. Nobody knows
anything of the silent one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from app.base import db
from app.base.db import Database
from app.base.pdf.printable import PaperSize
from app.base.pdf.renderer import Job, Outcome, Renderer
from app.facts.suppliers.models import Supplier
from app.reviews.packs.services import Workshop
from tests.builders import facts, houses

AUGUST, MAY, OCTOBER = date(2026, 8, 10), date(2026, 5, 11), date(2026, 10, 5)


@dataclass(frozen=True, slots=True)
class House:
    """The keys of the cast."""

    kestrel: int
    nordlys: int
    silent: int
    warehouse: int


class Paperless(Renderer):
    """Prints each content as a line of text that names it, and counts what it printed."""

    def __init__(self) -> None:
        super().__init__(processes=1)
        self.printed = 0
        self.failing: set[str] = set()

    def render_many(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """Yield a line for each job, an error for suppliers that are to fail."""
        for template, content in jobs:
            self.printed += 1
            yield f"{template} {content.title} {content.content_hash}".encode()


@dataclass
class Place:
    """A workshop in a folder of its own."""

    files: Path
    house: str = "Adler Pumps SE"
    by: str = "test"
    made: list[Path] = field(default_factory=list)

    def workshop(self, house: str | None = None) -> Workshop:
        """Return the workshop, of another house if one is named."""
        return Workshop(self.files, house or self.house, PaperSize.A4, self.by)


@pytest.fixture
def house(database: Database) -> House:
    """The cast with its deliveries, on both engines."""
    with db.transaction() as session:
        kestrel = facts.supplier(session, "Kestrel Castings", number="V-1", country="DEU")
        nordlys = facts.supplier(session, "Nordlys Elektronik AS", number="V-2")
        silent = facts.supplier(session, "Silent Works", number="V-3")
        warehouse = houses.warehouse(session)
        houses.deliveries(session, kestrel, lines=40, late=8, due_on=MAY)
        houses.deliveries(session, kestrel, lines=40, late=2, rejected=30, due_on=AUGUST)
        houses.deliveries(session, nordlys, lines=4, due_on=OCTOBER)
        houses.deliveries(session, warehouse, lines=3, due_on=AUGUST)
        return House(*(_key(each) for each in (kestrel, nordlys, silent, warehouse)))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A workshop whose files lie in the test's folder."""
    return Place(tmp_path / "files")


@pytest.fixture
def paperless() -> Paperless:
    """A printer that prints no pages."""
    return Paperless()


def _key(supplier: Supplier) -> int:
    return supplier.id
