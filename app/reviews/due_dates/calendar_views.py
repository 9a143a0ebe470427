"""The calendar: a month as a grid, and everything ahead and overdue as a list."""

from __future__ import annotations

from collections.abc import Callable, Iterable
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
WITHIN = {"30": 30, "90": 90, "365": 365}
WHEN = {"overdue": "overdue"} | {key: f"within {days} days" for key, days in WITHIN.items()}
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
        span = _span(view, shown, today)
        everything = queries.entries(session, span, SOURCES)
        if view == LIST:
            everything = [
                each for each in everything if each.due.urgency(today) is not Urgency.PAST
            ]
        state = read_list(_shape(session, everything))
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


def _span(view: str, shown: Month, today: date) -> Span:
    if view == LIST:
        first, last = today - BEHIND, today + AHEAD
    else:
        weeks = months.weeks(shown)
        first, last = weeks[0][0], weeks[-1][-1]
    return Span(first, last, today, settings().zone)


def _shape(session: Session, found: Iterable[Entry]) -> ListShape:
    """Return what can be asked for: suppliers are those with a date, and those asked for."""
    heads = {each.supplier.public_id: each.supplier for each in found if each.supplier}
    for text in request.args.getlist("supplier"):
        key = _uuid(text)
        if key is not None and key not in heads:
            # Another house's supplier, or nobody's, is not there.
            own = suppliers.supplier_by_public_id(session, key)
            heads[key] = suppliers.head_of(session, own.id)
    by_name = sorted(heads.values(), key=lambda head: head.name.lower())
    return ListShape(
        sorts={"day": False, "kind": False, "supplier": False, "owner": False},
        default="day",
        filters=(
            Filter("when", "When", WHEN),
            Filter("kind", "Kind", {str(kind): label for kind, label in LABELS.items()}),
            Filter("supplier", "Supplier", {str(head.public_id): head.name for head in by_name}),
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
    return [
        each
        for each in found
        if (not kinds or each.due.kind in kinds)
        and (not about or (each.supplier is not None and str(each.supplier.public_id) in about))
        and (not whose or each.is_of(someone.id, someone.name))
        and (not when or any(_is_when(each, name, today) for name in when))
    ]


def _is_when(entry: Entry, name: str, today: date) -> bool:
    if name == "overdue":
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
