"""The pages of actions: planned on a row, shown, moved on, completed with evidence."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import (
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.errors import AppError, NotFound
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.base.web.exports import attached
from app.calc.fmea_action import ActionState
from app.calc.fmea_scales import DIMENSIONS
from app.judgement.fmea import standards
from app.judgement.fmea.living import action_queries, action_services, beside, rows, wording
from app.judgement.fmea.living.action_queries import ActionRow
from app.judgement.fmea.living.blueprint import ACT, VIEW, blueprint
from app.judgement.fmea.living.forms import ActionForm, CompleteForm, MoveForm, ScoresForm
from app.judgement.fmea.living.papers import papers_of
from app.judgement.fmea.living.rows import RowHead
from app.platform.audit.services import ReasonNeeded
from app.platform.records import queries as files
from app.platform.records import services as records
from app.platform.records import store
from app.platform.records.forms import AttachForm
from app.platform.records.media import KINDS, NAMED_KINDS
from app.platform.records.services import MEGABYTE, Shelf, Upload
from config import Settings

ENTITY = "fmea_action"
NOTHING_RUNS = "sandbox; default-src 'none'; frame-ancestors 'none'"
Render = Callable[[int], Response]


@blueprint.get("/rows/<uuid:cause_id>/actions/new")
@requires(ACT)
def new(cause_id: UUID) -> Response:
    """Ask what is to be done about a row."""
    return _form_page(ActionForm(formdata=None), cause_id=cause_id)


@blueprint.post("/rows/<uuid:cause_id>/actions/new")
@requires(ACT)
def add(cause_id: UUID) -> Response:
    """Plan an action on a row."""
    form = ActionForm()

    def again(status: int) -> Response:
        return _form_page(form, cause_id=cause_id, status=status)

    def act(session: Session) -> UUID:
        head = rows.row_by_public_id(session, cause_id)
        return action_services.plan_action(session, head.cause_id, form.plan()).public_id

    return _done(form, act, again, "Planned. Its owner is told when it is overdue.")


@blueprint.get("/actions/<uuid:action_id>")
@requires(VIEW)
def show(action_id: UUID) -> Response:
    """Show an action with its ratings before and after, and its evidence."""
    return _show_page(action_id)


@blueprint.get("/actions/<uuid:action_id>/edit")
@requires(ACT)
def edit(action_id: UUID) -> Response:
    """Ask what is to be different about an action."""
    form = ActionForm(formdata=None)
    with db.reading() as session:
        found = action_queries.action(session, action_id)
    form.show_action(found)
    return _form_page(form, action=found)


@blueprint.post("/actions/<uuid:action_id>/edit")
@requires(ACT)
def amend(action_id: UUID) -> Response:
    """Change a running action."""
    form = ActionForm()

    def again(status: int) -> Response:
        with db.reading() as session:
            found = action_queries.action(session, action_id)
        return _form_page(form, action=found, status=status)

    def act(session: Session) -> UUID:
        action_services.edit_action(session, action_id, form.plan(), seen_version=form.seen_version)
        return action_id

    return _done(form, act, again, "Changed.")


@blueprint.post("/actions/<uuid:action_id>/state")
@requires(ACT)
def move(action_id: UUID) -> Response:
    """Say how far an action is, or why it is not done."""
    form = MoveForm()

    def act(session: Session) -> UUID:
        action_services.move_action(
            session,
            action_id,
            ActionState(form.state.data),
            reason=form.reason.data or "",
            seen_version=form.seen_version,
        )
        return action_id

    def again(status: int) -> Response:
        return _show_page(action_id, move_form=form, status=status)

    return _done(form, act, again, "Noted.")


@blueprint.get("/actions/<uuid:action_id>/complete")
@requires(ACT)
def finish(action_id: UUID) -> Response:
    """Ask what shows that an action is done, and how the row stands after it."""
    with db.reading() as session:
        found = action_queries.action(session, action_id)
    form = CompleteForm(formdata=None)
    form.version.data = str(found.version)
    aimed = found.planned or found.row
    form.show({name: getattr(aimed, name) for name in DIMENSIONS})
    return _complete_page(form, found)


@blueprint.post("/actions/<uuid:action_id>/complete")
@requires(ACT, takes_file=True)
def complete(action_id: UUID) -> Response:
    """Complete an action with evidence and revised ratings."""
    form = CompleteForm()
    with db.reading() as session:
        found = action_queries.action(session, action_id)

    def again(status: int) -> Response:
        return _complete_page(form, found, status=status)

    def act(session: Session) -> UUID:
        action_services.complete_action(
            session,
            action_id,
            evidence=form.evidence.data or "",
            revised=form.scores(),
            effect_change=form.change,
            seen_version=form.seen_version,
        )
        return action_id

    try:
        upload = _upload(form)
    except AppError as error:
        form.file.errors = [error.message]
        return again(STATUS_OF_KIND[error.kind])
    answer = _done(form, act, again, "Completed. Compare before and after.")
    if upload is not None and answer.status_code == 303:
        _keep(upload, form, found)
    return answer


@blueprint.post("/actions/<uuid:action_id>/files")
@requires("files.edit", takes_file=True)
def attach(action_id: UUID) -> Response:
    """Take a file as evidence."""
    form = AttachForm()
    if not form.validate():
        return _show_page(action_id, evidence=form, status=422)
    with db.reading() as session:
        found = action_queries.action(session, action_id)
    try:
        upload = _upload(form)
        if upload is not None:
            _attach(upload, form, found)
    except AppError as error:
        form.form_errors.append(error.message)
        return _show_page(action_id, evidence=form, status=STATUS_OF_KIND[error.kind])
    flash("The file is stored.")
    return _to(action_id)


@blueprint.get("/actions/<uuid:action_id>/files/<uuid:file_id>")
@requires("files.view")
def download(action_id: UUID, file_id: UUID) -> Response:
    """Send a piece of evidence, always as a download that nothing can run in."""
    with db.reading() as session:
        found = action_queries.action(session, action_id)
        file = files.file_of(session, ENTITY, found.id, file_id)
    content = store.load(_shelf().files, file.public_id, file.sha256)
    if request.method == "GET":
        with db.transaction() as session:
            records.note_download(session, file)
    answer = attached(make_response(content), file.name)
    answer.headers["Content-Type"] = file.media_type
    answer.headers["Content-Security-Policy"] = NOTHING_RUNS
    return answer


def _done(form: FlaskForm, act: Callable[[Session], UUID], again: Render, told: str) -> Response:
    """Do what a form asks for, or show its page again with what is wrong."""
    if not form.validate():
        return again(422)
    try:
        with db.transaction() as session:
            there = act(session)
    except NotFound:
        raise
    except ReasonNeeded as error:
        form["reason"].errors = [error.message]
        return again(422)
    except AppError as error:
        form.form_errors.append(error.message)
        return again(STATUS_OF_KIND[error.kind])
    flash(told)
    return _to(there)


def _to(action_id: UUID) -> Response:
    return make_response(redirect(url_for("actions.show", action_id=action_id), 303))


def _form_page(
    form: ActionForm,
    *,
    cause_id: UUID | None = None,
    action: ActionRow | None = None,
    status: int = 200,
) -> Response:
    with db.reading() as session:
        head = action.row if action else rows.row_by_public_id(session, cause_id or UUID(int=0))
        _offer(session, form, head)
    page = render_template(
        "fmea_living/action_form.html", form=form, row=head, action=action, words=wording
    )
    return make_response(page, status)


def _complete_page(form: CompleteForm, found: ActionRow, *, status: int = 200) -> Response:
    with db.reading() as session:
        _offer(session, form, found.row)
    page = render_template(
        "fmea_living/complete.html",
        form=form,
        action=found,
        row=found.row,
        words=wording,
        accepted=",".join(f".{kind}" for kind in KINDS),
        kinds=", ".join(NAMED_KINDS),
        limit_mb=_shelf().largest // MEGABYTE,
    )
    return make_response(page, status)


def _show_page(
    action_id: UUID,
    *,
    move_form: MoveForm | None = None,
    evidence: AttachForm | None = None,
    status: int = 200,
) -> Response:
    with db.reading() as session:
        found = action_queries.action(session, action_id)
        kept = files.files_of(session, ENTITY, found.id)
        papers = papers_of(session, found.row.supplier_id)
        links = beside.links_of(session, found.row.mode_id, papers)
    moving = move_form or MoveForm(formdata=None)
    if move_form is None:
        moving.version.data, moving.state.data = str(found.version), found.state
    page = render_template(
        "fmea_living/action.html",
        action=found,
        row=found.row,
        files=[each for each in kept if each.removed_at is None],
        links=links,
        move_form=moving,
        evidence=evidence or AttachForm(formdata=None),
        accepted=",".join(f".{kind}" for kind in KINDS),
        today=clock.today(),
        words=wording,
    )
    return make_response(page, status)


def _offer(session: Session, form: ScoresForm, head: RowHead) -> None:
    form.offer(standards.scales_in_force(session, head.scale_name))


def _upload(form: CompleteForm | AttachForm) -> Upload | None:
    """Look at the file that came along; None where none did."""
    file = form.file.data
    if file is None or not getattr(file, "filename", ""):
        return None
    return records.examine(file.filename, file.read(), shelf=_shelf())


def _keep(upload: Upload, form: CompleteForm, found: ActionRow) -> None:
    """Store what came with a completion; where it can't be, the completion stands and says so."""
    try:
        _attach(upload, form, found)
    except AppError as error:
        flash(f"The action is completed, the file was not stored: {error.message}")


def _attach(upload: Upload, form: CompleteForm | AttachForm, found: ActionRow) -> None:
    records.attach(
        upload,
        entity=ENTITY,
        entity_id=found.id,
        supplier_id=found.row.supplier_id,
        evidence_on=form.evidence_on.data,
        shelf=_shelf(),
    )


def _shelf() -> Shelf:
    settings: Settings = current_app.config["SETTINGS"]
    return Shelf.of(settings)
