"""What an index method would change: everybody of a published day, as published and under it."""

from __future__ import annotations

from datetime import date

from flask import Response, make_response, render_template, request

from app.base import clock, db, formatting
from app.base.web.access import requires
from app.base.web.exports import Sheet, exported
from app.base.web.lists import BadQuery, Pages, read_list
from app.judgement.risk_index import comparing, versions
from app.judgement.risk_index.blueprint import blueprint
from app.judgement.risk_index.comparing import BAND_WORDS, Change, Comparison
from app.judgement.risk_index.stored import published_days
from app.judgement.snapshots.simulating import Named, listed, matrix_rows, names_of, shape_of
from app.judgement.snapshots.standings import STANDING_WORDS

SHAPE = shape_of("Band")
BAND_KINDS = {"low": "good", "medium": "watch", "high": "act", "critical": "act", "none": "none"}


@blueprint.get("/<int:method_id>/simulate")
@requires("methods.simulate")
def simulate(method_id: int) -> Response:
    """Show who would change band under a version, and everybody's two indexes."""
    state = read_list(SHAPE)
    with db.reading() as session:
        version = versions.version(session, method_id, on=clock.today())
        days = published_days(session)
        day = _day(days)
        found = None if day is None else comparing.compare(session, day, version.method)
        names = names_of(session)
    changes = listed(
        [] if found is None else found.changes,
        names,
        state,
        moves=lambda each: each.moves_band,
        value=lambda each, side: getattr(each, side).value,
    )
    if state.export and found is not None:
        return exported(_sheet(found, changes, names), state.export)
    rows = [] if found is None else matrix_rows(BAND_WORDS, found.matrix)
    page = render_template(
        "index_methods/simulate.html",
        version=version,
        method=version.method,
        found=found,
        changes=changes[state.offset : state.offset + state.size],
        names=names,
        state=state,
        pages=Pages(state, len(changes)),
        days=days,
        day=day,
        standing_words=STANDING_WORDS,
        kinds=BAND_KINDS,
        words=BAND_WORDS,
        matrix=[row for row in rows if row[2]],
    )
    return make_response(page)


def _day(days: list[date]) -> date | None:
    """Return the published day that the address names, the newest by default."""
    asked = request.args.get("day")
    if not asked:
        return days[0] if days else None
    found = next((day for day in days if day.isoformat() == asked), None)
    if found is None:
        raise BadQuery("E-API-06", f"“{asked[:20]}” is no day of which indexes are published.")
    return found


def _sheet(found: Comparison, changes: list[Change], names: dict[int, Named]) -> Sheet:
    heads = [
        ("number", "Number"), ("supplier", "Supplier"), ("index_before", "Index, published"),
        ("band_before", "Band, published"), ("index_after", f"Index, {found.after.label}"),
        ("band_after", f"Band, {found.after.label}"), ("difference", "Difference"),
        ("changes_band", "Changes band"),
    ]  # fmt: skip
    rows = [
        (
            *names[each.supplier_id][1:], each.before.value, each.bands[0], each.after.value,
            each.bands[1], each.difference, each.moves_band,
        )
        for each in changes
    ]  # fmt: skip
    day = formatting.day(found.day)
    about = f"Published as of {day}, and by {found.after.label}; worked out, not published"
    return Sheet("index-simulation", heads, rows, about)
