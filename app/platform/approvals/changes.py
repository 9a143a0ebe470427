"""What exactly is approved, line by line: the field, what holds now, what would hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.base import formatting
from app.platform.approvals.kinds import Content

NOT_SET = "not set"
BELOW = " › "


@dataclass(frozen=True, slots=True)
class Change:
    """One field. before is None where nothing held before at all."""

    field: str
    before: str | None
    after: str
    is_changed: bool


def changes_of(before: Content | None, content: Content) -> list[Change]:
    """Return every field of what is approved, in its order, then what would fall away."""
    then = dict(_flat(content))
    now = None if before is None else dict(_flat(before))
    fields = list(then) + [name for name in now or () if name not in then]
    return [_change(name, now, then) for name in fields]


def _change(name: str, now: dict[str, str] | None, then: dict[str, str]) -> Change:
    after = then.get(name, NOT_SET)
    if now is None:
        return Change(name, None, after, is_changed=True)
    before = now.get(name, NOT_SET)
    return Change(name, before, after, is_changed=before != after)


def _flat(value: Content, above: str = "") -> Iterator[tuple[str, str]]:
    for key, inner in value.items():
        name = above + key.replace("_", " ")
        if isinstance(inner, dict) and inner:
            yield from _flat(inner, name + BELOW)
        else:
            yield name, _words(inner)


def _words(value: Any) -> str:  # Any: whatever JSON can say
    if value is None or value in ("", [], {}):
        return NOT_SET
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return formatting.number(value)
    if isinstance(value, dict):
        return "; ".join(f"{name} {words}" for name, words in _flat(value))
    if isinstance(value, list):
        return ", ".join(_words(each) for each in value)
    return str(value)
