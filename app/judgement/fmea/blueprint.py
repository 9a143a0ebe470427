"""The blueprint of the pages of FMEA, and what all of them do about a refusal."""

from __future__ import annotations

from flask import Blueprint, request

from app.base.errors import Conflict, Forbidden, InvalidInput

blueprint = Blueprint("fmea", __name__, url_prefix="/fmea")

VIEW, EDIT, STANDARDS = "suppliers.view", "fmea.edit", "fmea.standards"
REFUSALS = (Conflict, Forbidden, InvalidInput)
MOST_DIGITS = 10


def seen_version(name: str = "version") -> int:
    """Return which version of something a form was made from, 0 where it does not say."""
    seen = request.form.get(name, "")
    return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < MOST_DIGITS else 0
