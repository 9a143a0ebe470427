"""The pages of disputes: list, open one on a line, one with its evidence, decide, withdraw."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

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
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs

from app.base import clock, db, formatting
from app.base.errors import AppError, NotFound
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.base.web.exports import Cell, Sheet, attached, exported
from app.base.web.lists import Filter, ListShape, Pages, read_list
from app.facts.deliveries.disputes import queries, services, wording
from app.facts.deliveries.disputes.forms import OpenForm, RulingForm, WithdrawForm
from app.facts.deliveries.disputes.queries import DisputeFilter, DisputeRow, RulingRow
from app.facts.deliveries.lines import line_lists, line_words
from app.facts.deliveries.lines.arrivals import Arrival, arrivals_of
from app.facts.deliveries.lines.line_lists import OrderLine
from app.facts.suppliers import queries as suppliers
from app.platform.records import queries as files
from app.platform.records import services as records
from app.platform.records import store
from app.platform.records.forms import AttachForm
from app.platform.records.media import KINDS, NAMED_KINDS
from app.platform.records.queries import AttachedFile
from app.platform.records.services import MEGABYTE, Shelf
from config import Settings

blueprint = Blueprint("disputes", __name__, url_prefix="/disputes")

VIEW, OPEN, DECIDE = "suppliers.view", "disputes.open", "disputes.decide"
ENTITY = "dispute"
EVERYTHING = 1_000_000
NOTHING_RUNS = "sandbox; default-src 'none'; frame-ancestors 'none'"
SHAPE = ListShape(
    sorts={"opened": True, "due": False, "supplier": False, "line": False},
    default="-opened",
    filters=(
        Filter("state", "State", {each: told for each, (_, told) in wording.STATE_WORDS.items()}),
        Filter("ground", "What is wrong", wording.GROUND_WORDS),
    ),
)  # fmt: skip
HEADS = (
    ("line", "Order line"), ("part", "Part"), ("supplier", "Supplier"), ("ground", "What is wrong"),
    ("claim", "Claim"), ("said_by", "Said by"), ("opened_on", "Opened"), ("opened_by", "Opened by"),
    ("due_on", "Dispute window ends"), ("state", "State"),
)  # fmt: skip


@blueprint.get("/")
@requires(VIEW)
def index() -> Response:
    """List the disputes."""
    state = read_list(SHAPE)
    wanted = DisputeFilter(state.values("state"), state.values("ground"), state.search)
    with db.reading() as session:
        rows, total = queries.disputes_page(
            session,
            wanted,
            sort=state.sort,
            is_falling=state.is_falling,
            limit=EVERYTHING if state.export else state.size,
            offset=0 if state.export else state.offset,
        )
    if state.export:
        return exported(Sheet("disputes", HEADS, map(_cells, rows)), state.export)
    page = render_template(
        "disputes/index.html", state=state, pages=Pages(state, total), rows=rows, words=wording
    )
    return make_response(page)


@blueprint.get("/lines/<int:line_id>")
@requires(OPEN)
def new(line_id: int) -> Response:
    """Ask what the supplier says is wrong with a line."""
    return _opening(line_id, OpenForm(formdata=None))


@blueprint.post("/lines/<int:line_id>")
@requires(OPEN)
def add(line_id: int) -> Response:
    """Open a dispute on a line."""
    form = OpenForm()
    if not form.validate():
        return _opening(line_id, form, status=422)
    try:
        with db.transaction() as session:
            key = services.open_dispute(session, line_id, form.objection(), today=clock.today())
    except NotFound:
        raise
    except AppError as error:
        form.form_errors.append(error.message)
        return _opening(line_id, form, status=STATUS_OF_KIND[error.kind])
    flash("The dispute is open. Attach what proves it.")
    return _back(key)


@blueprint.get("/<uuid:public_id>")
@requires(VIEW)
def show(public_id: UUID) -> Response:
    """Show a dispute: the line, what is said, the evidence, what was decided."""
    return _page(public_id)


@blueprint.post("/<uuid:public_id>/ruling")
@requires(DECIDE)
def decide(public_id: UUID) -> Response:
    """Decide a dispute."""
    form = RulingForm()
    if not form.validate():
        return _page(public_id, ruling=form, status=422)
    try:
        with db.transaction() as session:
            services.rule(
                session, public_id, form.decision, form.change(), reason=form.reason.data or ""
            )
    except NotFound:
        raise
    except AppError as error:
        form.form_errors.append(error.message)
        return _page(public_id, ruling=form, status=STATUS_OF_KIND[error.kind])
    flash("Decided. Published cards that hold the line are restated by the next recompute.")
    return _back(public_id)


@blueprint.post("/<uuid:public_id>/withdraw")
@requires(DECIDE)
def withdraw(public_id: UUID) -> Response:
    """Withdraw a dispute or its ruling, by a further one."""
    form = WithdrawForm()
    if not form.validate():
        return _page(public_id, withdrawal=form, status=422)
    try:
        with db.transaction() as session:
            services.withdraw(session, public_id, reason=form.reason.data or "")
    except NotFound:
        raise
    except AppError as error:
        form.form_errors.append(error.message)
        return _page(public_id, withdrawal=form, status=STATUS_OF_KIND[error.kind])
    flash("Withdrawn. What the ruling changed is put back.")
    return _back(public_id)


@blueprint.post("/<uuid:public_id>/files")
@requires("files.edit", takes_file=True)
def attach(public_id: UUID) -> Response:
    """Take a file as evidence; one that is refused leaves the page as it was."""
    form = AttachForm()
    if not form.validate():
        return _page(public_id, evidence=form, status=422)
    with db.reading() as session:
        found = queries.dispute(session, public_id)
    try:
        upload = records.examine(
            form.file.data.filename or "", form.file.data.read(), shelf=_shelf()
        )
        records.attach(
            upload,
            entity=ENTITY,
            entity_id=found.id,
            supplier_id=found.supplier_id,
            evidence_on=form.evidence_on.data,
            shelf=_shelf(),
        )
    except AppError as error:
        form.form_errors.append(error.message)
        return _page(public_id, evidence=form, status=STATUS_OF_KIND[error.kind])
    after = found.state in services.DECIDED
    flash(f"{upload.name} is stored" + (", marked as after the ruling." if after else "."))
    return _back(public_id)


@blueprint.get("/<uuid:public_id>/files/<uuid:file_id>")
@requires("files.view")
def download(public_id: UUID, file_id: UUID) -> Response:
    """Send a piece of evidence, always as a download that nothing can run in."""
    with db.reading() as session:
        found = queries.dispute(session, public_id)
        file = files.file_of(session, ENTITY, found.id, file_id)
    content = store.load(_shelf().files, file.public_id, file.sha256)
    if request.method == "GET":
        with db.transaction() as session:
            records.note_download(session, file)
    answer = attached(make_response(content), file.name)
    answer.headers["Content-Type"] = file.media_type
    answer.headers["Content-Security-Policy"] = NOTHING_RUNS
    return answer


def _page(
    public_id: UUID,
    *,
    ruling: RulingForm | None = None,
    withdrawal: WithdrawForm | None = None,
    evidence: AttachForm | None = None,
    status: int = 200,
) -> Response:
    with db.reading() as session:
        found = queries.dispute(session, public_id)
        rulings = queries.rulings_of(session, found.id)
        line, arrivals = _line(session, found.line_id)
        attached_files = files.files_of(session, ENTITY, found.id)
    form = ruling or RulingForm(formdata=None)
    form.receipt_id.choices = [SelectChoice("", "choose a receipt"), *map(_receipt, arrivals)]
    body = render_template(
        "disputes/show.html",
        dispute=found,
        rulings=rulings,
        line=line,
        story=line_words.story(line, arrivals),
        files=_evidence(attached_files, rulings),
        ruling=form,
        withdrawal=withdrawal or WithdrawForm(formdata=None),
        evidence=evidence or AttachForm(formdata=None),
        accepted=",".join(f".{kind}" for kind in KINDS),
        kinds=NAMED_KINDS,
        limit_mb=_shelf().largest // MEGABYTE,
        words=wording,
        reason_words=line_words.reason_words,
    )
    return make_response(body, status)


def _evidence(
    attached_files: list[AttachedFile], rulings: list[RulingRow]
) -> list[tuple[AttachedFile, datetime | None]]:
    """Return the files, each with the moment of the last ruling that did not know it, if any."""
    moments = [each.decided_at for each in rulings]
    return [
        (file, max((each for each in moments if each < file.uploaded_at), default=None))
        for file in attached_files
        if file.removed_at is None
    ]


def _opening(line_id: int, form: OpenForm, *, status: int = 200) -> Response:
    with db.reading() as session:
        line, arrivals = _line(session, line_id)
        supplier = suppliers.suppliers_by_id(session, [line.supplier_id])[line.supplier_id]
    body = render_template(
        "disputes/open.html",
        line=line,
        supplier=supplier,
        story=line_words.story(line, arrivals),
        form=form,
    )
    return make_response(body, status)


def _line(session: Session, line_id: int) -> tuple[OrderLine, list[Arrival]]:
    line = line_lists.line_by_id(session, line_id)
    if line is None:
        raise NotFound("E-DLV-01", "There is no such order line.")
    return line, arrivals_of(session, [line_id]).get(line_id, [])


def _receipt(arrival: Arrival) -> SelectChoice:
    came = "date unknown" if arrival.came_on is None else formatting.day(arrival.came_on)
    quantity = formatting.quantity(arrival.quantity)
    return SelectChoice(str(arrival.receipt_id), f"{arrival.source_key}: {quantity}, {came}")


def _cells(row: DisputeRow) -> tuple[Cell, ...]:
    return (
        row.label, row.part_number, row.supplier, wording.GROUND_WORDS[row.ground], row.claim,
        row.said_by, row.opened_on, row.opened_by, row.due_on, wording.STATE_WORDS[row.state][1],
    )  # fmt: skip


def _back(public_id: UUID) -> Response:
    return make_response(redirect(url_for("disputes.show", public_id=public_id), 303))


def _shelf() -> Shelf:
    settings: Settings = current_app.config["SETTINGS"]
    return Shelf.of(settings)
