"""Writes of backups: name one, move it on with evidence, release it by another person, drop it.

A release makes the supplier an approved source of the part, so that every page that counts
sources sees it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.base import clock, formatting, scope
from app.base.errors import Conflict, InvalidInput, NotFound
from app.facts.evidence.backup_suppliers import queries
from app.facts.evidence.backup_suppliers.models import BackupStage, BackupSupplier
from app.facts.suppliers.models import ApprovedSource, Part, SourceRole, Supplier
from app.facts.suppliers.queries import (
    NOT_DELIVERING,
    approved_on,
    effective_id,
    find_supplier,
)
from app.platform.accounts.models import User
from app.platform.accounts.queries import people_named
from app.platform.approvals import services as approvals
from app.platform.approvals.eligibility import holders_of_grant
from app.platform.approvals.kinds import ObjectKind, ObjectRef, Settled
from app.platform.approvals.queries import waiting_for
from app.platform.audit import services as audit
from app.platform.outbox import services as outbox
from app.platform.outbox.services import About
from app.platform.outbox.values import one_line

RELEASE = "backup_release"
IDENTIFIED, SAMPLING, QUALIFIED, RELEASED, DROPPED = BackupStage
NEXT = {IDENTIFIED: SAMPLING, SAMPLING: QUALIFIED, QUALIFIED: RELEASED}
FARTHEST = timedelta(days=1827)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is meant with a backup, None where nobody knows. target_share: in millionths."""

    owner: str
    due_on: date | None = None
    target_share: int | None = None
    capacity: Decimal | None = None
    ready_days: int | None = None
    rotate_days: int = 180
    note: str | None = None


def identify(session: Session, *, part: str, supplier: str, plan: Plan) -> BackupSupplier:
    """Name a supplier as a backup of a part, both by number."""
    part_id = session.scalar(select(Part.id).where(Part.number == part))
    if part_id is None:
        raise InvalidInput("E-BKP-02", f"There is no part {part[:60]!r}; give its number.")
    try:
        of = find_supplier(session, supplier)
    except NotFound:
        raise InvalidInput(
            "E-BKP-03", f"There is no supplier {supplier[:60]!r} within your reach."
        ) from None
    supplier_id = of.effective_supplier_id or of.id
    scope.require_writable(session, "supplier", supplier_id)
    _refuse_unfit(session, part_id, session.get_one(Supplier, supplier_id))
    _check(plan, IDENTIFIED)
    row = BackupSupplier(
        part_id=part_id, supplier_id=supplier_id, owner=plan.owner, identified_on=clock.today()
    )
    _fill(row, plan)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise Conflict(
            "E-BKP-04", f"{of.name} is a backup of {part} already. Nothing was stored."
        ) from None
    return row


def edit(session: Session, public_id: UUID, plan: Plan, *, seen_version: int) -> BackupSupplier:
    """Change what is meant with a backup."""
    row = backup_to_change(session, public_id, seen_version=seen_version)
    _refuse_waiting(session, row)
    _check(plan, BackupStage(row.stage))
    _fill(row, plan)
    row.version += 1
    session.flush()
    return row


def advance(
    session: Session, public_id: UUID, *, evidence: str, due_on: date | None, seen_version: int
) -> bool:
    """Say that the next stage is reached and what shows it; return whether it is done by now.

    Another person decides on the release: it makes an approved source.
    """
    row = backup_to_change(session, public_id, seen_version=seen_version)
    to = NEXT.get(BackupStage(row.stage))
    if to is None:
        raise Conflict("E-BKP-05", f"The backup is {row.stage}; no stage follows.")
    _refuse_waiting(session, row)
    because = audit.give_reason(session, evidence)
    if to is RELEASED:
        _refuse_out(session.get_one(Supplier, row.supplier_id))
        _submit(session, row, because)
        return False
    _check_due(due_on)
    row.stage, row.stage_because, row.due_on = to, because, due_on
    setattr(row, f"{to}_on", clock.today())
    row.version += 1
    session.flush()
    return True


def drop(session: Session, public_id: UUID, *, reason: str, seen_version: int) -> None:
    """Give a backup up; what is ordered from it is another matter."""
    row = backup_to_change(session, public_id, seen_version=seen_version)
    if row.stage == DROPPED:
        raise Conflict("E-BKP-05", "The backup was dropped already.")
    _refuse_waiting(session, row)
    row.stage_because = audit.give_reason(session, reason)
    row.stage, row.due_on, row.version = DROPPED, None, row.version + 1
    session.flush()


def take_up(session: Session, public_id: UUID, *, seen_version: int) -> None:
    """Take a backup that was dropped up again, from the first stage on."""
    row = backup_to_change(session, public_id, seen_version=seen_version)
    if row.stage != DROPPED:
        raise Conflict("E-BKP-05", f"The backup is {row.stage}; it was not dropped.")
    row.stage, row.stage_because = IDENTIFIED, None
    row.identified_on = clock.today()
    row.sampling_on = row.qualified_on = row.released_on = row.due_on = None
    row.version += 1
    session.flush()


def remind(session: Session, today: date) -> int:
    """Tell the owners of backups whose stage is late or whose rotation is due; return how many
    mails that made. Each day that passed is told once."""
    told = 0
    for row in queries.backup_rows(session):
        because, day = _reminder(row, today)
        owner = _account_of(session, row.backup.owner) if because else None
        if owner is None or day is None:
            continue
        told += (
            outbox.enqueue_mail(
                session,
                to=owner.email,
                subject=one_line(f"Backup {row.supplier_name} of {row.part_number}")[:150],
                template="backup_due",
                facts={
                    "name": owner.name,
                    "supplier": one_line(row.supplier_name),
                    "part": row.part_number,
                    "because": because,
                },
                dedupe_key=f"backup {row.backup.public_id} {day.isoformat()} {owner.id}",
                about=About("backup_supplier", str(row.backup.public_id)),
            )
            is not None
        )
    return told


