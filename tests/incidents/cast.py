"""People of the incident tests, a supplier with two parts, and a response agreed upon."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from app import timetable
from app.base import acting, clock, db
from app.base.acting import Actor, Source
from app.facts.evidence.backup_suppliers import services as backups
from app.facts.suppliers.models import ApprovedSource
from app.judgement.continuity.incidents import acting as rooms
from app.judgement.continuity.responses import services as responses
from app.judgement.continuity.responses.queries import Step
from app.judgement.continuity.responses.services import Said
from app.platform.accounts import grants
from app.platform.accounts.grant_models import Role
from app.platform.accounts.models import User
from app.platform.approvals import kinds
from app.platform.approvals import queries as approval_queries
from app.platform.approvals import services as approvals
from app.platform.approvals.kinds import ObjectRef
from app.platform.approvals.models import Verdict
from app.platform.jobs import ledger, working
from app.platform.jobs.schedule import enqueue_due
from app.platform.jobs.table import table_of
from tests.builders import facts

ALERTS = table_of(timetable.JOBS["alerts"])
UTC_ZONE = ZoneInfo("UTC")
REASON = "Agreed with the plant on Monday."
STEPS = (Step("Call the plant manager", "Brandt", 4), Step("Book the plane", "Lindqvist", 24))


def night(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> str:
    """Let two schedulers tick and a worker do what is due; return what it reported."""
    monkeypatch.setattr(clock, "now", lambda: moment)
    for _ in range(2):
        with db.transaction() as session:
            enqueue_due(session, ALERTS, at=moment, zone=UTC_ZONE)
    with db.transaction() as session:
        held = ledger.claim(session)
    assert held is not None
    outcome = working.do(ALERTS[held.job].function, held)
    with db.transaction() as session:
        ledger.finish(session, held)
        assert ledger.claim(session) is None
    return str(outcome.report["summary"])


def people() -> tuple[Actor, Actor]:
    """Return a risk manager, and somebody else with the approver grant."""
    kinds.register((responses.KIND, rooms.KIND, backups.KIND))
    with db.transaction() as session:
        return _person(session, "Weber", Role.RISK_MANAGER), _person(
            session, "Brandt", Role.APPROVER
        )


@contextmanager
def at_work(by: Actor) -> Iterator[Session]:
    """One transaction of a person."""
    with acting.acting_as(by), db.transaction() as session:
        yield session


def approve(by: Actor, kind: str, key: int, verdict: Verdict = Verdict.APPROVE) -> None:
    """Decide on what waits about an object."""
    with at_work(by) as session:
        waiting = approval_queries.waiting_for(session, ObjectRef(kind, str(key)))
        assert waiting is not None
        approvals.decide(
            session, approval_id=waiting.id, decision=verdict, reason=REASON,
            seen_version=waiting.version, seen_hash=waiting.content_hash,
        )  # fmt: skip


def supplier_with_parts(session: Session, number: str = "S-0042") -> int:
    """Add a supplier that is approved for a part of known and one of unknown revenue."""
    of = facts.supplier(session, "Kestrel Castings", number=number)
    for place, given in enumerate(
        ({"revenue_exposed": Decimal(4_000_000), "currency": "EUR", "survive_days": 12}, {})
    ):
        part = facts.part(session, number=f"P-{number}-{place}", **given)
        session.add(ApprovedSource(part_id=part.id, supplier_id=of.id))
    session.flush()
    return of.id


def agree(author: Actor, approver: Actor, rule_key: str | None, **given: object) -> UUID:
    """Propose a response and have it approved; return its key in addresses."""
    said = Said(
        **{
            "name": "Castings stop", "steps": STEPS, "approver": "Brandt", "rule_key": rule_key,
            "authority": Decimal(20_000), "currency": "EUR",
        }
        | given
    )  # fmt: skip
    with at_work(author) as session:
        row = responses.propose(session, said, reason=REASON)
        key, public_id = row.id, row.public_id
    approve(approver, "incident_response", key)
    return public_id


def _person(session: Session, name: str, role: Role) -> Actor:
    user = User(email=f"{name.lower()}@example.com", name=name, uniquifier=name.ljust(64, "x"))
    session.add(user)
    session.flush()
    grants.grant(session, user_id=user.id, role=role, reason=REASON)
    return Actor(name=name, source=Source.UI, user_id=user.id, roles=frozenset({str(role)}))
