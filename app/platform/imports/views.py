"""The imports pages: the feed's list, upload, preview, publish, report, undo."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)

from app.base import db
from app.base.errors import AppError, Conflict, NotFound
from app.base.formatting import moment
from app.base.web.access import current_actor, requires
from app.base.web.errors import STATUS_OF_KIND
from app.base.web.exports import Sheet, exported
from app.base.web.headers import MEGABYTE
from app.base.web.lists import Filter, ListShape, Pages, read_list
from app.base.web.rendering import sentence
from app.platform.imports import held_files, kinds, mapping_files, reject_file, services
from app.platform.imports.forms import CREATED, UploadForm, choices
from app.platform.imports.mapping import Answers, Mapping, template_of, template_rows
from app.platform.imports.problems import Code
from app.platform.imports.services import Options
from app.platform.imports.source_file import SourceFile
from app.platform.jobs import ledger
from app.platform.sources import queries
from app.platform.sources.models import BatchState
from app.platform.sources.queries import BatchRow

blueprint = Blueprint("imports", __name__, url_prefix="/imports")

SHOWN = 200
RECOMPUTE = "recompute"
EVERYTHING = 1_000_000
STATE_WORDS = {
    BatchState.STAGED: ("watch", "waits"),
    BatchState.PUBLISHED: ("good", "published"),
    BatchState.DISCARDED: ("none", "discarded"),
    BatchState.UNDONE: ("none", "undone"),
}
QUESTION_WORDS = {
    "encoding": "How is the file encoded?",
    "sheet": "Which sheet?",
    "decimal": "Which sign separates decimals?",
    "date": "How are its dates written?",
}
ANSWER_WORDS = {
    "cp1252": "Windows-1252",
    "utf-8": "UTF-8",
    ".": "point: 1,234.50",
    ",": "comma: 1.234,50",
    "d/m/yyyy": "31/10/2026",
    "m/d/yyyy": "10/31/2026",
    "d.m.yyyy": "31.10.2026",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file was refused, and the import that already holds it, if that is why."""

    code: str
    message: str
    batch_id: int | None = None


def _shape() -> ListShape:
    words = {str(state): said for state, (_, said) in STATE_WORDS.items()}
    titles = {kind.name: kind.title for kind in kinds.registered()}
    return ListShape(
        sorts={"number": True, "rows": True, "aside": True, "file": False},
        default="-number",
        filters=(Filter("state", "State", words), Filter("kind", "Kind", titles)),
    )


@blueprint.get("/")
@requires("imports.view")
def index() -> Response:
    """List the imports."""
    state = read_list(_shape())
    with db.reading() as session:
        page = queries.batches_page(
            session,
            states=state.values("state"),
            kinds=state.values("kind"),
            sort=state.sort,
            is_falling=state.is_falling,
            limit=EVERYTHING if state.export else state.size,
            offset=0 if state.export else state.offset,
        )
        lineage = queries.lineage(session)
    if state.export:
        return exported(_sheet(page.rows), state.export)
    return make_response(
        render_template(
            "imports/index.html",
            state=state,
            pages=Pages(state, page.total),
            batches=page.rows,
            lineage=lineage,
            state_words=STATE_WORDS,
            titles={kind.name: kind.title for kind in kinds.registered()},
        )
    )


@blueprint.get("/new")
@requires("imports.publish")
def new() -> Response:
    """Ask for a file and how to read it."""
    form = _form(formdata=None)
    if form.mapping.data is None or request.args.get("mapping"):
        form.mapping.data = request.args.get("mapping") or "mainstay-deliveries"
    with db.reading() as session:
        is_first = queries.lineage(session).batches == 0
    if is_first:
        # Nothing is known yet, so everything a first file names is new.
        form.creates.data = [entity for entity, _ in CREATED]
    return _upload_page(form)


