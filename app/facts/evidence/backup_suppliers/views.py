"""The pages of backup suppliers: how far each is, one with its stages, coverage per part."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar
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

from app.base import clock, db
from app.base.errors import AppError, NotFound
from app.base.web.access import requires
from app.base.web.entries import version_in
from app.base.web.errors import STATUS_OF_KIND
from app.base.web.exports import Sheet, exported
from app.base.web.lists import Filter, ListShape, ListState, Pages, read_list
from app.facts.evidence.backup_suppliers import queries, services
from app.facts.evidence.backup_suppliers.forms import (
    DEFAULT_ROTATION,
    AdvanceForm,
    DropForm,
    NewForm,
    PlanForm,
)
from app.facts.evidence.backup_suppliers.models import BackupStage
from app.facts.evidence.backup_suppliers.queries import BackupRow, PartCoverage
from app.platform.audit.services import ReasonNeeded

blueprint = Blueprint("backup_suppliers", __name__, url_prefix="/backup-suppliers")

VIEW, EDIT = "suppliers.view", "backups.edit"
MILLION = 1_000_000
Row = TypeVar("Row", BackupRow, PartCoverage)
STAGE_WORDS = {
    BackupStage.IDENTIFIED: ("none", "identified"),
    BackupStage.SAMPLING: ("info", "sampling"),
    BackupStage.QUALIFIED: ("watch", "qualified"),
    BackupStage.RELEASED: ("good", "released"),
    BackupStage.DROPPED: ("none", "dropped"),
}
NEEDS = {"late": "stage overdue", "rotation": "rotation due"}
SHAPE = ListShape(
    sorts={"part": False, "supplier": False, "stage": False, "due": False, "rotate": False},
    default="part",
    filters=(
        Filter("stage", "Stage", {str(key): words for key, (_, words) in STAGE_WORDS.items()}),
        Filter("needs", "Needs", NEEDS),
    ),
)
COVERAGE_SHAPE = ListShape(
    sorts={"part": False, "share": False, "first": True, "stock": False}, default="share"
)


@blueprint.get("/")
@requires(VIEW)
def index() -> Response:
    """List the backups with their stages, due days and rotation."""
    state, today = read_list(SHAPE), clock.today()
    with db.reading() as session:
        every = queries.backup_rows(session)
        sees_all = db.actor_of(session).reads.is_everything
    rows = _listed(every, state, today)
    if state.export:
        return exported(_sheet(rows), state.export)
    page = render_template(
        "backup_suppliers/index.html",
        state=state,
        pages=Pages(state, len(rows)),
        rows=rows[state.offset : state.offset + state.size],
        late=sum(1 for row in every if row.is_late(today)),
        rotation=sum(1 for row in every if row.rotation_is_due(today)),
        today=today,
        sees_all=sees_all,
        stage_words=STAGE_WORDS,
    )
    return make_response(page)


@blueprint.get("/coverage")
@requires(VIEW)
def coverage() -> Response:
    """List by part what its backups take over of our need, and how soon."""
    state, today = read_list(COVERAGE_SHAPE), clock.today()
    with db.reading() as session:
        found = queries.coverages(queries.backup_rows(session), today)
        sees_all = db.actor_of(session).reads.is_everything
    rows = _covered(found, state)
    if state.export:
        return exported(_coverage_sheet(rows), state.export)
    page = render_template(
        "backup_suppliers/coverage.html",
        state=state,
        pages=Pages(state, len(rows)),
        rows=rows[state.offset : state.offset + state.size],
        sees_all=sees_all,
    )
    return make_response(page)


@blueprint.get("/new")
@requires(EDIT)
def new() -> Response:
    """Ask who could take over what."""
    form = NewForm(formdata=None)
    form.part.data, form.rotate_days.data = request.args.get("part", "")[:200], DEFAULT_ROTATION
    return make_response(render_template("backup_suppliers/new.html", form=form))


@blueprint.post("/new")
@requires(EDIT)
def identify() -> Response:
    """Name a backup."""
    form = NewForm()

    def again(status: int) -> Response:
        return make_response(render_template("backup_suppliers/new.html", form=form), status)

    def act(session: Session) -> tuple[UUID, str]:
        made = services.identify(
            session, part=form.part.data or "", supplier=form.supplier.data or "", plan=form.plan()
        )
        return made.public_id, "Named. Sampling comes next."

    return _done(form, act, again)


@blueprint.get("/<uuid:public_id>")
@requires(VIEW)
def show(public_id: UUID) -> Response:
    """Show a backup with its stages."""
    return _show_page(public_id)


@blueprint.post("/<uuid:public_id>/edit")
@requires(EDIT)
def edit(public_id: UUID) -> Response:
    """Change what is meant with a backup."""
    form = PlanForm()

    def act(session: Session) -> tuple[UUID, str]:
        services.edit(session, public_id, form.plan(), seen_version=form.seen_version)
        return public_id, "Kept."

    return _done(form, act, lambda status: _show_page(public_id, form, status))


@blueprint.post("/<uuid:public_id>/advance")
@requires(EDIT)
def advance(public_id: UUID) -> Response:
    """Say that the next stage is reached."""
    form = AdvanceForm()

    def act(session: Session) -> tuple[UUID, str]:
        is_done = services.advance(
            session, public_id, evidence=form.reason.data or "", due_on=form.next_due_on.data,
            seen_version=version_in(form.version.data),
        )  # fmt: skip
        told = "Noted." if is_done else "Another person decides on the release."
        return public_id, told

    return _done(form, act, lambda status: _show_page(public_id, form, status))


@blueprint.post("/<uuid:public_id>/drop")
@requires(EDIT)
def drop(public_id: UUID) -> Response:
    """Give a backup up."""
    form = DropForm()

    def act(session: Session) -> tuple[UUID, str]:
        seen = version_in(form.version.data)
        services.drop(session, public_id, reason=form.reason.data or "", seen_version=seen)
        return public_id, "Dropped. It can be taken up again."

    return _done(form, act, lambda status: _show_page(public_id, form, status))


@blueprint.post("/<uuid:public_id>/take-up")
@requires(EDIT)
def take_up(public_id: UUID) -> Response:
    """Take a backup up again that was dropped."""
    form = DropForm()

    def act(session: Session) -> tuple[UUID, str]:
        services.take_up(session, public_id, seen_version=version_in(form.version.data))
        return public_id, "It is identified again; every stage is to be reached anew."

    return _done(form, act, lambda status: _show_page(public_id, form, status))


def _done(
    form: FlaskForm,
    act: Callable[[Session], tuple[UUID, str]],
    again: Callable[[int], Response],
) -> Response:
    if not form.validate():
        return again(422)
    try:
        with db.transaction() as session:
            there, told = act(session)
    except NotFound:
        raise
    except ReasonNeeded as error:
        form["reason"].errors = [error.message]
        return again(422)
    except AppError as error:
        form.form_errors.append(error.message)
        return again(STATUS_OF_KIND[error.kind])
    flash(told)
    return make_response(redirect(url_for("backup_suppliers.show", public_id=there), 303))


def _show_page(public_id: UUID, form: FlaskForm | None = None, status: int = 200) -> Response:
    today = clock.today()
    with db.reading() as session:
        row = queries.backup_by_public_id(session, public_id)
        beside = queries.backup_rows(session, part_ids=[row.backup.part_id])
        sees_all = db.actor_of(session).reads.is_everything
        is_waiting = services.is_waiting(session, row.backup.id)
    plan = form if isinstance(form, PlanForm) else PlanForm(formdata=None)
    if plan is not form:
        plan.show(row.backup)
    page = render_template(
        "backup_suppliers/show.html",
        row=row,
        backup=row.backup,
        coverage=next(iter(queries.coverages(beside, today)), None),
        sees_all=sees_all,
        next_stage=services.NEXT.get(BackupStage(row.backup.stage)),
        is_waiting=is_waiting,
        today=today,
        plan=plan,
        advance=form if isinstance(form, AdvanceForm) else AdvanceForm(formdata=None),
        drop=form if isinstance(form, DropForm) else DropForm(formdata=None),
        form=form,
        stage_words=STAGE_WORDS,
        on_the_way=queries.ON_THE_WAY,
    )
    return make_response(page, status)


def _listed(rows: list[BackupRow], state: ListState, today: date) -> list[BackupRow]:
    stages, needs = state.values("stage"), state.values("needs")
    text, order = state.search.casefold(), list(BackupStage)
    kept = [
        row
        for row in rows
        if (not stages or row.backup.stage in stages)
        and (not needs or ("late" in needs and row.is_late(today))
             or ("rotation" in needs and row.rotation_is_due(today)))
        and text in f"{row.part_number} {row.supplier_name} {row.backup.owner}".casefold()
    ]  # fmt: skip
    keys: dict[str, Callable[[BackupRow], Any]] = {  # Any: of one type each
        "part": lambda row: row.part_number,
        "supplier": lambda row: row.supplier_name.casefold(),
        "stage": lambda row: order.index(BackupStage(row.backup.stage)),
        "due": lambda row: row.backup.due_on,
        "rotate": lambda row: row.rotate_by,
    }
    return _sorted(kept, keys[state.sort], is_falling=state.is_falling)


def _covered(rows: list[PartCoverage], state: ListState) -> list[PartCoverage]:
    text = state.search.casefold()
    kept = [row for row in rows if text in f"{row.part_number} {row.part_name}".casefold()]
    keys: dict[str, Callable[[PartCoverage], Any]] = {  # Any: as above
        "part": lambda row: row.part_number,
        "share": lambda row: row.coverage.share,
        "first": lambda row: row.coverage.first_in,
        "stock": lambda row: row.survive_days,
    }
    return _sorted(kept, keys[state.sort], is_falling=state.is_falling)


def _sorted(
    rows: list[Row], key: Callable[[Row], Any], *, is_falling: bool
) -> list[Row]:  # Any: as above
    """Sort rows; what nobody knows stands last, whichever way."""
    told = sorted((row for row in rows if key(row) is not None), key=key, reverse=is_falling)
    return told + [row for row in rows if key(row) is None]


def _sheet(rows: list[BackupRow]) -> Sheet:
    heads = [
        ("part_no", "Part"), ("part", "Part name"), ("supplier_no", "Supplier"),
        ("supplier", "Supplier name"), ("stage", "Stage"), ("owner", "Owner"),
        ("due_on", "Next stage due"), ("released_on", "Released"),
        ("target_share", "Target share"), ("capacity", "Capacity a month"), ("unit", "Unit"),
        ("ready_days", "Days to first delivery"), ("last_order_on", "Last order"),
        ("rotate_by", "Order by"),
    ]  # fmt: skip
    cells = (
        (
            row.part_number, row.part_name, row.supplier_number, row.supplier_name,
            row.backup.stage, row.backup.owner, row.backup.due_on, row.backup.released_on,
            None if row.backup.target_share is None else row.backup.target_share / MILLION,
            row.backup.capacity, row.unit, row.backup.ready_days, row.last_order_on,
            row.rotate_by,
        )
        for row in rows
    )  # fmt: skip
    return Sheet("backup-suppliers", heads, cells, "Backup suppliers")


def _coverage_sheet(rows: list[PartCoverage]) -> Sheet:
    heads = [
        ("part_no", "Part"), ("part", "Name"), ("need", "Need a month"), ("unit", "Unit"),
        ("released", "Released"), ("on_the_way", "On their way"), ("share", "Share covered"),
        ("first_in", "First delivery in days"), ("stock_days", "Our stock lasts, days"),
        ("unknown", "Backups not known"),
    ]  # fmt: skip
    cells = (
        (
            row.part_number, row.part_name, row.need, row.unit, row.released, row.on_the_way,
            row.coverage.share, row.coverage.first_in, row.survive_days, row.coverage.unknown,
        )
        for row in rows
    )  # fmt: skip
    return Sheet("emergency-coverage", heads, cells, "What backups take over in an emergency")
