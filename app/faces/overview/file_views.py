"""The files of one supplier: list, attach, download, remove with a reason."""

from __future__ import annotations

from uuid import UUID

from flask import Response, current_app, flash, make_response, redirect, render_template, request
from sqlalchemy.orm import Session

from app.base import db
from app.base.errors import AppError
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.base.web.exports import attached
from app.base.web.rendering import address
from app.faces.overview.blueprint import blueprint
from app.faces.overview.states import STATUS_WORDS, band_badge, grade_badge
from app.faces.overview.supplier_frame import supplier_frame
from app.facts.suppliers import queries as suppliers
from app.platform.records import queries, services, store
from app.platform.records.forms import AttachForm, RemoveForm
from app.platform.records.media import KINDS, NAMED_KINDS
from app.platform.records.queries import AttachedFile
from app.platform.records.services import MEGABYTE, Shelf
from config import Settings

ENTITY = "supplier"
SCAN_WORDS = {"not_scanned": "not scanned", "clean": "scanned, clean"}
NOTHING_RUNS = "sandbox; default-src 'none'; frame-ancestors 'none'"


@blueprint.get("/suppliers/<uuid:public_id>/files")
@requires("files.view")
def supplier_files(public_id: UUID) -> Response:
    """List the files of a supplier, removed ones with who and why."""
    return _page(public_id, AttachForm(formdata=None))


@blueprint.post("/suppliers/<uuid:public_id>/files")
@requires("files.edit", takes_file=True)
def attach_file(public_id: UUID) -> Response:
    """Take a file; one that is refused leaves the page as it was, with the reason."""
    form = AttachForm()
    if not form.validate():
        return _page(public_id, form, status=422)
    with db.reading() as session:
        owner = _owner(session, public_id)
    try:
        upload = services.examine(
            form.file.data.filename or "", form.file.data.read(), shelf=_shelf()
        )
        services.attach(
            upload,
            entity=ENTITY,
            entity_id=owner,
            supplier_id=owner,
            evidence_on=form.evidence_on.data,
            shelf=_shelf(),
        )
    except AppError as error:
        return _page(public_id, form, refusal=error, status=STATUS_OF_KIND[error.kind])
    flash(f"{upload.name} is stored.")
    return _back(public_id)


@blueprint.get("/suppliers/<uuid:public_id>/files/<uuid:file_id>")
@requires("files.view")
def download_file(public_id: UUID, file_id: UUID) -> Response:
    """Send a stored file, always as a download that nothing can run in."""
    with db.reading() as session:
        file = queries.file_of(session, ENTITY, _owner(session, public_id), file_id)
    content = store.load(_shelf().files, file.public_id, file.sha256)
    if request.method == "GET":
        with db.transaction() as session:
            services.note_download(session, file)
    answer = attached(make_response(content), file.name)
    answer.headers["Content-Type"] = _content_type(file)
    answer.headers["Content-Security-Policy"] = NOTHING_RUNS
    return answer


@blueprint.get("/suppliers/<uuid:public_id>/files/<uuid:file_id>/remove")
@requires("files.edit")
def confirm_file_removal(public_id: UUID, file_id: UUID) -> Response:
    """Ask why a file is to be taken away."""
    return _removal_page(public_id, file_id, RemoveForm(formdata=None))


@blueprint.post("/suppliers/<uuid:public_id>/files/<uuid:file_id>/remove")
@requires("files.edit")
def remove_file(public_id: UUID, file_id: UUID) -> Response:
    """Take a file away."""
    form = RemoveForm()
    if not form.validate():
        return _removal_page(public_id, file_id, form, status=422)
    with db.transaction() as session:
        services.remove(
            session,
            entity=ENTITY,
            entity_id=_owner(session, public_id),
            public_id=file_id,
            reason=form.reason.data or "",
        )
    flash("The file was removed. The list keeps its name, who removed it and why.")
    return _back(public_id)


def _owner(session: Session, public_id: UUID) -> int:
    """Return the supplier that files are kept with: the one it was merged into."""
    found = suppliers.supplier_by_public_id(session, public_id)
    return found.effective_supplier_id or found.id


def _shelf() -> Shelf:
    settings: Settings = current_app.config["SETTINGS"]
    return Shelf.of(settings)


def _page(
    public_id: UUID, form: AttachForm, *, refusal: AppError | None = None, status: int = 200
) -> Response:
    with db.reading() as session:
        frame = supplier_frame(session, public_id, tab="files")
        files = queries.files_of(session, ENTITY, frame.head.id)
    page = render_template(
        "overview/files.html",
        frame=frame,
        head=frame.head,
        shown=frame.shown,
        card=frame.card,
        risk=frame.risk,
        status_words=STATUS_WORDS,
        grade_badge=grade_badge,
        band_badge=band_badge,
        form=form,
        refusal=refusal,
        files=[each for each in files if each.removed_at is None],
        removed=[each for each in files if each.removed_at is not None],
        scan_words=SCAN_WORDS,
        limit_mb=_shelf().largest // MEGABYTE,
        kinds=", ".join(NAMED_KINDS),
        accepted=",".join(f".{each}" for each in KINDS),
        size_words=size_words,
    )
    return make_response(page, status)


def _removal_page(
    public_id: UUID, file_id: UUID, form: RemoveForm, *, status: int = 200
) -> Response:
    with db.reading() as session:
        owner = _owner(session, public_id)
        file = queries.file_of(session, ENTITY, owner, file_id)
        head = suppliers.head_of(session, owner)
    page = render_template("overview/file_removal.html", head=head, file=file, form=form)
    return make_response(page, status)


def size_words(size: int) -> str:
    """Return a size as people read it (“1.2 MB”, “3 KB”)."""
    if size >= MEGABYTE:
        return f"{size / MEGABYTE:.1f} MB"
    return f"{max(1, round(size / 1024))} KB"


def _content_type(file: AttachedFile) -> str:
    # How a text is encoded was not recorded; UTF-8 is what we ask for.
    is_text = file.media_type.startswith("text/")
    return f"{file.media_type}; charset=utf-8" if is_text else file.media_type


def _back(public_id: UUID) -> Response:
    return make_response(
        redirect(address("overview.supplier_files", {"public_id": public_id}), 303)
    )
