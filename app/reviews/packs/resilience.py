"""Reads how suppliers would stand a disruption and what was agreed with them, on a day.

Everything is read for a whole chunk of suppliers; only obligations cost a read of their own,
for the suppliers that promised something.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal

from sqlalchemy.orm import Session

from app.calc.periods import Period
from app.calc.recovery_times import Course, MeanRecovery, mean_recovery
from app.facts.deliveries.period_reads import members, merged_suppliers
from app.judgement.continuity.checks import Checks, checks_of, survival
from app.judgement.continuity.incidents.queries import IncidentRow, incident_rows
from app.judgement.continuity.readiness import SupplierReading
from app.judgement.contracts import queries as contracts
from app.judgement.contracts.content import rows_of
from app.judgement.contracts.line_values import BY_NAME
from app.judgement.contracts.measured import Measured
from app.judgement.contracts.money.held_terms import At, terms_book, whose_contract
from app.judgement.contracts.money.obligations import measured
from app.judgement.contracts.money.queries import claims_out
from app.judgement.contracts.queries import ContractRow

OBLIGATIONS = BY_NAME["obligations"]


@dataclass(frozen=True, slots=True)
class Agreed:
    """A contract that holds on the day, with what was promised beside what was measured."""

    row: ContractRow
    promised: tuple[Measured, ...]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim that went out up to the day. settled: what it was settled for, None before."""

    number: str
    first_on: date
    last_on: date
    total: Decimal
    currency: str
    settled: Decimal | None


@dataclass(frozen=True, slots=True)
class Resilience:
    """How a supplier would stand a disruption, and what was agreed with it.

    reading: None where nobody ever asked for a plan. checks: of the plan that decides.
    recovery: of the disruptions that began in the 12 months; None where none is recorded.
    """

    reading: SupplierReading | None
    checks: Checks | None
    recovery: MeanRecovery | None
    agreed: tuple[Agreed, ...]
    claims: tuple[Claimed, ...]


NOTHING = Resilience(None, None, None, (), ())


def resilience_of(
    session: Session,
    supplier_ids: Collection[int],
    year: Period,
    readings: Mapping[int, SupplierReading],
) -> dict[int, Resilience]:
    """Return by supplier what is known at the end of 12 months; who is absent: nothing is."""
    day, merged = year.last_day, merged_suppliers(session)
    checks = _checks(session, readings, day)
    recovered = _recovered(session, members(session, supplier_ids), year, merged)
    rows = _rows(session, supplier_ids, day, merged)
    claims = _claims(session, [row for own in rows.values() for row in own], day)
    return {
        key: Resilience(
            readings.get(key),
            checks.get(key),
            recovered.get(key),
            _agreed(session, rows.get(key, ()), day),
            tuple(each for row in rows.get(key, ()) for each in claims.get(row.contract.id, ())),
        )
        for key in {*readings, *recovered, *rows}
    }


def _checks(
    session: Session, readings: Mapping[int, SupplierReading], day: date
) -> dict[int, Checks]:
    planned = {key: each.plan for key, each in readings.items() if each.plan is not None}
    if not planned:
        return {}
    ours = survival(session, day, supplier_ids=list(planned))
    return {key: checks_of(plan, ours.get(plan.about), day) for key, plan in planned.items()}


def _recovered(
    session: Session, supplier_ids: Collection[int], year: Period, merged: Mapping[int, int]
) -> dict[int, MeanRecovery]:
    """Return how fast supply was back, by what was known at the end of the year."""
    now = datetime.combine(year.last_day, time.max, UTC)
    found: dict[int, list[IncidentRow]] = defaultdict(list)
    for row in incident_rows(session, now=now, supplier_ids=supplier_ids):
        key = merged.get(row.incident.supplier_id, row.incident.supplier_id)
        confirmed = row.incident.confirmed_at
        if confirmed is not None and confirmed <= now and year.first_day is not None:
            began = (row.incident.started_at or row.incident.signalled_at).date()
            if began >= year.first_day and row.incident.dismissed_at is None:
                found[key].append(row)
    return {
        key: mean_recovery((_known_by(row.course, now) for row in own), now=now)
        for key, own in found.items()
    }


def _known_by(course: Course, now: datetime) -> Course:
    """Return a course as it was at a moment: what was restored later still ran."""
    if course.restored_at is None or course.restored_at <= now:
        return course
    return Course(course.started_at, course.signalled_at, course.decided_at, None)


def _rows(
    session: Session, supplier_ids: Collection[int], day: date, merged: Mapping[int, int]
) -> dict[int, list[ContractRow]]:
    found: dict[int, list[ContractRow]] = defaultdict(list)
    for row in contracts.held_rows(session, day, supplier_ids):
        key = row.contract.supplier_id
        found[merged.get(key, key)].append(row)
    return found


def _agreed(session: Session, rows: Iterable[ContractRow], day: date) -> tuple[Agreed, ...]:
    return tuple(Agreed(row, _promised(session, row, day)) for row in rows)


def _promised(session: Session, row: ContractRow, day: date) -> tuple[Measured, ...]:
    own = rows_of(session, OBLIGATIONS, row.terms)
    if not own:
        return ()
    whose = whose_contract(session, At(row.supplier_public_id, row.contract.public_id))
    return tuple(measured(session, terms_book(session, whose), own, as_of=day))


def _claims(session: Session, rows: Sequence[ContractRow], day: date) -> dict[int, list[Claimed]]:
    found: dict[int, list[Claimed]] = defaultdict(list)
    for claim in claims_out(session, [row.contract.id for row in rows]) if rows else ():
        if claim.issued_at is not None and claim.issued_at.date() <= day:
            is_settled = claim.ended_at is not None and claim.ended_at.date() <= day
            found[claim.contract_id].append(
                Claimed(
                    claim.number, claim.first_on, claim.last_on, claim.total, claim.currency,
                    claim.settled_amount if is_settled else None,
                )
            )  # fmt: skip
    return found
