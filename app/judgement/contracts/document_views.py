"""The files of a contract: attach, download, take away with a reason."""

from __future__ import annotations

from uuid import UUID

from flask import Response, current_app, flash, make_response, request
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.errors import AppError
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.base.web.exports import attached
from app.judgement.contracts import documents, sheets
from app.judgement.contracts.blueprint import EDIT, OF_ONE, blueprint
from app.judgement.contracts.forms import DocumentForm, ReasonForm
from app.judgement.contracts.models import Contract, DocumentRole
from app.judgement.contracts.views import done, locked, show_page, to
from app.platform.records import queries, services, store
from app.platform.records.services import Shelf
from config import Settings

NOTHING_RUNS = "sandbox; default-src 'none'; frame-ancestors 'none'"


@blueprint.post(OF_ONE + "/documents")
@requires(EDIT, takes_file=True)
def attach(public_id: UUID, contract_id: UUID) -> Response:
    """Take a file; the version that is being worked on, or that holds, gets it."""
    form = DocumentForm()
    if not form.validate():
        return show_page(public_id, contract_id, form=form, status=422)
    try:
        name = _stored(public_id, contract_id, form)
    except AppError as error:
        if error.kind == "not_found":
            raise
        form.form_errors.append(error.message)
        return show_page(public_id, contract_id, form=form, status=STATUS_OF_KIND[error.kind])
    flash(f"{name} is stored.")
    return to(public_id, contract_id)


@blueprint.get(OF_ONE + "/documents/<uuid:file_id>")
@requires("files.view")
def download(public_id: UUID, contract_id: UUID, file_id: UUID) -> Response:
    """Send a file of the contract, always as a download that nothing can run in."""
    with db.reading() as session:
        _, row = sheets.found_row(session, public_id, contract_id, as_of=clock.today())
        file = queries.file_of(session, documents.ENTITY, row.contract.id, file_id)
    content = store.load(_shelf().files, file.public_id, file.sha256)
    if request.method == "GET":
        with db.transaction() as session:
            services.note_download(session, file)
    answer = attached(make_response(content), file.name)
    answer.headers["Content-Type"] = file.media_type
    answer.headers["Content-Security-Policy"] = NOTHING_RUNS
    return answer


@blueprint.post(OF_ONE + "/documents/<uuid:file_id>/remove")
@requires(EDIT)
def remove(public_id: UUID, contract_id: UUID, file_id: UUID) -> Response:
    """Take a file away that no approval is bound to."""
    form = ReasonForm()

    def act(session: Session, contract: Contract) -> None:
        documents.remove_document(session, contract, file_id, reason=form.reason.data or "")

    return done(public_id, contract_id, form, act, "The file was taken away.")


def _stored(public_id: UUID, contract_id: UUID, form: DocumentForm) -> str:
    """Store a file and what it is to the contract, both or neither; return its name."""
    with db.transaction() as session:
        contract = locked(session, public_id, contract_id)
        documents.check_takes_files(session, contract)
        owner, key = contract.supplier_id, contract.id
    upload = services.examine(form.file.data.filename or "", form.file.data.read(), shelf=_shelf())

    def note(session: Session, stored: UUID) -> None:
        # The contract may be another by now: it is found and judged anew.
        documents.note_document(
            session,
            locked(session, public_id, contract_id),
            attachment=stored,
            sha256=upload.sha256,
            role=DocumentRole(form.role.data),
        )

    services.attach(
        upload,
        entity=documents.ENTITY,
        entity_id=key,
        supplier_id=owner,
        evidence_on=form.evidence_on.data,
        shelf=_shelf(),
        beside=note,
    )
    return upload.name


def _shelf() -> Shelf:
    settings: Settings = current_app.config["SETTINGS"]
    return Shelf.of(settings)