@blueprint.post("/")
@requires("imports.publish", takes_file=True)
def create() -> Response:
    """Read, check and stage an uploaded file; nothing is published yet."""
    form = _form()
    if not form.validate():
        return _upload_page(form, status=422)
    upload = form.file.data
    source = SourceFile(_display_name(upload.filename or ""), content=upload.read())
    try:
        batch_id = held_files.take(
            source,
            mapping_files.mapping_named(form.mapping.data),
            by=current_actor().name,
            options=_options(form),
        )
    except AppError as error:
        return _upload_page(form, refusal=_refusal(error), status=STATUS_OF_KIND[error.kind])
    return _see(batch_id)


@blueprint.get("/<int:batch_id>")
@requires("imports.view")
def show(batch_id: int) -> Response:
    """Show one import: its question, its preview or its report."""
    with db.reading() as session:
        batch = queries.batch_row(session, batch_id)
        problems = queries.problems(session, batch_id, limit=SHOWN)
        warnings = queries.problems(session, batch_id, limit=SHOWN, warnings=True)
        total = queries.problem_count(session, batch_id)
        refused = services.refusal(session, batch_id) if batch.state == "staged" else None
    return make_response(
        render_template(
            "imports/show.html",
            batch=batch,
            told=_told_of(batch),
            not_from_a_file=services.not_from_a_file(batch.id, batch.kind)
            if not kinds.is_registered(batch.kind)
            else None,
            question=held_files.question_of(batch.summary),
            question_words=QUESTION_WORDS,
            answer_words=ANSWER_WORDS,
            problems=problems,
            warnings=warnings,
            problem_total=total,
            refused=refused,
            state_words=STATE_WORDS,
            counts=batch.summary.get("preview", {}),
            creatable=_created(batch),
        )
    )


@blueprint.post("/<int:batch_id>/answer")
@requires("imports.publish")
def answer(batch_id: int) -> Response:
    """Take the answer to what a held file asks."""
    next_id = held_files.answer(batch_id, request.form.get("answer", ""), by=current_actor().name)
    return _see(next_id)


@blueprint.post("/<int:batch_id>/publish")
@requires("imports.publish")
def publish(batch_id: int) -> Response:
    """Turn the staged rows into facts, in one transaction."""
    done = services.publish(
        batch_id,
        by=current_actor().name,
        despite_bad_rows=request.form.get("despite_bad_rows") == "yes",
    )
    flash(f"Import #{done.batch_id} is published. {_recompute()}")
    return _see(batch_id)


@blueprint.post("/<int:batch_id>/discard")
@requires("imports.publish")
def discard(batch_id: int) -> Response:
    """Drop a staged file."""
    services.discard(batch_id)
    flash(f"Import #{batch_id} was discarded; nothing of it was published.")
    return make_response(redirect(url_for("imports.index"), 303))


@blueprint.post("/<int:batch_id>/undo")
@requires("imports.publish")
def undo(batch_id: int) -> Response:
    """Take a published import back."""
    services.undo(batch_id, by=current_actor().name)
    flash(
        f"Import #{batch_id} is undone: its rows are removed, what it changed is restored."
        f" {_recompute()}"
    )
    return _see(batch_id)


@blueprint.get("/<int:batch_id>/rejects")
@requires("imports.view")
def rejects(batch_id: int) -> Response:
    """Download the rows that stand aside, to be mended and sent again."""
    with db.reading() as session:
        queries.batch_row(session, batch_id)
        content = reject_file.content(session, batch_id)
    return _download(content, f"rejects-{batch_id}.csv")


@blueprint.get("/templates/<name>")
@requires("imports.view")
def template(name: str) -> Response:
    """Download a kind's template: its header and one example row."""
    for kind in kinds.registered():
        if f"{template_of(kind).name}.csv" == name:
            out = io.StringIO(newline="")
            csv.writer(out).writerows(template_rows(kind))
            return _download(("\ufeff" + out.getvalue()).encode("utf-8"), name)
    raise NotFound(Code.MAPPING, f"There is no template {name}.")


