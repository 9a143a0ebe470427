"""The pages of lists: editions with their age, checking a file, one edition, the setting."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
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
from app.base.errors import AppError, NotFound
from app.base.web.access import current_actor, requires
from app.base.web.errors import STATUS_OF_KIND
from app.base.web.exports import Sheet, exported
from app.base.web.headers import MEGABYTE
from app.base.web.lists import Filter, ListShape, Pages, read_list
from app.facts.evidence.screening import lists, queries, reading, running, settings, wording
from app.facts.evidence.screening.forms import SettingForm, UploadForm, WithdrawForm
from app.facts.evidence.screening.views import EVERYTHING, MANAGE, VIEW
from app.platform.imports.source_file import SourceFile
from app.platform.records.names import shown_name

blueprint = Blueprint("screening_lists", __name__, url_prefix="/screening/lists")

ENTRY_HEADS = (
    ("id", "Id"), ("name", "Name"), ("type", "Type"), ("aliases", "Aliases"),
    ("country", "Country"), ("program", "Program"), ("remarks", "Remarks"),
)  # fmt: skip
ENTRIES_SHAPE = ListShape(
    sorts={"name": False},
    default="name",
    filters=(Filter("kind", "Type", dict(wording.ENTRY_WORDS)),),
)


@blueprint.get("/")
@requires(VIEW)
def index() -> Response:
    """List the editions and the setting; take another file."""
    return _index_page()


@blueprint.post("/")
@requires(MANAGE, takes_file=True)
def check() -> Response:
    """Read and check a file; nobody is screened against it yet."""
    form = UploadForm()
    if not form.validate():
        return _index_page(upload=form, status=422)
    name = shown_name(form.file.data.filename or "")
    # A large one lies in a file of its own: it goes when it was read.
    with closing(form.file.data) as sent:
        source = SourceFile(name, content=sent.read())
    of_list = (form.source.data or "").strip().casefold()
    try:
        file = reading.read_list(
            source, lists.layout_of(of_list), encoding=form.encoding.data or "utf-8"
        )
        with db.transaction() as session:
            row = lists.check(
                session,
                file,
                source=of_list,
                edition=form.edition.data or clock.today(),
                file_name=name,
            )
            public_id = row.public_id
    except AppError as error:
        form.form_errors.append(f"{error.message} ({error.code})")
        return _index_page(upload=form, status=STATUS_OF_KIND[error.kind])
    return _see(public_id)


@blueprint.get("/<uuid:list_id>")
@requires(VIEW)
def show(list_id: UUID) -> Response:
    """Show an edition: counts, what it changes, its entries."""
    return _edition_page(list_id)


@blueprint.post("/<uuid:list_id>/put-in-force")
@requires(MANAGE)
def put_in_force(list_id: UUID) -> Response:
    """Let an edition count, and screen everybody against it."""
    return _changed(
        list_id,
        lambda session: lists.put_in_force(session, list_id),
        said="The edition is in force.",
    )


@blueprint.post("/<uuid:list_id>/discard")
@requires(MANAGE)
def discard(list_id: UUID) -> Response:
    """Drop an edition that never counted."""
    with db.transaction() as session:
        row = lists.discard(session, list_id)
        said = f"{row.file_name} was discarded; nobody was screened against it."
    flash(said)
    return make_response(redirect(url_for("screening_lists.index"), 303))


@blueprint.post("/<uuid:list_id>/withdraw")
@requires(MANAGE)
def withdraw(list_id: UUID) -> Response:
    """Take an edition out of force; the one before counts again."""
    form = WithdrawForm()
    if not form.validate():
        return _edition_page(list_id, form, status=422)
    return _changed(
        list_id,
        lambda session: lists.withdraw(session, list_id, reason=form.reason.data or ""),
        said="The edition is withdrawn; the one before it counts again.",
        form=form,
    )


@blueprint.post("/setting")
@requires(MANAGE)
def propose_setting() -> Response:
    """Propose another setting."""
    form = SettingForm()
    if not form.validate():
        return _index_page(setting_form=form, status=422)
    try:
        with db.transaction() as session:
            settings.propose(
                session,
                threshold=form.threshold.data or 0,
                kinds=form.kinds.data or (),
                stale_days=form.stale_days.data or 0,
                reason=form.reason.data or "",
            )
    except AppError as error:
        form.form_errors.append(error.message)
        return _index_page(setting_form=form, status=STATUS_OF_KIND[error.kind])
    flash("Proposed. It holds once another person agreed.")
    return make_response(redirect(url_for("screening_lists.index", _anchor="setting"), 303))


def _changed(
    list_id: UUID,
    change: Callable[[Session], object],
    *,
    said: str,
    form: WithdrawForm | None = None,
) -> Response:
    """Change what counts and queue the screening that follows from it."""
    try:
        with db.transaction() as session:
            change(session)
    except NotFound:
        raise
    except AppError as error:
        form = form or WithdrawForm(formdata=None)
        form.form_errors.append(error.message)
        return _edition_page(list_id, form, status=STATUS_OF_KIND[error.kind])
    with db.transaction() as session:
        follows = running.ask_for(session, because=running.LIST, by=current_actor().name)
    flash(f"{said} {follows}")
    return _see(list_id)


def _index_page(
    *,
    upload: UploadForm | None = None,
    setting_form: SettingForm | None = None,
    status: int = 200,
) -> Response:
    today = clock.today()
    with db.reading() as session:
        rows, in_force = queries.editions(session), lists.ages(session, today)
        setting, waiting = settings.in_force(session), settings.waiting(session)
    page = render_template(
        "screening/lists.html",
        rows=rows,
        in_force={each.public_id: each for each in in_force},
        setting=setting,
        waiting=waiting,
        upload=upload or UploadForm(formdata=None),
        setting_form=setting_form or _filled(setting),
        words=wording,
        today=today,
        limit_mb=current_app.config["SETTINGS"].upload_limit_bytes // MEGABYTE,
        columns=", ".join(reading.GENERIC_COLUMNS),
    )
    return make_response(page, status)


def _filled(setting: settings.Setting) -> SettingForm:
    form = SettingForm(formdata=None)
    form.threshold.data, form.stale_days.data = setting.threshold, setting.stale_days
    form.kinds.data = list(setting.kinds)
    return form


def _edition_page(
    list_id: UUID, form: WithdrawForm | None = None, *, status: int = 200
) -> Response:
    state = read_list(ENTRIES_SHAPE)
    today = clock.today()
    with db.reading() as session:
        row = lists.edition_of(session, list_id)
        entries, total = queries.entries_page(
            session,
            row.id,
            kinds=state.values("kind"),
            search=state.search,
            is_falling=state.is_falling,
            limit=EVERYTHING if state.export else state.size,
            offset=0 if state.export else state.offset,
        )
        newest = lists.newest_in_force(session, row.source)
        stale_days = settings.in_force(session).stale_days
    if state.export:
        cells = (
            (
                each.entry_key, each.name, each.kind, "|".join(each.aliases),
                "|".join(each.countries), each.program, each.remarks,
            )
            for each in entries
        )  # fmt: skip
        name = f"{row.source}-{row.edition.isoformat()}"
        return exported(Sheet(name, ENTRY_HEADS, cells, row.file_name), state.export)
    page = render_template(
        "screening/list.html",
        row=row,
        entries=entries,
        state=state,
        pages=Pages(state, total),
        is_newest=newest is not None and newest.id == row.id,
        is_shrinking=lists.is_shrinking(row.changes),
        age=wording.age_told(row.edition, today),
        is_old=(today - row.edition).days > stale_days,
        form=form or WithdrawForm(formdata=None),
        words=wording,
    )
    return make_response(page, status)


def _see(list_id: UUID) -> Response:
    return make_response(redirect(url_for("screening_lists.show", list_id=list_id), 303))
