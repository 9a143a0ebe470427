"""Two suppliers with dates of several kinds, and people who see both, one or none of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.db import Database
from app.calc.fmea_action import ActionKind
from app.facts.suppliers.models import Category
from app.judgement.fmea.living import action_services
from app.judgement.fmea.living.action_services import Plan
from app.judgement.fmea.living.models import FmeaAcceptance
from app.platform.accounts import grants
from app.platform.accounts import services as accounts
from app.platform.accounts.grant_models import Role
from app.platform.accounts.grants import WHOLE, Scope
from app.platform.accounts.models import User
from app.reviews.meetings import services as meetings
from tests.builders import facts, risks
from tests.conftest import NOW, TODAY

REASON = "needed for the tests of dates"


@dataclass(frozen=True)
class House:
    """Keys of the people; the first sees all, the second Kestrel's category alone."""

    manager: int
    buyer: int
    kestrel: int
    adler: int


def person(session: Session, name: str, role: Role, scope: Scope = WHOLE) -> int:
    """Add somebody who holds a role."""
    user = User(email=f"{name}@example.com", name=name, uniquifier=name)
    session.add(user)
    session.flush()
    accounts.set_password_hash(session, user_id=user.id, password_hash="none that opens")
    grants.grant(session, user_id=user.id, role=role, reason=REASON, scope=scope)
    return user.id


@pytest.fixture
def house(sqlite_only: Database) -> House:
    """An action due on 30 November at Kestrel, an acceptance that ends on 31 December at Adler,
    a meeting of the house on 5 December."""
    with pytest.MonkeyPatch.context() as patch, db.transaction() as session:
        patch.setattr(clock, "now", lambda: NOW - timedelta(days=5))
        castings = Category(name="Castings")
        session.add(castings)
        session.flush()
        kestrel = facts.supplier(session, "Kestrel", number="V-1", category_id=castings.id)
        adler = facts.supplier(session, "Adler", number="V-2")
        manager = person(session, "manager", Role.RISK_MANAGER)
        buyer = person(session, "buyer", Role.BUYER, Scope(category_id=castings.id))
        row = risks.row(session, risks.register(session, kestrel), (7, 5, 5))
        due = TODAY + timedelta(days=9)
        plan = Plan("Pin; new, longer", ActionKind.PREVENTION, "buyer", due)
        action_services.plan_action(session, row.cause_id, plan)
        accepted = risks.row(session, risks.register(session, adler), (4, 3, 3))
        session.add(
            FmeaAcceptance(
                cause_id=accepted.cause_id, rating_id=accepted.rating_id, accepted_by="M. Weber",
                reason="Stock covers it", until_on=TODAY + timedelta(days=40), state="confirmed",
                asked_by="W", asked_at=NOW,
            )
        )  # fmt: skip
        meetings.plan(
            session, planned_on=TODAY + timedelta(days=14), title="Risk meeting", chair="manager"
        )
        return House(manager, buyer, kestrel.id, adler.id)
