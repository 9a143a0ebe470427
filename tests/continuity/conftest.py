"""What tests of continuity plans share."""

from __future__ import annotations

import pytest

from app.base.db import Database
from tests.continuity.cast import House, moved_in


@pytest.fixture
def house(database: Database) -> House:
    """Two suppliers, a buyer, and somebody who may approve."""
    return moved_in()


@pytest.fixture
def small(sqlite_only: Database) -> House:
    """The same on one engine, where the engine says nothing."""
    return moved_in()
