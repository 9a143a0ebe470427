"""Amending a supplier's master record; who comes second sees what the first one changed."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template
from sqlalchemy.orm import Session

from app.base import db, formatting, scope
from app.base.errors import Conflict
from app.base.web.access import requires
from app.base.web.rendering import address
from app.faces.overview.blueprint import blueprint
from app.faces.overview.forms import MasterForm
from app.facts.suppliers import amending, directory
from app.facts.suppliers import queries as suppliers
from app.facts.suppliers.queries import SupplierHead
from app.platform.audit import queries as audit


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What another person changed while a form was open: when, who, and where they differ."""

    sentence: str
    differences: tuple[tuple[str, str, str], ...]


@blueprint.get("/suppliers/<uuid:public_id>/edit")
@requires("suppliers.edit")
def edit_supplier(public_id: UUID) -> Response:
    """Show the master record as a form."""
    with db.reading() as session:
        head = _head(session, public_id)
        record = amending.master_record(session, head.id)
    form = MasterForm(formdata=None, data=record | {"edition": amending.edition_of(record)})
    return _page(head, form)


@blueprint.post("/suppliers/<uuid:public_id>/edit")
@requires("suppliers.edit")
def amend_supplier(public_id: UUID) -> Response:
    """Store the record; 409 with both versions side by side where it changed meanwhile."""
    form = MasterForm()
    with db.reading() as session:
        head = _head(session, public_id)
        # Before anything is told of a field: whoever may not write here learns no more than that.
        scope.require_writable(session, "supplier", head.id)
    if not form.validate():
        return _page(head, form, status=422)
    try:
        with db.transaction() as session:
            changed = amending.amend_supplier(
                session, head.id, edition=form.edition.data or "", said=form.said()
            )
    except Conflict as error:
        if error.code == amending.TAKEN:
            form.number.errors = [error.message]
            return _page(head, form, status=409)
        return _page(head, form, meanwhile=_meanwhile(head, form), status=409)
    count = formatting.count(len(changed), "field")
    flash(f"{count} changed." if changed else "Nothing was changed.")
    return make_response(
        redirect(address("overview.supplier_facts", {"public_id": public_id}), 303)
    )


def _head(session: Session, public_id: UUID) -> SupplierHead:
    found = suppliers.supplier_by_public_id(session, public_id)
    return suppliers.head_of(session, found.effective_supplier_id or found.id)


def _meanwhile(head: SupplierHead, form: MasterForm) -> Meanwhile:
    """Tell who changed the record, and let the form be sent again over what stands now."""
    with db.reading() as session:
        record = amending.master_record(session, head.id)
        latest = audit.history_of(session, "supplier", head.id, limit=1)
    said = form.said()
    form.edition.data = amending.edition_of(record)
    differences = tuple(
        (
            form[name].label.text,
            record[name] or formatting.NO_DATA,
            said[name] or formatting.NO_DATA,
        )
        for name in amending.AMENDABLE
        if said[name] != record[name]
    )
    who = f"Changed by {latest[0].actor} at {formatting.moment(latest[0].at)}." if latest else ""
    return Meanwhile(f"{who} Nothing of yours is stored yet.".strip(), differences)


def _page(
    head: SupplierHead, form: MasterForm, *, meanwhile: Meanwhile | None = None, status: int = 200
) -> Response:
    with db.reading() as session:
        categories = list(directory.category_names(session).values())
    page = render_template(
        "overview/edit_supplier.html",
        form=form,
        head=head,
        categories=categories,
        meanwhile=meanwhile,
    )
    return make_response(page, status)
