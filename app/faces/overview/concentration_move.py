"""“If one award moves”: what every concentration becomes. Stores nothing, a link carries it."""

from __future__ import annotations

from flask import Response, make_response, render_template, request

from app.base import db
from app.base.errors import InvalidInput
from app.base.web.access import requires
from app.faces.overview.blueprint import blueprint
from app.faces.overview.concentration_views import (
    amount_words,
    window_asked,
    window_choices,
    window_words,
)
from app.faces.overview.forms import LONGEST_TEXT, clean
from app.facts.evidence.concentration import moving
from app.facts.evidence.concentration.moving import PERCENT, Award, MoveSheet
from app.facts.suppliers.sourcing import reach

FIELDS = ("part", "from", "to", "share")


@blueprint.get("/risk/concentration/move")
@requires("suppliers.view")
def move_award() -> Response:
    """Show every concentration before and after a share of an award moves."""
    asked = {name: clean(request.args.get(name)) for name in FIELDS}
    errors: dict[str, str] = {}
    sheet: MoveSheet | None = None
    refusal: InvalidInput | None = None
    with db.reading() as session:
        window = window_asked(session)
        partial = reach.partial_words(session)
        # A door may fill in the part; only a form that was sent lacks something.
        if "share" in request.args:
            errors = _faults(asked)
            if not errors:
                award = Award(asked["part"], asked["from"], asked["to"], int(asked["share"]))
                try:
                    sheet = moving.move_award(session, award, window)
                except InvalidInput as error:
                    refusal = error
    page = render_template(
        "dependency/move.html",
        asked=asked,
        errors=errors,
        refusal=refusal,
        sheet=sheet,
        moved_words="" if sheet is None else amount_words(int(sheet.amount), sheet.unit),
        windows=window_choices(window),
        window=window_words(window),
        months=request.args.get("months", ""),
        partial=partial,
    )
    return make_response(page, 422 if errors or refusal else 200)


def _faults(asked: dict[str, str]) -> dict[str, str]:
    found = {name: "Required" for name in FIELDS if not asked[name]}
    found |= {
        name: f"At most {LONGEST_TEXT} characters"
        for name in FIELDS
        if len(asked[name]) > LONGEST_TEXT
    }
    share = asked["share"]
    if "share" not in found and not _is_percent(share):
        found["share"] = "A whole number from 1 to 100."
    return found


def _is_percent(text: str) -> bool:
    is_short = text.isascii() and text.isdigit() and len(text) <= len(str(PERCENT))
    return is_short and 1 <= int(text) <= PERCENT
