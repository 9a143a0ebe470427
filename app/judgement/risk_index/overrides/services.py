"""Writes of overrides: propose one, end one. Another person agrees; after 90 days it is over."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock, db, formatting, scope
from app.base.errors import Conflict, InvalidInput, NotFound
from app.calc.risk_bands import RiskBand
from app.facts.suppliers import queries as suppliers
from app.judgement.risk_index.models import IndexOverride, State
from app.judgement.risk_index.overrides import queries
from app.platform.approvals import queries as approval_queries
from app.platform.approvals import services as approvals
from app.platform.approvals.eligibility import holders_of_grant
from app.platform.approvals.kinds import ObjectKind, ObjectRef, Settled
from app.platform.audit import services as audit

TYPE = "index_override"
LONGEST_DAYS = 90


def propose(
    session: Session,
    supplier_id: int,
    *,
    band: str,
    value: float | None,
    until_on: date,
    reason: str,
    computed: tuple[float | None, str | None],
) -> IndexOverride:
    """Set a band against the computed one, from today; it holds once somebody else agreed.

    computed: value and band that it is set against. Raises InvalidInput for a day that can't be,
    Conflict where one waits already.
    """
    scope.require_writable(session, "supplier", supplier_id)
    today, head = clock.today(), suppliers.head_of(session, supplier_id)
    _check(until_on, today, value)
    if any(_waits(session, each) for each in queries.overrides_of(session, supplier_id)):
        raise Conflict(
            "E-OVR-02",
            "An override of this index waits for approval already. Have it decided or withdrawn "
            "first.",
        )
    row = IndexOverride(
        supplier_id=supplier_id,
        band=RiskBand(band),
        value=value,
        computed_value=computed[0],
        computed_band=computed[1],
        from_on=today,
        until_on=until_on,
        reason=audit.give_reason(session, reason),
        decided_by=db.actor_of(session).name,
        decided_at=clock.now(),
    )
    session.add(row)
    session.flush()
    approvals.submit(
        session,
        about=ObjectRef(TYPE, str(row.id)),
        version=1,
        title=f"{head.name}: risk {row.band}, against {computed[1] or 'no band'}",
        content={
            "supplier": f"{head.name} ({head.number})",
            "band": row.band,
            "value": value,
            "from": today.isoformat(),
            "until": until_on.isoformat(),
        },
        before={"band": computed[1], "value": computed[0]},
        because=row.reason,
        supplier_id=supplier_id,
    )
    return row


def end(session: Session, supplier_id: int, public_id: UUID, *, reason: str) -> None:
    """End an override: from today on the computed band stands alone."""
    row = session.scalar(
        select(IndexOverride).where(
            IndexOverride.public_id == public_id, IndexOverride.supplier_id == supplier_id
        )
    )
    if row is None:
        raise NotFound("E-OVR-03", "There is no such override.")
    scope.require_writable(session, "supplier", supplier_id)
    found = queries.override_on(session, supplier_id, clock.today())
    if found is None or found.public_id != public_id:
        raise Conflict("E-OVR-04", "This override does not hold today; there is nothing to end.")
    row.ended_because = audit.give_reason(session, reason)
    row.ended_on, row.ended_by = clock.last_closed_day(), db.actor_of(session).name
    session.flush()


def _check(until_on: date, today: date, value: float | None) -> None:
    last = today + timedelta(days=LONGEST_DAYS)
    if not today <= until_on <= last:
        raise InvalidInput(
            "E-OVR-01",
            f"{until_on.isoformat()} is no last day for it: give one from {formatting.day(today)} "
            f"to {formatting.day(last)}, at most {LONGEST_DAYS} days ahead.",
        )
    if value is not None and not 0 <= value <= 100:
        raise InvalidInput("E-OVR-05", "The value lies outside 0 to 100; correct it or leave it.")


def _waits(session: Session, row: queries.Override) -> bool:
    about = ObjectRef(TYPE, str(row.id))
    return row.state == State.PROPOSED and approval_queries.waiting_for(session, about) is not None


def _settle(session: Session, settled: Settled) -> None:
    row, today = session.get_one(IndexOverride, int(settled.about.key)), clock.today()
    if settled.is_approved and row.until_on < today:
        raise Conflict(
            "E-OVR-06",
            f"It was asked for until {formatting.day(row.until_on)}, which is over. Reject it; "
            "another one can be proposed.",
        )
    if settled.is_approved:
        row.from_on = max(row.from_on, today)
    row.state = State.CONFIRMED if settled.is_approved else State.REFUSED
    row.approved_by, row.approved_at = db.actor_of(session).name, clock.now()
    session.flush()


KIND = ObjectKind(
    type=TYPE,
    words="Overrides of the risk index",
    approvers=holders_of_grant(TYPE),
    settle=_settle,
)
