"""A contract over late lines, and the people who claim under it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import acting, db
from app.facts.deliveries import rollup
from app.facts.deliveries.disputes.models import Dispute, Ground
from app.facts.deliveries.models import MissAttribution, ScheduleLine
from app.facts.suppliers.models import Supplier
from app.judgement.contracts.models import Contract, ContractObligation, ContractTerms
from app.judgement.contracts.money import claims
from app.judgement.contracts.money.held_terms import At, TermsBook, terms_book, whose_contract
from app.judgement.contracts.money.models import ContractClaim
from app.judgement.contracts.money.statement import Statement, statement
from app.judgement.contracts.money_models import DamagesSchedule, ServiceCreditBand
from app.platform.approvals import services as approvals
from app.platform.approvals.kinds import ObjectRef
from app.platform.approvals.models import Verdict
from tests.builders import facts
from tests.contracts.conftest import REASON, House

DUE = facts.DUE_ON
FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)
# The latest fact: what came 50 days late.
AS_OF = date(2026, 4, 24)
PER_WEEK: dict[str, Any] = {
    "mode": "per_week_or_part_percent", "rate": Decimal("2.5"), "cap_percent": Decimal(15),
}  # fmt: skip


class World:
    """A contract over 2,000 euro lines due on 5 March 2026, with 2.5 % a week up to 15 %."""

    def __init__(self, house: House, *, terms: dict[str, Any] | None = None, **clause: Any) -> None:
        self.house = house
        self._orders = count(1)
        self.contract_id = house.active(**(terms or {}))
        with self.acts("buyer") as session:
            contract = session.get_one(Contract, self.contract_id)
            supplier = session.get_one(Supplier, house.supplier_id)
            self.at = At(supplier.public_id, contract.public_id)
            self.terms_id = session.scalars(select(ContractTerms.id)).one()
            session.add(DamagesSchedule(terms_id=self.terms_id, **(PER_WEEK | clause)))

    def acts(self, who: str) -> Any:
        """Return a transaction of somebody's."""
        return _Acting(self.house.people[who])

    def line(
        self,
        session: Session,
        *came: tuple[int, int],
        reference: str | None = "C-1",
        due: date = DUE,
        **given: Any,
    ) -> ScheduleLine:
        """Add a line; came: how many days after its due day, and how many pieces."""
        order = facts.order(
            session, session.get_one(Supplier, self.house.supplier_id),
            contract_reference=reference, currency=given.get("currency", "EUR"),
            number=f"A{next(self._orders):03}",
        )  # fmt: skip
        found = facts.line(session, order, promised_original_on=due, **given)
        for late, pieces in came:
            facts.receipt(session, found, due + timedelta(days=late), pieces)
        return found

    def book(self, session: Session) -> TermsBook:
        """Return what was agreed."""
        return terms_book(session, whose_contract(session, self.at))

    def stated(self, session: Session, **given: Any) -> Statement:
        """Return what the contract makes of the first quarter."""
        days = {"first_on": FIRST, "last_on": LAST, "as_of": AS_OF} | given
        return statement(session, self.book(session), **days)

    def promise(self, session: Session, **given: Any) -> ContractObligation:
        """Add an obligation, by itself OTIF of 95 % each quarter."""
        said = {"measure": "otif_line", "direction": "at_least", "target": Decimal("0.95")}
        promised = ContractObligation(terms_id=self.terms_id, **(said | {"min_n": 1} | given))
        session.add(promised)
        session.flush()
        return promised

    def band(self, session: Session, *bands: tuple[str, str], **given: Any) -> None:
        """Add bands of credits on OTIF by quarter."""
        promised = self.promise(session, **given)
        for floor, percent in bands:
            session.add(
                ServiceCreditBand(
                    obligation_id=promised.id, floor=Decimal(floor), percent=Decimal(percent)
                )
            )
        session.flush()

    def draw(self, who: str = "buyer", period: str = "2026Q1") -> uuid.UUID:
        with self.acts(who) as session:
            return claims.draw_up(session, self.at, period=period, reason=REASON).public_id

    def step(self, claim_id: uuid.UUID, act: Callable[[Session, ContractClaim], object]) -> None:
        with self.acts("buyer") as session:
            seen = session.scalars(
                select(ContractClaim.version).where(ContractClaim.public_id == claim_id)
            ).one()
            act(session, claims.claim_to_change(session, self.at, claim_id, seen=seen))

    def decide(self, claim_id: uuid.UUID, who: str = "lead") -> None:
        with self.acts(who) as session:
            key = session.scalars(
                select(ContractClaim.id).where(ContractClaim.public_id == claim_id)
            ).one()
            waiting = approvals.awaiting(session, ObjectRef(claims.TYPE, str(key)))
            approvals.decide(
                session, approval_id=waiting.id, decision=Verdict.APPROVE, reason=REASON,
                seen_version=waiting.version, seen_hash=waiting.content_hash,
            )  # fmt: skip


class _Acting:
    def __init__(self, actor: acting.Actor) -> None:
        self._contexts = [acting.acting_as(actor), db.transaction()]

    def __enter__(self) -> Session:
        self._contexts[0].__enter__()
        session: Session = self._contexts[1].__enter__()
        return session

    def __exit__(self, *error: Any) -> None:
        for context in reversed(self._contexts):
            context.__exit__(*error)


def fill(world: World) -> None:
    """One line in time, four late ones that owe 50, 150, 300 and 20, and four set apart."""
    with world.acts("buyer") as session:
        world.line(session, (0, 1000))
        world.line(session, (1, 1000))
        world.line(session, (17, 1000))
        world.line(session, (50, 1000))
        world.line(session, (0, 600), (1, 400))
        storm = world.line(session, (9, 1000))
        session.add(MissAttribution(line_id=storm.id, cause="force_majeure", attributed_by="buyer"))
        argued = world.line(session, (9, 1000))
        session.add(
            Dispute(
                supplier_id=argued.supplier_id, line_id=argued.id, ground=Ground.DATE,
                claim="The date was moved.", opened_by="buyer", opened_on=DUE, due_on=LAST,
            )
        )  # fmt: skip
        world.line(session, (9, 1000), unit_price=None)
        world.line(session)
        rollup.rebuild(session, until=AS_OF)
