"""The database's clock stands still with the house's, unless a test asks for the real one."""

from __future__ import annotations

import pytest

from app.base import clock
from app.platform.jobs import ledger


@pytest.fixture(autouse=True)
def database_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the database tell the time that `clock.now` tells."""
    monkeypatch.setattr(ledger, "database_now", lambda _session: clock.now())
