"""Tasks that a worker's process can load by name."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from app.base import db
from app.base.errors import InvalidInput
from app.facts.suppliers import queries


def double(number: int) -> int:
    """Double a number; refuse 13, break down at 99."""
    if number == 13:
        raise InvalidInput("E-X-13", "Not this one.")
    if number == 99:
        raise ZeroDivisionError("canary")
    return 2 * number


def divide(number: int, *, by: int) -> int:
    """Divide a number."""
    return number // by


def count_suppliers(_: int) -> int:
    """Read from the database that the worker is bound to."""
    with db.reading() as session:
        return queries.supplier_count(session)


def die_once(marker: str) -> str:
    """End the process the first time; say the marker's name the second time."""
    path = Path(marker)
    if path.name.startswith("deadly") and not path.exists():
        path.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return path.name


def always_die(number: int) -> int:
    """End the process at 3."""
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number