def backup_to_change(session: Session, public_id: UUID, *, seen_version: int) -> BackupSupplier:
    """Return a backup, held until the transaction ends, as it was seen; raises NotFound."""
    found = queries.backup_by_public_id(session, public_id).backup
    scope.require_writable(session, "backup_supplier", found.id)
    row = session.scalars(
        select(BackupSupplier)
        .where(BackupSupplier.id == found.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if row.version != seen_version:
        raise Conflict(
            "E-BKP-06",
            "Somebody changed it since you opened the page. Look at it, then send it again.",
        )
    return row


def is_waiting(session: Session, backup_id: int) -> bool:
    """Tell whether a release waits for another person's decision."""
    return waiting_for(session, ObjectRef(RELEASE, str(backup_id))) is not None


def _fill(row: BackupSupplier, plan: Plan) -> None:
    row.owner, row.due_on, row.target_share = plan.owner, plan.due_on, plan.target_share
    row.capacity, row.ready_days = plan.capacity, plan.ready_days
    row.rotate_days, row.note = plan.rotate_days, plan.note


def _check(plan: Plan, stage: BackupStage) -> None:
    if stage in queries.ON_THE_WAY:
        _check_due(plan.due_on, may_be_past=True)
    elif plan.due_on is not None:
        raise InvalidInput("E-BKP-07", f"The backup is {stage}; no stage of it is due any more.")


def _check_due(due_on: date | None, *, may_be_past: bool = False) -> None:
    today = clock.today()
    first = today - FARTHEST if may_be_past else today
    if due_on is not None and not first <= due_on <= today + FARTHEST:
        raise InvalidInput(
            "E-BKP-08",
            f"{formatting.day(due_on)} is not a day from {formatting.day(first)} to "
            f"{formatting.day(today + FARTHEST)}.",
        )


def _refuse_unfit(session: Session, part_id: int, of: Supplier) -> None:
    """Refuse who delivers to nobody, and whose own outage it would have to bridge."""
    _refuse_out(of)
    primary = (
        select(ApprovedSource.id)
        .join(Supplier, Supplier.id == ApprovedSource.supplier_id)
        .where(
            ApprovedSource.part_id == part_id,
            ApprovedSource.role == SourceRole.PRIMARY,
            effective_id() == of.id,
            *approved_on(clock.today()),
        )
    )
    if session.scalar(primary.limit(1)) is not None:
        raise InvalidInput(
            "E-BKP-11", f"{of.name} is the part's primary source; name who could stand in for it."
        )


def _refuse_out(of: Supplier) -> None:
    if of.status in NOT_DELIVERING:
        raise Conflict("E-BKP-10", f"{of.name} is {of.status}; it can’t take over anything.")


def _refuse_waiting(session: Session, row: BackupSupplier) -> None:
    if is_waiting(session, row.id):
        raise Conflict("E-BKP-09", "Its release waits for another person; have it decided first.")


def _submit(session: Session, row: BackupSupplier, because: str) -> None:
    shown = queries.backup_by_public_id(session, row.public_id)
    approvals.submit(
        session,
        about=ObjectRef(RELEASE, str(row.id)),
        version=row.version,
        title=f"Release {shown.supplier_name} for {shown.part_number}"[:150],
        content={
            "supplier": f"{shown.supplier_name} ({shown.supplier_number})",
            "part": shown.part_number,
            "qualified on": None if row.qualified_on is None else row.qualified_on.isoformat(),
            "target share": None if row.target_share is None else row.target_share / 1_000_000,
        },
        because=because,
        supplier_id=row.supplier_id,
    )


def _settle(session: Session, settled: Settled) -> None:
    if not settled.is_approved:
        return
    row = session.get_one(BackupSupplier, int(settled.about.key), with_for_update=True)
    _refuse_out(session.get_one(Supplier, row.supplier_id))
    row.stage, row.released_on, row.due_on = RELEASED, clock.today(), None
    row.stage_because, row.version = settled.reason, row.version + 1
    session.flush()
    known = (
        select(ApprovedSource.id)
        .join(Supplier, Supplier.id == ApprovedSource.supplier_id)
        .where(ApprovedSource.part_id == row.part_id, effective_id() == row.supplier_id,
               *approved_on(clock.today()))
    )  # fmt: skip
    if session.scalar(known.limit(1)) is None:
        session.add(
            ApprovedSource(
                part_id=row.part_id, supplier_id=row.supplier_id, role=SourceRole.ALTERNATE,
                target_share=row.target_share, qualified_on=row.qualified_on,
                valid_from=clock.today(),
            )
        )  # fmt: skip
    session.flush()


def _reminder(row: queries.BackupRow, today: date) -> tuple[str, date | None]:
    if row.is_late(today):
        return f"its next stage was due on {formatting.day(row.backup.due_on)}", row.backup.due_on
    if row.rotation_is_due(today):
        last = row.last_order_on
        told = "never" if last is None else f"last on {formatting.day(last)}"
        return f"it was {told} ordered from; give it an order", row.rotate_by
    return "", None


def _account_of(session: Session, owner: str) -> User | None:
    """Return the account of an owner, where the name or address is exactly one's."""
    found = people_named(session, [owner])
    return found[0] if len(found) == 1 else None


def _list(_key: str) -> str:
    return "/backup-suppliers/"


KIND = ObjectKind(
    type=RELEASE,
    words="Releases of backup suppliers",
    approvers=holders_of_grant(RELEASE),
    settle=_settle,
    address=_list,
)
