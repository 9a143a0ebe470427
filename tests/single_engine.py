"""A database on one engine, for rules that no engine decides.

from tests.single_engine import sqlite_only
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.base.db import Database
from tests.conftest import _bound


@pytest.fixture
def sqlite_only(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty SQLite database, bound to this process."""
    path = tmp_path / "own.sqlite3"
    shutil.copy(sqlite_template, path)
    yield from _bound(Database(f"sqlite:///{path}", pool_size=2))
