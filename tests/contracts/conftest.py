"""A supplier, and the people who write and approve its contracts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.base import acting, clock, db
from app.base.acting import Actor, Source
from app.base.db import Database
from app.factory import APPROVAL_KINDS
from app.judgement.contracts import drafting, services
from app.judgement.contracts.models import Contract, ContractKind
from app.judgement.contracts.values import TermsSaid
from app.platform.accounts import grants
from app.platform.accounts import services as accounts
from app.platform.accounts.grant_models import Role
from app.platform.approvals import kinds
from app.platform.approvals import services as approvals
from app.platform.approvals.kinds import ObjectRef, Settled
from app.platform.approvals.models import Verdict
from tests.builders import facts
from tests.conftest import NOW
from tests.web_app import Visitor, add_person, app_on

REASON = "Read against the signed paper"
SAID: dict[str, Any] = {
    "title": "Castings", "kind": ContractKind.FRAMEWORK, "our_party": "Adler", "their_party": "K",
    "currency": "EUR", "value": Decimal(50000), "starts_on": date(2026, 1, 1),
    "ends_on": date(2026, 12, 1), "our_notice_days": 90,
}  # fmt: skip


@pytest.fixture
def visitor(sqlite_only: Database, tmp_path: Path) -> Visitor:
    """Somebody signed in who may do everything."""
    app = app_on(sqlite_only, tmp_path)
    add_person(app)
    browser = Visitor(app)
    browser.sign_in()
    return browser


class House:
    """What a test does with contracts, each step by whoever may."""

    def __init__(self, people: dict[str, Actor], supplier_id: int) -> None:
        self.people = people
        self.supplier_id = supplier_id

    def open(self, number: str = "C-1", **given: Any) -> int:
        """Open a contract as the buyer and return its key."""
        with acting.acting_as(self.people["buyer"]), db.transaction() as session:
            said = TermsSaid(**(SAID | given))
            return services.open_contract(session, self.supplier_id, number, said).id

    def submit(self, contract_id: int) -> int:
        """Submit what is open as the buyer and return the key of the version."""
        with acting.acting_as(self.people["buyer"]), db.transaction() as session:
            contract = session.get_one(Contract, contract_id)
            terms = drafting.open_version(session, contract)
            assert terms is not None
            services.submit(session, contract, reason=REASON, seen_version=terms.version)
            return terms.id

    def decide(
        self, terms_id: int, by: str = "lead", verdict: Verdict = Verdict.APPROVE
    ) -> Settled | None:
        """Decide on a version that waits."""
        with acting.acting_as(self.people[by]), db.transaction() as session:
            waiting = approvals.awaiting(session, ObjectRef(drafting.TERMS, str(terms_id)))
            return approvals.decide(
                session, approval_id=waiting.id, decision=verdict, reason=REASON,
                seen_version=waiting.version, seen_hash=waiting.content_hash,
            )  # fmt: skip

    def active(self, number: str = "C-1", **given: Any) -> int:
        """Return the key of a contract whose first version was approved."""
        key = self.open(number, **given)
        self.decide(self.submit(key))
        return key


@pytest.fixture
def house(sqlite_only: Database, monkeypatch: pytest.MonkeyPatch) -> House:
    """A house with a supplier, a buyer, a category lead and a second approver."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    kinds.register(APPROVAL_KINDS)
    people = {}
    with acting.acting_as(acting.system("test", Source.CLI)), db.transaction() as session:
        for name in ("buyer", "lead", "second"):
            key = accounts.create_admin(session, email=f"{name}@example.com", name=name)
            roles = (Role.RISK_MANAGER, Role.APPROVER)
            for role in roles:
                grants.grant(session, user_id=key, role=role, reason="needed for this test")
            people[name] = Actor(name, Source.UI, user_id=key, roles=frozenset({"risk_manager"}))
        supplier_id = facts.supplier(session, "Kestrel", number="V-1").id
    return House(people, supplier_id)
