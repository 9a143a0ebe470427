"""The expedite room: what is open and stops us first, and the letter to a supplier about it."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from sqlalchemy.orm import Session

from app.base import clock, db, formatting
from app.base.errors import AppError
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.base.web.exports import MAKERS, Cell, Sheet, exported
from app.base.web.lists import BadQuery, Filter, ListShape, ListState, Pages, read_list
from app.base.web.rendering import address, url_with
from app.facts.deliveries import queries as deliveries
from app.facts.deliveries.expediting import mailing, open_lines
from app.facts.deliveries.expediting.open_lines import Choices, OpenLine, OpenQuery
from app.facts.suppliers import queries as suppliers
from app.facts.suppliers.queries import SupplierHead
from app.platform.outbox.services import File

blueprint = Blueprint("expediting", __name__, url_prefix="/expedite")

HORIZONS = (0, 7, 14, 30, 60)
DEFAULT_DAYS = 14
SORTS = {"stops": False, "late": False, "supplier": False, "part": False, "promised": False}
ANSWERS = "expedite-answers"


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far ahead the list looks: its words, its address, whether it is shown."""

    words: str
    address: str
    is_shown: bool


@blueprint.get("/")
@requires("expedite.view")
def index() -> Response:
    """List what is past due or soon due, the line that stops us first on top."""
    with db.reading() as session:
        query = _asked(session)
        state = read_list(_shape(open_lines.choices(session, query)))
        query = _narrowed(query, state)
        if state.export:
            every = open_lines.every_line(
                session, query, sort=state.sort, is_falling=state.is_falling
            )
            return exported(_sheet(every, query), state.export)
        page = open_lines.open_page(
            session,
            query,
            sort=state.sort,
            is_falling=state.is_falling,
            limit=state.size,
            offset=state.offset,
        )
    return make_response(
        render_template(
            "expediting/index.html",
            state=state,
            pages=Pages(state, page.total),
            lines=page.lines,
            query=query,
            horizons=_horizons(query.days),
            late_words=late_words,
            cover_words=cover_words,
            confirmed_words=lambda line: confirmed_words(line, query),
            answers=ANSWERS,
        )
    )


@blueprint.get("/<uuid:public_id>/letter")
@requires("expedite.mail")
def ask_mail(public_id: UUID) -> Response:
    """Show the letter that a supplier would get, and to whom it would go."""
    return _letter_page(public_id)


@blueprint.post("/<uuid:public_id>/letter")
@requires("expedite.mail")
def mail(public_id: UUID) -> Response:
    """Mail a supplier the list of its own open lines."""
    try:
        with db.transaction() as session:
            head, query = _head(session, public_id), _asked(session)
            letter = mailing.letter_for(session, head, query)
            book = io.BytesIO()
            media_type = MAKERS["xlsx"](_own_sheet(letter.lines, query), book)
            name = f"open-lines-{query.as_of.isoformat()}.xlsx"
            to = mailing.send(
                session, head, letter, workbook=File(name, media_type, book.getvalue()), query=query
            )
            count = formatting.count(len(letter.lines), "line")
    except AppError as error:
        return _letter_page(public_id, refusal=error, status=STATUS_OF_KIND[error.kind])
    flash(f"{count} of {head.name} wait in the outbox for {to.email}.")
    return make_response(redirect(address("expediting.index", dict(_kept())), 303))


def late_words(line: OpenLine) -> str:
    """Return how late a line is, or in how many days it is due."""
    if line.days_late is None:
        return ""
    if line.days_late > 0:
        return formatting.days(line.days_late, 0)
    return "today" if not line.days_late else f"in {formatting.days(-line.days_late, 0)}"


def cover_words(line: OpenLine) -> str:
    """Return how long stock lasts; unknown where nobody counted it or its use."""
    if line.counted_on is None:
        return "unknown"
    if line.cover_days is None:
        return "use unknown"
    if line.cover_days >= open_lines.LONGEST_COVER_DAYS:
        return "over ten years"
    return formatting.days(line.cover_days, 0)


def confirmed_words(line: OpenLine, query: OpenQuery) -> str:
    """Return for which day a line was confirmed last, and how long ago that was said."""
    said = line.confirmed
    if said is None:
        return "never"
    day = "no date" if said.for_on is None else formatting.day(said.for_on)
    age = max(0, (query.as_of - said.said_on).days)
    told = "on the day" if not age else f"{formatting.count(age, 'day')} ago"
    return f"{day}, said {told}" + (" with the order" if said.by_acknowledgement else "")


