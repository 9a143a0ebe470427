"""Jobs that a worker's process can load by name."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.base.errors import InvalidInput


def add(arguments: dict[str, Any]) -> dict[str, Any]:
    """Add two numbers."""
    return {"summary": f"{arguments['a'] + arguments['b']}"}


def count_up(
    arguments: dict[str, Any], progress: Callable[[int, int | None], None]
) -> dict[str, Any]:
    """Report progress to the end."""
    for done in range(1, arguments["to"] + 1):
        progress(done, arguments["to"])
    return {}


def refuse(arguments: dict[str, Any]) -> dict[str, Any]:
    """Refuse with an error of the product."""
    raise InvalidInput("E-X-01", "There is nothing to do.")


def break_down(arguments: dict[str, Any]) -> dict[str, Any]:
    """Fail as nobody expected."""
    raise ZeroDivisionError("canary")


def half(arguments: dict[str, Any]) -> dict[str, Any]:
    """Do a part of what was asked."""
    return {"is_partial": True}


def linger(arguments: dict[str, Any]) -> dict[str, Any]:
    """Say that it began, then take longer than any test waits."""
    Path(arguments["began"]).touch()
    time.sleep(600)
    return {}
