"""The pages of a plan's contacts: added, changed, reached, removed."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, make_response, render_template
from sqlalchemy.orm import Session

from app.base import db
from app.base.errors import AppError, NotFound
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.judgement.continuity import queries, services
from app.judgement.continuity.answering import done, to_plan
from app.judgement.continuity.blueprint import EDIT, blueprint
from app.judgement.continuity.forms import ContactForm


@blueprint.get("/continuity/plans/<uuid:plan_id>/contacts/new")
@requires(EDIT)
def new_contact(plan_id: UUID) -> Response:
    """Ask whom to call."""
    return _contact_page(plan_id, None)


@blueprint.post("/continuity/plans/<uuid:plan_id>/contacts/new")
@requires(EDIT)
def add_contact(plan_id: UUID) -> Response:
    """Add a contact."""
    return _contact_written(plan_id, None)


@blueprint.get("/continuity/plans/<uuid:plan_id>/contacts/<uuid:contact_id>")
@requires(EDIT)
def contact(plan_id: UUID, contact_id: UUID) -> Response:
    """Ask what is to be different about a contact."""
    return _contact_page(plan_id, contact_id)


@blueprint.post("/continuity/plans/<uuid:plan_id>/contacts/<uuid:contact_id>")
@requires(EDIT)
def save_contact(plan_id: UUID, contact_id: UUID) -> Response:
    """Change a contact, or note that it was reached."""
    return _contact_written(plan_id, contact_id)


@blueprint.post("/continuity/plans/<uuid:plan_id>/contacts/<uuid:contact_id>/remove")
@requires(EDIT)
def remove_contact(plan_id: UUID, contact_id: UUID) -> Response:
    """Remove a contact."""
    form = ContactForm()
    try:
        with db.transaction() as session:
            services.remove_contact(session, plan_id, contact_id, seen_version=form.seen_version)
    except NotFound:
        raise
    except AppError as error:
        form.form_errors.append(error.message)
        return _contact_page(plan_id, contact_id, form, STATUS_OF_KIND[error.kind])
    flash("Removed.")
    return to_plan(plan_id)


def _contact_page(
    plan_id: UUID, contact_id: UUID | None, form: ContactForm | None = None, status: int = 200
) -> Response:
    shown = form or ContactForm(formdata=None)
    with db.reading() as session:
        plan = services.plan_by_public_id(session, plan_id)
        owner = queries.owner_of(session, plan.supplier_id)
        if contact_id is not None:
            found = services.contact_of(session, plan, contact_id)
            if form is None:
                shown = ContactForm(formdata=None, obj=found)
        if form is None:
            shown.version.data = str(plan.version)
    page = render_template(
        "continuity/contact.html", plan=plan, owner=owner, form=shown, contact_id=contact_id
    )
    return make_response(page, status)


def _contact_written(plan_id: UUID, contact_id: UUID | None) -> Response:
    form = ContactForm()

    def act(session: Session) -> object:
        return services.save_contact(
            session, plan_id, form.said(), contact_id=contact_id, seen_version=form.seen_version
        )

    def again(status: int) -> Response:
        return _contact_page(plan_id, contact_id, form, status)

    return done(form, act, again, "The contact is stored.", plan_id)
