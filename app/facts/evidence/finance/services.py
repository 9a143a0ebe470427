"""Writes of financial health: enter and amend a statement, declare and withdraw a proxy.

What a statement said before stays in the audit log. The index follows with the next recompute.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock, db, formatting, scope
from app.base.errors import Conflict, InvalidInput, NotFound
from app.calc.financial_proxy import ProxyKind, proxy_risk
from app.facts.evidence.finance.models import FinancialProxy
from app.facts.evidence.finance.queries import FIGURES
from app.facts.evidence.models import FinancialStatement
from app.facts.suppliers.models import Supplier
from app.facts.suppliers.queries import effective_id
from app.platform.audit import services as audit
from app.platform.records import queries as files

FIRST_YEAR = 1970
FILES_OF = "supplier"
# A name in this set may be below zero.
SIGNED = frozenset({"working_capital", "retained_earnings", "ebit", "book_value_equity"})


@dataclass(frozen=True, slots=True)
class Told:
    """A statement as somebody tells it, in full units of one currency; None where unknown."""

    closed_on: date
    currency: str
    source: str
    figures: Mapping[str, Decimal | None]
    evidence_file: UUID | None = None


def enter_statement(session: Session, supplier_id: int, told: Told) -> FinancialStatement:
    """Enter the statement of another year."""
    scope.require_writable(session, "supplier", supplier_id)
    _check(session, supplier_id, told)
    # Of two entries at once the second one sees the first one's.
    session.scalar(select(Supplier.id).where(Supplier.id == supplier_id).with_for_update())
    _refuse_taken(session, supplier_id, told.closed_on, other_than=None)
    found = FinancialStatement(supplier_id=supplier_id)
    _write(found, told)
    session.add(found)
    session.flush()
    return found


def amend_statement(
    session: Session, supplier_id: int, closed_on: date, told: Told, *, version: int, reason: str
) -> FinancialStatement:
    """Correct a statement, with a reason; what it said before stays in the audit log.

    Raises NotFound, Conflict E-FIN-04 where somebody else corrected it meanwhile.
    """
    scope.require_writable(session, "supplier", supplier_id)
    found = session.scalar(
        select(FinancialStatement)
        .join(Supplier, Supplier.id == FinancialStatement.supplier_id)
        .where(effective_id() == supplier_id, FinancialStatement.closed_on == closed_on)
        .order_by(FinancialStatement.id.desc())
        .limit(1)
        .with_for_update(of=FinancialStatement)
    )
    if found is None:
        raise NotFound("E-FIN-01", "There is no such statement.")
    if found.version != version:
        raise Conflict(
            "E-FIN-04",
            "The statement was changed while you were correcting it; nothing of yours is stored. "
            "Compare with what it says now and send again.",
        )
    _check(session, supplier_id, told)
    _refuse_taken(session, found.supplier_id, told.closed_on, other_than=found.id)
    audit.give_reason(session, reason)
    _write(found, told)
    found.version += 1
    session.flush()
    return found


def set_market(session: Session, supplier_id: int, *, is_emerging: bool, reason: str) -> None:
    """Say whether a supplier's market is an emerging one, with a reason."""
    scope.require_writable(session, "supplier", supplier_id)
    supplier = session.scalar(select(Supplier).where(Supplier.id == supplier_id).with_for_update())
    if supplier is None:
        raise NotFound("E-SUP-01", "There is no such supplier.")
    audit.give_reason(session, reason)
    supplier.version += supplier.is_emerging_market != is_emerging
    supplier.is_emerging_market = is_emerging
    session.flush()


