"""The import kinds, as the application registers them at its start."""

from __future__ import annotations

import pytest

from app.factory import IMPORT_KINDS
from app.platform.imports import kinds


@pytest.fixture(autouse=True)
def known_kinds() -> None:
    """Register the kinds."""
    kinds.register(IMPORT_KINDS)
