"""Names upstream: which spellings may mean the same, and what people decided."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template, url_for

from app.base import db
from app.base.errors import AppError
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.base.web.lists import ListShape, Pages, read_list
from app.faces.overview.blueprint import blueprint
from app.faces.overview.sub_tier_forms import SpellingForm, UndoForm
from app.facts.evidence.sub_tier import naming, queries, services
from app.facts.evidence.sub_tier.kinds import SpellingKind
from app.facts.evidence.sub_tier.spellings import spellings
from app.facts.suppliers.sourcing import reach

VIEW, EDIT = "suppliers.view", "suppliers.edit"
SHAPE = ListShape(sorts={"score": True}, default="-score", page_size=25)


@blueprint.get("/risk/upstream/names")
@requires(VIEW)
def upstream_names() -> Response:
    """List spellings that may mean the same, the likeliest first, and what was decided."""
    return _page()


@blueprint.post("/risk/upstream/names")
@requires(EDIT)
def decide_upstream_name() -> Response:
    """Store that two spellings mean the same, or that they are two."""
    form = SpellingForm()
    if not form.validate():
        return _page(form, status=422)
    is_same = form.answer.data == "same"
    try:
        with db.transaction() as session:
            services.decide_spelling(
                session,
                SpellingKind(form.kind.data),
                company=form.company.data or "",
                spelling=form.spelling.data or "",
                means=form.means.data or "",
                is_same=is_same,
                reason=form.reason.data or "",
            )
    except AppError as error:
        form.form_errors.append(error.message)
        return _page(form, status=STATUS_OF_KIND[error.kind])
    told = "means" if is_same else "is not"
    flash(f"“{form.spelling.data}” {told} “{form.means.data}”.")
    return make_response(redirect(url_for("overview.upstream_names"), 303))


@blueprint.post("/risk/upstream/names/<uuid:public_id>/undo")
@requires(EDIT)
def undo_upstream_name(public_id: UUID) -> Response:
    """Take a decision on spellings back."""
    form = UndoForm()
    if not form.validate():
        return _page(undo=(public_id, form), status=422)
    try:
        with db.transaction() as session:
            services.undo_spelling(session, public_id, reason=form.reason.data or "")
    except AppError as error:
        if error.kind == "not_found":
            raise
        form.form_errors.append(error.message)
        return _page(undo=(public_id, form), status=STATUS_OF_KIND[error.kind])
    flash("It is taken back; the two may be suggested again.")
    return make_response(redirect(url_for("overview.upstream_names"), 303))


def _page(
    form: SpellingForm | None = None,
    *,
    undo: tuple[UUID, UndoForm] | None = None,
    status: int = 200,
) -> Response:
    state = read_list(SHAPE)
    with db.reading() as session:
        known = spellings(session)
        found = naming.suggestions(queries.links(session, known=known), known)
        decided = services.decided(session)
        partial = reach.partial_words(session)
    ranked = found if state.is_falling else found[::-1]
    page = render_template(
        "dependency/names.html",
        state=state,
        pages=Pages(state, len(found)),
        suggestions=ranked[state.offset : state.offset + state.size],
        decided=decided,
        partial=partial,
        form=form or SpellingForm(formdata=None),
        undo=undo,
        undo_form=UndoForm(formdata=None),
    )
    return make_response(page, status)
