"""The pages of one supplier's disruptions: record, correct, withdraw, charge back."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs

from app.base import clock, db
from app.base.errors import AppError, Conflict, Forbidden, InvalidInput
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.base.web.exports import Sheet, exported
from app.base.web.lists import Filter, ListShape, ListState, Pages, read_list
from app.facts.deliveries.disruptions import queries, services, wording
from app.facts.deliveries.disruptions.forms import (
    NO_SITE,
    DisruptionForm,
    NoteForm,
    NoteStepForm,
    WithdrawForm,
)
from app.facts.deliveries.disruptions.models import DebitNote, NoteState
from app.facts.deliveries.disruptions.queries import DisruptionRow
from app.facts.deliveries.models import CausedBy, Disruption
from app.facts.suppliers import calendar_keeping
from app.facts.suppliers.directory import head_by_public_id
from app.facts.suppliers.queries import SupplierHead
from app.platform.approvals.kinds import ObjectRef
from app.platform.approvals.queries import waiting_for
from app.platform.audit.services import ReasonNeeded

blueprint = Blueprint("disruptions", __name__, url_prefix="/suppliers/<uuid:public_id>/disruptions")

VIEW, EDIT, CHARGE = "suppliers.view", "disruptions.edit", "debits.edit"
ASKED = "Asked. Another person decides under “Approvals”; until then it stands as it did."
REFUSALS = (Conflict, Forbidden, InvalidInput)
KEY = re.compile(r"[0-9]{1,18}")
SHAPE = ListShape(
    sorts={"on": True},
    default="-on",
    filters=(
        Filter("kind", "What", {str(each): words for each, words in wording.KIND_WORDS.items()}),
        Filter("caused", "Caused by",
               {str(each): words for each, words in wording.CAUSED_WORDS.items()}),
    ),
)  # fmt: skip


@blueprint.get("/")
@requires(VIEW)
def index(public_id: UUID) -> Response:
    """List what was recorded, and the debit notes."""
    return _index_page(public_id, NoteForm(formdata=None))


@blueprint.get("/new")
@requires(EDIT)
def new(public_id: UUID) -> Response:
    """Ask what happened."""
    return _form_page(public_id, None, _form(formdata=None))


@blueprint.post("/new")
@requires(EDIT)
def record(public_id: UUID) -> Response:
    """Record a disruption."""
    return _written(
        public_id,
        _form(),
        lambda session, head, form: services.record(session, head.id, form.told()),
        again=lambda form, status: _form_page(public_id, None, form, status),
        told="Recorded. It counts at once.",
    )


@blueprint.get("/<int:disruption_id>")
@requires(EDIT)
def edit(public_id: UUID, disruption_id: int) -> Response:
    """Show a disruption as a form."""
    form = _form(formdata=None)
    with db.reading() as session:
        form.show(_found(session, public_id, disruption_id))
    return _form_page(public_id, disruption_id, form)


@blueprint.post("/<int:disruption_id>")
@requires(EDIT)
def correct(public_id: UUID, disruption_id: int) -> Response:
    """Correct a disruption, with a reason."""
    return _written(
        public_id,
        _form(),
        lambda session, head, form: services.edit(
            session,
            queries.disruption_of(session, head.id, disruption_id),
            form.told(),
            reason=form.reason.data or "",
        ),
        again=lambda form, status: _form_page(public_id, disruption_id, form, status),
        told="Corrected. What it said before stays in the audit log.",
    )


@blueprint.post("/<int:disruption_id>/withdraw")
@requires(EDIT)
def withdraw(public_id: UUID, disruption_id: int) -> Response:
    """Withdraw a disruption, with a reason."""
    return _written(
        public_id,
        WithdrawForm(),
        lambda session, head, form: services.withdraw(
            session,
            queries.disruption_of(session, head.id, disruption_id),
            reason=form.reason.data or "",
        ),
        again=lambda form, status: _form_page(
            public_id, disruption_id, None, status, withdrawal=form
        ),
        told="Withdrawn. It stays in the list and counts nowhere.",
    )


@blueprint.post("/notes")
@requires(CHARGE)
def make_note(public_id: UUID) -> Response:
    """Draft a debit note over what is ticked."""
    form = NoteForm()
    if not form.validate():
        return _index_page(public_id, form, status=422)
    ticked = {int(key) for key in request.form.getlist("disruption") if KEY.fullmatch(key)}
    try:
        with db.transaction() as session:
            head = head_by_public_id(session, public_id)
            note = services.make_note(session, head.id, ticked, text=form.text.data or None)
    except REFUSALS as error:
        return _index_page(public_id, form, refusal=error, status=STATUS_OF_KIND[error.kind])
    flash(f"{note.number} is a draft. Send it when it is right.")
    return _to_note(public_id, note.public_id)


@blueprint.get("/notes/<uuid:note_id>")
@requires(VIEW)
def note(public_id: UUID, note_id: UUID) -> Response:
    """Show a debit note with its costs and its next steps."""
    return _note_page(public_id, note_id)


@blueprint.post("/notes/<uuid:note_id>/send")
@requires(CHARGE)
def send(public_id: UUID, note_id: UUID) -> Response:
    """Say that a note was sent."""
    return _stepped(public_id, note_id, lambda s, n, _: services.send(s, n), "It is sent.")


@blueprint.post("/notes/<uuid:note_id>/dispute")
@requires(CHARGE)
def dispute(public_id: UUID, note_id: UUID) -> Response:
    """Say that the supplier disputes a note."""
    return _stepped(
        public_id,
        note_id,
        lambda s, n, form: services.dispute(s, n, reason=form.reason.data or ""),
        "It is disputed.",
    )


@blueprint.post("/notes/<uuid:note_id>/settle")
@requires(CHARGE)
def settle(public_id: UUID, note_id: UUID) -> Response:
    """Say what came back of a note; all of it where no amount is given."""

    def act(session: Session, found: DebitNote, form: NoteStepForm) -> None:
        whole = queries.note_of(session, found.supplier_id, found.public_id).amount
        amount = whole if form.amount.data is None else round(form.amount.data, 4)
        services.settle(session, found, amount=amount, reason=form.reason.data)

    return _stepped(public_id, note_id, act, ASKED)


@blueprint.post("/notes/<uuid:note_id>/discard")
@requires(CHARGE)
def discard(public_id: UUID, note_id: UUID) -> Response:
    """Put a note aside."""

    def act(session: Session, found: DebitNote, form: NoteStepForm) -> object:
        is_done = services.discard(session, found, reason=form.reason.data or "")
        return None if is_done else ASKED

    told = "It is discarded. Its costs can be charged again."
    return _stepped(public_id, note_id, act, told)


Again = Callable[..., Response]
Write = Callable[..., object]


def _written(
    public_id: UUID, form: FlaskForm, write: Write, *, again: Again, told: str
) -> Response:
    """Write what a form says, or show it again with what is wrong."""
    if not form.validate():
        return again(form, 422)
    try:
        with db.transaction() as session:
            write(session, head_by_public_id(session, public_id), form)
    except ReasonNeeded as error:
        form["reason"].errors = [error.message]
        return again(form, 422)
    except REFUSALS as error:
        form.form_errors.append(error.message)
        return again(form, STATUS_OF_KIND[error.kind])
    flash(told)
    return make_response(redirect(url_for("disruptions.index", public_id=public_id), 303))


def _stepped(
    public_id: UUID,
    note_id: UUID,
    act: Callable[[Session, DebitNote, NoteStepForm], object],
    told: str,
) -> Response:
    form = NoteStepForm()
    if not form.validate():
        return _note_page(public_id, note_id, form, 422)
    try:
        with db.transaction() as session:
            own = head_by_public_id(session, public_id).id
            said = act(session, services.note_to_change(session, own, note_id), form)
    except ReasonNeeded as error:
        form.reason.errors = [error.message]
        return _note_page(public_id, note_id, form, 422)
    except REFUSALS as error:
        form.form_errors.append(error.message)
        return _note_page(public_id, note_id, form, STATUS_OF_KIND[error.kind])
    flash(ASKED if said == ASKED else told)
    return _to_note(public_id, note_id)


def _to_note(public_id: UUID, note_id: UUID) -> Response:
    there = url_for("disruptions.note", public_id=public_id, note_id=note_id)
    return make_response(redirect(there, 303))


def _found(session: Session, public_id: UUID, disruption_id: int) -> Disruption:
    return queries.disruption_of(session, head_by_public_id(session, public_id).id, disruption_id)


def _form(**options: None) -> DisruptionForm:
    form = DisruptionForm(**options)
    with db.reading() as session:
        sites = calendar_keeping.own_sites(session)
    form.site.choices = [
        SelectChoice(NO_SITE, "not known"),
        *(SelectChoice(str(key), name) for key, name in sites),
    ]
    return form


def _form_page(
    public_id: UUID,
    disruption_id: int | None,
    form: DisruptionForm | None,
    status: int = 200,
    *,
    withdrawal: WithdrawForm | None = None,
) -> Response:
    shown = form or _form(formdata=None)
    with db.reading() as session:
        head = head_by_public_id(session, public_id)
        found = None
        if disruption_id is not None:
            found = queries.disruption_of(session, head.id, disruption_id)
            if form is None:
                shown.show(found)
    page = render_template(
        "disruptions/form.html",
        head=head,
        found=found,
        form=shown,
        withdrawal=withdrawal or WithdrawForm(formdata=None),
    )
    return make_response(page, status)


def _index_page(
    public_id: UUID, form: NoteForm, *, refusal: AppError | None = None, status: int = 200
) -> Response:
    state = read_list(SHAPE)
    with db.reading() as session:
        head = head_by_public_id(session, public_id)
        every = queries.disruption_rows(session, head.id, last_day=clock.today())
        notes = queries.notes_of(session, head.id)
    rows = _listed(every, state)
    if state.export:
        return exported(_sheet(rows, head), state.export)
    page = render_template(
        "disruptions/index.html",
        head=head,
        state=state,
        pages=Pages(state, len(rows)),
        rows=rows[state.offset : state.offset + state.size],
        notes=notes,
        form=form,
        refusal=refusal,
        words=wording,
        chargeable={row.disruption.id for row in every if _is_chargeable(row)},
    )
    return make_response(page, status)


def _note_page(
    public_id: UUID, note_id: UUID, form: NoteStepForm | None = None, status: int = 200
) -> Response:
    with db.reading() as session:
        head = head_by_public_id(session, public_id)
        sheet = queries.note_of(session, head.id, note_id)
        waiting = waiting_for(session, ObjectRef(services.NOTE, str(sheet.note.id)))
    page = render_template(
        "disruptions/note.html",
        head=head,
        sheet=sheet,
        note=sheet.note,
        form=form or NoteStepForm(formdata=None),
        words=wording,
        waiting=waiting,
        steps={str(each) for each in services.STEPS.get(NoteState(sheet.note.state), ())},
    )
    return make_response(page, status)


def _is_chargeable(row: DisruptionRow) -> bool:
    each = row.disruption
    is_ours_to_charge = each.caused_by == CausedBy.SUPPLIER and bool(each.cost)
    return is_ours_to_charge and row.note is None and each.withdrawn_at is None


def _listed(rows: list[DisruptionRow], state: ListState) -> list[DisruptionRow]:
    kinds, causes = state.values("kind"), state.values("caused")
    kept = [
        row
        for row in rows
        if (not kinds or row.disruption.kind in kinds)
        and (not causes or row.disruption.caused_by in causes)
    ]
    return sorted(kept, key=lambda row: row.disruption.occurred_on, reverse=state.is_falling)


def _sheet(rows: list[DisruptionRow], head: SupplierHead) -> Sheet:
    heads = [
        ("occurred_on", "On"), ("reference", "Reference"), ("kind", "What"),
        ("plant", "Our plant"), ("hours", "Hours"), ("lines_hit", "Lines hit"), ("cost", "Cost"),
        ("currency", "Currency"), ("caused_by", "Caused by"), ("note", "Note"),
        ("debit_note", "Debit note"), ("withdrawn", "Withdrawn because"),
    ]  # fmt: skip
    cells = (
        (
            each.occurred_on, each.reference, each.kind, row.plant, each.hours, each.lines_hit,
            each.cost, each.currency, each.caused_by, each.note,
            None if row.note is None else row.note.number, each.withdrawn_because,
        )
        for row in rows
        for each in (row.disruption,)
    )  # fmt: skip
    return Sheet("disruptions", heads, cells, f"Disruptions, {head.name}")
