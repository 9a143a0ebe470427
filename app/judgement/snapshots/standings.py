"""Where a version of a method stands: from its row, the versions after it, and approvals."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import TypeVar

from app.judgement.snapshots.columns import MethodVersion

Version = TypeVar("Version", bound=MethodVersion)


class Standing(StrEnum):
    """Where a version stands. Coming: approved, its first day lies ahead."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    COMING = "coming"
    ACTIVE = "active"
    RETIRED = "retired"
    DISCARDED = "discarded"


# The kind of a state as badges colour it, and its word.
STANDING_WORDS = {
    Standing.DRAFT: ("none", "draft"),
    Standing.PROPOSED: ("watch", "proposed"),
    Standing.COMING: ("info", "approved"),
    Standing.ACTIVE: ("good", "active"),
    Standing.RETIRED: ("none", "retired"),
    Standing.DISCARDED: ("none", "discarded"),
}


def standing_of(
    row: MethodVersion, holds_to: date | None, *, on: date, is_proposed: bool
) -> Standing:
    """Return where a version stands on a day."""
    if row.state == "draft":
        return Standing.PROPOSED if is_proposed else Standing.DRAFT
    if row.state == "retired":
        return Standing.DISCARDED
    if holds_to is not None and holds_to <= on:
        return Standing.RETIRED
    return Standing.COMING if row.valid_from > on else Standing.ACTIVE


def begin_of_next(row: Version, rivals: Iterable[Version]) -> date | None:
    """Return the first day of the next version that is approved, None where none follows."""
    own = (row.valid_from, row.version, row.id)
    later = (
        each.valid_from
        for each in rivals
        if each.state == "active" and (each.valid_from, each.version, each.id) > own
    )
    return min(later, default=None)
