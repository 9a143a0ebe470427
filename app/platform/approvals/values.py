"""What the texts and dates of an approval may be, and the hash that binds a content."""

from __future__ import annotations

import hashlib
import json
from datetime import date

from app.base.errors import InvalidInput
from app.platform.approvals.kinds import Content

# Longer than a leave; whoever is away for more hands the grant over.
LONGEST_DELEGATION_DAYS = 184


def content_hash(content: Content) -> str:
    """Return the SHA-256 of a content in its canonical form: keys sorted, no spaces, UTF-8.

    >>> content_hash({"b": 1, "a": "x"}) == content_hash({"a": "x", "b": 1})
    True
    """
    text = json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return hashlib.sha256(text.encode()).hexdigest()


def check_period(from_on: date, until_on: date, *, today: date) -> None:
    """Raise InvalidInput unless the days of a delegation make sense."""
    if until_on < from_on:
        raise InvalidInput("E-SOD-17", f"It ends on {until_on}, before it begins on {from_on}.")
    if until_on < today:
        raise InvalidInput("E-SOD-17", f"It ended on {until_on}; give a day from today on.")
    days = (until_on - from_on).days + 1
    if days > LONGEST_DELEGATION_DAYS:
        raise InvalidInput(
            "E-SOD-17",
            f"It lasts {days} days; the limit is {LONGEST_DELEGATION_DAYS}. "
            "Have the approver grant given instead.",
        )
