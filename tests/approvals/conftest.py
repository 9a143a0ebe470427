"""An office with an author and two approvers on the test's database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from app.base import db
from app.base.db import Database
from tests.approvals.cast import Office, person, registered


@dataclass(frozen=True, slots=True)
class Cast:
    """The people: one writes, two approve, one is neither."""

    author: int
    first: int
    second: int
    outsider: int


@pytest.fixture
def office() -> Iterator[Office]:
    """An office whose kind is known."""
    office = Office()
    with registered(office.kind()):
        yield office


@pytest.fixture
def cast(database: Database, office: Office) -> Cast:
    """Four people, two of whom hold the grant."""
    with db.transaction() as session:
        found = Cast(
            author=person(session, "Anna"),
            first=person(session, "Boris"),
            second=person(session, "Carla"),
            outsider=person(session, "Dora"),
        )
    office.holders = {found.first, found.second}
    return found