def _form(**given: object) -> UploadForm:
    form = UploadForm(**given)
    known = mapping_files.available()
    form.mapping.choices = [
        *choices(_named(known, are_templates=True), "Templates of this product"),
        *choices(_named(known, are_templates=False), "Sources"),
    ]
    return form


def _named(mappings: list[Mapping], *, are_templates: bool) -> list[tuple[str, str]]:
    return [
        (each.name, kinds.kind_named(each.kind).title if are_templates else sentence(each.title))
        for each in mappings
        if each.is_template == are_templates
    ]


def _options(form: UploadForm) -> Options:
    answers = Answers(
        encoding=form.encoding.data or None,
        sheet=form.sheet.data or None,
        delimiter=form.delimiter.data or None,
        decimal=form.decimal.data or None,
        date=form.date.data or None,
        creates=frozenset(form.creates.data or ()),
    )
    return Options(tolerate=float(form.tolerate.data or 0) / 100, answers=answers)


def _upload_page(
    form: UploadForm, *, refusal: Refusal | None = None, status: int = 200
) -> Response:
    limit = current_app.config["SETTINGS"].upload_limit_bytes // MEGABYTE
    page = render_template(
        "imports/new.html",
        form=form,
        refusal=refusal,
        limit_mb=limit,
        templates=[(template_of(kind).name, kind) for kind in kinds.registered()],
    )
    return make_response(page, status)


def _recompute() -> str:
    """Queue the recompute that lets scorecards follow the facts; return what to say of it."""
    try:
        with db.transaction() as session:
            ledger.run_now(session, job=RECOMPUTE, by=current_actor().name)
    except ledger.AlreadyOpen:
        return "A recompute is under way already; scorecards follow with the next one."
    return "Scorecards and risk index are being recomputed; the jobs page shows how far."


def _refusal(error: AppError) -> Refusal:
    batch_id = None
    if isinstance(error, Conflict) and error.code == Code.ALREADY_IMPORTED:
        number = error.message.partition("#")[2].partition(" ")[0]
        batch_id = int(number) if number.isdecimal() else None
    return Refusal(error.code, error.message, batch_id)


def _told_of(batch: BatchRow) -> str:
    """Return what the import brought and how it was read."""
    if not kinds.is_registered(batch.kind):
        return f"loaded by {batch.staged_by}"
    return f"{kinds.kind_named(batch.kind).title} · mapping {batch.mapping_name}"


def _created(batch: BatchRow) -> dict[str, int]:
    """Return what the import creates, or created, by entity."""
    before = batch.summary.get("preview", {}).get("created", {})
    return dict(batch.summary.get("created", before))


def _display_name(name: str) -> str:
    """Return a file's name without its folders and without characters that deceive."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(char for char in last if char.isprintable())[-200:] or "file"


def _see(batch_id: int) -> Response:
    return make_response(redirect(url_for("imports.show", batch_id=batch_id), 303))


def _download(content: bytes, name: str) -> Response:
    answer = make_response(content)
    answer.mimetype = "text/csv"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _sheet(rows: list[BatchRow]) -> Sheet:
    heads = [
        ("id", "Import"), ("file", "File"), ("kind", "Kind"), ("mapping", "Mapping"),
        ("state", "State"), ("rows_read", "Rows"), ("rows_new", "New"),
        ("rows_changed", "Changed"), ("rows_unchanged", "Unchanged"), ("rows_aside", "Aside"),
        ("by", "By"), ("at", "When"),
    ]  # fmt: skip
    cells = [
        (
            row.id, row.file_name, row.kind, row.mapping_name, row.state, row.rows_read,
            row.rows_new, row.rows_changed, row.rows_unchanged, row.rows_aside,
            row.published_by or row.staged_by, moment(row.published_at or row.created_at),
        )
        for row in rows
    ]  # fmt: skip
    return Sheet("imports", heads, cells)
