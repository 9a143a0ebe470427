"""What can trigger a response: told by whoever judges rules, which stands above this package.

`app.factory` says who that is; without it only people open incidents.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Trigger:
    """A rule that can open an incident: its key, its name, and when it fires in words."""

    key: str
    name: str
    says: str


Read = Callable[[Session], Sequence[Trigger]]


def _none(_session: Session) -> Sequence[Trigger]:
    return ()


_read: Read = _none


def take_from(read: Read) -> None:
    """Read triggers from here on."""
    global _read  # wired once, when the application is made
    _read = read


def known(session: Session) -> dict[str, Trigger]:
    """Return the triggers in force by their keys, in the order in which people choose."""
    return {each.key: each for each in _read(session)}
