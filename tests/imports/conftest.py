"""A database with the import kinds registered, and files made of bytes."""

from __future__ import annotations

import pytest

from app.factory import IMPORT_KINDS
from app.platform.imports import kinds


@pytest.fixture(autouse=True)
def known_kinds() -> None:
    """Register the kinds, as the application does at its start."""
    kinds.register(IMPORT_KINDS)
