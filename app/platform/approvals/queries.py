"""Reads of approvals and delegations."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.platform.accounts.models import User
from app.platform.approvals import eligibility, kinds
from app.platform.approvals.eligibility import Powers, Said, Standing
from app.platform.approvals.kinds import Content, ObjectRef
from app.platform.approvals.models import Approval, ApprovalDecision, Delegation, State, Verdict

SORTS = {
    "submitted": Approval.submitted_at,
    "decided": Approval.decided_at,
    "title": Approval.title,
    "state": Approval.state,
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A submission that waits: its key, what a decision must have seen, its public id."""

    id: int
    version: int
    content_hash: str
    public_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Row:
    """An approval in a list."""

    id: int
    public_id: uuid.UUID
    about: ObjectRef
    title: str
    version: int
    state: State
    submitted_by_id: int | None
    submitted_by: str
    submitted_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    is_independent: bool | None
    needs: int
    decisions: int
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class Opinion:
    """One decision, as it is shown."""

    verdict: Verdict
    reason: str
    by: str
    stands_in_for: str | None
    is_independent: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Detail:
    """An approval with what exactly is approved."""

    row: Row
    content_hash: str
    content: Content
    before: Content | None
    because: str | None
    writers: tuple[int, ...]
    opinions: tuple[Opinion, ...]
    said: tuple[Said, ...]
    voided_at: datetime | None
    voided_because: str | None


@dataclass(frozen=True, slots=True)
class StandIn:
    """A delegation, as it is shown."""

    public_id: uuid.UUID
    from_id: int
    from_name: str
    to_id: int
    to_name: str
    object_types: tuple[str, ...]
    from_on: date
    until_on: date
    withdrawn_at: datetime | None

    def is_over(self, day: date) -> bool:
        """Whether it lends nothing any more on a day."""
        return self.withdrawn_at is not None or self.until_on < day


def waiting_for(session: Session, about: ObjectRef) -> Waiting | None:
    """Return what waits for a decision about an object."""
    found = session.execute(
        select(Approval.id, Approval.version, Approval.content_hash, Approval.public_id).where(
            _is_about(about), Approval.state == State.PENDING
        )
    ).first()
    return None if found is None else Waiting(*found)


def in_force(session: Session, about: ObjectRef, *, content_hash: str, on: date) -> Row | None:
    """Return the approval that covers this content of an object on a day."""
    found = session.scalar(
        select(Approval)
        .where(
            _is_about(about),
            Approval.state == State.APPROVED,
            Approval.content_hash == content_hash,
            or_(Approval.expires_on.is_(None), Approval.expires_on >= on),
        )
        .order_by(Approval.id.desc())
        .limit(1)
    )
    return None if found is None else _rows(session, [found])[0]


def open_for(session: Session, person_id: int, *, on: date) -> list[Row]:
    """Return what waits for a person's decision, the oldest first."""
    waiting = session.scalars(
        select(Approval)
        .where(Approval.state == State.PENDING)
        .order_by(Approval.submitted_at, Approval.id)
    ).all()
    said = _said_of(session, [row.id for row in waiting])
    powers = _powers(session, {row.object_type for row in waiting}, on)
    mine = [
        row
        for row in waiting
        if eligibility.standing_of(
            person_id,
            writers=row.writers,
            said=said.get(row.id, ()),
            powers=powers[row.object_type],
        ).may_decide
    ]
    return _rows(session, mine)


def approvals(
    *, submitted_by_id: int | None = None, states: Sequence[str] = (), types: Sequence[str] = ()
) -> Select[Approval]:
    """Return the approvals with these properties, for a list to sort and page."""
    wanted = select(Approval)
    if submitted_by_id is not None:
        wanted = wanted.where(Approval.submitted_by_id == submitted_by_id)
    if states:
        wanted = wanted.where(Approval.state.in_(states))
    if types:
        wanted = wanted.where(Approval.object_type.in_(types))
    return wanted


def page_of(
    session: Session,
    wanted: Select[Approval],
    *,
    sort: str,
    is_falling: bool,
    limit: int,
    offset: int,
) -> tuple[list[Row], int]:
    """Return a page of approvals and how many there are in all."""
    total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    column = SORTS[sort]
    order = column.desc() if is_falling else column.asc()
    found = session.scalars(wanted.order_by(order, Approval.id.desc()).limit(limit).offset(offset))
    return _rows(session, list(found)), total


