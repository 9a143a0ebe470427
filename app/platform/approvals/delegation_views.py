"""The delegation page: who decides for whom while somebody is away."""

from __future__ import annotations

import uuid
from datetime import date
from typing import cast

from flask import Response, flash, make_response, redirect, render_template, url_for
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs

from app.base import clock, db
from app.base.errors import AppError, Forbidden, InvalidInput
from app.base.web.access import current_actor, requires
from app.platform.approvals import delegating, kinds, queries
from app.platform.approvals.blueprint import blueprint
from app.platform.approvals.forms import DelegationForm


@blueprint.get("/delegations")
@requires("approvals.decide")
def delegations() -> Response:
    """Show who stands in for the person, and for whom the person does."""
    return _page(_form(formdata=None))


@blueprint.post("/delegations")
@requires("approvals.decide")
def delegate() -> Response:
    """Let somebody decide in the person's stead for some days."""
    form = _form()
    if not form.validate():
        return _page(form, 422)
    try:
        with db.transaction() as session:
            delegating.delegate(
                session,
                to_id=form.to_id.data,
                object_types=form.object_types.data or [],
                from_on=cast(date, form.from_on.data),
                until_on=cast(date, form.until_on.data),
            )
    except (InvalidInput, Forbidden) as error:
        return _refused(form, error)
    flash("From the first day on, this person may decide for you.")
    return make_response(redirect(url_for("approvals.delegations"), 303))


@blueprint.post("/delegations/<uuid:public_id>/withdraw")
@requires("approvals.decide")
def withdraw_delegation(public_id: uuid.UUID) -> Response:
    """End a delegation at once."""
    with db.transaction() as session:
        delegating.withdraw_delegation(session, public_id=public_id)
    flash("Taken back. It lends nothing any more.")
    return make_response(redirect(url_for("approvals.delegations"), 303))


def _form(**options: None) -> DelegationForm:
    form = DelegationForm(**options)
    person = current_actor()
    with db.reading() as session:
        form.to_id.choices = [
            SelectChoice(stand_in.id, f"{stand_in.name} ({stand_in.email})")
            for stand_in in delegating.possible_stand_ins(session, person.id)
        ]
        form.object_types.choices = [
            SelectChoice(kind.type, kind.words)
            for kind in kinds.all_kinds()
            if person.id in kind.approvers(session)
        ]
    return form


def _page(form: DelegationForm, status: int = 200) -> Response:
    person = current_actor()
    with db.reading() as session:
        found = queries.delegations(session, person.id)
    page = render_template(
        "approvals/delegations.html",
        form=form,
        given=[each for each in found if each.from_id == person.id],
        received=[each for each in found if each.to_id == person.id],
        kind_words={kind.type: kind.words for kind in kinds.all_kinds()},
        today=clock.today(),
    )
    return make_response(page, status)


def _refused(form: DelegationForm, error: AppError) -> Response:
    form.form_errors.append(error.message)
    return _page(form, 403 if isinstance(error, Forbidden) else 422)
