"""The pages of responses: all of them, one with its versions, propose, follow, retire."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    url_for,
)
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.errors import AppError, Conflict, Forbidden, NotFound
from app.base.pdf.printable import PaperSize
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.base.web.lists import Filter, ListShape, ListState, Pages, read_list
from app.judgement.continuity.printing import on_paper
from app.judgement.continuity.responses import card, queries, services, triggers
from app.judgement.continuity.responses.forms import BY_HAND, ResponseForm, RetireForm
from app.judgement.continuity.responses.models import ResponseState
from app.judgement.continuity.responses.queries import Present, ResponseSheet
from app.platform.audit.services import ReasonNeeded
from config import Settings

blueprint = Blueprint("responses", __name__, url_prefix="/responses")

VIEW, EDIT = "suppliers.view", "responses.edit"
STATE_WORDS = {
    ResponseState.PROPOSED: ("watch", "proposed"),
    ResponseState.IN_FORCE: ("good", "in force"),
    ResponseState.REFUSED: ("none", "refused"),
    ResponseState.REPLACED: ("none", "replaced"),
    ResponseState.RETIRED: ("none", "retired"),
}
SHAPE = ListShape(
    sorts={"name": False, "supplier": False, "state": False},
    default="name",
    filters=(Filter("state", "State", {
        str(state): words for state, (_, words) in STATE_WORDS.items()
        # Where one was replaced, another version stands in the list.
        if state is not ResponseState.REPLACED
    }),),
)  # fmt: skip
PROPOSED = "Proposed. It holds when another person has agreed."


@blueprint.get("/")
@requires(VIEW)
def index() -> str:
    """List the responses with what triggers them."""
    state = read_list(SHAPE)
    with db.reading() as session:
        every = _listed(queries.present(session), state)
        page = every[state.offset : state.offset + state.size]
        rows = queries.sheets(session, [each.id for each in page])
        known = triggers.known(session)
    return render_template(
        "responses/index.html",
        state=state, pages=Pages(state, len(every)), rows=rows, known=known, **_words(),
    )  # fmt: skip


@blueprint.get("/new")
@requires(EDIT)
def new() -> Response:
    """Ask what is done when something happens."""
    return _form_page(ResponseForm(formdata=None), None)


@blueprint.post("/new")
@requires(EDIT)
def propose() -> Response:
    """Propose a response."""
    form = ResponseForm()

    def act(session: Session) -> UUID:
        reason = form.reason.data or ""
        return services.propose(session, form.said(), reason=reason).public_id

    return _written(form, None, act)


@blueprint.get("/<uuid:public_id>")
@requires(VIEW)
def show(public_id: UUID) -> Response:
    """Show a version with the others."""
    return _show_page(public_id, RetireForm(formdata=None))


@blueprint.get("/<uuid:public_id>/card")
@requires(VIEW)
def print_card(public_id: UUID) -> Response:
    """Print a version on one page, for the drawer: what is done when something happens."""
    settings: Settings = current_app.config["SETTINGS"]
    with db.reading() as session:
        content = card.card(
            session,
            queries.by_public_id(session, public_id),
            triggers.known(session),
            now=clock.now(),
            paper_size=PaperSize(settings.paper_size),
        )
    return on_paper(content)


@blueprint.get("/<uuid:public_id>/version")
@requires(EDIT)
def version(public_id: UUID) -> Response:
    """Ask what is to be different."""
    form = ResponseForm(formdata=None)
    with db.reading() as session:
        sheet = queries.by_public_id(session, public_id)
        newest = queries.versions_of(session, sheet.response.key)[0].version
    form.show(sheet)
    if sheet.response.state == ResponseState.IN_FORCE:
        # What holds is what the next one changes, whatever was refused since.
        form.version.data = str(newest)
    return _form_page(form, sheet)


@blueprint.post("/<uuid:public_id>/version")
@requires(EDIT)
def follow(public_id: UUID) -> Response:
    """Propose another version."""
    form = ResponseForm()
    with db.reading() as session:
        sheet = queries.by_public_id(session, public_id)

    def act(session: Session) -> UUID:
        return services.follow(
            session, public_id, form.said(), reason=form.reason.data or "",
            seen_version=form.seen_version,
        ).public_id  # fmt: skip

    return _written(form, sheet, act)


@blueprint.post("/<uuid:public_id>/retire")
@requires(EDIT)
def retire(public_id: UUID) -> Response:
    """Take a response out of force."""
    form = RetireForm()
    if not form.validate():
        return _show_page(public_id, form, 422)
    try:
        with db.transaction() as session:
            services.retire(session, public_id, reason=form.reason.data or "")
    except ReasonNeeded as error:
        form.reason.errors = [error.message]
        return _show_page(public_id, form, 422)
    except (Conflict, Forbidden) as error:
        form.form_errors.append(error.message)
        return _show_page(public_id, form, STATUS_OF_KIND[error.kind])
    flash("Retired. Propose another version to put it in force again.")
    return _to(public_id)


def _listed(rows: list[Present], state: ListState) -> list[Present]:
    """Return the rows that a list asks for, in its order."""
    states, text = state.values("state"), state.search.casefold()
    kept = [
        row
        for row in rows
        if (not states or row.state in states)
        and text in f"{row.name} {row.supplier_name or ''}".casefold()
    ]
    keys: dict[str, Callable[[Present], str]] = {
        "name": lambda row: row.name.casefold(),
        "supplier": lambda row: (row.supplier_name or "").casefold(),
        "state": lambda row: row.state,
    }
    kept.sort(key=lambda row: (row.name.casefold(), row.id))
    return sorted(kept, key=keys[state.sort], reverse=state.is_falling)


def _written(
    form: ResponseForm, sheet: ResponseSheet | None, act: Callable[[Session], UUID]
) -> Response:
    _offer(form, sheet)
    if not form.validate():
        return _form_page(form, sheet, 422)
    try:
        with db.transaction() as session:
            there = act(session)
    except NotFound:
        raise
    except ReasonNeeded as error:
        form.reason.errors = [error.message]
        return _form_page(form, sheet, 422)
    except AppError as error:
        form.form_errors.append(error.message)
        return _form_page(form, sheet, STATUS_OF_KIND[error.kind])
    flash(PROPOSED)
    return _to(there)


def _to(public_id: UUID) -> Response:
    return make_response(redirect(url_for("responses.show", public_id=public_id), 303))


def _offer(form: ResponseForm, sheet: ResponseSheet | None) -> None:
    with db.reading() as session:
        known = triggers.known(session)
    form.offer(known.values(), kept=None if sheet is None else sheet.response.rule_key)


def _form_page(form: ResponseForm, sheet: ResponseSheet | None, status: int = 200) -> Response:
    _offer(form, sheet)
    return make_response(render_template("responses/form.html", form=form, sheet=sheet), status)


def _show_page(public_id: UUID, form: RetireForm, status: int = 200) -> Response:
    with db.reading() as session:
        sheet = queries.by_public_id(session, public_id)
        versions = queries.versions_of(session, sheet.response.key)
        known = triggers.known(session)
    page = render_template(
        "responses/show.html",
        sheet=sheet,
        response=sheet.response,
        versions=versions,
        known=known,
        form=form,
        **_words(),
    )
    return make_response(page, status)


def _words() -> dict[str, object]:
    return {"state_words": STATE_WORDS, "by_hand": BY_HAND}