def declare_proxy(
    session: Session,
    supplier_id: int,
    *,
    kind: ProxyKind,
    observed: str,
    observed_on: date,
    source: str,
    note: str | None,
) -> FinancialProxy:
    """Declare what stands in for a statement; it counts for 18 months."""
    scope.require_writable(session, "supplier", supplier_id)
    _check_day(observed_on)
    try:
        proxy_risk(kind, observed)
    except ValueError as error:
        raise InvalidInput("E-FIN-05", f"{str(error)[0].upper()}{str(error)[1:]}.") from error
    session.scalar(select(Supplier.id).where(Supplier.id == supplier_id).with_for_update())
    same = select(FinancialProxy.id).where(
        FinancialProxy.supplier_id == supplier_id,
        FinancialProxy.kind == kind,
        FinancialProxy.observed_on == observed_on,
        FinancialProxy.source == source,
        FinancialProxy.withdrawn_at.is_(None),
    )
    if session.scalar(same.limit(1)) is not None:
        raise Conflict(
            "E-FIN-06",
            f"{source} of {formatting.day(observed_on)} is declared already. "
            "Withdraw that one first if it is wrong.",
        )
    found = FinancialProxy(
        supplier_id=supplier_id,
        kind=kind,
        observed=observed,
        observed_on=observed_on,
        source=source,
        note=note,
        entered_by=db.actor_of(session).name,
    )
    session.add(found)
    session.flush()
    return found


def withdraw_proxy(session: Session, supplier_id: int, public_id: UUID, *, reason: str) -> None:
    """Withdraw a proxy that was wrong, with a reason; it stays readable and counts nowhere."""
    scope.require_writable(session, "supplier", supplier_id)
    found = session.scalar(
        select(FinancialProxy)
        .join(Supplier, Supplier.id == FinancialProxy.supplier_id)
        .where(FinancialProxy.public_id == public_id, effective_id() == supplier_id)
    )
    if found is None:
        raise NotFound("E-FIN-07", "There is no such proxy.")
    if found.withdrawn_at is not None:
        raise Conflict("E-FIN-08", "It is withdrawn already; nothing changes.")
    found.withdrawn_because = audit.give_reason(session, reason)
    found.withdrawn_at, found.withdrawn_by = clock.now(), db.actor_of(session).name
    session.flush()


def _write(found: FinancialStatement, told: Told) -> None:
    found.closed_on, found.currency, found.source = told.closed_on, told.currency, told.source
    found.evidence_file = told.evidence_file
    for name in FIGURES:
        setattr(found, name, told.figures.get(name))


def _check(session: Session, supplier_id: int, told: Told) -> None:
    _check_day(told.closed_on)
    assets = told.figures.get("total_assets")
    if assets is not None and assets <= 0:
        raise InvalidInput(
            "E-FIN-02",
            f"Total assets are {formatting.number(assets, 2)}; they lie above 0. Leave the field "
            "empty where the statement does not say them.",
        )
    for name in FIGURES:
        amount = told.figures.get(name)
        if amount is not None and amount < 0 and name not in SIGNED:
            words = name.replace("_", " ")
            raise InvalidInput(
                "E-FIN-02",
                f"{words[0].upper()}{words[1:]}: {formatting.number(amount, 2)} is below 0; "
                "give it as a positive amount.",
            )
    if not any(amount is not None for amount in told.figures.values()):
        raise InvalidInput("E-FIN-02", "No figure is given; give those that the statement has.")
    if told.evidence_file is not None:
        # Another supplier's file is not there either.
        files.file_of(session, FILES_OF, supplier_id, told.evidence_file)


def _check_day(day: date) -> None:
    today = clock.today()
    if day > today:
        raise InvalidInput(
            "E-FIN-02", f"{formatting.day(day)} lies after today, {formatting.day(today)}."
        )
    if day.year < FIRST_YEAR:
        raise InvalidInput("E-FIN-02", f"{day.isoformat()} lies before {FIRST_YEAR}. Check it.")


def _refuse_taken(
    session: Session, supplier_id: int, closed_on: date, *, other_than: int | None
) -> None:
    taken = select(FinancialStatement.id).where(
        FinancialStatement.supplier_id == supplier_id, FinancialStatement.closed_on == closed_on
    )
    key = session.scalar(taken)
    if key is not None and key != other_than:
        raise Conflict(
            "E-FIN-03",
            f"The statement of {formatting.day(closed_on)} is there already. Open it and correct "
            "it instead.",
        )