def detail(session: Session, public_id: uuid.UUID) -> Detail | None:
    """Return an approval with its content and its decisions."""
    found = session.scalar(select(Approval).where(Approval.public_id == public_id))
    if found is None:
        return None
    decisions = session.scalars(
        select(ApprovalDecision)
        .where(ApprovalDecision.approval_id == found.id)
        .order_by(ApprovalDecision.place)
    ).all()
    return Detail(
        row=_rows(session, [found])[0],
        content_hash=found.content_hash,
        content=found.content,
        before=found.before,
        because=found.because,
        writers=tuple(found.writers),
        opinions=tuple(_opinion(each) for each in decisions),
        said=tuple(Said(each.decided_by_id, each.stands_in_for_id) for each in decisions),
        voided_at=found.voided_at,
        voided_because=found.voided_because,
    )


def standing(session: Session, of: Detail, person_id: int, *, on: date) -> Standing:
    """Return how a person stands towards an approval."""
    powers = eligibility.powers_on(session, kinds.kind_of(of.row.about.type), on)
    return eligibility.standing_of(person_id, writers=of.writers, said=of.said, powers=powers)


def approver_names(session: Session, of: Detail, *, on: date) -> list[str]:
    """Return who may decide on an approval now, by name."""
    powers = eligibility.powers_on(session, kinds.kind_of(of.row.about.type), on)
    able = [
        person
        for person in powers.everybody
        if eligibility.standing_of(
            person, writers=of.writers, said=of.said, powers=powers
        ).may_decide
    ]
    return sorted(session.scalars(select(User.name).where(User.id.in_(able))))


def delegations(session: Session, person_id: int) -> list[StandIn]:
    """Return the delegations from and to a person, the latest first."""
    giver, taker = aliased(User), aliased(User)
    found = session.execute(
        select(Delegation, giver.name, taker.name)
        .join(giver, giver.id == Delegation.from_id)
        .join(taker, taker.id == Delegation.to_id)
        .where(or_(Delegation.from_id == person_id, Delegation.to_id == person_id))
        .order_by(Delegation.from_on.desc(), Delegation.id.desc())
    )
    return [
        StandIn(
            public_id=row.public_id,
            from_id=row.from_id,
            from_name=from_name,
            to_id=row.to_id,
            to_name=to_name,
            object_types=tuple(row.object_types),
            from_on=row.from_on,
            until_on=row.until_on,
            withdrawn_at=row.withdrawn_at,
        )
        for row, from_name, to_name in found
    ]


def _is_about(about: ObjectRef) -> ColumnElement[bool]:
    return (Approval.object_type == about.type) & (Approval.object_key == about.key)


def _powers(session: Session, types: Iterable[str], on: date) -> dict[str, Powers]:
    return {name: eligibility.powers_on(session, kinds.kind_of(name), on) for name in types}


def _said_of(session: Session, approval_ids: Sequence[int]) -> dict[int, list[Said]]:
    found: dict[int, list[Said]] = {}
    rows = session.execute(
        select(
            ApprovalDecision.approval_id,
            ApprovalDecision.decided_by_id,
            ApprovalDecision.stands_in_for_id,
        ).where(ApprovalDecision.approval_id.in_(approval_ids))
    )
    for approval_id, by, stands_in_for in rows:
        found.setdefault(approval_id, []).append(Said(by, stands_in_for))
    return found


def _rows(session: Session, found: Sequence[Approval]) -> list[Row]:
    deciders: dict[int, list[str]] = {}
    rows = session.execute(
        select(ApprovalDecision.approval_id, ApprovalDecision.decided_by)
        .where(ApprovalDecision.approval_id.in_([row.id for row in found]))
        .order_by(ApprovalDecision.approval_id, ApprovalDecision.place)
    )
    for approval_id, name in rows:
        deciders.setdefault(approval_id, []).append(name)
    return [_row(row, deciders.get(row.id, [])) for row in found]


def _row(row: Approval, deciders: list[str]) -> Row:
    return Row(
        id=row.id,
        public_id=row.public_id,
        about=ObjectRef(row.object_type, row.object_key),
        title=row.title,
        version=row.version,
        state=State(row.state),
        submitted_by_id=row.submitted_by_id,
        submitted_by=row.submitted_by,
        submitted_at=row.submitted_at,
        decided_at=row.decided_at,
        decided_by=" and ".join(deciders) or None,
        is_independent=row.is_independent,
        needs=row.needs,
        decisions=row.decisions,
        expires_on=row.expires_on,
    )


def _opinion(row: ApprovalDecision) -> Opinion:
    return Opinion(
        verdict=Verdict(row.verdict),
        reason=row.reason,
        by=row.decided_by,
        stands_in_for=row.stands_in_for,
        is_independent=row.is_independent,
        at=row.decided_at,
    )
