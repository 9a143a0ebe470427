"""The pages of matches: the queue, one match side by side with its decisions, screen now."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for

from app.base import clock, db
from app.base.errors import AppError, NotFound
from app.base.web.access import current_actor, requires
from app.base.web.errors import STATUS_OF_KIND
from app.base.web.exports import Cell, Sheet, exported
from app.base.web.lists import Filter, ListShape, Pages, read_list
from app.facts.evidence.screening import lists, queries, running, services, settings, wording
from app.facts.evidence.screening.forms import DecideForm
from app.facts.evidence.screening.queries import MatchFilter, MatchRow
from app.facts.suppliers.sourcing import reach

blueprint = Blueprint("screening", __name__, url_prefix="/screening")

VIEW, DECIDE, MANAGE = "suppliers.view", "screening.decide", "screening.manage"
EVERYTHING = 1_000_000
HEADS = (
    ("state", "State"), ("score", "Score"), ("supplier", "Supplier"), ("number", "Number"),
    ("country", "Country"), ("own_name", "Our name"), ("name_kind", "Which name"),
    ("listed_name", "Listed name"), ("entry_kind", "Kind"), ("list", "List"),
    ("edition", "Edition"), ("entry", "Entry"), ("programme", "Programme"),
    ("listed_countries", "Listed countries"), ("why_alike", "Why alike"), ("found", "Found"),
    ("decided_by", "Decided by"), ("decided_on", "Decided on"), ("because", "Because"),
)  # fmt: skip
FLASHES = {
    "clear": "Cleared. It comes back if the entry or a name changes.",
    "confirm": "Proposed. It holds once another person agreed.",
    "lift": "Proposed. The match stays confirmed until another person agreed.",
    "reopen": "Opened again; it is to be decided.",
}


def _shape(sources: list[str]) -> ListShape:
    states = {state: words for state, (_, words) in wording.STATE_WORDS.items()}
    return ListShape(
        sorts={"open": True, "score": True, "supplier": False, "listed": False, "found": True},
        default="-open",
        filters=(
            Filter("state", "State", states),
            Filter("source", "List", {each: each for each in sources}),
            Filter("kind", "Kind", dict(wording.ENTRY_WORDS)),
        ),
    )


@blueprint.get("/")
@requires(VIEW)
def index() -> Response:
    """List the matches, those that wait for a decision first."""
    today = clock.today()
    with db.reading() as session:
        state = read_list(_shape(queries.sources(session)))
        wanted = MatchFilter(
            state.values("state"), state.values("source"), state.values("kind"), state.search
        )
        rows, total = queries.matches_page(
            session,
            wanted,
            sort=state.sort,
            is_falling=state.is_falling,
            limit=EVERYTHING if state.export else state.size,
            offset=0 if state.export else state.offset,
        )
        counts, unscreened = queries.state_counts(session), queries.never_screened(session)
        editions, setting = lists.ages(session, today), settings.in_force(session)
        partial = reach.partial_words(session)
    if state.export:
        told = ", ".join(f"{each.source} of {each.edition.isoformat()}" for each in editions)
        return exported(
            Sheet("screening", HEADS, map(_cells, rows), reach.about(told, partial)), state.export
        )
    page = render_template(
        "screening/index.html",
        state=state,
        pages=Pages(state, total),
        rows=rows,
        counts=counts,
        unscreened=unscreened,
        editions=editions,
        setting=setting,
        words=wording,
        today=today,
        partial=partial,
    )
    return make_response(page)


@blueprint.post("/run")
@requires(MANAGE)
def run() -> Response:
    """Queue a screening of everybody who is due."""
    with db.transaction() as session:
        said = running.ask_for(session, because=running.ASKED, by=current_actor().name)
    flash(said)
    return make_response(redirect(url_for("screening.index"), 303))


@blueprint.get("/matches/<uuid:match_id>")
@requires(VIEW)
def show(match_id: UUID) -> Response:
    """Show a match: both parties side by side, why they are alike, what was decided."""
    return _page(match_id)


@blueprint.post("/matches/<uuid:match_id>")
@requires(DECIDE)
def decide(match_id: UUID) -> Response:
    """Decide on a match."""
    form = DecideForm()
    verdict = form.said()
    if not form.validate() or verdict is None:
        if verdict is None:
            form.form_errors.append("Choose a decision.")
        return _page(match_id, form, status=422)
    try:
        with db.transaction() as session:
            services.decide(
                session,
                match_id,
                verdict,
                reason=form.reason.data or "",
                seen_version=form.version.data or 0,
            )
    except NotFound:
        raise
    except AppError as error:
        form.form_errors.append(error.message)
        return _page(match_id, form, status=STATUS_OF_KIND[error.kind])
    flash(FLASHES[verdict])
    return make_response(redirect(url_for("screening.show", match_id=match_id), 303))


def _page(match_id: UUID, form: DecideForm | None = None, *, status: int = 200) -> Response:
    with db.reading() as session:
        row = queries.match(session, match_id)
        entry = queries.entry_of(session, row)
        decisions = queries.decisions_of(session, row.id)
        waits = services.waits(session, match_id)
        names = services.own_names(session, row.supplier_id)
        setting = settings.in_force(session)
    form = form or DecideForm(formdata=None)
    # What is decided next is decided on what this page shows.
    form.version.data = row.version
    form.version.raw_data = None
    today = clock.today()
    body = render_template(
        "screening/show.html",
        match=row,
        entry=entry,
        decisions=decisions,
        waits=waits,
        names=names,
        form=form,
        words=wording,
        age=wording.age_told(row.edition, today),
        is_old=(today - row.edition).days > setting.stale_days,
        stale_days=setting.stale_days,
        offered=services.offered(row.state),
    )
    return make_response(body, status)


def _cells(row: MatchRow) -> tuple[Cell, ...]:
    return (
        wording.STATE_WORDS[row.state][1], round(row.score, 1), row.supplier,
        row.supplier_number, row.supplier_country, row.own_name, wording.NAME_WORDS[row.own_kind],
        row.listed_name, wording.ENTRY_WORDS[row.entry_kind], row.source, row.edition,
        row.entry_key, row.program, ", ".join(row.countries), row.reason,
        row.first_found_at.date(), row.decided_by,
        None if row.decided_at is None else row.decided_at.date(), row.decided_because,
    )  # fmt: skip
