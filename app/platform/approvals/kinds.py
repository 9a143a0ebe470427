"""What a feature tells the approvals: its kinds of object, who may approve, what follows.

Approvals know no feature; features' kinds are registered in `app.factory`. A kind's `settle`
is the feature's own act (activate, drop) and runs in the transaction of the last decision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.base.errors import NotFound

# What is approved, by field; whatever JSON can say (Any: JSON has no narrower type).
Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """Something that can be approved: the name of its kind, and its key as text."""

    type: str
    key: str


@dataclass(frozen=True, slots=True)
class Settled:
    """How an approval ended, for the feature that acts on it.

    is_independent: whether nobody who wrote it decided, and as many decided as were needed.
    """

    approval_id: int
    about: ObjectRef
    version: int
    content_hash: str
    is_approved: bool
    is_independent: bool
    reason: str


def _nothing_follows(_session: Session, _settled: Settled) -> None:
    """Leave it at the decision."""


def _unknown_hash(_session: Session, _key: str) -> str | None:
    """Leave it to the feature to void what it edits."""
    return None


def _as_it_is(content: Content) -> Content:
    """Show a content by its own fields."""
    return content


def _no_page(_key: str) -> str | None:
    """Have no page of its own."""
    return None


@dataclass(frozen=True, slots=True)
class ObjectKind:
    """A kind of object that needs four eyes.

    type: its stable name. words: what people call it. approvers: the active accounts that
    may approve it. settle: what the feature does about the outcome. present_hash: the hash
    of the object's content as it is now, where the feature can tell. address: where the
    object is shown. told: a content in people's words, for the eye only; what is hashed stays.
    """

    type: str
    words: str
    approvers: Callable[[Session], frozenset[int]]
    settle: Callable[[Session, Settled], None] = _nothing_follows
    present_hash: Callable[[Session, str], str | None] = _unknown_hash
    address: Callable[[str], str | None] = _no_page
    told: Callable[[Content], Content] = _as_it_is


_kinds: dict[str, ObjectKind] = {}


def register(kinds: Iterable[ObjectKind]) -> None:
    """Make kinds known; one of the same type is replaced."""
    _kinds.update({kind.type: kind for kind in kinds})


def all_kinds() -> tuple[ObjectKind, ...]:
    """Return the kinds by what people call them."""
    return tuple(sorted(_kinds.values(), key=lambda kind: kind.words))


def kind_of(name: str) -> ObjectKind:
    """Return the kind with this type."""
    if name not in _kinds:
        raise NotFound("E-SOD-20", f"Nothing of the kind “{name[:40]}” is approved here.")
    return _kinds[name]
