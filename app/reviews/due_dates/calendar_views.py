"""The calendar: a month as a grid, and everything ahead and overdue as a list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from flask import Response, make_response, render_template, request
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.web.access import current_actor, requires
from app.base.web.exports import Sheet, exported
from app.base.web.lists import BadQuery, Filter, ListShape, ListState, Pages, read_list
from app.facts.suppliers import queries as suppliers
from app.reviews.due_dates import month as months
from app.reviews.due_dates import queries, wording
from app.reviews.due_dates.blueprint import VIEW, blueprint, door_of, settings
from app.reviews.due_dates.days import Entry, Span, Urgency
from app.reviews.due_dates.month import Month
from app.reviews.due_dates.sources import LABELS, SOURCES

MONTH, LIST = "month", "list"
# The list: what nobody did within three years, and two years ahead.
BEHIND, AHEAD = timedelta(days=3 * 366), timedelta(days=2 * 366)
# More suppliers than these nobody chooses from a list; they are found by their name.
MOST_CHOICES = 200
WITHIN = {"30": 30, "90": 90, "365": 365}
OVERDUE = "overdue"
WHEN = {OVERDUE: "overdue"} | {key: f"within {days} days" for key, days in WITHIN.items()}
SORTS: dict[str, Callable[[Entry], str]] = {
    "kind": lambda each: LABELS[each.due.kind],
    "supplier": lambda each: each.about.lower(),
    "owner": lambda each: (each.owner or "").lower(),
}


@blueprint.get("/")
@requires(VIEW)
def index() -> Response:
    """Show what ends, is due or takes place: a month, or all that is ahead and overdue."""
    today, view = clock.today_in(settings().zone), _view()
    shown = _month(today)
    with db.reading() as session:
        state = read_list(_shape(_asked(session)))
        span = _span(view, shown, today, state.values("when"))
        everything = queries.entries(session, span, SOURCES, kinds=state.values("kind"))
    if view == LIST:
        everything = [each for each in everything if each.due.urgency(today) is not Urgency.PAST]
    state = _offered(state, everything)
    kept = _kept(everything, state, today)
    rows = _sorted(_listed(kept, view, shown), state)
    if state.export:
        return exported(_sheet(rows, today, view, shown), state.export)
    page = render_template(
        "due_dates/index.html",
        view=view,
        month=shown,
        weeks=months.grid(shown, kept, today) if view == MONTH else [],
        state=state,
        pages=Pages(state, len(rows)),
        rows=rows[state.offset : state.offset + state.size],
        late=sum(1 for each in rows if each.due.urgency(today) is Urgency.OVERDUE),
        today=today,
        this_month=months.month_of(today),
        door_of=door_of,
        words=wording,
    )
    return make_response(page)


def _view() -> str:
    view = request.args.get("view", MONTH)
    if view not in (MONTH, LIST):
        raise BadQuery("E-API-03", f"“view” is {MONTH} or {LIST}.")
    return view


def _month(today: date) -> Month:
    text = request.args.get("month")
    found = months.month_of(today) if not text else months.read_month(text)
    if found is None:
        raise BadQuery(
            "E-API-03",
            f"Give a month as 2026-11, from {months.FIRST_YEAR} to {months.LAST_YEAR}.",
        )
    return found


def _span(view: str, shown: Month, today: date, when: Iterable[str]) -> Span:
    """Return the days to read: those of the grid, or of the list as far as it is filtered."""
    if view != LIST:
        weeks = months.weeks(shown)
        return Span(weeks[0][0], weeks[-1][-1], today, settings().zone)
    chosen = set(when)
    ahead = timedelta(max(WITHIN.get(each, 0) for each in chosen)) if chosen else AHEAD
    behind = timedelta(0) if chosen and OVERDUE not in chosen else BEHIND
    return Span(today - behind, today + ahead, today, settings().zone)


def _asked(session: Session) -> dict[str, str]:
    """Return the suppliers that the address asks for, by name; raises NotFound.

    Another house's supplier, or nobody's, is not there.
    """
    keys = [key for text in request.args.getlist("supplier") if (key := _uuid(text)) is not None]
    found = [suppliers.supplier_by_public_id(session, key) for key in keys]
    return {str(each.public_id): each.name for each in found}


def _offered(state: ListState, found: Iterable[Entry]) -> ListState:
    """Return the state with the suppliers that have a date to choose from, if they are few."""
    named = {each.supplier.public_id: each.about for each in found if each.supplier}
    if len(named) > MOST_CHOICES:
        return state
    known = {str(key): name for key, name in named.items()}
    known |= state.shape.filter("supplier").options
    by_name = sorted(known.items(), key=lambda item: item[1].lower())
    return replace(state, shape=_shape(dict(by_name)))


def _shape(by_name: Mapping[str, str]) -> ListShape:
    """Return what can be asked for. by_name: suppliers to choose from, by public id."""
    return ListShape(
        sorts={"day": False, "kind": False, "supplier": False, "owner": False},
        default="day",
        filters=(
            Filter("when", "When", WHEN),
            Filter("kind", "Kind", {str(kind): label for kind, label in LABELS.items()}),
            Filter("supplier", "Supplier", by_name),
            Filter("whose", "Whose", {"mine": "mine"}),
        ),
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _kept(found: list[Entry], state: ListState, today: date) -> list[Entry]:
    """Return the dates that the filters let through."""
    someone = current_actor()
    when, kinds = state.values("when"), state.values("kind")
    about, whose = state.values("supplier"), state.values("whose")
    text = state.search.casefold()
    return [
        each
        for each in found
        if (not kinds or each.due.kind in kinds)
        and (not text or text in _words(each))
        and (not about or (each.supplier is not None and str(each.supplier.public_id) in about))
        and (not whose or each.is_of(someone.id, someone.name))
        and (not when or any(_is_when(each, name, today) for name in when))
    ]


def _words(entry: Entry) -> str:
    """Return what a search looks through."""
    due = entry.due
    return f"{entry.about} {due.what} {due.why} {entry.owner or ''}".casefold()


def _is_when(entry: Entry, name: str, today: date) -> bool:
    if name == OVERDUE:
        return entry.due.urgency(today) is Urgency.OVERDUE
    return 0 <= (entry.due.day - today).days <= WITHIN[name]


def _listed(kept: list[Entry], view: str, shown: Month) -> list[Entry]:
    """Return what the table lists: of a month its own days, not those beside it."""
    if view == LIST:
        return kept
    return [each for each in kept if shown.first <= each.due.day <= shown.last]


def _sorted(rows: list[Entry], state: ListState) -> list[Entry]:
    if state.sort == "day":
        return rows[::-1] if state.is_falling else rows
    return sorted(rows, key=SORTS[state.sort], reverse=state.is_falling)


def _sheet(rows: list[Entry], today: date, view: str, shown: Month) -> Sheet:
    heads = [
        ("day", "Day"), ("days_left", "Days left"), ("urgency", "Urgency"), ("kind", "Kind"),
        ("supplier_number", "Supplier number"), ("supplier", "Supplier"), ("what", "What"),
        ("why", "Why"), ("owner", "Owner"),
    ]  # fmt: skip
    cells = (
        (
            each.due.day, (each.due.day - today).days, wording.urgency(each, today)[1],
            wording.label(each), each.supplier.number if each.supplier else None,
            each.about or None, each.due.what, each.due.why, each.owner,
        )
        for each in rows
    )  # fmt: skip
    name = "dates" if view == LIST else f"dates-{shown.label}"
    return Sheet(name, heads, cells, f"Dates as of {today.isoformat()}")
