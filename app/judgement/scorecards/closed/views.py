"""The page of proposed restatements of closed cards: look at the difference, decide."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)

from app.base import db, formatting
from app.base.errors import AppError
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.base.web.exports import Cell, Sheet, exported
from app.base.web.lists import Filter, ListShape, Pages, read_list
from app.judgement.scorecards.closed import queries, services
from app.judgement.scorecards.closed.forms import DecisionForm
from app.judgement.scorecards.closed.queries import Proposal, Wanted
from app.judgement.scorecards.evaluation import PeriodKind
from app.platform.audit.services import ReasonNeeded

blueprint = Blueprint("restatements", __name__, url_prefix="/restatements")

VIEW, DECIDE = "suppliers.view", "restatements.decide"
STATES = {
    "proposed": ("watch", "waits for a decision"),
    "approved": ("good", "restated"),
    "refused": ("none", "refused, told on the next card"),
    "outdated": ("none", "no longer holds"),
}
KINDS = {str(PeriodKind.ROLLING_YEAR): "12 months", str(PeriodKind.QUARTER): "quarter"}
SHAPE = ListShape(
    sorts={"proposed": True, "period": True, "supplier": False, "moved": True},
    default="-proposed",
    filters=(
        Filter("state", "State", {each: words for each, (_, words) in STATES.items()}),
        Filter("kind", "Period", KINDS),
    ),
)
HEADS = (
    ("supplier", "Supplier"), ("number", "Number"), ("kind", "Period"), ("ends_on", "Ends on"),
    ("score_before", "Published score"), ("grade_before", "Published grade"),
    ("score_after", "Restated score"), ("grade_after", "Restated grade"), ("points", "Points"),
    ("otif_before", "Published OTIF"), ("otif_after", "Restated OTIF"), ("because", "Because"),
    ("state", "State"), ("proposed_at", "Proposed"), ("decided_by", "Decided by"),
    ("decided_at", "Decided"), ("reason", "Reason"),
)  # fmt: skip


@blueprint.get("/")
@requires(VIEW)
def index() -> Response:
    """List what a person has to decide, and what was decided."""
    state = read_list(SHAPE)
    if state.export:
        with db.reading() as session:
            rows = queries.every_proposal(
                session, _wanted(), sort=state.sort, is_falling=state.is_falling
            )
            return exported(Sheet("restatements", HEADS, _cells(rows)), state.export)
    return _page(DecisionForm(formdata=None))


@blueprint.post("/")
@requires(DECIDE)
def decide() -> Response:
    """Restate the chosen cards, or leave them as they are."""
    form = DecisionForm()
    if not form.validate():
        return _page(form, status=422)
    try:
        with db.transaction() as session:
            count = services.decide(
                session, _chosen(), is_approved=form.is_approved, reason=form.reason.data or ""
            )
    except ReasonNeeded as error:
        form.reason.errors = [error.message]
        return _page(form, status=422)
    except AppError as error:
        form.form_errors.append(error.message)
        return _page(form, status=STATUS_OF_KIND[error.kind])
    cards = formatting.count(count, "card")
    if form.is_approved:
        flash(f"{cards} restated. What was published before stays beside them.")
    else:
        flash(f"{cards} left as they are. The next card tells the correction.")
    return make_response(redirect(url_for("restatements.index"), 303))


def _page(form: DecisionForm, status: int = 200) -> Response:
    state = read_list(SHAPE)
    with db.reading() as session:
        rows, total = queries.proposals_page(
            session,
            _wanted(),
            sort=state.sort,
            is_falling=state.is_falling,
            limit=state.size,
            offset=state.offset,
        )
    page = render_template(
        "restatements/index.html",
        state=state,
        pages=Pages(state, total),
        rows=rows,
        form=form,
        chosen=set(request.form.getlist("restatement")),
        states=STATES,
        kinds=KINDS,
        waits=any(row.state == "proposed" for row in rows),
    )
    return make_response(page, status)


def _wanted() -> Wanted:
    state = read_list(SHAPE)
    return Wanted(state.values("state"), state.values("kind"), state.search)


def _chosen() -> list[UUID]:
    """Return the ticked keys; what is no key is nobody's."""
    found = []
    for text in dict.fromkeys(request.form.getlist("restatement")):
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _cells(rows: Iterator[Proposal]) -> Iterator[tuple[Cell, ...]]:
    for row in rows:
        yield (
            row.supplier, row.supplier_number, KINDS[row.period_kind], row.period_end,
            row.score_before, row.grade_before, row.score_after, row.grade_after, row.points,
            row.otif_before, row.otif_after, row.because, STATES[row.state][1], row.proposed_at,
            row.decided_by, row.decided_at, row.decided_because,
        )  # fmt: skip
