"""The library of failure modes of supply chains that a register can start from.

Data in `library.toml`. Entries say what is typical; ratings are never copied.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from app.base.errors import NotFound
from app.judgement.fmea.models import Family, Measured

FILE = Path(__file__).with_name("library.toml")


@dataclass(frozen=True, slots=True)
class TypicalCause:
    """A cause as it is met, with what prevents it, what notices it, and what is done then."""

    text: str
    prevention: tuple[str, ...]
    detection: tuple[str, ...]
    response: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A failure mode of the library."""

    key: str
    name: str
    family: Family
    step: str
    measured: Measured | None
    effects: tuple[str, ...]
    causes: tuple[TypicalCause, ...]


@cache
def entries() -> tuple[Entry, ...]:
    """Return the library, in its order."""
    said = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return tuple(_entry(each) for each in said["entry"])


def chosen(keys: Iterable[str]) -> list[Entry]:
    """Return the entries with these keys; raises NotFound for one that is not there."""
    known = {entry.key: entry for entry in entries()}
    wanted = list(dict.fromkeys(keys))
    for key in wanted:
        if key not in known:
            raise NotFound("E-FME-36", f"The library has no entry “{key[:40]}”.")
    return [known[key] for key in wanted]


def _entry(said: dict[str, Any]) -> Entry:  # Any: what TOML holds
    measured = said.get("measured")
    return Entry(
        key=said["key"],
        name=said["name"],
        family=Family(said["family"]),
        step=said["step"],
        measured=None if measured is None else Measured(measured),
        effects=tuple(said["effects"]),
        causes=tuple(
            TypicalCause(
                each["text"],
                tuple(each["prevention"]),
                tuple(each["detection"]),
                each["response"],
            )
            for each in said["causes"]
        ),
    )