def _letter_page(
    public_id: UUID, *, refusal: AppError | None = None, status: int = 200
) -> Response:
    with db.reading() as session:
        head, query = _head(session, public_id), _asked(session)
        letter = mailing.letter_for(session, head, query)
    body = render_template(
        "expediting/letter.html",
        head=head,
        letter=letter,
        query=query,
        refusal=refusal,
        no_address=mailing.NO_ADDRESS.format(name=head.name),
        late_words=late_words,
        confirmed_words=lambda line: confirmed_words(line, query),
        kept=dict(_kept()),
    )
    return make_response(body, status)


def _asked(session: Session) -> OpenQuery:
    """The list's day, the latest that facts are known of, and how far ahead it looks."""
    today = clock.today()
    as_of = min(deliveries.latest_fact_on(session) or today, today)
    return OpenQuery(as_of, _days())


def _days() -> int:
    text = request.args.get("days") or str(DEFAULT_DAYS)
    if text not in map(str, HORIZONS):
        offered = ", ".join(map(str, HORIZONS))
        raise BadQuery("E-API-03", f"The list looks {offered} days ahead.")
    return int(text)


def _kept() -> list[tuple[str, str]]:
    """What of the address a form and its answer keep."""
    return [] if _days() == DEFAULT_DAYS else [("days", str(_days()))]


def _horizons(shown: int) -> list[Horizon]:
    return [
        Horizon(
            f"{formatting.count(days, 'day')} ahead" if days else "past due only",
            url_with(days=None if days == DEFAULT_DAYS else str(days), page=None),
            days == shown,
        )
        for days in HORIZONS
    ]


def _shape(choices: Choices) -> ListShape:
    return ListShape(
        sorts=SORTS,
        default="stops",
        filters=(
            Filter("supplier", "Supplier", choices.suppliers),
            Filter("site", "Our site", choices.sites),
            Filter("category", "Category", choices.categories),
        ),
    )


def _narrowed(query: OpenQuery, state: ListState) -> OpenQuery:
    suppliers_, sites, categories = (
        [int(key) for key in state.values(name)] for name in ("supplier", "site", "category")
    )
    return OpenQuery(query.as_of, query.days, suppliers_, sites, categories, state.search)


def _head(session: Session, public_id: UUID) -> SupplierHead:
    found = suppliers.supplier_by_public_id(session, public_id)
    return suppliers.head_of(session, found.effective_supplier_id or found.id)


HEADS = (
    ("supplier", "Supplier"), ("order", "Order"), ("line", "Line"), ("schedule", "Schedule"),
    ("part", "Part"), ("name", "Name"), ("site", "Our site"), ("category", "Category"),
    ("due", "Due"), ("days_late", "Days late"), ("open", "Open quantity"), ("unit", "Unit"),
    ("promised", "Promised"), ("confirmed_for", "Confirmed for"), ("said_on", "Confirmed on"),
    ("cover_days", "Stock lasts, days"), ("runs_out_on", "Stock ends"),
    ("counted_on", "Counted on"),
)  # fmt: skip


def _sheet(lines: Iterable[OpenLine], query: OpenQuery) -> Sheet:
    about = (
        f"Lines past due or due by {formatting.day(query.until)}, as of"
        f" {formatting.day(query.as_of)}"
    )
    return Sheet("expedite", HEADS, (_cells(line) for line in lines), about)


def _cells(line: OpenLine) -> tuple[Cell, ...]:
    said = line.confirmed
    return (
        line.supplier_name, line.order_number, line.line_no, line.schedule_no, line.part_number,
        line.part_name, line.site, line.category, line.due_on, line.days_late, line.quantity_open,
        line.unit, line.promised_on, said.for_on if said else None, said.said_on if said else None,
        line.cover_days, line.runs_out_on, line.counted_on,
    )  # fmt: skip


def _own_sheet(lines: Sequence[OpenLine], query: OpenQuery) -> Sheet:
    about = f"Open lines as of {formatting.day(query.as_of)}"
    return Sheet("open lines", mailing.HEADS, (mailing.row_of(line) for line in lines), about)
