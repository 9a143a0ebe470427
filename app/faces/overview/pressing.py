"""What the incidents and contracts of one supplier ask of somebody now."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from app.base import clock, formatting
from app.base.web.rendering import address
from app.faces.overview.key_figures import Need
from app.facts.deliveries.period_reads import members
from app.judgement.continuity.incidents import queries as incidents
from app.judgement.continuity.incidents import wording as incident_words
from app.judgement.contracts import queries as contracts
from app.judgement.contracts import wording as contract_words
from app.judgement.contracts.queries import DateKind

SOON = timedelta(days=90)
TOLD = {DateKind.NOTICE: "Notice deadline, contract {}", DateKind.END: "Contract {} ends"}


def pressing(session: Session, supplier_id: int) -> tuple[Need, ...]:
    """Return what runs at a supplier and which days of its contracts come within 90 days."""
    today = clock.today()
    return (
        *_running(session, supplier_id, clock.now()),
        *_overlooked(session, supplier_id, today),
        *_coming(session, supplier_id, today),
    )


def _running(session: Session, supplier_id: int, now: datetime) -> list[Need]:
    own = members(session, [supplier_id])
    found = []
    for row in incidents.incident_rows(session, now=now, supplier_ids=own):
        if not row.incident.is_running:
            continue
        kind, state = incident_words.state_badge(row.incident)
        why = f"incident {row.incident.number}, {state}"
        if row.late_tasks:
            why += f", {formatting.count(row.late_tasks, 'task')} overdue"
        where = address("incidents.show", {"public_id": str(row.incident.public_id)})
        since = f"since {formatting.short_day(row.incident.opened_at.date())}"
        found.append(Need(kind, row.incident.title, why, since, where))
    return found


def _overlooked(session: Session, supplier_id: int, today: date) -> list[Need]:
    return [
        Need(
            "act",
            f"Contract {row.contract.number} renews itself: nobody decided in time",
            f"bound until {formatting.day(row.running.committed_until)}"
            if row.running.committed_until
            else "",
            href=address(
                "contracts.show",
                {
                    "public_id": str(row.supplier_public_id),
                    "contract_id": str(row.contract.public_id),
                },
            ),
        )
        for row in contracts.overlooked(session, today, [supplier_id])
    ]


def _coming(session: Session, supplier_id: int, today: date) -> list[Need]:
    found = contracts.deadlines(session, today, [supplier_id], until=today + SOON)
    return [
        Need(
            contract_words.badge_of_days(each.day, today)[0],
            TOLD[each.kind].format(each.number),
            _why(each),
            formatting.short_day(each.day),
            address(
                "contracts.show",
                {
                    "public_id": str(each.supplier_public_id),
                    "contract_id": str(each.contract_public_id),
                },
            ),
        )
        for each in found
        if each.kind in TOLD
    ]


def _why(each: contracts.Deadline) -> str:
    if each.kind is DateKind.END:
        return each.title
    end = formatting.day(each.ends_on)
    return f"renews itself after {end}" if each.auto_renew else f"ends on {end} anyhow"
