"""The contacts of one supplier: list, add, change, verify, remove with a reason."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.errors import AppError, NotFound
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.base.web.rendering import address
from app.faces.overview.blueprint import blueprint
from app.faces.overview.contact_forms import ContactForm, RemovalForm
from app.faces.overview.supplier_frame import shared, supplier_frame
from app.facts.suppliers import contact_keeping, contacts
from app.facts.suppliers.directory import head_by_public_id

VIEW, EDIT = "suppliers.view", "suppliers.edit"
Write = Callable[[Session, int], str]


@blueprint.get("/suppliers/<uuid:public_id>/contacts")
@requires(VIEW)
def supplier_contacts(public_id: UUID) -> Response:
    """List to whom at a supplier one writes."""
    return _page(public_id)


@blueprint.post("/suppliers/<uuid:public_id>/contacts")
@requires(EDIT)
def add_contact(public_id: UUID) -> Response:
    """Add a contact."""
    form = ContactForm()

    def write(session: Session, owner: int) -> str:
        return f"{contact_keeping.add(session, owner, form.said()).email} is a contact now."

    return _written(public_id, None, form, write)


@blueprint.get("/suppliers/<uuid:public_id>/contacts/<int:contact_id>")
@requires(EDIT)
def edit_contact(public_id: UUID, contact_id: int) -> Response:
    """Show a contact as a form."""
    return _page(public_id, contact_id)


@blueprint.post("/suppliers/<uuid:public_id>/contacts/<int:contact_id>")
@requires(EDIT)
def change_contact(public_id: UUID, contact_id: int) -> Response:
    """Change a contact."""
    form = ContactForm()

    def write(session: Session, owner: int) -> str:
        contact_keeping.change(session, owner, contact_id, form.said(), version=form.seen_version)
        return "The contact is changed."

    return _written(public_id, contact_id, form, write)


@blueprint.post("/suppliers/<uuid:public_id>/contacts/<int:contact_id>/verify")
@requires(EDIT)
def confirm_contact(public_id: UUID, contact_id: int) -> Response:
    """Say that a contact is right as of today."""
    form = ContactForm()

    def write(session: Session, owner: int) -> str:
        contact_keeping.verify(session, owner, contact_id, version=form.seen_version)
        return "Verified as of today."

    return _written(public_id, contact_id, form, write, fields=("version",))


@blueprint.post("/suppliers/<uuid:public_id>/contacts/<int:contact_id>/remove")
@requires(EDIT)
def remove_contact(public_id: UUID, contact_id: int) -> Response:
    """Remove a contact, with a reason."""
    form = RemovalForm()

    def write(session: Session, owner: int) -> str:
        contact_keeping.remove(session, owner, contact_id, reason=form.reason.data or "")
        return "The contact is removed. The log holds the name only sealed."

    return _written(public_id, contact_id, form, write)


def _written(
    public_id: UUID,
    contact_id: int | None,
    form: FlaskForm,
    write: Write,
    *,
    fields: tuple[str, ...] = (),
) -> Response:
    """Do what a form asks for; what is wrong stands beside it, what was typed is kept.

    fields: what of the form is looked at, all of it where none is named.
    """
    if not form.validate() and any(name in form.errors for name in fields or form.data):
        return _page(public_id, contact_id, form, status=422)
    try:
        with db.transaction() as session:
            said = write(session, head_by_public_id(session, public_id).id)
    except NotFound:
        raise
    except AppError as error:
        form.form_errors.append(error.message)
        return _page(public_id, contact_id, form, status=STATUS_OF_KIND[error.kind])
    flash(said)
    there = address("overview.supplier_contacts", {"public_id": public_id})
    return make_response(redirect(there, 303))


def _page(
    public_id: UUID,
    contact_id: int | None = None,
    form: FlaskForm | None = None,
    *,
    status: int = 200,
) -> Response:
    typed = form if isinstance(form, ContactForm) else ContactForm(formdata=None)
    with db.reading() as session:
        frame = supplier_frame(session, public_id, tab="facts")
        found = contacts.contacts_of(session, frame.head.id)
    edited = next((each for each in found if each.id == contact_id), None)
    if contact_id is not None and edited is None:
        raise NotFound("E-CNT-01", "There is no such contact.")
    if edited is not None and not isinstance(form, ContactForm):
        typed.show(edited)
    page = render_template(
        "overview/contacts.html",
        **shared(frame),
        contacts=found,
        edited=edited,
        form=typed,
        removal=form if isinstance(form, RemovalForm) else RemovalForm(formdata=None),
        today=clock.today(),
    )
    return make_response(page, status)
