"""A supplier's page “Upstream”: the picture, the links that tell it, to add, correct, remove."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from app.base import db
from app.base.errors import AppError, InvalidInput
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.base.web.rendering import address
from app.faces.overview import risk_pages
from app.faces.overview.blueprint import blueprint
from app.faces.overview.sub_tier_forms import LinkForm, RemoveForm
from app.faces.overview.sub_tier_graph import key, told_tiers, upstream_chart
from app.faces.overview.supplier_frame import shared, supplier_frame
from app.facts.evidence.concentration import buyer_shares
from app.facts.evidence.sub_tier import queries, services
from app.facts.evidence.sub_tier.queries import NodeKind
from app.facts.evidence.sub_tier.services import Told
from app.facts.evidence.sub_tier.sharing import sharing
from app.facts.suppliers import directory, places
from app.facts.suppliers import queries as suppliers
from app.facts.suppliers.sourcing import queries as sourcing
from app.facts.suppliers.sourcing import reach

VIEW, EDIT = "suppliers.view", "suppliers.edit"
ROOT = "/suppliers/<uuid:public_id>/upstream"


@blueprint.get(ROOT)
@requires(VIEW)
def supplier_upstream(public_id: UUID) -> str:
    """Show who supplies a supplier, and which of these plants others hang on too."""
    with db.reading() as session:
        frame = supplier_frame(session, public_id, tab="risk")
        own = frame.head.id
        found = queries.links(session, supplier_ids=[own])
        common = sharing(session, as_of=frame.shown.as_of, kind=NodeKind.PLANT)
        rows = {row.node: row for row in common.rows if own in row.supplier_ids}
        parts = places.part_names(session, {link.part_id for link in found if link.part_id})
        named = suppliers.suppliers_by_id(
            session,
            [link.upstream_supplier_id for link in found if link.upstream_supplier_id],
        )
        share = buyer_shares.buyer_shares(session, as_of=frame.shown.as_of, supplier_ids=[own])
        partial = reach.partial_words(session)
    known = told_tiers(found)
    return render_template(
        "dependency/supplier_upstream.html",
        **shared(frame),
        links=found,
        depth={link.id: known.depth.get(key(link.plant)) for link in found},
        is_circular={link.id: key(link.plant) in known.circular for link in found},
        shared_rows=rows,
        part_names=parts,
        named=named,
        share=share[0] if share else None,
        partial=partial,
        pages=risk_pages.links(frame.public_id, frame.shown.query),
        chart=upstream_chart(frame.head.name, found, rows) if found else "",
    )


@blueprint.get(f"{ROOT}/new")
@requires(EDIT)
def new_link(public_id: UUID) -> Response:
    """Ask who supplies a supplier."""
    return _form_page(public_id, None, LinkForm(formdata=None))


@blueprint.post(f"{ROOT}/new")
@requires(EDIT)
def add_link(public_id: UUID) -> Response:
    """Add a link."""
    form = LinkForm()

    def write(session: Session, supplier_id: int) -> None:
        services.add_link(session, supplier_id, _told(session, form))

    return _written(public_id, None, form, write, "The link is stored.")


@blueprint.get(f"{ROOT}/<int:link_id>")
@requires(EDIT)
def edit_link(public_id: UUID, link_id: int) -> Response:
    """Show a link as a form."""
    form = LinkForm(formdata=None)
    with db.reading() as session:
        head = directory.head_by_public_id(session, public_id)
        _show(session, form, services.told_of(queries.link_of(session, head.id, link_id)))
    return _form_page(public_id, link_id, form)


@blueprint.post(f"{ROOT}/<int:link_id>")
@requires(EDIT)
def correct_link(public_id: UUID, link_id: int) -> Response:
    """Correct a link, with a reason."""
    form = LinkForm()

    def write(session: Session, supplier_id: int) -> None:
        services.edit_link(
            session,
            supplier_id,
            link_id,
            _told(session, form),
            edition=form.edition.data or "",
            reason=form.reason.data or "",
        )

    return _written(public_id, link_id, form, write, "The link is corrected.")


@blueprint.post(f"{ROOT}/<int:link_id>/remove")
@requires(EDIT)
def remove_link(public_id: UUID, link_id: int) -> Response:
    """Take a link out, with a reason."""
    form = RemoveForm()

    def write(session: Session, supplier_id: int) -> None:
        services.remove_link(session, supplier_id, link_id, reason=form.reason.data or "")

    return _written(public_id, link_id, form, write, "The link is removed; the log keeps it.")


Write = Callable[[Session, int], None]


def _written(
    public_id: UUID, link_id: int | None, form: FlaskForm, write: Write, said: str
) -> Response:
    """Write what a form says; what is wrong stands beside it, what was typed is kept."""
    if not form.validate():
        return _form_page(public_id, link_id, form, 422)
    try:
        with db.transaction() as session:
            write(session, directory.head_by_public_id(session, public_id).id)
    except AppError as error:
        if error.kind == "not_found":
            raise
        form.form_errors.append(error.message)
        return _form_page(public_id, link_id, form, STATUS_OF_KIND[error.kind])
    flash(said)
    there = address("overview.supplier_upstream", {"public_id": public_id})
    return make_response(redirect(there, 303))


def _form_page(
    public_id: UUID, link_id: int | None, form: FlaskForm, status: int = 200
) -> Response:
    is_removal = isinstance(form, RemoveForm)
    shown = LinkForm(formdata=None) if is_removal else form
    with db.reading() as session:
        head = directory.head_by_public_id(session, public_id)
        if link_id is not None:
            link = queries.link_of(session, head.id, link_id)
            if is_removal:
                _show(session, shown, services.told_of(link))
    page = render_template(
        "dependency/link.html",
        head=head,
        form=shown,
        removal=form if is_removal else RemoveForm(formdata=None),
        link_id=link_id,
    )
    return make_response(page, status)


def _told(session: Session, form: LinkForm) -> Told:
    """Return what was filled in; a part or supplier of ours is named by its number."""
    part_id = None
    if form.part.data:
        part_id = sourcing.part_id_of(session, form.part.data)
        if part_id is None:
            raise InvalidInput(
                "E-UPS-10", f"There is no part {form.part.data!r}; give its number, or none."
            )
    upstream = None
    if form.supplier_number.data:
        upstream = sourcing.supplier_id_of(session, form.supplier_number.data)
    return Told(
        upstream_name=form.upstream_name.data or "",
        upstream_site=form.upstream_site.data or "",
        material=form.material.data or "",
        upstream_country=form.upstream_country.data or None,
        part_id=part_id,
        source=form.source.data or None,
        via_name=form.via_name.data or "",
        via_site=form.via_site.data or "",
        upstream_supplier_id=upstream,
    )


def _show(session: Session, form: LinkForm, told: Told) -> None:
    form.edition.data = services.edition_of(told)
    for name in ("upstream_name", "upstream_site", "material", "via_name", "via_site"):
        form[name].data = getattr(told, name)
    form.upstream_country.data, form.source.data = told.upstream_country or "", told.source or ""
    if told.part_id is not None:
        form.part.data = sourcing.part_numbers(session, [told.part_id])[told.part_id]
    if told.upstream_supplier_id is not None:
        form.supplier_number.data = suppliers.head_of(session, told.upstream_supplier_id).number
